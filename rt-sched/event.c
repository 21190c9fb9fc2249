// SPDX-License-Identifier: GPL-2.0-only
/*
 * What happens to a target between two reviews: interrupts arrive, the thread is
 * switched in and out. Hard interrupts, or the scheduler with its lock held: no
 * wake-up, no lock but fast_lock, nothing that is not bounded.
 */
#include "dio_rt.h"

/* CPU time of the thread up to now; with fast_lock. */
u64 dio_event_cpu(const struct dio_rt_fast *f, u64 now)
{
	return f->cpu + (f->running && now > f->on_at ? now - f->on_at : 0);
}

static bool dio_event_window(struct dio_rt_fast *f, u64 now, u64 cpu)
{
	if (!f->armed || f->budget.open)
		return false;
	if (!dio_budget_open(&f->budget, now, cpu)) {
		f->n.denied++;
		return false;
	}
	f->n.windows++;
	return true;
}

/* An interrupt of the target's source. True: its work has to open a window. */
bool dio_event_arrived(struct dio_rt *t, u64 now)
{
	struct dio_rt_fast *f = &t->fast;
	unsigned long flags;
	bool open;
	u64 cpu;

	raw_spin_lock_irqsave(&t->fast_lock, flags);
	f->n.interrupts++;
	if (f->waiting) {
		f->n.misses++;
	} else if (!f->running) {
		f->waiting = true;
		f->wait_at = now;
	}
	cpu = dio_event_cpu(f, now);
	dio_est_event(&f->est, now, cpu);
	open = dio_event_window(f, now, cpu);
	raw_spin_unlock_irqrestore(&t->fast_lock, flags);
	return open;
}

void dio_event_switched_in(struct dio_rt *t, u64 now)
{
	struct dio_rt_fast *f = &t->fast;
	unsigned long flags;

	raw_spin_lock_irqsave(&t->fast_lock, flags);
	f->running = true;
	f->asleep = false;
	f->on_at = now;
	if (f->waiting && now > f->wait_at && now - f->wait_at > f->n.delay_max)
		f->n.delay_max = now - f->wait_at;
	f->waiting = false;
	raw_spin_unlock_irqrestore(&t->fast_lock, flags);
}

/* @asleep: it waits; @throttled: its reservation is used up, and it does not. */
void dio_event_switched_out(struct dio_rt *t, u64 now, bool asleep, bool throttled)
{
	struct dio_rt_fast *f = &t->fast;
	unsigned long flags;

	raw_spin_lock_irqsave(&t->fast_lock, flags);
	f->cpu = dio_event_cpu(f, now);
	f->running = false;
	f->asleep = asleep;
	if (throttled)
		f->n.overruns++;
	raw_spin_unlock_irqrestore(&t->fast_lock, flags);
}
