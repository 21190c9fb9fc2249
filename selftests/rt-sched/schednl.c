// SPDX-License-Identifier: GPL-2.0
/* Requests of the dio_sched family, and their answers as structures. */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "kmod.h"
#include "schednl.h"

int schednl_open(struct genl *nl)
{
	int rc = kmod_load(MODULE);

	return rc ? rc : genl_open(nl, DIO_SCHED_FAMILY_NAME, DIO_SCHED_MCGRP_EVENTS);
}

static void put_u32(struct genl_request *r, int type, int value)
{
	if (value != SCHEDNL_NONE)
		genl_put_u32(r, type, value);
}

static void put_u8(struct genl_request *r, int type, int value)
{
	uint8_t byte = value;

	if (value != SCHEDNL_NONE)
		genl_put(r, type, &byte, sizeof(byte));
}

static void put_u64(struct genl_request *r, int type, uint64_t value)
{
	if (value)
		genl_put(r, type, &value, sizeof(value));
}

int schednl_set(struct genl *nl, const struct schednl_set *set)
{
	struct genl_request r;

	genl_request(nl, &r, DIO_SCHED_CMD_TARGET_SET, 0);
	if (set->tid)
		genl_put_u32(&r, DIO_SCHED_A_TARGET_TID, set->tid);
	put_u32(&r, DIO_SCHED_A_TARGET_VM_FD, set->vm_fd);
	if (set->vcpu)
		genl_put_u32(&r, DIO_SCHED_A_TARGET_VCPU, set->vcpu);
	put_u32(&r, DIO_SCHED_A_TARGET_MODE, set->mode);
	put_u64(&r, DIO_SCHED_A_TARGET_RUNTIME, set->runtime);
	put_u64(&r, DIO_SCHED_A_TARGET_PERIOD, set->period);
	put_u8(&r, DIO_SCHED_A_TARGET_RECLAIM, set->reclaim);
	put_u32(&r, DIO_SCHED_A_TARGET_CPU, set->cpu);
	put_u32(&r, DIO_SCHED_A_TARGET_SOURCE, set->source);
	put_u32(&r, DIO_SCHED_A_TARGET_IRQ, set->irq);
	put_u32(&r, DIO_SCHED_A_TARGET_SHARE, set->share);
	put_u32(&r, DIO_SCHED_A_TARGET_MARGIN, set->margin);
	put_u8(&r, DIO_SCHED_A_TARGET_FORCE, set->force);
	if (set->addr)
		genl_put_string(&r, DIO_SCHED_A_TARGET_ADDR, set->addr);
	return genl_talk(nl, &r, NULL, NULL);
}

int schednl_reserve(struct genl *nl, uint32_t tid, uint64_t runtime, uint64_t period, int cpu)
{
	struct schednl_set set = SCHEDNL_SET;

	set.tid = tid;
	set.mode = DIO_SCHED_MODE_RESERVE;
	set.runtime = runtime;
	set.period = period;
	set.cpu = cpu;
	return schednl_set(nl, &set);
}

int schednl_reserve_vcpu(struct genl *nl, int vm_fd, uint32_t vcpu, uint64_t runtime)
{
	struct schednl_set set = SCHEDNL_SET;

	set.vm_fd = vm_fd;
	set.vcpu = vcpu;
	set.mode = DIO_SCHED_MODE_RESERVE;
	set.runtime = runtime;
	set.period = 10 * MS;
	return schednl_set(nl, &set);
}

int schednl_boost(struct genl *nl, uint32_t tid, uint64_t budget, uint64_t period)
{
	struct schednl_set set = SCHEDNL_SET;

	set.tid = tid;
	set.mode = DIO_SCHED_MODE_BOOST;
	set.runtime = budget;
	set.period = period;
	set.source = DIO_SCHED_SOURCE_WAKE;
	return schednl_set(nl, &set);
}

int schednl_del(struct genl *nl, uint32_t tid)
{
	struct genl_request r;

	genl_request(nl, &r, DIO_SCHED_CMD_TARGET_DEL, 0);
	genl_put_u32(&r, DIO_SCHED_A_TARGET_TID, tid);
	return genl_talk(nl, &r, NULL, NULL);
}

#define FIELD(attr, field)	{ DIO_SCHED_A_TARGET_##attr, \
				  offsetof(struct schednl_target, field), \
				  sizeof(((struct schednl_target *)0)->field) }

static const struct {
	int type;
	size_t offset, size;
} fields[] = {
	FIELD(TID, tid), FIELD(MODE, mode), FIELD(STATE, state), FIELD(SOURCE, source),
	FIELD(POLICY, policy), FIELD(NICE, nice), FIELD(RUNTIME, runtime),
	FIELD(PERIOD, period), FIELD(BANDWIDTH, bandwidth), FIELD(EST_PERIOD, est_period),
	FIELD(EST_COST, est_cost), FIELD(EST_RUNTIME, est_runtime),
	FIELD(INTERRUPTS, interrupts), FIELD(WINDOWS, windows), FIELD(DENIED, denied),
	FIELD(OVERRUNS, overruns), FIELD(MISSES, misses), FIELD(DELAY_MAX, delay_max),
	FIELD(CPU_TIME, cpu_time), FIELD(STEPS, steps),
};

static void read_target(const struct nlmsghdr *m, void *data)
{
	struct genl_walk w = genl_walk(m);
	struct schednl_target *t = data;
	const struct nlattr *a;

	while ((a = genl_next(&w))) {
		uint64_t value = genl_number(a);

		if (genl_type(a) == DIO_SCHED_A_TARGET_REASON)
			genl_text(a, t->reason, sizeof(t->reason));
		if (genl_type(a) == DIO_SCHED_A_TARGET_CPUS)
			genl_text(a, t->cpus, sizeof(t->cpus));
		for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
			if (fields[i].type == genl_type(a))
				memcpy((char *)t + fields[i].offset, &value, fields[i].size);
	}
}

int schednl_get(struct genl *nl, uint32_t tid, struct schednl_target *target)
{
	struct genl_request r;

	memset(target, 0, sizeof(*target));
	genl_request(nl, &r, DIO_SCHED_CMD_TARGET_GET, 0);
	genl_put_u32(&r, DIO_SCHED_A_TARGET_TID, tid);
	return genl_talk(nl, &r, read_target, target);
}

static void read_count(const struct nlmsghdr *m, void *data)
{
	struct genl_walk w = genl_walk(m);
	const struct nlattr *a;

	while ((a = genl_next(&w)))
		if (genl_type(a) == DIO_SCHED_A_MODULE_TARGETS)
			*(int *)data = genl_number(a);
}

int schednl_count(struct genl *nl)
{
	struct genl_request r;
	int n = -EBADMSG, rc;

	genl_request(nl, &r, DIO_SCHED_CMD_MODULE_GET, 0);
	rc = genl_talk(nl, &r, read_count, &n);
	return rc ? rc : n;
}

static void read_admit(const struct nlmsghdr *m, void *data)
{
	struct genl_walk w = genl_walk(m);
	struct schednl_admit *admit = data;
	const struct nlattr *a;

	while ((a = genl_next(&w))) {
		switch (genl_type(a)) {
		case DIO_SCHED_A_ADMIT_CPU:
			admit->cpu = genl_number(a);
			break;
		case DIO_SCHED_A_ADMIT_CPUS:
			admit->cpus = genl_number(a);
			break;
		case DIO_SCHED_A_ADMIT_BANDWIDTH:
			admit->bandwidth = genl_number(a);
			break;
		case DIO_SCHED_A_ADMIT_USED:
			admit->used = genl_number(a);
			break;
		case DIO_SCHED_A_ADMIT_LIMIT:
			admit->limit = genl_number(a);
			break;
		case DIO_SCHED_A_ADMIT_FITS:
			admit->fits = true;
			break;
		}
	}
}

int schednl_admit(struct genl *nl, uint32_t cpu, uint64_t runtime, uint64_t period,
		  struct schednl_admit *admit)
{
	struct genl_request r;

	memset(admit, 0, sizeof(*admit));
	genl_request(nl, &r, DIO_SCHED_CMD_ADMIT_GET, 0);
	genl_put_u32(&r, DIO_SCHED_A_ADMIT_CPU, cpu);
	put_u64(&r, DIO_SCHED_A_ADMIT_RUNTIME, runtime);
	put_u64(&r, DIO_SCHED_A_ADMIT_PERIOD, period);
	return genl_talk(nl, &r, read_admit, admit);
}
