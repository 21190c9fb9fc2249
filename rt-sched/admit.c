// SPDX-License-Identifier: GPL-2.0-only
/*
 * Admission by sets of CPUs: a thread that may run on the CPUs S and on no other
 * uses up S and every set that contains S. The kernel's own test knows the whole
 * root domain only, which two threads pinned to one CPU pass and then miss.
 */
#include <linux/bitops.h>
#include <linux/math64.h>

#include "admit.h"

#define BITS	(8 * sizeof(unsigned long))

/* Periods of up to 2^32 ns, as long as the kernel's; @period is not 0. */
u64 dio_admit_bw(u64 runtime, u64 period)
{
	return div64_u64((runtime << 32) + period - 1, period);
}

/* The kernel's fractions have 20 bits and are cut off: so are these. */
static u64 dio_ratio20(u64 runtime, u64 period)
{
	return div64_u64(runtime << 20, period);
}

/*
 * What the kernel lets deadline tasks have of each CPU: sched_rt_runtime_us of
 * sched_rt_period_us (-1: all), less its own @servers.
 */
u64 dio_admit_cpu_limit(s64 rt_runtime_us, s64 rt_period_us, unsigned int servers)
{
	u64 all, own = servers * dio_ratio20(DIO_ADMIT_SERVER_US, DIO_ADMIT_SERVER_PERIOD);

	if (rt_runtime_us < 0 || rt_period_us <= 0 || rt_runtime_us >= rt_period_us)
		all = 1 << 20;
	else
		all = dio_ratio20(rt_runtime_us, rt_period_us);
	return all > own ? (all - own) << 12 : 0;
}

enum dio_admit_result dio_admit_values(const struct dio_admit_limits *limits,
				       u64 runtime, u64 period)
{
	if (period < limits->period_min)
		return DIO_ADMIT_PERIOD_SHORT;
	if (period > limits->period_max)
		return DIO_ADMIT_PERIOD_LONG;
	if (runtime < DIO_ADMIT_RUNTIME_MIN)
		return DIO_ADMIT_RUNTIME_SHORT;
	return runtime > period ? DIO_ADMIT_RUNTIME_LONG : DIO_ADMIT_OK;
}

/* Are the online ones of @cpus all in @in? Not if none is online. */
static bool dio_within(const struct dio_admit_set *set, const unsigned long *cpus,
		       const unsigned long *in)
{
	unsigned long any = 0;
	unsigned int w;

	for (w = 0; w < set->words; w++) {
		unsigned long live = cpus[w] & set->online[w];

		if (live & ~in[w])
			return false;
		any |= live;
	}
	return any;
}

static unsigned int dio_weight(const struct dio_admit_set *set, const unsigned long *cpus,
			       unsigned int *first)
{
	unsigned int w, n = 0;

	for (w = 0; w < set->words; w++) {
		unsigned long live = cpus[w] & set->online[w];

		if (live && !n)
			*first = w * BITS + __ffs(live);
		n += hweight_long(live);
	}
	return n;
}

/* What is promised to threads that cannot leave @cpus. */
u64 dio_admit_used(const struct dio_admit_set *set, const unsigned long *cpus)
{
	unsigned int i;
	u64 used = 0;

	for (i = 0; i < set->n; i++)
		if (dio_within(set, set->item[i].cpus, cpus))
			used += set->item[i].bw;
	return used;
}

/* Does @cpus, which contains the new thread's, hold it too? */
static bool dio_fits(const struct dio_admit_limits *limits, const struct dio_admit_set *set,
		     const unsigned long *cpus, struct dio_admit_answer *answer)
{
	answer->ncpus = dio_weight(set, cpus, &answer->cpu);
	answer->used = dio_admit_used(set, cpus);
	answer->limit = limits->cpu * answer->ncpus;
	return answer->used + answer->bw <= answer->limit;
}

/* May @new be promised beside what @set has? Fills @answer; values were checked. */
void dio_admit(const struct dio_admit_limits *limits, const struct dio_admit_set *set,
	       const struct dio_admit_item *new, struct dio_admit_answer *answer)
{
	unsigned int i;

	*answer = (struct dio_admit_answer) { .result = DIO_ADMIT_NO_CPU, .bw = new->bw };
	if (!dio_weight(set, new->cpus, &answer->cpu))
		return;
	answer->result = DIO_ADMIT_FULL;
	/* it runs on one CPU at a time, and has to leave there what is not to promise */
	answer->ncpus = 1;
	answer->limit = limits->cpu;
	if (new->bw > limits->cpu)
		return;
	for (i = 0; i < set->n; i++)
		if (dio_within(set, new->cpus, set->item[i].cpus) &&
		    !dio_fits(limits, set, set->item[i].cpus, answer))
			return;
	if (!dio_fits(limits, set, set->online, answer))
		return;
	/* last, so that an answer of OK has the numbers of the thread's own CPUs */
	if (dio_fits(limits, set, new->cpus, answer))
		answer->result = DIO_ADMIT_OK;
}
