// SPDX-License-Identifier: GPL-2.0
/*
 * Admission against an exact model: fractions with one common denominator in
 * integers of 128 bits, every set of CPUs that some thread is confined to. The
 * wrong formulas at the end are seen to promise more than there is.
 */
#include "kselftest_harness.h"
#include "admit.h"
#include "random.h"

#define CPUS		6
#define ITEMS		64
#define REQUESTS	100000
#define wide		unsigned __int128
#define COMMON		4000000000ULL	/* every period divides it */

static const struct dio_admit_limits stock = {
	.period_min = 100000, .period_max = 4194304000ULL,
};

enum variant { RIGHT, ROUNDED_DOWN, NO_SERVER, DOMAIN_ONLY };

struct world {
	struct random random;
	enum variant kind;
	struct dio_admit_limits limits;
	u64 true_limit;			/* of one CPU, 2^-32 */
	unsigned long online;
	unsigned int n;
	u64 runtime[ITEMS], period[ITEMS];
	unsigned long cpus[ITEMS], told[ITEMS];
	struct dio_admit_item item[ITEMS];
	unsigned int requests, admitted, refused, over, under, edge;
};

static const unsigned long every = ~0UL;

static void world_init(struct world *w, enum variant kind, unsigned int servers)
{
	memset(w, 0, sizeof(*w));
	w->random.state = 1 + servers;
	w->kind = kind;
	w->online = (1UL << CPUS) - 1;
	w->limits = stock;
	w->true_limit = dio_admit_cpu_limit(950000, 1000000, servers);
	w->limits.cpu = dio_admit_cpu_limit(950000, 1000000, kind == NO_SERVER ? 0 : servers);
}

/* A divisor of COMMON, which is 2^11 * 5^9, of at least 100 us. */
static u64 some_period(struct random *r)
{
	u64 p;

	do {
		p = 1ULL << random_range(r, 0, 11);
		for (u64 i = random_range(r, 0, 9); i; i--)
			p *= 5;
	} while (p < stock.period_min);
	return p;
}

static unsigned long some_cpus(struct random *r)
{
	switch (random_range(r, 0, 3)) {
	case 0:
		return (1UL << CPUS) - 1;
	case 1:
		return random_range(r, 1, (1 << CPUS) - 1);
	default:
		return 1UL << random_range(r, 0, CPUS - 1);
	}
}

/* Exact sum of the threads confined to @cpus, in 1/COMMON. */
static wide exact_used(const struct world *w, unsigned long cpus)
{
	wide sum = 0;

	for (unsigned int i = 0; i < w->n; i++) {
		unsigned long live = w->cpus[i] & w->online;

		if (live && !(live & ~cpus))
			sum += (wide)w->runtime[i] * (COMMON / w->period[i]);
	}
	return sum;
}

/* By how much the set is over its limit, in 1/(COMMON * 2^32); 0: it is not. */
static wide exact_over(const struct world *w, unsigned long cpus)
{
	wide used = exact_used(w, cpus) << 32;
	wide limit = (wide)w->true_limit * COMMON *
		     (unsigned int)__builtin_popcountl(cpus & w->online);

	return used > limit ? used - limit : 0;
}

static wide exact_worst(const struct world *w)
{
	wide worst = exact_over(w, w->online), over;

	for (unsigned int i = 0; i < w->n; i++) {
		wide own = (wide)w->runtime[i] * (COMMON / w->period[i]) << 32;

		over = exact_over(w, w->cpus[i]);
		worst = over > worst ? over : worst;
		/* no thread has more than one CPU can give */
		over = own > (wide)w->true_limit * COMMON ? own - (wide)w->true_limit * COMMON : 0;
		worst = over > worst ? over : worst;
	}
	return worst;
}

static u64 bandwidth(const struct world *w, u64 runtime, u64 period)
{
	if (w->kind == ROUNDED_DOWN)
		return (runtime << 20) / period << 12;
	return dio_admit_bw(runtime, period);
}

static void put(struct world *w, unsigned int i, u64 runtime, u64 period, unsigned long cpus)
{
	w->runtime[i] = runtime;
	w->period[i] = period;
	w->cpus[i] = cpus;
	w->told[i] = w->kind == DOMAIN_ONLY ? every : cpus;
	w->item[i] = (struct dio_admit_item) { bandwidth(w, runtime, period), &w->told[i] };
}

/* What is left of @cpus in units of one @period, sometimes one too many. */
static u64 brim(struct world *w, unsigned long cpus, u64 period)
{
	wide limit = (wide)w->true_limit * (unsigned int)__builtin_popcountl(cpus & w->online);
	wide used = (exact_used(w, cpus) << 32) / COMMON;
	u64 left = used < limit ? (u64)(((limit - used) * period) >> 32) : 0;

	return left + random_range(&w->random, 0, 1);
}

static void request(struct world *w)
{
	struct random *r = &w->random;
	struct dio_admit_set set = { &w->online, 1, w->item, w->n };
	unsigned long cpus = some_cpus(r);
	struct dio_admit_answer answer;
	u64 period = some_period(r), runtime;
	wide over;

	w->requests++;
	runtime = random_range(r, 0, 2) ? random_range(r, 1024, period / 3) : brim(w, cpus, period);
	if (dio_admit_values(&w->limits, runtime, period) != DIO_ADMIT_OK)
		return;
	put(w, w->n, runtime, period, cpus);
	dio_admit(&w->limits, &set, &w->item[w->n], &answer);
	w->n++;
	over = exact_worst(w);
	if (answer.result == DIO_ADMIT_OK) {
		w->admitted++;
		w->over += over > 0;
		return;
	}
	w->refused++;
	/* rounding up may refuse what fits by less than 2^-32 a thread */
	if (!over) {
		w->edge++;
		put(w, w->n - 1, runtime > w->n ? runtime - 1 : runtime, period, cpus);
		w->item[w->n - 1].bw = answer.bw - w->n;
		set.n = w->n - 1;
		dio_admit(&w->limits, &set, &w->item[w->n - 1], &answer);
		w->under += answer.result != DIO_ADMIT_OK;
	}
	w->n--;
}

static void release(struct world *w)
{
	unsigned int i = random_range(&w->random, 0, w->n - 1), last = --w->n;

	put(w, i, w->runtime[last], w->period[last], w->cpus[last]);
}

static void run(struct world *w)
{
	while (w->requests < REQUESTS) {
		if (w->n == ITEMS || (w->n && !random_range(&w->random, 0, 3)))
			release(w);
		else
			request(w);
	}
}

FIXTURE(sequence) {
	struct world w;
};

FIXTURE_VARIANT(sequence) {
	unsigned int servers;
};

FIXTURE_VARIANT_ADD(sequence, no_server) {
	.servers = 0,
};

FIXTURE_VARIANT_ADD(sequence, fair_server) {
	.servers = 1,
};

FIXTURE_VARIANT_ADD(sequence, two_servers) {
	.servers = 2,
};

FIXTURE_SETUP(sequence)
{
}

FIXTURE_TEARDOWN(sequence)
{
}

TEST_F(sequence, never_more_than_there_is)
{
	world_init(&self->w, RIGHT, variant->servers);
	run(&self->w);
	TH_LOG("%u admitted, %u refused, %u of these within the rounding", self->w.admitted,
	       self->w.refused, self->w.edge);
	EXPECT_EQ(0, self->w.over);
	EXPECT_EQ(0, self->w.under);
	EXPECT_LT(10000, self->w.admitted);
	EXPECT_LT(10000, self->w.refused);
}

/* Negative controls: each of the wrong formulas is caught by the same model. */
TEST(a_bandwidth_rounded_down_promises_too_much)
{
	struct world w;

	world_init(&w, ROUNDED_DOWN, 1);
	run(&w);
	EXPECT_LT(0, w.over);
}

TEST(a_forgotten_fair_server_promises_too_much)
{
	struct world w;

	world_init(&w, NO_SERVER, 1);
	run(&w);
	EXPECT_LT(100, w.over);
}

TEST(the_root_domain_alone_promises_too_much)
{
	struct world w;

	world_init(&w, DOMAIN_ONLY, 1);
	run(&w);
	EXPECT_LT(100, w.over);
}

TEST(limits_of_the_kernel)
{
	EXPECT_EQ(DIO_ADMIT_ONE, dio_admit_cpu_limit(-1, 1000000, 0));
	EXPECT_EQ(996147ULL << 12, dio_admit_cpu_limit(950000, 1000000, 0));
	EXPECT_EQ((996147ULL - 52428) << 12, dio_admit_cpu_limit(950000, 1000000, 1));
	EXPECT_EQ((1048576ULL - 2 * 52428) << 12, dio_admit_cpu_limit(-1, 1000000, 2));
	EXPECT_EQ(0, dio_admit_cpu_limit(40000, 1000000, 1));
	EXPECT_EQ(0, dio_admit_cpu_limit(0, 1000000, 0));
}

TEST(values)
{
	static const struct { u64 runtime, period; enum dio_admit_result result; } row[] = {
		{ 1024, 100000, DIO_ADMIT_OK },
		{ 1023, 100000, DIO_ADMIT_RUNTIME_SHORT },
		{ 0, 100000, DIO_ADMIT_RUNTIME_SHORT },
		{ 100000, 100000, DIO_ADMIT_OK },
		{ 100001, 100000, DIO_ADMIT_RUNTIME_LONG },
		{ 1024, 99999, DIO_ADMIT_PERIOD_SHORT },
		{ 1024, 4194304000ULL, DIO_ADMIT_OK },
		{ 1024, 4194304001ULL, DIO_ADMIT_PERIOD_LONG },
		{ ~0ULL, ~0ULL, DIO_ADMIT_PERIOD_LONG },
		{ 1ULL << 63, 1000000, DIO_ADMIT_RUNTIME_LONG },
	};

	for (unsigned int i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		EXPECT_EQ(row[i].result, dio_admit_values(&stock, row[i].runtime, row[i].period));
	EXPECT_EQ(DIO_ADMIT_ONE, dio_admit_bw(4194304000ULL, 4194304000ULL));
	EXPECT_EQ(2, dio_admit_bw(1, 4194304000ULL));
}

/* Two halves of what a CPU may have fit, one unit more does not; numbers are said. */
TEST(two_fit_a_third_is_refused)
{
	unsigned long online = 3, cpu1 = 2;
	struct dio_admit_limits limits = stock;
	struct dio_admit_item item[2], third = { 1, &cpu1 };
	struct dio_admit_set set = { &online, 1, item, 1 };
	struct dio_admit_answer answer;

	limits.cpu = dio_admit_cpu_limit(950000, 1000000, 1);
	item[0] = (struct dio_admit_item) { limits.cpu / 2, &cpu1 };
	item[1] = item[0];
	dio_admit(&limits, &set, &item[1], &answer);
	EXPECT_EQ(DIO_ADMIT_OK, answer.result);
	set.n = 2;
	dio_admit(&limits, &set, &third, &answer);
	EXPECT_EQ(DIO_ADMIT_FULL, answer.result);
	EXPECT_EQ(limits.cpu, answer.used);
	EXPECT_EQ(limits.cpu, answer.limit);
	EXPECT_EQ(1, answer.cpu);
	EXPECT_EQ(1, answer.ncpus);
	EXPECT_EQ(limits.cpu, dio_admit_used(&set, &cpu1));
}

TEST(cpus_that_are_offline)
{
	unsigned long online = 1, cpu1 = 2, both = 3;
	struct dio_admit_limits limits = stock;
	struct dio_admit_item one = { DIO_ADMIT_ONE / 2, &cpu1 };
	struct dio_admit_item two = { DIO_ADMIT_ONE / 2, &both };
	struct dio_admit_set set = { &online, 1, &one, 1 };
	struct dio_admit_answer answer;

	limits.cpu = DIO_ADMIT_ONE * 9 / 10;
	dio_admit(&limits, &set, &one, &answer);
	EXPECT_EQ(DIO_ADMIT_NO_CPU, answer.result);
	dio_admit(&limits, &set, &two, &answer);
	EXPECT_EQ(DIO_ADMIT_OK, answer.result);
	EXPECT_EQ(1, answer.ncpus);
	EXPECT_EQ(0, answer.used);
}

TEST_HARNESS_MAIN
