// SPDX-License-Identifier: GPL-2.0
/*
 * The MTRR resolver of the module against a slow model, under ASan and UBSan:
 * random registers of every physical address width, types at addresses that tell
 * something, blocks, changes.  MTRR_ROUNDS sets how many programmings (10^6).
 * mtrr_mutants.sh runs this same program on resolvers with a wrong rule.
 */
#include <stdio.h>
#include <stdlib.h>

#include "kselftest_harness.h"
#include "mtrr_model.h"

#define ADDRESSES 6		/* looked at per programming */
#define SPANS 64
#define TIMEOUT_S 600

static long rounds(void)
{
	const char *text = getenv("MTRR_ROUNDS");

	return text ? atol(text) : 1000000;
}

FIXTURE(mtrr) {
	struct dio_mtrr_regs regs, next;
	struct dio_mtrr_map map, then;
	struct dio_mtrr_span span[SPANS];
};

FIXTURE_SETUP(mtrr)
{
	model_seed(20261128);
}

FIXTURE_TEARDOWN(mtrr)
{
}

static void print(struct __test_metadata *_metadata, const struct dio_mtrr_regs *r)
{
	int i;

	TH_LOG("width %u deftype %llx", r->phys_bits, (long long)r->deftype);
	for (i = 0; i < r->nvar; i++)
		if (r->mask[i] & 0x800)
			TH_LOG("pair %d: base %llx mask %llx", i, r->base[i], r->mask[i]);
}

TEST_F_TIMEOUT(mtrr, types, TIMEOUT_S)
{
	long left = rounds(), undefined = 0, invalid = 0, sparse = 0;
	struct dio_mtrr_why why;
	int i;

	while (left--) {
		model_random(&self->regs);
		dio_mtrr_build(&self->map, &self->regs);
		invalid += self->map.invalid || self->map.invalid_fixed;
		sparse += !!self->map.nsparse;
		for (i = 0; i < ADDRESSES; i++) {
			__u64 addr = model_address(&self->regs);
			struct model_answer a = model_lookup(&self->regs, addr);

			dio_mtrr_explain(&self->regs, addr >> 12, &why);
			undefined += a.undefined;
			ASSERT_EQ(a.type, dio_mtrr_type_at(&self->map, addr >> 12)) {
				TH_LOG("at %llx", addr);
				print(_metadata, &self->regs);
			}
			ASSERT_EQ(a.type, why.type);
			ASSERT_EQ(a.pairs, why.pairs);
			ASSERT_EQ(a.undefined, why.undefined);
			ASSERT_TRUE(!a.undefined || self->map.undefined || self->map.nsparse);
		}
	}
	TH_LOG("%ld programmings: %ld with holes in masks, %ld with bad types; %ld undefined overlaps",
	       rounds(), sparse, invalid, undefined);
	/* The generator reaches what it is there for. */
	EXPECT_LT(0, undefined);
	EXPECT_LT(0, invalid);
	EXPECT_LT(0, sparse);
}

static unsigned int type_of(const struct dio_mtrr_regs *regs, __u64 gfn)
{
	return model_lookup(regs, gfn << 12).type;
}

/*
 * Has the block one type by the model?  It can change only where a range that is
 * not sparse starts or ends.
 */
static bool one_type(const struct dio_mtrr_regs *regs, __u64 gfn, __u64 pages)
{
	unsigned int first = type_of(regs, gfn);
	__u64 all = (1ull << (regs->phys_bits - 12)) - 1, at;
	int i;

	for (at = gfn; at < gfn + pages && at <= 0x100; at++)
		if (type_of(regs, at) != first)
			return false;
	for (i = 0; i < regs->nvar; i++) {
		__u64 mask = (regs->mask[i] >> 12) & all, base = (regs->base[i] >> 12) & mask;
		__u64 edges[] = { base, (base | (~mask & all)) + 1 };
		int e;

		for (e = 0; e < 2; e++)
			if (edges[e] > gfn && edges[e] < gfn + pages &&
			    type_of(regs, edges[e]) != first)
				return false;
	}
	return true;
}

TEST_F_TIMEOUT(mtrr, blocks, TIMEOUT_S)
{
	static const __u64 sizes[] = { 1, 512, 512 * 512 };
	long left = rounds() / 4, mixed = 0;
	int i;

	while (left--) {
		model_random(&self->regs);
		dio_mtrr_build(&self->map, &self->regs);
		for (i = 0; i < 3; i++) {
			__u64 gfn = model_address(&self->regs) >> 12 & ~(sizes[i] - 1);
			__u64 inside = gfn + model_rand() % sizes[i];
			bool uniform = dio_mtrr_uniform(&self->map, gfn, sizes[i]);
			bool truth = one_type(&self->regs, gfn, sizes[i]);

			mixed += !truth;
			if (uniform)
				ASSERT_EQ(type_of(&self->regs, gfn), type_of(&self->regs, inside));
			ASSERT_TRUE(!uniform || truth) {
				TH_LOG("%llu pages at frame %llx", sizes[i], gfn);
				print(_metadata, &self->regs);
			}
			if (!self->map.nsparse)
				ASSERT_EQ(truth, uniform) {
					TH_LOG("%llu pages at frame %llx", sizes[i], gfn);
					print(_metadata, &self->regs);
				}
		}
	}
	EXPECT_LT(0, mixed);
}

/* All of it has the type. */
TEST_F_TIMEOUT(mtrr, longest, TIMEOUT_S)
{
	long left = rounds() / 8, some = 0;
	__u64 from, start, pages, at;
	int i;

	while (left--) {
		model_random(&self->regs);
		dio_mtrr_build(&self->map, &self->regs);
		from = model_rand() & 1 ? 0 : 1 << 20;
		pages = dio_mtrr_longest(&self->map, DIO_MT_WB, from, ~0ull, &start);
		some += !!pages;
		for (i = 0; i < ADDRESSES && pages; i++) {
			at = i ? start + (i == 1 ? pages - 1 : model_rand() % pages) : start;
			ASSERT_EQ(DIO_MT_WB, type_of(&self->regs, at)) {
				TH_LOG("%llu pages at frame %llx, not %llx", pages, start, at);
				print(_metadata, &self->regs);
			}
		}
		ASSERT_LE(start + pages, self->map.end);
		ASSERT_TRUE(!pages || start >= from);
	}
	EXPECT_LT(0, some);
}

static bool in_spans(const struct dio_mtrr_span *span, unsigned int n, __u64 gfn)
{
	while (n--)
		if (gfn >= span[n].start && gfn < span[n].end)
			return true;
	return false;
}

TEST_F_TIMEOUT(mtrr, changes, TIMEOUT_S)
{
	long left = rounds() / 4, changed = 0;
	int i;

	while (left--) {
		unsigned int n, max = 1 + model_rand() % SPANS;
		bool exact;

		model_random(&self->regs);
		self->next = self->regs;
		model_change(&self->next);
		if (model_rand() & 1)
			model_change(&self->next);
		dio_mtrr_build(&self->map, &self->regs);
		dio_mtrr_build(&self->then, &self->next);
		n = dio_mtrr_changed(&self->map, &self->then, self->span, max);
		ASSERT_LE(n, max);
		for (i = 0; i < (int)n; i++) {
			ASSERT_LT(self->span[i].start, self->span[i].end);
			ASSERT_LE(self->span[i].end, self->map.end);
			if (i)
				ASSERT_LT(self->span[i - 1].end, self->span[i].start);
		}
		exact = n < max && !self->map.nsparse && !self->then.nsparse;
		for (i = 0; i < ADDRESSES; i++) {
			__u64 gfn = model_address(i & 1 ? &self->regs : &self->next) >> 12;
			bool differs = type_of(&self->regs, gfn) != type_of(&self->next, gfn);
			bool told = in_spans(self->span, n, gfn);

			changed += differs;
			ASSERT_TRUE(!differs || told) {
				TH_LOG("frame %llx changes", gfn);
				print(_metadata, &self->regs);
				print(_metadata, &self->next);
			}
			if (exact)
				ASSERT_EQ(differs, told);
		}
	}
	EXPECT_LT(0, changed);
}

TEST_F(mtrr, nothing_changes_from_itself)
{
	int i;

	for (i = 0; i < 1000; i++) {
		model_random(&self->regs);
		dio_mtrr_build(&self->map, &self->regs);
		ASSERT_EQ(0, dio_mtrr_changed(&self->map, &self->map, self->span, SPANS));
	}
}

TEST_F(mtrr, one_type_for_all)
{
	dio_mtrr_build_flat(&self->map, 40, DIO_MT_WB);
	EXPECT_EQ(DIO_MT_WB, dio_mtrr_type_at(&self->map, 0));
	EXPECT_EQ(DIO_MT_WB, dio_mtrr_type_at(&self->map, ~0ull));
	EXPECT_TRUE(dio_mtrr_uniform(&self->map, 0, 1ull << 27));
	dio_mtrr_build_flat(&self->then, 40, DIO_MT_UC);
	ASSERT_EQ(1, dio_mtrr_changed(&self->map, &self->then, self->span, SPANS));
	EXPECT_EQ(0, self->span[0].start);
	EXPECT_EQ(1ull << 28, self->span[0].end);
}

TEST_HARNESS_MAIN
