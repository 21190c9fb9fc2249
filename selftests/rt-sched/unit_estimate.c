// SPDX-License-Identifier: GPL-2.0
/*
 * The estimator on synthetic devices: periods of 1 to 100 ms with jitter, lost
 * interrupts, bursts and pauses. A mean over a fixed number of interrupts, the
 * usual estimator, is the negative control that follows a burst.
 */
#include "kselftest_harness.h"
#include "estimate.h"
#include "random.h"

#define MS		1000000ULL
#define SECONDS		1000000000ULL

struct device {
	struct dio_est est;
	struct random random;
	u64 period, cost;
	u32 jitter, lost;	/* per cent of the period; of interrupts */
	u64 now, next, cpu;
	u64 mean;		/* of the control: 1/16 of each interval */
};

static void device_init(struct device *d, u64 period, u64 cost, u32 jitter, u32 lost)
{
	*d = (struct device) {
		.period = period, .cost = cost, .jitter = jitter, .lost = lost,
		.now = 1000, .next = 1000, .random.state = period + jitter, .mean = period,
	};
	dio_est_init(&d->est);
}

static void event(struct device *d, u64 now, u64 cost)
{
	d->mean = d->mean - d->mean / 16 + (now - d->now) / 16;
	d->now = now;
	d->cpu += cost;
	dio_est_event(&d->est, now, d->cpu);
}

/* Interrupts of the nominal grid for @time, each at its own distance from it. */
static void device_run(struct device *d, u64 time)
{
	u64 end = d->next + time, jitter = d->period * d->jitter / 100, at;

	for (; d->next < end; d->next += d->period) {
		at = d->next + random_range(&d->random, 0, jitter);
		if (random_range(&d->random, 1, 100) <= d->lost || at <= d->now)
			continue;
		event(d, at, d->cost + random_range(&d->random, 0, d->cost / 10));
	}
}

static bool near(u64 value, u64 expected)
{
	return value >= expected - expected / 10 && value <= expected + expected / 10;
}

static bool right(struct device *d)
{
	struct dio_est_result r;

	if (!dio_est_get(&d->est, &r))
		return false;
	if (near(r.period, d->period) && r.cost >= d->cost &&
	    r.cost <= d->cost + d->cost / 5)
		return true;
	printf("# period %llu of %llu, cost %llu of %llu (%u)\n", r.period, d->period, r.cost,
	       d->cost, r.costs);
	return false;
}

TEST(two_seconds_are_enough)
{
	static const u32 jitter[] = { 0, 5, 20 }, lost[] = { 0, 5 };
	struct device d;

	for (u64 us = 1000; us <= 100000; us += us / 7)
		for (unsigned int j = 0; j < 3; j++)
			for (unsigned int l = 0; l < 2; l++) {
				device_init(&d, us * 1000, us * 100, jitter[j], lost[l]);
				device_run(&d, 2 * SECONDS);
				EXPECT_TRUE(right(&d))
					TH_LOG("%llu us, %u, %u", us, jitter[j], lost[l]);
			}
}

TEST(a_change_is_followed_within_two_seconds)
{
	static const u64 to[] = { 1, 2, 5, 20, 50, 100 };
	struct device d;

	for (unsigned int from = 0; from < 6; from++)
		for (unsigned int i = 0; i < 6; i++) {
			device_init(&d, to[from] * MS, 50000, 2, 0);
			device_run(&d, 10 * SECONDS);
			d.period = to[i] * MS;
			device_run(&d, 2 * SECONDS);
			EXPECT_TRUE(near(d.est.period, d.period))
				TH_LOG("%llu to %llu ms: %llu", to[from], to[i], d.est.period);
		}
}

static void burst(struct device *d, unsigned int n, u64 apart)
{
	while (n--)
		event(d, d->now + apart, 10000);
	d->next = d->now + d->period;
}

TEST(a_burst_is_not_chased)
{
	struct device d;

	for (u64 ms = 1; ms <= 100; ms += ms < 10 ? 1 : 10) {
		device_init(&d, ms * MS, ms * 100000, 2, 0);
		device_run(&d, 3 * SECONDS);
		for (unsigned int i = 0; i < 5; i++) {
			burst(&d, 500, 20000);
			EXPECT_TRUE(right(&d))
				TH_LOG("after a burst, %llu ms", ms);
			/* the control has followed it */
			EXPECT_FALSE(near(d.mean, d.period));
			device_run(&d, SECONDS);
			EXPECT_TRUE(right(&d));
		}
	}
}

TEST(a_pause_is_not_chased)
{
	struct device d;

	device_init(&d, 5 * MS, 600000, 2, 0);
	device_run(&d, 3 * SECONDS);
	for (u64 pause = 20; pause < 3000; pause *= 2) {
		d.next += pause * MS;
		device_run(&d, 200 * MS);
		EXPECT_TRUE(right(&d))
			TH_LOG("after %llu ms", pause);
	}
}

TEST(few_dear_periods_do_not_set_the_cost)
{
	struct device d;
	struct dio_est_result r;

	device_init(&d, 5 * MS, 500000, 0, 0);
	device_run(&d, SECONDS);
	for (unsigned int i = 0; i < 2; i++) {
		event(&d, d.now + 5 * MS, 4 * MS);
		d.next = d.now + 5 * MS;
		device_run(&d, 200 * MS);
	}
	ASSERT_TRUE(dio_est_get(&d.est, &r));
	EXPECT_GE(600000, r.cost);
}

TEST(nothing_is_said_too_early)
{
	struct dio_est_result r;
	struct device d;

	device_init(&d, 5 * MS, 500000, 0, 0);
	EXPECT_FALSE(dio_est_get(&d.est, &r));
	device_run(&d, 30 * MS);
	EXPECT_FALSE(dio_est_get(&d.est, &r));
}

/* Times of no device at all: no overflow, no endless loop (UBSan looks on). */
TEST(any_times)
{
	struct random random = { 7 };
	struct dio_est_bounds bounds = { 100000, 4 * SECONDS, 50000, 25, 50 };
	u64 now = 0, cpu = 0, runtime, period;
	struct dio_est_result r;
	struct dio_est e;

	dio_est_init(&e);
	for (unsigned int i = 0; i < 1000000; i++) {
		now += random_next(&random) >> random_range(&random, 24, 63);
		cpu += random_next(&random) >> random_range(&random, 34, 63);
		dio_est_event(&e, now, cpu);
		if (i % 100 || !dio_est_get(&e, &r))
			continue;
		dio_est_params(&r, &bounds, &runtime, &period);
		ASSERT_LE(bounds.period_min, period);
		ASSERT_GE(bounds.period_max, period);
		ASSERT_LE(bounds.runtime_min, runtime);
		ASSERT_GE(period / 2, runtime);
	}
}

TEST(parameters)
{
	struct dio_est_bounds bounds = { 1 * MS, 1 * SECONDS, 100000, 25, 50 };
	struct dio_est_result r = { 5 * MS, 600000, 64 };
	u64 runtime, period;

	dio_est_params(&r, &bounds, &runtime, &period);
	EXPECT_EQ(5 * MS, period);
	EXPECT_EQ(750000, runtime);
	r.cost = 4 * MS;
	dio_est_params(&r, &bounds, &runtime, &period);
	EXPECT_EQ(5 * MS / 2, runtime);
	r = (struct dio_est_result) { 250000, 40000, 64 };
	dio_est_params(&r, &bounds, &runtime, &period);
	EXPECT_EQ(1 * MS, period);
	EXPECT_TRUE(near(runtime, 200000));
	r = (struct dio_est_result) { 5 * MS, 10, 64 };
	dio_est_params(&r, &bounds, &runtime, &period);
	EXPECT_EQ(100000, runtime);
}

TEST(steps)
{
	u64 have = 1000;
	unsigned int n = 0;

	EXPECT_EQ(1000, dio_est_step(1000, 1100));
	EXPECT_EQ(1000, dio_est_step(1000, 900));
	EXPECT_EQ(1200, dio_est_step(1000, 1200));
	EXPECT_EQ(1250, dio_est_step(1000, 1000000));
	EXPECT_EQ(750, dio_est_step(1000, 0));
	for (; have != dio_est_step(have, 10000); n++)
		have = dio_est_step(have, 10000);
	EXPECT_TRUE(near(have, 10000));
	EXPECT_LT(8, n);
}

TEST_HARNESS_MAIN
