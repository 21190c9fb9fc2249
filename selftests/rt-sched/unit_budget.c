// SPDX-License-Identifier: GPL-2.0
/*
 * The boost budget against a thread that wants the CPU without end, interrupts at
 * random and looks that come late. The negative control is a window without a
 * budget, which the same count finds.
 */
#include "kselftest_harness.h"
#include "budget.h"
#include "random.h"

#define MS		1000000ULL
#define SECONDS		1000000000ULL

struct boosted {
	struct dio_budget b;
	struct random random;
	bool forgets;		/* the wrong way: every window is a whole budget */
	u64 now, cpu;		/* the thread always runs, boosted or not */
	u64 used;		/* in windows */
	u64 windows, denied, late_max;
};

static void window(struct boosted *t)
{
	u64 again = t->b.left > 0 ? t->b.left : 0, begin = t->cpu, late;

	do {
		late = random_range(&t->random, 0, 200000);
		t->late_max = late > t->late_max ? late : t->late_max;
		t->now += again + late;
		t->cpu += again + late;
	} while (dio_budget_look(&t->b, t->now, t->cpu, false, &again) == DIO_BUDGET_RUNS);
	dio_budget_close(&t->b, t->now, t->cpu);
	t->used += t->cpu - begin;
	t->windows++;
}

static void interrupt(struct boosted *t)
{
	u64 gap = random_range(&t->random, 10000, 8 * MS);

	t->now += gap;
	t->cpu += gap;
	if (t->forgets)
		dio_budget_init(&t->b, t->b.budget, t->b.period);
	if (dio_budget_open(&t->b, t->now, t->cpu))
		window(t);
	else
		t->denied++;
}

static struct boosted runaway(u64 budget, u64 period, bool forgets)
{
	struct boosted t = { .random.state = budget, .forgets = forgets, .now = 5 };

	dio_budget_init(&t.b, budget, period);
	while (t.now < 600 * SECONDS)
		interrupt(&t);
	return t;
}

/* B/P of the time, one budget at the start, and the last window's lateness. */
static u64 bound(const struct boosted *t)
{
	return t->now / t->b.period * t->b.budget + t->b.budget + t->late_max;
}

TEST(a_runaway_gets_its_share_and_no_more)
{
	static const u64 budget[] = { 100000, 1 * MS, 3 * MS, 8 * MS };

	for (unsigned int i = 0; i < 4; i++) {
		struct boosted t = runaway(budget[i], 10 * MS, false);

		EXPECT_LE(t.used, bound(&t))
			TH_LOG("budget %llu: %llu of %llu", budget[i], t.used, t.now);
		EXPECT_LT(1000, t.windows);
		EXPECT_LT(1000, t.denied);
		/* nor much less, while its interrupts come */
		EXPECT_GE(t.used, bound(&t) / 3);
	}
}

TEST(without_a_budget_it_takes_more)
{
	struct boosted t = runaway(1 * MS, 10 * MS, true);

	EXPECT_GT(t.used, bound(&t));
}

/* A thread that sleeps in time is never refused, and nothing is lost or owed. */
TEST(a_punctual_thread_is_always_boosted)
{
	struct dio_budget b;
	u64 now = 1, cpu = 0, again;

	dio_budget_init(&b, 1 * MS, 5 * MS);
	for (unsigned int i = 0; i < 1000; i++, now += 5 * MS) {
		ASSERT_TRUE(dio_budget_open(&b, now, cpu));
		EXPECT_EQ(1 * MS, b.left);
		EXPECT_EQ(DIO_BUDGET_RUNS, dio_budget_look(&b, now, cpu, false, &again));
		EXPECT_EQ(1 * MS, again);
		cpu += 600000;
		EXPECT_EQ(DIO_BUDGET_ASLEEP,
			  dio_budget_look(&b, now + again, cpu, true, &again));
		dio_budget_close(&b, now + again, cpu);
		EXPECT_FALSE(b.open);
	}
}

TEST(what_is_left_of_a_period_is_used_in_it)
{
	struct dio_budget b;
	u64 again;

	dio_budget_init(&b, 2 * MS, 10 * MS);
	ASSERT_TRUE(dio_budget_open(&b, 100, 0));
	dio_budget_close(&b, 1 * MS, 500000);
	ASSERT_TRUE(dio_budget_open(&b, 3 * MS, 700000));
	EXPECT_EQ(1500000, b.left);
	/* open already: it goes on */
	EXPECT_TRUE(dio_budget_open(&b, 3 * MS, 700000));
	EXPECT_EQ(DIO_BUDGET_SPENT, dio_budget_look(&b, 5 * MS, 2200000, false, &again));
	dio_budget_close(&b, 5 * MS, 2200000);
	EXPECT_FALSE(dio_budget_open(&b, 10 * MS, 2200000));
	EXPECT_TRUE(dio_budget_open(&b, 10 * MS + 100, 2200000));
	EXPECT_EQ(2 * MS, b.left);
}

TEST(a_late_close_is_paid_later)
{
	struct dio_budget b;

	dio_budget_init(&b, 1 * MS, 10 * MS);
	ASSERT_TRUE(dio_budget_open(&b, 0, 0));
	/* closed 25 budgets late: 26 periods pass before there is one to spend */
	dio_budget_close(&b, 9 * MS, 26 * MS);
	EXPECT_EQ(-25 * (s64)MS, b.left);
	EXPECT_FALSE(dio_budget_open(&b, 100 * MS, 26 * MS));
	EXPECT_FALSE(dio_budget_open(&b, 250 * MS, 26 * MS));
	EXPECT_TRUE(dio_budget_open(&b, 260 * MS, 26 * MS));
	EXPECT_EQ(1 * MS, b.left);
}

TEST(an_open_window_is_refilled)
{
	struct dio_budget b;
	u64 again;

	dio_budget_init(&b, 1 * MS, 10 * MS);
	ASSERT_TRUE(dio_budget_open(&b, 0, 0));
	EXPECT_EQ(DIO_BUDGET_RUNS, dio_budget_look(&b, 9 * MS, 900000, false, &again));
	EXPECT_EQ(100000, again);
	EXPECT_EQ(DIO_BUDGET_RUNS, dio_budget_look(&b, 10 * MS, 950000, false, &again));
	EXPECT_EQ(1 * MS, b.left);
	dio_budget_close(&b, 10 * MS, 950000);
	dio_budget_close(&b, 10 * MS, 950000);
	EXPECT_EQ(1 * MS, b.left);
}

TEST_HARNESS_MAIN
