/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The scheduler: the kernel's own deadline server and a time slice of fair tasks
 * (6.12), arguments of a tracepoint (6.17).
 */
#ifndef DIO_COMPAT_SCHED_H
#define DIO_COMPAT_SCHED_H

#include <linux/sched.h>

/* 7.2's second server counts in the place of the first: with a BPF scheduler. */
#ifdef DIO_HAVE_FAIR_SERVER
#define DIO_DL_SERVERS	1
#else
#define DIO_DL_SERVERS	0
#endif

/* The slice that a fair thread asked for in nanoseconds, or 0. */
static inline u64 dio_task_slice(const struct task_struct *task)
{
#ifdef DIO_HAVE_FAIR_SLICE
	return task->se.custom_slice ? task->se.slice : 0;
#else
	return 0;
#endif
}

/* Parameters of a probe of sched_process_exit. */
#ifdef DIO_HAVE_EXIT_GROUP_DEAD
#define DIO_PROBE_EXIT_ARGS	(void *data, struct task_struct *task, bool group_dead)
#else
#define DIO_PROBE_EXIT_ARGS	(void *data, struct task_struct *task)
#endif

#endif /* DIO_COMPAT_SCHED_H */
