// SPDX-License-Identifier: GPL-2.0-only
/*
 * The review: once a second, and when a thread ends, a CPU comes or goes or a
 * device is unbound. What was promised is checked against how things are now, in
 * the order of admission; what does not fit is suspended, and comes back when it
 * does.
 */
#include "dio_rt.h"

/* Reasons, which are also how a review knows its own suspensions. */
static const char dio_no_room[] = "no room on its CPUs";

/* Something that no review can mend. */
static const char *dio_review_over(struct dio_rt *t)
{
	if (READ_ONCE(t->exiting))
		return "the thread has ended";
	if (dio_vm_ended(t->vm))
		return "the VM has ended";
	return NULL;
}

static const char *dio_review_defeated(struct dio_rt *t)
{
	u64 interrupts = READ_ONCE(t->fast.n.interrupts);

	if (READ_ONCE(t->fast.gone))
		return "the device was unbound";
	if (t->in_force == SCHED_DEADLINE && dio_policy_foreign(t))
		return "another policy was set by somebody else";
	if (t->config.force || t->config.source != DIO_SCHED_SOURCE_DEVICE)
		return NULL;
	return dio_vm_defeated(t->vm, interrupts, READ_ONCE(t->fast.intx));
}

/* Is the promise still about the CPUs that the thread has, and do they have room? */
static bool dio_review_room(struct dio_rt *t)
{
	if (READ_ONCE(t->unpinned) && t->pinned)
		return false;
	return !dio_room_enter(t, t->config.runtime, t->config.period, NULL);
}

static void dio_review_active(struct dio_rt *t)
{
	const char *defeated = dio_review_defeated(t);

	if (defeated)
		dio_rt_suspend(t, defeated);
	else if (!dio_review_room(t))
		dio_rt_suspend(t, dio_no_room);
}

/* What was suspended for want of room comes back when there is some. */
static void dio_review_suspended(struct dio_rt *t)
{
	if (strcmp(t->reason, dio_no_room))
		return;
	if (!dio_rt_start(t, NULL)) {
		dio_rt_told(t);
		return;
	}
	t->state = DIO_SCHED_STATE_SUSPENDED;
	strscpy(t->reason, dio_no_room, sizeof(t->reason));
}

/* At most one event a second; and the line's handler may be another by now. */
static void dio_review_counts(struct dio_rt *t)
{
	u64 overruns = READ_ONCE(t->fast.n.overruns);

	if (overruns != t->overruns_told)
		dio_rt_told_overrun(t);
	t->overruns_told = overruns;
	WRITE_ONCE(t->fast.action, NULL);
}

/* With dio_rt_lock. Sleeps. */
void dio_review(void)
{
	struct dio_rt *t, *next;
	const char *over;

	list_for_each_entry_safe(t, next, &dio_rt_list, list) {
		over = dio_review_over(t);
		if (over) {
			dio_rt_end(t, over);
			continue;
		}
		dio_offline_review(t);
		if (t->state == DIO_SCHED_STATE_SUSPENDED)
			dio_review_suspended(t);
		else if (t->state == DIO_SCHED_STATE_ACTIVE)
			dio_review_active(t);
		if (t->config.mode == DIO_SCHED_MODE_AUTO &&
		    t->state != DIO_SCHED_STATE_SUSPENDED)
			dio_auto_step(t);
		dio_review_counts(t);
	}
}
