// SPDX-License-Identifier: GPL-2.0-only
/*
 * Boost: an interrupt opens a window in which the thread has real-time priority,
 * until it sleeps or its budget is spent (lend.c). One FIFO thread does it for all
 * targets, and a timer brings it back to look.
 */
#include <linux/timekeeping.h>

#include "compat/kthread.h"
#include "dio_rt.h"

static struct kthread_worker *dio_boost_worker;

static void dio_boost_irq_work(struct irq_work *kick)
{
	dio_boost_kick(container_of(kick, struct dio_rt, kick));
}

static enum hrtimer_restart dio_boost_timer(struct hrtimer *timer)
{
	dio_boost_kick(container_of(timer, struct dio_rt, timer));
	return HRTIMER_NORESTART;
}

/* Any context without a scheduler's lock. */
void dio_boost_kick(struct dio_rt *t)
{
	kthread_queue_work(dio_boost_worker, &t->work);
}

/*
 * How the window stands. One whose thread sleeps is closed here, so that the next
 * interrupt opens another; a spent one only when the thread is fair again, so that
 * all it had is charged.
 */
static enum dio_budget_end dio_boost_look(struct dio_rt *t, u64 *again)
{
	struct dio_rt_fast *f = &t->fast;
	enum dio_budget_end end = DIO_BUDGET_ASLEEP;
	u64 now, cpu;

	raw_spin_lock_irq(&t->fast_lock);
	now = ktime_get_mono_fast_ns();
	cpu = dio_event_cpu(f, now);
	if (f->budget.open && f->armed) {
		/* a thread that the interrupt has yet to wake is asleep, too */
		bool asleep = t->lent && !f->running && f->asleep;

		end = dio_budget_look(&f->budget, now, cpu, asleep, again);
	}
	if (end == DIO_BUDGET_ASLEEP)
		dio_budget_close(&f->budget, now, cpu);
	raw_spin_unlock_irq(&t->fast_lock);
	return end;
}

/* The window has ended with the thread wanting more, which @count counts. */
static void dio_boost_ended(struct dio_rt *t, u64 *count)
{
	struct dio_rt_fast *f = &t->fast;
	u64 now;

	raw_spin_lock_irq(&t->fast_lock);
	now = ktime_get_mono_fast_ns();
	dio_budget_close(&f->budget, now, dio_event_cpu(f, now));
	++*count;
	raw_spin_unlock_irq(&t->fast_lock);
}

static void dio_boost_work(struct kthread_work *work)
{
	struct dio_rt *t = container_of(work, struct dio_rt, work);
	enum dio_budget_end end;
	u64 again;

	mutex_lock(&t->policy_lock);
	end = dio_boost_look(t, &again);
	if (end == DIO_BUDGET_RUNS && dio_lend_begin(t)) {
		dio_boost_ended(t, &t->fast.n.denied);
		end = DIO_BUDGET_ASLEEP;
	}
	if (end == DIO_BUDGET_RUNS)
		hrtimer_start(&t->timer, ns_to_ktime(again), HRTIMER_MODE_REL_HARD);
	else
		dio_lend_end(t);
	if (end == DIO_BUDGET_SPENT)
		dio_boost_ended(t, &t->fast.n.overruns);
	mutex_unlock(&t->policy_lock);
}

void dio_boost_prepare(struct dio_rt *t)
{
	kthread_init_work(&t->work, dio_boost_work);
	init_irq_work(&t->kick, dio_boost_irq_work);
	dio_hrtimer_setup(&t->timer, dio_boost_timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
}

/* From now on an interrupt opens a window. */
void dio_boost_arm(struct dio_rt *t, u64 budget, u64 period)
{
	raw_spin_lock_irq(&t->fast_lock);
	dio_budget_init(&t->fast.budget, budget, period);
	t->fast.armed = true;
	raw_spin_unlock_irq(&t->fast_lock);
}

/* No window is open when it returns, and none opens. Sleeps. */
void dio_boost_disarm(struct dio_rt *t)
{
	raw_spin_lock_irq(&t->fast_lock);
	t->fast.armed = false;
	raw_spin_unlock_irq(&t->fast_lock);
	irq_work_sync(&t->kick);
	hrtimer_cancel(&t->timer);
	/* not armed, it closes the window and starts no timer */
	dio_boost_kick(t);
	kthread_flush_work(&t->work);
	hrtimer_cancel(&t->timer);
}

int __init dio_boost_init(void)
{
	dio_boost_worker = dio_kthread_run_worker(0, "dio_rt");
	if (IS_ERR(dio_boost_worker))
		return PTR_ERR(dio_boost_worker);
	sched_set_fifo(dio_boost_worker->task);
	return 0;
}

void dio_boost_exit(void)
{
	kthread_destroy_worker(dio_boost_worker);
}
