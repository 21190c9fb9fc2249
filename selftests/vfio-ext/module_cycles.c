// SPDX-License-Identifier: GPL-2.0
/*
 * 100 times load, bind, use, unbind, unload: always the same result, and
 * nothing left behind in the kernel's memory.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "kselftest_harness.h"
#include "clock.h"
#include "kmod.h"
#include "memstat.h"
#include "owner.h"
#include "report.h"
#include "stage.h"

#define CYCLES 100
#define WARM_UP 5
#define OPEN_EVERY 10	/* a reset is slow, a leak at open shows in ten as well */
#define CYCLES_TIMEOUT_S 300

FIXTURE(cycles) {
	struct stage stage;
};

FIXTURE_SETUP(cycles)
{
	if (pcidev_find(&self->stage.dev, "edu_rp"))
		SKIP(return, "this machine has no device edu_rp");
}

FIXTURE_TEARDOWN(cycles)
{
	stage_close(&self->stage);
}

/* Unload both ways: after unbinding, and with the device still bound. */
static void cycle(struct __test_metadata *_metadata, struct stage *s, int i)
{
	struct mode permissive = MODE_PERMISSIVE;
	struct owner o;

	ASSERT_EQ(0, stage_open(s, &permissive));
	if (i % OPEN_EVERY == 0) {
		ASSERT_EQ(0, owner_open(&o, &s->dev));
		owner_close(&o);
	}
	dionl_close(&s->events);
	dionl_close(&s->nl);
	if (i % 2)
		pcidev_restore(&s->dev);
	ASSERT_EQ(0, kmod_unload(KMOD_DIO)) {
		say("cycle %d", i);
	}
	EXPECT_FALSE(kmod_loaded(KMOD_DIO));
	pcidev_restore(&s->dev);
}

TEST_F_TIMEOUT(cycles, load_and_unload, CYCLES_TIMEOUT_S)
{
	struct memstat *before = calloc(1, sizeof(*before));
	int cycles = CYCLES / clock_scale();
	struct memstat_growth g;
	int i, rc;

	ASSERT_NE(NULL, before);
	for (i = 0; i < WARM_UP; i++)
		cycle(_metadata, &self->stage, i);
	rc = memstat_take(before);
	for (i = 0; i < cycles; i++)
		cycle(_metadata, &self->stage, i);
	if (rc) {
		say("memory: %s, left to kmemleak", strerror(-rc));
		return;
	}
	/* One object in every second cycle would be caught. */
	ASSERT_EQ(0, memstat_compare(before, CYCLES / 2, &g));
	EXPECT_GT(CYCLES / 2, g.objects);
	EXPECT_GT(CYCLES / 2 * 4, g.vmalloc_kb);
	free(before);
}

/* Control of the instrument: half an object per cycle does not escape it. */
TEST(instrument_sees_a_leak)
{
	struct memstat *before = calloc(1, sizeof(*before));
	struct memstat_growth g;
	int i;

	ASSERT_NE(NULL, before);
	if (memstat_take(before))
		SKIP(return, "freed objects are held back here, kmemleak looks for leaks");
	for (i = 0; i < CYCLES / 2; i++)
		ASSERT_LE(0, epoll_create1(EPOLL_CLOEXEC));
	ASSERT_EQ(0, memstat_compare(before, CYCLES, &g));
	EXPECT_LE(CYCLES / 2, g.objects);
	free(before);
}

TEST_HARNESS_MAIN
