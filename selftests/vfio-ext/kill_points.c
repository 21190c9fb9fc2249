// SPDX-License-Identifier: GPL-2.0
/*
 * An owner that dies anywhere.  It walks open, map, plant, DMA, reset, irq,
 * close in a loop and is killed in turn at a named step and at a seeded random
 * time within the measured length of the walk.  After each death the device is
 * verified or quarantined, nothing of the dead owner reaches the next one, and
 * the next one works.  Kernel memory does not grow.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>

#include "kselftest_harness.h"
#include "canary.h"
#include "clock.h"
#include "edu.h"
#include "memstat.h"
#include "owner.h"
#include "report.h"
#include "stage.h"
#include "victim.h"

#define WARM_UP 4
#define SEED 20110705
#define IOVA 0x10000000ull
#define STALE 0xdeadbeefu	/* what the device's buffer holds */
#define STEP_BOUND_MS 10000
#define KILL_TIMEOUT_S 400
#define FULL_CHECK 5		/* every so many rounds the next owner does DMA itself */
#define LATE_MS 130		/* a stale transfer would have landed by then */

enum point { OPENED = 1, MAPPED, PLANTED, DMA, RESETTING, RESET, IRQ, CLOSED, POINTS };

FIXTURE(kill) {
	struct stage stage;
	struct owner owner;
	struct victim victim;
	uint32_t *page;
	double walk_ms;		/* one undisturbed walk */
	int quarantined, stale_words;
};

FIXTURE_VARIANT(kill) {
	struct mode mode;
	int rounds;
	bool memory;	/* rounds enough to tell a leak from noise */
};

FIXTURE_VARIANT_ADD(kill, stock) { .mode = MODE_STOCK, .rounds = 5 };
FIXTURE_VARIANT_ADD(kill, diok_permissive) { .mode = MODE_PERMISSIVE, .rounds = 16 };
FIXTURE_VARIANT_ADD(kill, diok_strict) { .mode = MODE_STRICT, .rounds = 50,
					 .memory = true };

FIXTURE_SETUP(kill)
{
	self->owner = (struct owner)OWNER_INIT;
	STAGE_SETUP(&self->stage, "edu_rp", &variant->mode);
	self->page = mmap(NULL, EDU_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			  -1, 0);
	ASSERT_NE(MAP_FAILED, self->page)
		stage_close(&self->stage);
}

FIXTURE_TEARDOWN(kill)
{
	victim_free(&self->victim);
	owner_close(&self->owner);
	stage_close(&self->stage);
}

static void must(volatile struct victim_shared *shared, int rc)
{
	if (rc)
		victim_fail(shared, rc);
}

static void walk(volatile struct victim_shared *shared, struct stage *s, void *page, int irq)
{
	struct canary_set canaries;
	struct owner o;

	must(shared, owner_open(&o, &s->dev));
	victim_reach(shared, OPENED);
	must(shared, owner_map(&o, page, IOVA, EDU_SIZE));
	victim_reach(shared, MAPPED);
	owner_enable(&o, COMMAND_MEM | COMMAND_BME);
	canary_init(&canaries, &s->dev, canary_edu);
	canary_plant(&canaries, &o.mmio);
	victim_reach(shared, PLANTED);
	edu_start(&o.mmio, IOVA);
	victim_reach(shared, DMA);
	victim_reach(shared, RESETTING);
	must(shared, owner_reset(&o));
	victim_reach(shared, RESET);
	must(shared, owner_irq(&o, VFIO_PCI_MSI_IRQ_INDEX, irq));
	edu_start(&o.mmio, IOVA);
	victim_reach(shared, IRQ);
	owner_close(&o);
	victim_reach(shared, CLOSED);
}

static void walk_for_ever(volatile struct victim_shared *shared, void *arg)
{
	FIXTURE_DATA(kill) *self = arg;
	void *page = mmap(NULL, EDU_SIZE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int irq = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

	for (;;)
		walk(shared, &self->stage, page, irq);
}

/* The device's buffer keeps this pattern: every stale write is recognised. */
static void prepare(struct __test_metadata *_metadata, FIXTURE_DATA(kill) *self)
{
	struct victim v;
	int i;

	ASSERT_EQ(0, owner_open(&self->owner, &self->stage.dev));
	ASSERT_EQ(0, owner_map(&self->owner, self->page, IOVA, EDU_SIZE));
	owner_enable(&self->owner, COMMAND_MEM | COMMAND_BME);
	for (i = 0; i < EDU_WORDS; i++)
		self->page[i] = STALE;
	ASSERT_EQ(0, edu_load(&self->owner.mmio, IOVA));
	owner_close(&self->owner);
	ASSERT_EQ(0, victim_start(&v, CLOSED, walk_for_ever, self));
	ASSERT_EQ(0, victim_wait(&v, CLOSED, STEP_BOUND_MS));
	self->walk_ms = v.shared->at[CLOSED] - v.shared->at[OPENED];
	victim_free(&v);
	say("one walk: %.1f ms, seed %d", self->walk_ms, SEED);
}

/* Even rounds: at a named step.  Odd ones: at a random time. */
static void kill_owner(struct __test_metadata *_metadata, FIXTURE_DATA(kill) *self, int round)
{
	int hold = round % 2 ? 0 : 1 + round / 2 % (POINTS - 1);
	double at = drand48() * self->walk_ms;

	ASSERT_EQ(0, victim_start(&self->victim, hold, walk_for_ever, self));
	if (!hold)
		usleep(at * 1000);
	ASSERT_EQ(0, victim_wait(&self->victim, hold, STEP_BOUND_MS));
	victim_free(&self->victim);
}

static void check_state(struct __test_metadata *_metadata, FIXTURE_DATA(kill) *self, int round)
{
	int state = stage_state(&self->stage);

	if (state < 0)
		return;
	EXPECT_TRUE(state == DIO_VFIO_STATE_CLEAN || state == DIO_VFIO_STATE_QUARANTINED) {
		say("round %d: state %s", round, dionl_state_name(state));
	}
	if (state != DIO_VFIO_STATE_QUARANTINED)
		return;
	self->quarantined++;
	EXPECT_EQ(0, dionl_dev_release(&self->stage.nl, self->stage.dev.addr));
}

/* The next owner's own DMA works and goes where it is told. */
static void check_dma(struct __test_metadata *_metadata, FIXTURE_DATA(kill) *self)
{
	edu_start(&self->owner.mmio, IOVA);
	EXPECT_TRUE(wait_until(edu_words(self->page, STALE) == EDU_WORDS,
			       STEP_BOUND_MS * clock_scale()));
}

static void next_owner(struct __test_metadata *_metadata, FIXTURE_DATA(kill) *self, int round,
		       bool stock)
{
	memset(self->page, 0x22, EDU_SIZE);
	ASSERT_EQ(0, owner_open(&self->owner, &self->stage.dev));
	ASSERT_EQ(0, owner_map(&self->owner, self->page, IOVA, EDU_SIZE));
	owner_enable(&self->owner, COMMAND_MEM | COMMAND_BME);
	if (stock) {
		wait_until(edu_words(self->page, STALE), LATE_MS);
	} else {
		/* Nothing runs, so nothing can land later. */
		EXPECT_FALSE(edu_busy(&self->owner.mmio));
	}
	self->stale_words += edu_words(self->page, STALE);
	if (!stock && round % FULL_CHECK == 0)
		check_dma(_metadata, self);
	owner_close(&self->owner);
}

static void run_rounds(struct __test_metadata *_metadata, FIXTURE_DATA(kill) *self, int rounds)
{
	int i;

	for (i = 0; i < rounds; i++) {
		kill_owner(_metadata, self, i);
		check_state(_metadata, self, i);
		next_owner(_metadata, self, i, false);
	}
}

/* A leak of one object every second round is caught; noise is far below. */
static void check_memory(struct __test_metadata *_metadata, const struct memstat *before,
			 int rounds)
{
	struct memstat_growth g;

	ASSERT_EQ(0, memstat_compare(before, rounds / 2, &g));
	EXPECT_GT(rounds / 2, g.objects);
	EXPECT_GT(rounds / 2 * 4, g.vmalloc_kb);
}

/* Control: on stock a dead owner's DMA does reach the next owner's page. */
static void run_stock(struct __test_metadata *_metadata, FIXTURE_DATA(kill) *self, int rounds)
{
	int i;

	for (i = 0; i < rounds; i++) {
		ASSERT_EQ(0, victim_start(&self->victim, DMA, walk_for_ever, self));
		ASSERT_EQ(0, victim_wait(&self->victim, DMA, STEP_BOUND_MS));
		victim_free(&self->victim);
		next_owner(_metadata, self, i, true);
	}
	say("stock: %d words of next owners overwritten in %d deaths", self->stale_words,
	    rounds);
	EXPECT_LE(EDU_WORDS, self->stale_words);
}

TEST_F_TIMEOUT(kill, walk, KILL_TIMEOUT_S)
{
	struct memstat *before = calloc(1, sizeof(*before));
	int rounds = variant->rounds / clock_scale();
	int memory;

	ASSERT_NE(NULL, before);
	srand48(SEED);
	prepare(_metadata, self);
	if (!mode_is_dio(&variant->mode)) {
		if (clock_scale() > 1)
			SKIP(return, "too slow here to be an owner within edu's 100 ms");
		run_stock(_metadata, self, variant->rounds);
		return;
	}
	run_rounds(_metadata, self, WARM_UP);
	stage_drain(&self->stage);	/* unread events are memory, too */
	memory = memstat_take(before);
	run_rounds(_metadata, self, rounds);
	stage_drain(&self->stage);
	say("%d deaths: %d words of next owners overwritten, %d times quarantined",
	    WARM_UP + rounds, self->stale_words, self->quarantined);
	EXPECT_EQ(0, self->stale_words);
	if (memory)
		say("memory: %s, left to kmemleak", strerror(-memory));
	else if (variant->memory)
		check_memory(_metadata, before, rounds);
	free(before);
}

TEST_HARNESS_MAIN
