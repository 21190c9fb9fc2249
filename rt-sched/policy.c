// SPDX-License-Identifier: GPL-2.0-only
/*
 * The scheduling policy of a thread: what the module puts in force, and the way
 * back to the thread's own. Whatever somebody else sets meanwhile is theirs and
 * stays. SCHED_FLAG_DL_OVERRUN is never set: its SIGXCPU would end the monitor.
 */
#include <linux/hrtimer.h>
#include <linux/sched/deadline.h>
#include <uapi/linux/sched/types.h>

#include "dio_rt.h"

static void dio_own_save(struct dio_rt *t)
{
	struct task_struct *task = t->task;

	t->own = (struct dio_rt_own) {
		.policy = READ_ONCE(task->policy),
		.prio = READ_ONCE(task->rt_priority),
		.nice = task_nice(task),
		.reset_on_fork = task->sched_reset_on_fork,
		.slice = dio_task_slice(task),
		.timer_slack = READ_ONCE(task->timer_slack_ns),
	};
}

/* @attr is put in force; children of the thread start as ordinary ones. */
static int dio_policy_set(struct dio_rt *t, struct sched_attr *attr)
{
	int ret;

	lockdep_assert_held(&t->policy_lock);
	if (t->in_force == SCHED_NORMAL)
		dio_own_save(t);
	attr->size = sizeof(*attr);
	attr->sched_flags |= SCHED_FLAG_RESET_ON_FORK;
	ret = sched_setattr_nocheck(t->task, attr);
	if (!ret)
		t->in_force = attr->sched_policy;
	return ret;
}

/* Was the policy that is in force changed by somebody else? */
static bool dio_policy_taken(const struct dio_rt *t)
{
	return t->in_force != SCHED_NORMAL && READ_ONCE(t->task->policy) != t->in_force;
}

bool dio_policy_foreign(struct dio_rt *t)
{
	bool taken;

	mutex_lock(&t->policy_lock);
	taken = dio_policy_taken(t);
	mutex_unlock(&t->policy_lock);
	return taken;
}

/* SCHED_DEADLINE; -EBUSY: the kernel's own admission says no. Sleeps. */
int dio_policy_reserve(struct dio_rt *t, u64 runtime, u64 period)
{
	struct sched_attr attr = {
		.sched_policy = SCHED_DEADLINE,
		.sched_flags = t->config.reclaim ? SCHED_FLAG_RECLAIM : 0,
		.sched_runtime = runtime,
		.sched_deadline = period,
		.sched_period = period,
	};
	int ret;

	mutex_lock(&t->policy_lock);
	dio_still_begin(t);
	ret = dio_policy_taken(t) ? -EBUSY : dio_policy_set(t, &attr);
	dio_still_end(t, runtime, period);
	mutex_unlock(&t->policy_lock);
	return ret;
}

/* Deadline threads have no timer slack; the way back forgets a set one. */
static void dio_own_slack(struct dio_rt *t)
{
	task_lock(t->task);
	if (t->own.timer_slack)
		t->task->timer_slack_ns = t->own.timer_slack;
	task_unlock(t->task);
}

/*
 * The kernel forgets to take back the bandwidth of a thread that leaves SCHED_DEADLINE
 * while it sleeps and its 0-lag time has passed: switched_from_dl() starts no timer for
 * it then, and the root domain is short of it for ever. So it is started here. For a
 * thread that has left, the timer does nothing but take the bandwidth back and clear
 * dl_bw; if the thread comes back first, the kernel does the same and cancels it.
 */
static bool dio_own_bandwidth_started(struct task_struct *task)
{
	struct hrtimer *timer = &task->dl.inactive_timer;
	bool started = true;
	unsigned long flags;

	raw_spin_lock_irqsave(&task->pi_lock, flags);
	if (task->policy == SCHED_DEADLINE || !task->dl.dl_bw)
		goto out;
	if (!hrtimer_active(timer)) {
		get_task_struct(task);	/* the timer's, which it puts */
		hrtimer_start(timer, 0, HRTIMER_MODE_REL_HARD);
	} else {
		/* one that runs may be past its look at a thread that had not left yet */
		started = hrtimer_is_queued(timer);
	}
out:
	raw_spin_unlock_irqrestore(&task->pi_lock, flags);
	return started;
}

/* Waits while the timer's function runs, which waits for nothing but these locks. */
static void dio_own_bandwidth(struct task_struct *task)
{
	while (!dio_own_bandwidth_started(task))
		cpu_relax();
}

/*
 * The kernel keeps a thread throttled that leaves SCHED_DEADLINE so: the timer that
 * would replenish it finds it gone, and once it comes back nothing ever will. Its
 * fields are the timers' alone while it is away, and they hold pi_lock.
 */
static void dio_own_throttled(struct dio_rt *t)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&t->task->pi_lock, flags);
	if (t->task->policy != SCHED_DEADLINE && !dl_task(t->task))
		t->task->dl.dl_throttled = 0;
	raw_spin_unlock_irqrestore(&t->task->pi_lock, flags);
}

/* The thread's own policy comes back in place of a reservation. Sleeps, see still.c. */
static void dio_own_from_deadline(struct dio_rt *t, const struct sched_attr *attr)
{
	u64 runtime = READ_ONCE(t->task->dl.dl_runtime);
	u64 period = READ_ONCE(t->task->dl.dl_period);

	dio_still_begin(t);
	if (!(t->task->flags & PF_EXITING)) {
		if (!dio_policy_taken(t) && !sched_setattr_nocheck(t->task, attr))
			dio_own_slack(t);
		dio_own_throttled(t);
		dio_own_bandwidth(t->task);
	}
	dio_still_end(t, runtime, period);
}

/*
 * The thread's own policy comes back, with policy_lock. Its nice value is the one
 * of now: neither policy uses it, and somebody may have set it meanwhile. Sleeps.
 */
void dio_policy_own(struct dio_rt *t)
{
	struct sched_attr attr = {
		.size = sizeof(attr),
		.sched_policy = t->own.policy,
		.sched_priority = t->own.prio,
		.sched_nice = task_nice(t->task),
		.sched_flags = t->own.reset_on_fork ? SCHED_FLAG_RESET_ON_FORK : 0,
		.sched_runtime = t->own.slice,
	};

	lockdep_assert_held(&t->policy_lock);
	if (t->in_force == SCHED_DEADLINE)
		dio_own_from_deadline(t, &attr);
	t->in_force = SCHED_NORMAL;
}

/* Pin the thread as its configuration says; its own CPUs are kept. Sleeps. */
int dio_policy_pin(struct dio_rt *t)
{
	unsigned long flags;
	int ret;

	if (t->config.cpu == DIO_RT_NO_CPU || t->pinned)
		return 0;
	raw_spin_lock_irqsave(&t->task->pi_lock, flags);
	cpumask_copy(t->own_cpus, &t->task->cpus_mask);
	raw_spin_unlock_irqrestore(&t->task->pi_lock, flags);
	ret = set_cpus_allowed_ptr(t->task, cpumask_of(t->config.cpu));
	t->pinned = !ret;
	WRITE_ONCE(t->unpinned, false);
	return ret;
}

/* Its own CPUs again, unless somebody else gave it others. Sleeps. */
void dio_policy_unpin(struct dio_rt *t)
{
	if (t->pinned && (READ_ONCE(t->unpinned) ||
			  cpumask_equal(&t->task->cpus_mask, cpumask_of(t->config.cpu))))
		set_cpus_allowed_ptr(t->task, t->own_cpus);
	if (t->pinned)
		t->bound = DIO_RT_NO_CPU;
	t->pinned = false;
}
