// SPDX-License-Identifier: GPL-2.0-only
/*
 * Probes on tracepoints of the scheduler and of interrupts, registered while there
 * is a target and no longer. The kernel exports none of these tracepoints, but
 * lets a module walk them all.
 */
#include <linux/interrupt.h>
#include <linux/rculist.h>
#include <linux/timekeeping.h>
#include <linux/tracepoint.h>

#include "dio_rt.h"

static u64 dio_probe_now(void)
{
	return ktime_get_mono_fast_ns();
}

/* Under the lock of a run queue. */
static void dio_probe_switch(void *data, bool preempt, struct task_struct *prev,
			     struct task_struct *next, unsigned int prev_state)
{
	struct dio_rt *t;

	rcu_read_lock();
	t = dio_rt_find_task(prev);
	if (t)
		dio_event_switched_out(t, dio_probe_now(), !preempt && prev_state,
				       prev->policy == SCHED_DEADLINE && prev->dl.dl_throttled &&
				       !prev->dl.dl_yielded);
	t = dio_rt_find_task(next);
	if (t)
		dio_event_switched_in(t, dio_probe_now());
	rcu_read_unlock();
}

/* Under the lock of a run queue: what wakes a task waits for the irq work. */
static void dio_probe_wakeup(void *data, struct task_struct *task)
{
	struct dio_rt *t;

	rcu_read_lock();
	t = dio_rt_find_task(task);
	if (t && t->config.source == DIO_SCHED_SOURCE_WAKE &&
	    dio_event_arrived(t, dio_probe_now()))
		irq_work_queue(&t->kick);
	rcu_read_unlock();
}

static void dio_probe_exit DIO_PROBE_EXIT_ARGS
{
	struct dio_rt *t;

	rcu_read_lock();
	t = dio_rt_find_task(task);
	if (t) {
		WRITE_ONCE(t->exiting, true);
		dio_rt_changed();
	}
	rcu_read_unlock();
}

/* Targets whose source is an interrupt; RCU, written with dio_rt_lock. */
static LIST_HEAD(dio_probe_irqs);

/* All handlers of a shared line are told: one of them stands for the interrupt. */
static bool dio_probe_first(struct dio_rt *t, const struct irqaction *action)
{
	const void *first = cmpxchg(&t->fast.action, NULL, action);

	return !first || first == action;
}

static void dio_probe_irq_entry(void *data, int irq, struct irqaction *action)
{
	struct dio_rt *t;

	rcu_read_lock();
	list_for_each_entry_rcu(t, &dio_probe_irqs, irq_node)
		if (t->config.irq == irq && dio_probe_first(t, action) &&
		    dio_event_arrived(t, dio_probe_now()))
			dio_boost_kick(t);
	rcu_read_unlock();
}

struct dio_probe {
	const char *name;
	void *fn;
	struct tracepoint *tp;
};

static struct dio_probe dio_probes[] = {
	{ "sched_switch", dio_probe_switch },
	{ "sched_wakeup", dio_probe_wakeup },
	{ "sched_process_exit", dio_probe_exit },
	{ "cpuhp_enter", dio_offline_probe },
};

static struct dio_probe dio_irq_probe = { "irq_handler_entry", dio_probe_irq_entry };

static void dio_probe_look(struct tracepoint *tp, void *data)
{
	struct dio_probe *p = data;

	if (!strcmp(tp->name, p->name))
		p->tp = tp;
}

static int dio_probe_register(struct dio_probe *p)
{
	if (!p->tp)
		for_each_kernel_tracepoint(dio_probe_look, p);
	return p->tp ? tracepoint_probe_register(p->tp, p->fn, NULL) : -EOPNOTSUPP;
}

static void dio_probe_unregister(struct dio_probe *p)
{
	tracepoint_probe_unregister(p->tp, p->fn, NULL);
}

/* Before the first target. Sleeps. */
int dio_probe_start(void)
{
	int i, ret = 0;

	for (i = 0; !ret && i < ARRAY_SIZE(dio_probes); i++)
		ret = dio_probe_register(&dio_probes[i]);
	if (!ret)
		return 0;
	for (i -= 2; i >= 0; i--)
		dio_probe_unregister(&dio_probes[i]);
	tracepoint_synchronize_unregister();
	return ret;
}

/* After the last target: no probe runs when it returns. Sleeps. */
void dio_probe_stop(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(dio_probes); i++)
		dio_probe_unregister(&dio_probes[i]);
	tracepoint_synchronize_unregister();
}

/* The target hears of its interrupt from now on. Sleeps. */
int dio_probe_irq(struct dio_rt *t)
{
	int ret = 0;

	lockdep_assert_held(&dio_rt_lock);
	if (list_empty(&dio_probe_irqs))
		ret = dio_probe_register(&dio_irq_probe);
	if (!ret)
		list_add_tail_rcu(&t->irq_node, &dio_probe_irqs);
	return ret;
}

/* No probe knows the target when it returns. Sleeps. */
void dio_probe_irq_end(struct dio_rt *t)
{
	lockdep_assert_held(&dio_rt_lock);
	list_del_rcu(&t->irq_node);
	if (list_empty(&dio_probe_irqs))
		dio_probe_unregister(&dio_irq_probe);
	tracepoint_synchronize_unregister();
}
