// SPDX-License-Identifier: GPL-2.0-only
/*
 * A window's priority is lent, as a waiter of an rt_mutex lends its own to the owner.
 *
 * A window opens and ends hundreds of times a second, and sched_setattr() has no
 * compare-and-set: what somebody else set between a look at the policy and the change
 * of it would be lost (seen: 14 of 3000 changes). So the thread's policy is left alone,
 * and its effective priority alone is raised, by the function that rt_mutexes raise it
 * by, under pi_lock, which whoever changes the policy takes too. The scheduler keeps
 * policies and loans apart: others' changes hold, a child inherits none of it.
 */
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/sched/rt.h>

#include "compat/kallsyms.h"
#include "compat/kthread.h"
#include "dio_rt.h"

DEFINE_STATIC_CALL_NULL(dio_lend_setprio, rt_mutex_setprio);

/* Its priority is the one that is lent: below every real-time thread of the host's own. */
static struct kthread_worker *dio_lender;

static bool dio_lend_fair(const struct task_struct *task)
{
	return task->policy == SCHED_NORMAL || task->policy == SCHED_BATCH ||
	       task->policy == SCHED_IDLE;
}

/*
 * Lend the thread SCHED_FIFO's lowest priority, until dio_lend_end(). Again while it
 * is lent: an rt_mutex that the thread released meanwhile has ended the loan. -EBUSY:
 * the thread is not fair, or owns an rt_mutex somebody waits for and has his priority.
 */
int dio_lend_begin(struct dio_rt *t)
{
	struct task_struct *task = t->task;
	unsigned long flags;
	int ret = -EBUSY;

	lockdep_assert_held(&t->policy_lock);
	raw_spin_lock_irqsave(&task->pi_lock, flags);
	if (dio_lend_fair(task) && RB_EMPTY_ROOT(&task->pi_waiters.rb_root)) {
		static_call(dio_lend_setprio)(task, dio_lender->task);
		t->lent = true;
		ret = 0;
	}
	raw_spin_unlock_irqrestore(&task->pi_lock, flags);
	return ret;
}

/* While others wait for an rt_mutex of the thread, what is lent is theirs. */
void dio_lend_end(struct dio_rt *t)
{
	struct task_struct *task = t->task;
	unsigned long flags;

	lockdep_assert_held(&t->policy_lock);
	if (!t->lent)
		return;
	raw_spin_lock_irqsave(&task->pi_lock, flags);
	if (RB_EMPTY_ROOT(&task->pi_waiters.rb_root))
		static_call(dio_lend_setprio)(task, NULL);
	raw_spin_unlock_irqrestore(&task->pi_lock, flags);
	t->lent = false;
}

/* Is there what windows need? */
bool dio_lend_known(void)
{
	return dio_lender;
}

int __init dio_lend_init(void)
{
	unsigned long setprio = dio_symbol_by_probe("rt_mutex_setprio");
	struct kthread_worker *lender;

	if (!setprio) {
		pr_warn("rt_mutex_setprio is not found: no boosts\n");
		return 0;
	}
	static_call_update(dio_lend_setprio, (void *)setprio);
	lender = dio_kthread_run_worker(0, "dio_rt_lender");
	if (IS_ERR(lender))
		return PTR_ERR(lender);
	sched_set_fifo_low(lender->task);
	dio_lender = lender;
	return 0;
}

/* Nobody has a loan. */
void dio_lend_exit(void)
{
	if (dio_lender)
		kthread_destroy_worker(dio_lender);
}
