// SPDX-License-Identifier: GPL-2.0-only
/*
 * Admission against what the module has promised; all with dio_rt_lock. Deadline
 * threads of others are the kernel's to count: it refuses what they leave no room
 * for, per root domain, when a reservation is put in force.
 */
#include <linux/cpumask.h>

#include "dio_rt.h"
#include "netlink.h"

/* Filled for each question; there are no more targets than this. */
static struct dio_admit_item dio_room_items[DIO_SCHED_TARGETS_MAX];

/* As of the last command: a review does not look again, see kernel.c; dio_rt_lock. */
static struct dio_admit_limits dio_room_now;

void dio_room_limits(const struct dio_kernel_limits *k, struct dio_admit_limits *limits)
{
	limits->period_min = k->period_min_us * NSEC_PER_USEC;
	limits->period_max = k->period_max_us * NSEC_PER_USEC;
	limits->cpu = dio_admit_cpu_limit(k->rt_runtime_us, k->rt_period_us, DIO_DL_SERVERS);
}

/* What follows goes by the limits of now. Sleeps. */
void dio_room_look(void)
{
	struct dio_kernel_limits k;

	lockdep_assert_held(&dio_rt_lock);
	dio_kernel_limits(&k);
	dio_room_limits(&k, &dio_room_now);
}

static unsigned int dio_room_fill(const struct dio_rt *without)
{
	struct dio_rt *t;
	unsigned int n = 0;

	lockdep_assert_held(&dio_rt_lock);
	list_for_each_entry(t, &dio_rt_list, list)
		if (t != without && t->bw)
			dio_room_items[n++] = (struct dio_admit_item) {
				.bw = t->bw, .cpus = cpumask_bits(t->cpus),
			};
	return n;
}

/* Would @bw more fit on @cpus, were the promise to @without not there? */
void dio_room_ask(const struct dio_rt *without, const struct cpumask *cpus, u64 bw,
		  struct dio_admit_answer *answer)
{
	struct dio_admit_set set = {
		.online = cpumask_bits(cpu_active_mask),
		.words = BITS_TO_LONGS(nr_cpu_ids),
		.item = dio_room_items,
		.n = dio_room_fill(without),
	};
	struct dio_admit_item new = { .bw = bw, .cpus = cpumask_bits(cpus) };

	dio_admit(&dio_room_now, &set, &new, answer);
}

/* Are the values such that a reservation could have them? -EINVAL with text. */
int dio_room_check(u64 runtime, u64 period, struct netlink_ext_ack *extack)
{
	struct dio_admit_limits limits;
	struct dio_kernel_limits k;

	dio_kernel_periods(&k);
	dio_room_limits(&k, &limits);
	switch (dio_admit_values(&limits, runtime, period)) {
	case DIO_ADMIT_RUNTIME_SHORT:
		DIO_RT_ERR(extack, "runtime %llu ns: at least %u ns", runtime,
			   DIO_ADMIT_RUNTIME_MIN);
		return -EINVAL;
	case DIO_ADMIT_RUNTIME_LONG:
		DIO_RT_ERR(extack, "runtime %llu ns: at most the period, %llu ns", runtime, period);
		return -EINVAL;
	case DIO_ADMIT_PERIOD_SHORT:
		DIO_RT_ERR(extack, "period %llu ns: at least %llu ns", period, limits.period_min);
		return -EINVAL;
	case DIO_ADMIT_PERIOD_LONG:
		DIO_RT_ERR(extack, "period %llu ns: at most %llu ns", period, limits.period_max);
		return -EINVAL;
	default:
		return 0;
	}
}

static u32 dio_permille(u64 bw)
{
	return bw * 1000 >> 32;
}

static void dio_room_full(const struct dio_admit_answer *a, struct netlink_ext_ack *extack)
{
	u32 bw = dio_permille(a->bw), used = dio_permille(a->used), all = dio_permille(a->limit);

	if (a->result == DIO_ADMIT_NO_CPU)
		DIO_RT_ERR(extack, "no CPU of the thread is online");
	else if (a->ncpus == 1)
		DIO_RT_ERR(extack, "CPU %u: %u.%u %% asked, %u.%u %% of %u.%u %% taken", a->cpu,
			   bw / 10, bw % 10, used / 10, used % 10, all / 10, all % 10);
	else
		DIO_RT_ERR(extack, "%u CPUs: %u.%u %% asked, %u.%u %% of %u.%u %% taken", a->ncpus,
			   bw / 10, bw % 10, used / 10, used % 10, all / 10, all % 10);
}

/* The CPUs that a promise to @t is about. */
static void dio_room_cpus(struct dio_rt *t)
{
	unsigned long flags;

	if (t->config.cpu != DIO_RT_NO_CPU) {
		cpumask_copy(t->cpus, cpumask_of(t->config.cpu));
		return;
	}
	raw_spin_lock_irqsave(&t->task->pi_lock, flags);
	cpumask_copy(t->cpus, &t->task->cpus_mask);
	raw_spin_unlock_irqrestore(&t->task->pi_lock, flags);
}

/* Promise @t so much, instead of what it has. -EBUSY with text. */
int dio_room_enter(struct dio_rt *t, u64 runtime, u64 period, struct netlink_ext_ack *extack)
{
	struct dio_admit_answer answer;

	dio_room_cpus(t);
	dio_room_ask(t, t->cpus, dio_admit_bw(runtime, period), &answer);
	if (answer.result != DIO_ADMIT_OK) {
		dio_room_full(&answer, extack);
		return -EBUSY;
	}
	t->bw = answer.bw;
	return 0;
}
