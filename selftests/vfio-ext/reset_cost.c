// SPDX-License-Identifier: GPL-2.0
/*
 * What verification costs: VFIO_DEVICE_RESET of an igb PF, plain FLR against
 * verified FLR in the same boot.  Configuration accesses are counted exactly
 * by kprobes, in rounds of their own, so that the probes are not in the time.
 */
#include <string.h>

#include "kselftest_harness.h"
#include "clock.h"
#include "kcount.h"
#include "owner.h"
#include "report.h"
#include "stage.h"

#define SAMPLES 9
#define MORE_ACCESSES_MAX 60
#define MORE_MS_MAX 10.0

static const char *const config_functions[] = { KCOUNT_CONFIG };

struct cost {
	double ms;		/* median, without the wait for the device to be idle */
	long accesses;		/* of one reset, largest seen */
};

FIXTURE(cost) {
	struct stage stage;
	struct owner owner;
};

FIXTURE_SETUP(cost)
{
	self->owner = (struct owner)OWNER_INIT;
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
	double ms[SAMPLES];
	int i;

	for (i = 0; i < SAMPLES; i++) {
		stage_drain(&self->stage);
		ms[i] = clock_ms();
		ASSERT_EQ(0, owner_reset(&self->owner));
		ms[i] = clock_ms() - ms[i];
		ms[i] -= idle_ms(&self->stage);
	}
	cost->ms = clock_median(ms, SAMPLES);
}

static void measure_accesses(struct __test_metadata *_metadata, FIXTURE_DATA(cost) *self,
			     struct cost *cost)
{
	long before, now;
	int i;

	ASSERT_EQ(0, kcount_start(config_functions, ARRAY_SIZE(config_functions)));
	for (i = 0; i < 3; i++) {
		before = kcount_total();
		ASSERT_EQ(0, owner_reset(&self->owner));
		now = kcount_total();
		if (now - before > cost->accesses)
			cost->accesses = now - before;
	}
	kcount_stop();
}

static void measure(struct __test_metadata *_metadata, FIXTURE_DATA(cost) *self,
		    const struct mode *mode, struct cost *cost)
{
	memset(cost, 0, sizeof(*cost));
	ASSERT_EQ(0, stage_open(&self->stage, mode));
	ASSERT_EQ(0, owner_open(&self->owner, &self->stage.dev));
	owner_enable(&self->owner, COMMAND_MEM | COMMAND_BME);
	measure_time(_metadata, self, cost);
	measure_accesses(_metadata, self, cost);
	owner_close(&self->owner);
	stage_close(&self->stage);
	say("igb_pf %s: VFIO_DEVICE_RESET %.1f ms (median of %d), %ld configuration accesses",
	    mode->driver, cost->ms, SAMPLES, cost->accesses);
}

TEST_F(cost, diok)
{
	struct mode stock = MODE_STOCK, permissive = MODE_PERMISSIVE;
	struct cost plain, verified;

	measure(_metadata, self, &stock, &plain);
	/* The instrument sees a plain FLR: its own accesses, its 100 ms. */
	EXPECT_LT(20, plain.accesses);
	EXPECT_LE(100.0, plain.ms);
	measure(_metadata, self, &permissive, &verified);
	say("igb_pf verified FLR: %+.1f ms, %+ld configuration accesses", verified.ms - plain.ms,
	    verified.accesses - plain.accesses);
	EXPECT_GE(MORE_MS_MAX, verified.ms - plain.ms);
	EXPECT_GE(MORE_ACCESSES_MAX, verified.accesses - plain.accesses);
}

/* Observing verifies as well, and costs no more. */
TEST_F(cost, diok_observe)
{
	struct mode stock = MODE_STOCK, observe = MODE_OBSERVE;
	struct cost plain, observed;

	measure(_metadata, self, &stock, &plain);
	measure(_metadata, self, &observe, &observed);
	EXPECT_GE(MORE_MS_MAX, observed.ms - plain.ms);
	EXPECT_GE(MORE_ACCESSES_MAX, observed.accesses - plain.accesses);
}

TEST_HARNESS_MAIN
