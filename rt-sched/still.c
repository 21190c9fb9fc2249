// SPDX-License-Identifier: GPL-2.0-only
/*
 * A thread stays on its CPU, and the CPU stays, while its deadline parameters change.
 *
 * A thread that is woken on another CPU is for a while on neither: its bandwidth has
 * left the one run queue (migrate_task_rq_dl()) and comes to the other when that CPU
 * takes it from its wake list. Nobody holds its locks meanwhile, and sched_setattr()
 * believes that it sleeps on the new CPU: dl_change_utilization() and switched_from_dl()
 * take from that queue what is not there yet (a WARN about this_bw, seen on 6.1),
 * switched_to_dl() adds what the wake-up adds again. With one CPU to go to, where it
 * already is, none of this happens.
 *
 * What a thread had is taken off a root domain's books by a timer, up to a period after
 * it left SCHED_DEADLINE or died, and for each CPU of the domain. If the thread's CPU is
 * offline then there are none, and the kernel divides by zero (seen on 7.2).
 */
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/hrtimer.h>
#include <linux/iopoll.h>
#include <linux/jiffies.h>
#include <linux/math64.h>

#include "dio_rt.h"

#define DIO_STILL_TRIES		8
#define DIO_STILL_POLL_US	50
#define DIO_STILL_WAIT_US	(100 * USEC_PER_MSEC)
#define DIO_STILL_SETTLE_MAX	(5ULL * NSEC_PER_SEC)

/*
 * A thread that fell asleep on a CPU that is offline now wakes on another one. One that
 * was throttled there is moved when it is replenished; that takes as long as it has run
 * too much, and the kernel warns, or divides by zero, where it is changed before. The
 * timer ends by itself: it is on another CPU by now, as the CPUs are held.
 */
static void dio_still_move(struct dio_rt *t)
{
	struct hrtimer *timer = &t->task->dl.dl_timer;
	unsigned int cpu;

	if (cpu_active(task_cpu(t->task)))
		return;
	read_poll_timeout(task_cpu, cpu, cpu_active(cpu) || !hrtimer_active(timer),
			  DIO_STILL_POLL_US, 0, false, t->task);
	wake_up_process(t->task);
	read_poll_timeout(task_cpu, cpu, cpu_active(cpu), DIO_STILL_POLL_US,
			  DIO_STILL_WAIT_US, false, t->task);
}

static bool dio_still_bound(struct dio_rt *t, unsigned int cpu)
{
	unsigned int state;

	if (set_cpus_allowed_ptr(t->task, cpumask_of(cpu)))
		return false;
	t->still_cpu = cpu;
	/* the end of a wake-up that began before; later ones find one CPU */
	read_poll_timeout(READ_ONCE, state, state != TASK_WAKING, DIO_STILL_POLL_US,
			  DIO_STILL_WAIT_US, false, t->task->__state);
	return task_cpu(t->task) == cpu;
}

/* Until dio_still_end() no wake-up moves the thread; with policy_lock. Sleeps. */
void dio_still_begin(struct dio_rt *t)
{
	unsigned long flags;
	int i;

	lockdep_assert_held(&t->policy_lock);
	cpus_read_lock();
	t->still_cpu = DIO_RT_NO_CPU;
	if (t->task->flags & PF_EXITING)
		return;
	dio_still_move(t);
	raw_spin_lock_irqsave(&t->task->pi_lock, flags);
	cpumask_copy(t->still_cpus, &t->task->cpus_mask);
	raw_spin_unlock_irqrestore(&t->task->pi_lock, flags);
	for (i = 0; i < DIO_STILL_TRIES; i++)
		if (dio_still_bound(t, task_cpu(t->task)))
			break;
}

/* How long the timer may take: to the end of a period, and what was overdrawn at a tick. */
static u64 dio_still_wait_us(u64 runtime, u64 period)
{
	u64 late = runtime ? mul_u64_u64_div_u64(period, TICK_NSEC, runtime) : 0;

	return div_u64(min(period + late, DIO_STILL_SETTLE_MAX), NSEC_PER_USEC) +
	       DIO_STILL_WAIT_US;
}

/*
 * Its CPUs as they were, unless somebody gave it others meanwhile, and if it left
 * SCHED_DEADLINE it is off the books. @runtime, @period: what it had, ns. Sleeps.
 */
void dio_still_end(struct dio_rt *t, u64 runtime, u64 period)
{
	bool active;

	lockdep_assert_held(&t->policy_lock);
	if (READ_ONCE(t->task->policy) != SCHED_DEADLINE || t->task->flags & PF_EXITING)
		read_poll_timeout(hrtimer_active, active, !active, DIO_STILL_POLL_US,
				  dio_still_wait_us(runtime, period), false,
				  &t->task->dl.inactive_timer);
	if (t->still_cpu != DIO_RT_NO_CPU &&
	    cpumask_equal(&t->task->cpus_mask, cpumask_of(t->still_cpu)))
		set_cpus_allowed_ptr(t->task, t->still_cpus);
	cpus_read_unlock();
}
