// SPDX-License-Identifier: GPL-2.0
/*
 * What verification costs: VFIO_DEVICE_RESET of an igb PF, plain FLR against
 * verified FLR in the same boot.  Configuration accesses are counted exactly
 * by kprobes, in resets of their own, so that the probes are not in the time.
 * Rule for the time: the drivers take turns, and the fastest reset of each is
 * compared, because a busy machine only ever adds; medians are printed.
 */
#include <string.h>

#include "kselftest_harness.h"
#include "clock.h"
#include "kcount.h"
#include "owner.h"
#include "report.h"
#include "stage.h"

#define TURNS_MIN 3
#define TURNS_MAX 12		/* while the limit is exceeded: the noise of a busy host */
#define SAMPLES 5		/* of each turn */
#define COUNTED 3
#define MORE_ACCESSES_MAX 60
#define MORE_MS_MAX 10.0
#define FLR_MS 100.0		/* that the specification gives the device */
#define COST_TIMEOUT_S 120

static const char *const config_functions[] = { KCOUNT_CONFIG };

enum driver { STOCK, OBSERVE, PERMISSIVE, DRIVERS };

struct cost {
	const char *name;
	struct mode mode;
	double ms[TURNS_MAX * SAMPLES];	/* without the wait for an idle device */
	int samples;
	double fastest, median;
	long accesses;			/* of one reset, the most seen */
};

FIXTURE(cost) {
	struct stage stage;
	struct owner owner;
	struct cost cost[DRIVERS];
};

FIXTURE_SETUP(cost)
{
	const struct cost drivers[DRIVERS] = {
		[STOCK] = { .name = "vfio-pci", .mode = MODE_STOCK },
		[OBSERVE] = { .name = "dio-vfio-pci observe", .mode = MODE_OBSERVE },
		[PERMISSIVE] = { .name = "dio-vfio-pci permissive", .mode = MODE_PERMISSIVE },
	};

	self->owner = (struct owner)OWNER_INIT;
	memcpy(self->cost, drivers, sizeof(drivers));
	if (pcidev_find(&self->stage.dev, "igb_pf"))
		SKIP(return, "this machine has no device igb_pf");
}

FIXTURE_TEARDOWN(cost)
{
	kcount_stop();
	owner_close(&self->owner);
	stage_close(&self->stage);
}

static double idle_ms(struct stage *s)
{
	struct dionl_reset rec;

	memset(&rec, 0, sizeof(rec));
	if (mode_is_dio(&s->mode))
		dionl_events(&s->events, s->dev.addr, &rec, 1, 0);
	return rec.idle_time;
}

static void measure_time(struct __test_metadata *_metadata, FIXTURE_DATA(cost) *self,
			 struct cost *cost)
{
	double ms;
	int i;

	for (i = 0; i < SAMPLES; i++) {
		stage_drain(&self->stage);
		ms = clock_ms();
		ASSERT_EQ(0, owner_reset(&self->owner));
		ms = clock_ms() - ms;
		cost->ms[cost->samples++] = ms - idle_ms(&self->stage);
	}
}

static void measure_accesses(struct __test_metadata *_metadata, FIXTURE_DATA(cost) *self,
			     struct cost *cost)
{
	long before, n;
	int i;

	ASSERT_EQ(0, kcount_start(config_functions, ARRAY_SIZE(config_functions)));
	for (i = 0; i < COUNTED; i++) {
		before = kcount_total();
		ASSERT_EQ(0, owner_reset(&self->owner));
		n = kcount_total() - before;
		if (n > cost->accesses)
			cost->accesses = n;
	}
	kcount_stop();
}

static void take_turn(struct __test_metadata *_metadata, FIXTURE_DATA(cost) *self,
		      struct cost *cost)
{
	ASSERT_EQ(0, stage_open(&self->stage, &cost->mode));
	ASSERT_EQ(0, owner_open(&self->owner, &self->stage.dev));
	owner_enable(&self->owner, COMMAND_MEM | COMMAND_BME);
	measure_time(_metadata, self, cost);
	if (!cost->accesses)
		measure_accesses(_metadata, self, cost);
	owner_close(&self->owner);
	stage_close(&self->stage);
}

static void take_turns(struct __test_metadata *_metadata, FIXTURE_DATA(cost) *self)
{
	struct cost *c;

	for (c = self->cost; c < self->cost + DRIVERS; c++) {
		take_turn(_metadata, self, c);
		c->median = clock_median(c->ms, c->samples);
		c->fastest = c->ms[0];	/* sorted now */
	}
}

static double more_ms(FIXTURE_DATA(cost) *self, enum driver driver)
{
	return self->cost[driver].fastest - self->cost[STOCK].fastest;
}

static void check(struct __test_metadata *_metadata, FIXTURE_DATA(cost) *self, enum driver driver)
{
	const struct cost *c = &self->cost[driver];
	long more = c->accesses - self->cost[STOCK].accesses;

	say("igb_pf %s: %+.1f ms (limit %.0f), %+ld configuration accesses (limit %d)", c->name,
	    more_ms(self, driver), MORE_MS_MAX, more, MORE_ACCESSES_MAX);
	EXPECT_GE(MORE_MS_MAX, more_ms(self, driver));
	EXPECT_GE(MORE_ACCESSES_MAX, more);
}

TEST_F_TIMEOUT(cost, verified_flr, COST_TIMEOUT_S)
{
	struct cost *c;
	int turn;

	for (turn = 0; turn < TURNS_MAX; turn++) {
		if (turn >= TURNS_MIN && more_ms(self, OBSERVE) <= MORE_MS_MAX &&
		    more_ms(self, PERMISSIVE) <= MORE_MS_MAX)
			break;
		take_turns(_metadata, self);
	}
	for (c = self->cost; c < self->cost + DRIVERS; c++)
		say("igb_pf %s: VFIO_DEVICE_RESET %.1f ms (median of %d: %.1f), %ld configuration accesses",
		    c->name, c->fastest, c->samples, c->median, c->accesses);
	/* The instrument sees a plain FLR: its own accesses, its 100 ms. */
	EXPECT_LT(20, self->cost[STOCK].accesses);
	EXPECT_LE(FLR_MS, self->cost[STOCK].fastest);
	check(_metadata, self, OBSERVE);
	check(_metadata, self, PERMISSIVE);
}

TEST_HARNESS_MAIN
