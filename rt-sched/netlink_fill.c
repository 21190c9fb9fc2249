// SPDX-License-Identifier: GPL-2.0-only
/* Filling of answers and events; 0 or -EMSGSIZE. All with dio_rt_lock. */
#include <net/genetlink.h>

#include "dio_rt.h"
#include "netlink.h"

#define U64(skb, attr, value) \
	nla_put_u64_64bit(skb, DIO_SCHED_A_TARGET_##attr, value, DIO_SCHED_A_TARGET_PAD)
#define U32(skb, attr, value) \
	nla_put_u32(skb, DIO_SCHED_A_TARGET_##attr, value)

static int dio_fill_rt_name(struct sk_buff *skb, struct dio_rt *t)
{
	char comm[TASK_COMM_LEN];

	get_task_comm(comm, t->task);
	return U32(skb, TID, task_pid_nr(t->task)) ||
	       nla_put_string(skb, DIO_SCHED_A_TARGET_COMM, comm) ? -EMSGSIZE : 0;
}

static int dio_fill_rt_source(struct sk_buff *skb, const struct dio_rt_config *c)
{
	if (U32(skb, SOURCE, c->source))
		return -EMSGSIZE;
	if (c->source == DIO_SCHED_SOURCE_DEVICE)
		return nla_put_string(skb, DIO_SCHED_A_TARGET_ADDR, pci_name(c->pdev));
	return c->source == DIO_SCHED_SOURCE_IRQ ? U32(skb, IRQ, c->irq) : 0;
}

static int dio_fill_rt_config(struct sk_buff *skb, struct dio_rt *t)
{
	const struct dio_rt_config *c = &t->config;

	if (U32(skb, MODE, c->mode) || U32(skb, STATE, t->state) ||
	    (t->reason[0] && nla_put_string(skb, DIO_SCHED_A_TARGET_REASON, t->reason)) ||
	    U64(skb, RUNTIME, c->runtime) || U64(skb, PERIOD, c->period) ||
	    nla_put_u8(skb, DIO_SCHED_A_TARGET_RECLAIM, c->reclaim) ||
	    U32(skb, SHARE, c->share) || U32(skb, MARGIN, c->margin))
		return -EMSGSIZE;
	if ((t->vm && U32(skb, VCPU, t->vcpu)) ||
	    (c->cpu != DIO_RT_NO_CPU && U32(skb, CPU, c->cpu)))
		return -EMSGSIZE;
	return dio_fill_rt_source(skb, c);
}

/* The thread's own scheduling, which is kept while another is in force. */
static int dio_fill_rt_own(struct sk_buff *skb, struct dio_rt *t)
{
	unsigned int policy;
	char cpus[64];

	mutex_lock(&t->policy_lock);
	policy = t->in_force == SCHED_NORMAL ? t->task->policy : t->own.policy;
	mutex_unlock(&t->policy_lock);
	scnprintf(cpus, sizeof(cpus), "%*pbl", cpumask_pr_args(&t->task->cpus_mask));
	return U32(skb, POLICY, policy) ||
	       nla_put_s32(skb, DIO_SCHED_A_TARGET_NICE, task_nice(t->task)) ||
	       nla_put_string(skb, DIO_SCHED_A_TARGET_CPUS, cpus) ||
	       U64(skb, BANDWIDTH, t->bw) ? -EMSGSIZE : 0;
}

static int dio_fill_rt_estimate(struct sk_buff *skb, struct dio_rt *t)
{
	struct dio_est_result r;
	u64 runtime, period;

	if (!dio_auto_estimate(t, &r, &runtime, &period))
		return 0;
	return U64(skb, EST_PERIOD, r.period) || U64(skb, EST_COST, r.cost) ||
	       U64(skb, EST_RUNTIME, runtime) || U32(skb, EST_N, r.costs) ? -EMSGSIZE : 0;
}

static int dio_fill_rt_counts(struct sk_buff *skb, struct dio_rt *t)
{
	struct dio_rt_count n;
	u64 cpu;

	raw_spin_lock_irq(&t->fast_lock);
	n = t->fast.n;
	cpu = dio_event_cpu(&t->fast, ktime_get_mono_fast_ns());
	raw_spin_unlock_irq(&t->fast_lock);
	return U64(skb, INTERRUPTS, n.interrupts) || U64(skb, WINDOWS, n.windows) ||
	       U64(skb, DENIED, n.denied) || U64(skb, OVERRUNS, n.overruns) ||
	       U64(skb, MISSES, n.misses) || U64(skb, DELAY_MAX, n.delay_max) ||
	       U64(skb, CPU_TIME, cpu) || U64(skb, STEPS, t->steps) ? -EMSGSIZE : 0;
}

int dio_fill_rt(struct sk_buff *skb, struct dio_rt *t)
{
	return dio_fill_rt_name(skb, t) || dio_fill_rt_config(skb, t) ||
	       dio_fill_rt_own(skb, t) || dio_fill_rt_estimate(skb, t) ||
	       dio_fill_rt_counts(skb, t) ? -EMSGSIZE : 0;
}

int dio_fill_rt_overrun(struct sk_buff *skb, struct dio_rt *t)
{
	struct dio_rt_count *n = &t->fast.n;

	return dio_fill_rt_name(skb, t) || U32(skb, MODE, t->config.mode) ||
	       U64(skb, RUNTIME, t->config.runtime) || U64(skb, PERIOD, t->config.period) ||
	       U64(skb, OVERRUNS, READ_ONCE(n->overruns)) ||
	       U64(skb, DENIED, READ_ONCE(n->denied)) ||
	       U64(skb, MISSES, READ_ONCE(n->misses)) ? -EMSGSIZE : 0;
}

int dio_fill_rt_end(struct sk_buff *skb, struct dio_rt *t, const char *reason)
{
	return dio_fill_rt_name(skb, t) ||
	       nla_put_string(skb, DIO_SCHED_A_TARGET_REASON, reason) ? -EMSGSIZE : 0;
}

#undef U64
#define U64(skb, attr, value) \
	nla_put_u64_64bit(skb, DIO_SCHED_A_ADMIT_##attr, value, DIO_SCHED_A_ADMIT_PAD)

int dio_fill_admit(struct sk_buff *skb, u32 cpu, const struct dio_admit_answer *a)
{
	if (nla_put_u32(skb, DIO_SCHED_A_ADMIT_CPU, cpu) || U64(skb, BANDWIDTH, a->bw) ||
	    U64(skb, USED, a->used) || U64(skb, LIMIT, a->limit) ||
	    nla_put_u32(skb, DIO_SCHED_A_ADMIT_CPUS, a->ncpus))
		return -EMSGSIZE;
	return a->result == DIO_ADMIT_OK ? nla_put_flag(skb, DIO_SCHED_A_ADMIT_FITS) : 0;
}
