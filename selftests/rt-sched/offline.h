/* SPDX-License-Identifier: GPL-2.0 */
/* A CPU that is slow to go, and a thread that is throttled for most of a period. */
#ifndef DIO_TEST_OFFLINE_H
#define DIO_TEST_OFFLINE_H

#include "clock.h"
#include "kmod.h"
#include "schednl.h"
#include "sysfs.h"
#include "thread.h"

#define OFFLINE_SLOW	"dio_slow_offline"
#define OFFLINE_SLOW_MS	"400"		/* longer than a period */
#define OFFLINE_CPU	1
#define OFFLINE_RUNTIME	(2 * MS)
/* and that longer than the grace period at whose end the scheduler lets go of the CPU */
#define OFFLINE_PERIOD	(300 * MS)
#define OFFLINE_ROUNDS	4
#define OFFLINE_SEEN_MS	5000

/* 0 or a negative errno. */
static inline int offline_slow(void)
{
	int rc = kmod_load(OFFLINE_SLOW);

	return rc ? rc : sysfs_write(OFFLINE_SLOW_MS,
				     "/sys/module/" OFFLINE_SLOW "/parameters/ms");
}

/* Microseconds: another moment of the period in each round. */
static inline unsigned int offline_moment(int round)
{
	return OFFLINE_PERIOD / 1000 * (1 + round) / OFFLINE_ROUNDS;
}

static inline bool offline_ready(struct genl *nl, pid_t pid)
{
	struct schednl_target t;
	struct own own;

	return !schednl_get(nl, pid, &t) && t.state == DIO_SCHED_STATE_ACTIVE &&
	       !thread_own(pid, &own) && own.cpus == 1UL << OFFLINE_CPU;
}

/* The thread is bound to the CPU, and its reservation in force. */
static inline bool offline_waits(struct genl *nl, pid_t pid)
{
	return wait_until(offline_ready(nl, pid), OFFLINE_SEEN_MS * clock_scale());
}

#endif
