/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Object rt in parts: words of the command line, the thread that they name, and
 * output.
 */
#ifndef DIOKCTL_RT_H
#define DIOKCTL_RT_H

#include <stdbool.h>
#include <stdint.h>

#include "args.h"
#include "nl.h"

/* A thread: TID, or a virtual CPU of the VM that descriptor vm_fd is (here). */
struct rt_who {
	uint32_t tid;
	int vm_fd;		/* -1: none */
	uint32_t vcpu;
	bool has_vcpu;
};

struct rt_settings {
	bool off;
	uint32_t mode, source;
	bool has_runtime, has_period, has_cpu, has_share, has_margin;
	uint64_t runtime, period, wait;
	uint32_t cpu, irq, share, margin;
	bool reclaim, force;
	char addr[ADDR_SIZE];
};

/* rt_args.c, rt_who.c: exit codes, the user has been told */
int rt_parse_who(struct args *args, struct rt_who *who);
void rt_who_close(struct rt_who *who);
int rt_parse_settings(struct args *args, struct rt_settings *set);
int rt_parse_word(struct args *args, const char *word, struct rt_settings *set);

/* A number with the unit ns, us, ms or s behind it, in ns; 0 or -1. */
int arg_time(const char *word, uint64_t *ns);

/* rt_show.c */
void rt_show_targets(const struct nl_list *targets);
void rt_show_admits(const struct nl_list *admits);
void rt_show_estimate(struct nl_msg *msg);
void rt_show_event(struct nl_msg *msg);
const char *rt_event_name(int cmd);	/* NULL: not an event that is known */
uint32_t rt_read_tid(struct nl_msg *msg);

#endif
