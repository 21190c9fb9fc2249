// SPDX-License-Identifier: GPL-2.0-only
/*
 * Auto: a reserve whose runtime and period come from the estimator. They are
 * applied when two estimates a second apart agree, and then follow by a quarter a
 * second at most, within the bounds of the configuration. Until then the thread is
 * boosted: a device that is served too late shows another period than its own.
 */
#include "dio_rt.h"

/* A shorter reservation costs more in switches than it is worth. */
#define DIO_AUTO_RUNTIME_MIN	(50 * NSEC_PER_USEC)
#define DIO_AUTO_PERIOD_MIN	(200 * NSEC_PER_USEC)
#define DIO_AUTO_PERIOD_MAX	NSEC_PER_SEC
/* Period of the boost of one that learns; its budget is the share. */
#define DIO_AUTO_LEARN		(10 * NSEC_PER_MSEC)

/* What auto would take now; false: not enough was seen. */
bool dio_auto_estimate(struct dio_rt *t, struct dio_est_result *r, u64 *runtime, u64 *period)
{
	struct dio_est_bounds bounds = {
		.period_min = DIO_AUTO_PERIOD_MIN,
		.period_max = DIO_AUTO_PERIOD_MAX,
		.runtime_min = DIO_AUTO_RUNTIME_MIN,
		.margin = t->config.margin,
		.share_max = t->config.share,
	};
	bool known;

	raw_spin_lock_irq(&t->fast_lock);
	known = dio_est_get(&t->fast.est, r);
	raw_spin_unlock_irq(&t->fast_lock);
	if (!known)
		return false;
	dio_est_params(r, &bounds, runtime, period);
	return true;
}

/* Boost the thread while its numbers are not known, if there is room. Sleeps. */
void dio_auto_learn(struct dio_rt *t)
{
	u64 budget = div_u64(DIO_AUTO_LEARN * t->config.share, 100);

	if (dio_lend_known() && !dio_room_enter(t, budget, DIO_AUTO_LEARN, NULL))
		dio_boost_arm(t, budget, DIO_AUTO_LEARN);
}

/* Is there still room, on the CPUs of now? */
static void dio_auto_learning(struct dio_rt *t)
{
	u64 budget = div_u64(DIO_AUTO_LEARN * t->config.share, 100);

	if (!t->bw || !dio_room_enter(t, budget, DIO_AUTO_LEARN, NULL))
		return;
	dio_boost_disarm(t);
	t->bw = 0;
}

static int dio_auto_put(struct dio_rt *t)
{
	if (t->state != DIO_SCHED_STATE_OBSERVING)
		return dio_room_enter(t, t->config.runtime, t->config.period, NULL) ?:
		       dio_policy_reserve(t, t->config.runtime, t->config.period);
	dio_boost_disarm(t);
	t->bw = 0;
	return dio_rt_start(t, NULL);
}

static void dio_auto_apply(struct dio_rt *t, u64 runtime, u64 period)
{
	u64 runtime_old = t->config.runtime, period_old = t->config.period;

	if (runtime == runtime_old && period == period_old)
		return;
	t->config.runtime = runtime;
	t->config.period = period;
	if (dio_auto_put(t)) {
		/* there is no room for the change: as before */
		t->config.runtime = runtime_old;
		t->config.period = period_old;
		if (runtime_old)
			dio_room_enter(t, runtime_old, period_old, NULL);
		else
			dio_auto_learn(t);
		return;
	}
	t->steps++;
	dio_rt_told(t);
}

/* A reservation that was used up says that its cost was not seen whole. */
static u64 dio_auto_more(struct dio_rt *t, u64 runtime, u64 most)
{
	u64 overruns = READ_ONCE(t->fast.n.overruns);
	bool more = overruns != t->overruns_seen;

	t->overruns_seen = overruns;
	if (!more || !t->config.runtime)
		return runtime;
	return min(max(runtime, t->config.runtime + t->config.runtime / 4), most);
}

/* Once a second, with dio_rt_lock. Sleeps. */
void dio_auto_step(struct dio_rt *t)
{
	u64 runtime, period, last = t->est_last;
	struct dio_est_result r;

	if (t->state == DIO_SCHED_STATE_OBSERVING)
		dio_auto_learning(t);
	if (!dio_auto_estimate(t, &r, &runtime, &period))
		return;
	t->est_last = period;
	if (dio_est_step(last, period) != last)
		return;
	runtime = dio_auto_more(t, runtime, div_u64(period * t->config.share, 100));
	if (t->config.runtime) {
		period = dio_est_step(t->config.period, period);
		runtime = min(dio_est_step(t->config.runtime, runtime),
			      div_u64(period * t->config.share, 100));
	}
	dio_auto_apply(t, runtime, period);
}
