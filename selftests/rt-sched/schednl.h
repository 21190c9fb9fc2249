/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Client of the dio_sched netlink family. Calls answer 0 or the kernel's negative
 * errno; the extack text of a refusal is in nl->text.
 */
#ifndef DIO_TEST_SCHEDNL_H
#define DIO_TEST_SCHEDNL_H

#include <stdbool.h>
#include <stdint.h>
#include <linux/dio_sched.h>

#include "genl.h"

#define MODULE		"dio_sched"
#define MS		1000000ULL
#define SCHEDNL_NONE	(-1)

/* What target-set is given; what is SCHEDNL_NONE or 0 is left out. */
struct schednl_set {
	uint32_t tid;
	int vm_fd, mode, cpu, source, irq, share, margin, reclaim, force;
	uint32_t vcpu;
	uint64_t runtime, period;
	const char *addr;
};

#define SCHEDNL_SET { .vm_fd = SCHEDNL_NONE, .mode = SCHEDNL_NONE, .cpu = SCHEDNL_NONE, \
	.source = SCHEDNL_NONE, .irq = SCHEDNL_NONE, .share = SCHEDNL_NONE, \
	.margin = SCHEDNL_NONE, .reclaim = SCHEDNL_NONE, .force = SCHEDNL_NONE }

struct schednl_target {
	uint32_t tid, mode, state, source, policy;
	int32_t nice;
	char reason[96], cpus[64];
	uint64_t runtime, period, bandwidth, est_period, est_cost, est_runtime;
	uint64_t interrupts, windows, denied, overruns, misses, delay_max, cpu_time, steps;
};

struct schednl_admit {
	uint32_t cpu, cpus;
	uint64_t bandwidth, used, limit;
	bool fits;
};

int schednl_open(struct genl *nl);
int schednl_set(struct genl *nl, const struct schednl_set *set);
int schednl_reserve(struct genl *nl, uint32_t tid, uint64_t runtime, uint64_t period, int cpu);
/* Of virtual CPU @vcpu of the VM @vm_fd, 10 ms for a period. */
int schednl_reserve_vcpu(struct genl *nl, int vm_fd, uint32_t vcpu, uint64_t runtime);
int schednl_boost(struct genl *nl, uint32_t tid, uint64_t budget, uint64_t period);
int schednl_del(struct genl *nl, uint32_t tid);
int schednl_get(struct genl *nl, uint32_t tid, struct schednl_target *target);
/* Number of threads that are served, or a negative errno. */
int schednl_count(struct genl *nl);
int schednl_admit(struct genl *nl, uint32_t cpu, uint64_t runtime, uint64_t period,
		  struct schednl_admit *admit);

#endif
