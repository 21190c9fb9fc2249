// SPDX-License-Identifier: GPL-2.0-only
/*
 * A thread is bound to one CPU, and that CPU goes offline. If it is reserved and
 * throttled, the kernel's timer that replenishes it finds it no CPU and warns
 * (dl_task_offline_migration()): between sched_cpu_deactivate(), the first step of
 * all, and any that a module can have. The tracepoint before that step is in time:
 * the thread gets all CPUs there, as the kernel gives it as soon as it runs.
 */
#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/cpumask.h>
#include <linux/slab.h>

#include "dio_rt.h"

/* The tests build it without, and must notice. */
#ifdef DIO_OFFLINE_BARE
#define DIO_OFFLINE_WIDENS	false
#else
#define DIO_OFFLINE_WIDENS	true
#endif

/*
 * All CPUs, also against the user's own mask (sched_setaffinity()), which the kernel
 * keeps beside it since 6.2 and which stays. Does not sleep, as the thread need not move.
 */
static int dio_offline_widen(struct task_struct *task)
{
	cpumask_t *user;
	unsigned long flags;
	int ret;

	raw_spin_lock_irqsave(&task->pi_lock, flags);
	user = task->user_cpus_ptr;
	task->user_cpus_ptr = NULL;
	raw_spin_unlock_irqrestore(&task->pi_lock, flags);

	ret = set_cpus_allowed_ptr(task, cpu_possible_mask);

	raw_spin_lock_irqsave(&task->pi_lock, flags);
	if (!task->user_cpus_ptr)
		swap(task->user_cpus_ptr, user);
	raw_spin_unlock_irqrestore(&task->pi_lock, flags);
	kfree(user);	/* another one was set meanwhile */
	return ret;
}

static void dio_offline_going(struct dio_rt *t, unsigned int cpu)
{
	if (READ_ONCE(t->task->policy) != SCHED_DEADLINE ||
	    !cpumask_equal(&t->task->cpus_mask, cpumask_of(cpu)))
		return;
	if (!dio_offline_widen(t->task))
		WRITE_ONCE(t->bound, cpu);
}

/* The kernel gives a thread that is pinned to @cpu all CPUs: that was no user. */
static void dio_offline_gone(struct dio_rt *t, unsigned int cpu)
{
	if (t->config.cpu == cpu)
		WRITE_ONCE(t->unpinned, true);
}

/* A probe of cpuhp_enter: before @fn, the step @idx of @cpu on its way to @target. */
void dio_offline_probe(void *data, unsigned int cpu, int target, int idx,
		       int (*fn)(unsigned int cpu))
{
	if (DIO_OFFLINE_WIDENS && idx == CPUHP_AP_ACTIVE && target < idx) {
		dio_rt_for_each(dio_offline_going, cpu);
		dio_rt_changed();
	}
}

/* Hotplug's callbacks, inside of which dio_rt_lock must not be taken. */
int dio_offline_cpu_up(unsigned int cpu)
{
	dio_rt_changed();
	return 0;
}

int dio_offline_cpu_down(unsigned int cpu)
{
	dio_rt_for_each(dio_offline_gone, cpu);
	dio_rt_changed();
	return 0;
}

/* It is bound again when the CPU is back, or did not go, if nobody else chose. Sleeps. */
void dio_offline_review(struct dio_rt *t)
{
	unsigned int cpu = READ_ONCE(t->bound);

	lockdep_assert_held(&dio_rt_lock);
	if (cpu == DIO_RT_NO_CPU)
		return;
	cpus_read_lock();
	if (cpu_active(cpu)) {
		t->bound = DIO_RT_NO_CPU;
		if (cpumask_equal(&t->task->cpus_mask, cpu_possible_mask))
			set_cpus_allowed_ptr(t->task, cpumask_of(cpu));
	}
	cpus_read_unlock();
}
