// SPDX-License-Identifier: GPL-2.0
/*
 * kvm-dio's rules of a kept mask against the standard: random stores of all
 * widths, loads, events, function masks, MSI-X off and on, resets. MASK_ROUNDS sets
 * how many sequences (10^6). mask_mutants.sh runs this same program on a mask.c with
 * a wrong rule.
 */
#include <stdlib.h>

#include "kselftest_harness.h"
#include "mask_world.h"

#define TIMEOUT_S 300
#define STEPS 40		/* of a sequence */

static long rounds(void)
{
	const char *text = getenv("MASK_ROUNDS");

	return text ? atol(text) : 1000000;
}

static bool once_in(int n)
{
	return !(rand() % n);
}

static struct world_how any_how(unsigned int offset)
{
	return (struct world_how) {
		/* only a store across the page's start, and only without an event there */
		.slot = offset || !once_in(16),
		.settled = !once_in(64),
		.may = !once_in(32),
	};
}

static void any_message(u32 *word)
{
	word[0] = 0xfee00000 + rand() % 2 * 0x1000 + once_in(16);
	word[1] = once_in(8);
	word[2] = 0x21 + rand() % 2;
	word[3] = rand() % 2;
}

static void store(struct world *w, unsigned int v, unsigned int offset, unsigned int len,
		  const u32 *word)
{
	struct world_how how = any_how(offset);

	if (!how.slot && (w->waits[v] || w->vmm.pending[v] || w->spec.flying[v]))
		how.slot = true;
	world_store(w, v, offset, len, word, &how);
}

/* What the standard knows, and most drivers do. */
static void common_store(struct world *w, unsigned int v)
{
	u32 word[4];

	any_message(word);
	switch (rand() % 8) {
	case 0:
		store(w, v, 0, 4, word);
		break;
	case 1:
		store(w, v, 4, 4, word + 1);
		break;
	case 2:
		store(w, v, 8, 4, word + 2);
		break;
	default:
		store(w, v, DIO_MASK_CTRL, 4, word + 3);
	}
}

/* Quadwords, sixteen bytes, reserved bits, and what is no word at all. */
static void rare_store(struct world *w, unsigned int v)
{
	unsigned int offset = rand() % 16, len = 1 + rand() % 8;
	u32 word[4];

	any_message(word);
	switch (rand() % 6) {
	case 0:
		store(w, v, 0, 8, word);
		break;
	case 1:
		store(w, v, 8, 8, word + 2);
		break;
	case 2:
		store(w, v, 0, 16, word);
		break;
	case 3:
		word[3] |= 0x10000;
		store(w, v, DIO_MASK_CTRL, 4, word + 3);
		break;
	case 4:
		len = len < 16 - offset ? len : 16 - offset;
		store(w, v, offset, len, word);
		break;
	default:
		store(w, v, 4, 8, word + 1);
	}
}

/* Linux' change of affinity, with a message that is new or not. */
static void move(struct world *w, unsigned int v)
{
	u32 word[4];

	any_message(word);
	word[3] = 1;
	store(w, v, DIO_MASK_CTRL, 4, word + 3);
	world_event(w, v);
	store(w, v, 0, 4, word);
	store(w, v, 4, 4, word + 1);
	store(w, v, 8, 4, word + 2);
	word[3] = 0;
	store(w, v, DIO_MASK_CTRL, 4, word + 3);
}

static void pairs(struct world *w, unsigned int v)
{
	const u32 mask = 1, unmask = 0;
	int n = 1 + rand() % 4;

	while (n--) {
		store(w, v, DIO_MASK_CTRL, 4, &mask);
		if (once_in(2))
			world_event(w, v);
		store(w, v, DIO_MASK_CTRL, 4, &unmask);
	}
}

static bool any_load(struct world *w, unsigned int v)
{
	unsigned int len = once_in(4) ? 8 : 4;
	unsigned int offset = rand() % (16 / len) * len;

	return world_load(w, v, offset, len, !once_in(64));
}

static const char *step(struct world *w)
{
	unsigned int v = rand() % WORLD_VECTORS;

	if (once_in(8))
		w->late = true;
	switch (rand() % 16) {
	case 0 ... 3:
		world_event(w, v);
		break;
	case 4 ... 6:
		common_store(w, v);
		break;
	case 7:
		if (once_in(4))
			rare_store(w, v);
		break;
	case 8 ... 10:
		pairs(w, v);
		break;
	case 11:
		move(w, v);
		break;
	case 12:
		if (once_in(4))
			world_function(w, once_in(2));
		break;
	case 13:
		if (!w->spec.enabled || once_in(8))
			world_enable(w, !w->spec.enabled);
		if (once_in(32))
			world_reset(w);
		break;
	default:
		if (!any_load(w, v))
			return "a load of what was not stored";
	}
	if (w->late && once_in(2))
		world_main_loop(w);
	return w->late ? NULL : world_differs(w);
}

FIXTURE(mask) {
	struct world world;
	struct world_count sum;
};

FIXTURE_SETUP(mask)
{
	srand(20261128);
}

FIXTURE_TEARDOWN(mask)
{
}

static const char *sequence(struct world *w, struct world_count *sum)
{
	const char *what = NULL;
	int i;

	world_init(w);
	world_enable(w, true);
	for (i = 0; i < STEPS && !what; i++)
		what = step(w);
	sum->kept += w->count.kept;
	sum->pairs += w->count.pairs;
	sum->swallowed += w->count.swallowed;
	sum->forwarded += w->count.forwarded;
	sum->answered += w->count.answered;
	sum->events += w->count.events;
	return what;
}

TEST_F_TIMEOUT(mask, is_the_standards, TIMEOUT_S)
{
	struct world_count *sum = &self->sum;
	const char *what = NULL;
	long n;

	for (n = 0; n < rounds() && !what; n++)
		what = sequence(&self->world, sum);
	ASSERT_EQ(NULL, what) {
		TH_LOG("sequence %ld: %s", n, what);
	}
	TH_LOG("%ld sequences: %lu stores swallowed, %lu masks kept, %lu told late, %lu forwarded",
	       n, sum->swallowed, sum->kept, sum->pairs, sum->forwarded);
	TH_LOG("%lu loads answered, %lu events", sum->answered, sum->events);
	/* One that forwards everything would be right, too. */
	EXPECT_LT(n, (long)sum->kept);
	EXPECT_LT(n / 4, (long)sum->pairs);
	EXPECT_LT(n, (long)sum->answered);
}

TEST_HARNESS_MAIN
