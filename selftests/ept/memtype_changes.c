// SPDX-License-Identifier: GPL-2.0
/*
 * Memory types that change while the guest runs: the next access has the new
 * type, and no page outside the changed range has been taken away.
 */
#include <stdlib.h>

#include "kselftest_harness.h"
#include "kmod.h"
#include "mode.h"
#include "probe.h"
#include "report.h"

#define TIMEOUT_S 600
#define MB (1ULL << 20)

FIXTURE(changes) {
	struct probe p;
	struct mtrr_writer w;
};

FIXTURE_VARIANT(changes) {
	bool in_guest;
};

FIXTURE_VARIANT_ADD(changes, wrmsr) { .in_guest = true, };
FIXTURE_VARIANT_ADD(changes, set_msrs) { .in_guest = false, };

/* WB everywhere, every page of the guest mapped, no range in use. */
FIXTURE_SETUP(changes)
{
	ASSERT_EQ(0, kmod_load("kvm-intel"));
	ASSERT_EQ(0, kmod_load(KMOD_KVM));
	ASSERT_EQ(0, mode_huge_pages(PROBE_HUGE));
	ASSERT_EQ(0, probe_open(&self->p));
	ASSERT_EQ(0, mode_set("full"));
	self->w = (struct mtrr_writer){ .vcpu = &self->p.guest.vcpu[0],
					.in_guest = variant->in_guest };
	probe_all_wb(&self->w);
	ASSERT_EQ(0, self->w.error);
	ASSERT_EQ(MT_WB, probe_all(&self->p));
}

FIXTURE_TEARDOWN(changes)
{
	EXPECT_EQ(0, self->w.error);
	probe_close(&self->p);
	EXPECT_EQ(0, kmod_unload(KMOD_KVM));
}

#define range(n, base, size, type) \
	mtrr_range(&self->w, &self->p.guest, n, base, size, type)
#define type_at(gpa) probe_type(&self->p, gpa)

TEST_F_TIMEOUT(changes, variable_range, TIMEOUT_S)
{
	int i;

	for (i = 0; i < MTRR_TYPES; i++) {
		range(0, SMALL + 0x2000, 2 * PAGE_4K, mtrr_types[i]);
		EXPECT_EQ(mtrr_types[i], type_at(SMALL + 0x2000));
		EXPECT_EQ(mtrr_types[i], type_at(SMALL + 0x3000));
		EXPECT_EQ(MT_WB, type_at(SMALL + 0x1000));
		EXPECT_EQ(MT_WB, type_at(SMALL + 0x4000));
	}
	mtrr_range_off(&self->w, 0);
	EXPECT_EQ(MT_WB, type_at(SMALL + 0x2000));
}

/* Only the pages of the range fault again, and each of them does so once. */
TEST_F_TIMEOUT(changes, nothing_else_is_zapped, TIMEOUT_S)
{
	int64_t before;

	before = probe_faults(&self->p);
	ASSERT_EQ(MT_WB, probe_all(&self->p));
	EXPECT_EQ(0, probe_faults(&self->p) - before);

	range(0, SMALL + 0x4000, 4 * PAGE_4K, MT_WC);
	before = probe_faults(&self->p);
	EXPECT_EQ(MT_WC, type_at(SMALL + 0x4000));
	probe_all(&self->p);
	EXPECT_EQ(4, probe_faults(&self->p) - before);

	/* The same again is no change. */
	range(0, SMALL + 0x4000, 4 * PAGE_4K, MT_WC);
	before = probe_faults(&self->p);
	probe_all(&self->p);
	EXPECT_EQ(0, probe_faults(&self->p) - before);
}

TEST_F_TIMEOUT(changes, overlaps, TIMEOUT_S)
{
	static const struct {
		enum memtype a, b, result;
	} rows[] = {
		{ MT_WB, MT_UC, MT_UC }, { MT_WC, MT_UC, MT_UC }, { MT_WT, MT_UC, MT_UC },
		{ MT_WP, MT_UC, MT_UC }, { MT_WB, MT_WT, MT_WT }, { MT_WT, MT_WB, MT_WT },
		{ MT_WC, MT_WC, MT_WC },
		/* Undefined by the SDM: taken for UC. */
		{ MT_WB, MT_WC, MT_UC }, { MT_WB, MT_WP, MT_UC }, { MT_WT, MT_WP, MT_UC },
	};
	unsigned int i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		range(1, SMALL, 0x4000, rows[i].a);
		range(2, SMALL + 0x2000, 0x2000, rows[i].b);
		EXPECT_EQ(rows[i].a, type_at(SMALL + 0x1000));
		EXPECT_EQ(rows[i].result, type_at(SMALL + 0x2000)) {
			say("%s over %s", memtype_name(rows[i].b), memtype_name(rows[i].a));
		}
	}
}

TEST_F_TIMEOUT(changes, fixed_range, TIMEOUT_S)
{
	int i;

	for (i = 0; i < MTRR_TYPES; i++) {
		uint64_t type = mtrr_types[i];

		mtrr_write(&self->w, MSR_FIX16 + 1, (ALL_WB & ~0xffULL) | type);
		mtrr_write(&self->w, MSR_FIX4, (ALL_WB & ~0xff00ULL) | type << 8);
		EXPECT_EQ(type, type_at(FIXED_16K));
		EXPECT_EQ(type, type_at(FIXED_4K));
		EXPECT_EQ(MT_WB, type_at(FIXED_4K + PAGE_4K));
	}
	/* Without FE they are not there. */
	mtrr_write(&self->w, MSR_DEFTYPE, MTRR_E | MT_WT);
	EXPECT_EQ(MT_WT, type_at(FIXED_16K));
	mtrr_write(&self->w, MSR_DEFTYPE, MTRR_E | MTRR_FE | MT_WT);
	EXPECT_EQ(MT_WB, type_at(FIXED_16K));
	EXPECT_EQ(MT_WT, type_at(SMALL));
}

/* A boundary inside a huge page: it is split, its neighbour is left alone. */
TEST_F_TIMEOUT(changes, range_across_a_huge_page, TIMEOUT_S)
{
	int64_t before;

	EXPECT_EQ(LEVEL_2M, probe_level(&self->p, HUGE));
	before = probe_faults(&self->p);
	range(3, HUGE + MB, MB, MT_WC);
	EXPECT_EQ(MT_WB, type_at(HUGE + MB - PAGE_4K));
	EXPECT_EQ(MT_WC, type_at(HUGE + MB));
	EXPECT_EQ(MT_WC, type_at(HUGE + PAGE_2M - PAGE_4K));
	EXPECT_EQ(MT_WB, type_at(HUGE));
	EXPECT_EQ(LEVEL_4K, probe_level(&self->p, HUGE));
	EXPECT_EQ(LEVEL_4K, probe_level(&self->p, HUGE + MB));
	EXPECT_EQ(4, probe_faults(&self->p) - before);
	EXPECT_EQ(MT_WB, type_at(HUGE + PAGE_2M));
	EXPECT_EQ(LEVEL_2M, probe_level(&self->p, HUGE + PAGE_2M));
	EXPECT_EQ(4, probe_faults(&self->p) - before);

	/* It moves on by 1 MiB, over the boundary of the two. */
	range(3, HUGE + PAGE_2M, MB, MT_WC);
	EXPECT_EQ(MT_WB, type_at(HUGE + MB));
	EXPECT_EQ(MT_WC, type_at(HUGE + PAGE_2M));
	EXPECT_EQ(MT_WB, type_at(HUGE + PAGE_2M + MB));

	/* It covers all of the first one: a huge page again, of the new type. */
	range(3, HUGE, PAGE_2M, MT_WC);
	EXPECT_EQ(MT_WC, type_at(HUGE));
	EXPECT_EQ(LEVEL_2M, probe_level(&self->p, HUGE));
	EXPECT_EQ(MT_WC, type_at(HUGE + MB));
	EXPECT_EQ(MT_WB, type_at(HUGE + PAGE_2M));

	mtrr_range_off(&self->w, 3);
	EXPECT_EQ(MT_WB, type_at(HUGE + MB));
	EXPECT_EQ(LEVEL_2M, probe_level(&self->p, HUGE));
}

/* KVM makes huge pages anew when logging ends, from what the small ones are. */
TEST_F_TIMEOUT(changes, dirty_logging, TIMEOUT_S)
{
	range(3, HUGE + MB, MB, MT_WC);
	ASSERT_EQ(0, guest_log_dirty(&self->p.guest, self->p.huge_slot, true));
	EXPECT_EQ(MT_WB, type_at(HUGE));
	EXPECT_EQ(MT_WC, type_at(HUGE + MB));
	EXPECT_EQ(MT_WB, type_at(HUGE + PAGE_2M));
	EXPECT_EQ(LEVEL_4K, probe_level(&self->p, HUGE + PAGE_2M));
	ASSERT_EQ(0, guest_log_dirty(&self->p.guest, self->p.huge_slot, false));
	EXPECT_EQ(MT_WB, type_at(HUGE));
	EXPECT_EQ(MT_WC, type_at(HUGE + MB));
	EXPECT_EQ(LEVEL_4K, probe_level(&self->p, HUGE));
	EXPECT_EQ(MT_WB, type_at(HUGE + PAGE_2M));
	EXPECT_EQ(LEVEL_2M, probe_level(&self->p, HUGE + PAGE_2M));
}

TEST_F_TIMEOUT(changes, default_type_and_enable, TIMEOUT_S)
{
	int i;

	for (i = 0; i < MTRR_TYPES; i++) {
		mtrr_write(&self->w, MSR_DEFTYPE, MTRR_E | MTRR_FE | mtrr_types[i]);
		EXPECT_EQ(mtrr_types[i], type_at(SMALL));
		EXPECT_EQ(mtrr_types[i], type_at(HUGE));
		EXPECT_EQ(LEVEL_2M, probe_level(&self->p, HUGE));
		EXPECT_EQ(MT_WB, type_at(FIXED_4K));
	}
	/* E off: UC everywhere, whatever the registers say. */
	mtrr_write(&self->w, MSR_DEFTYPE, MT_WB);
	EXPECT_EQ(MT_UC, type_at(SMALL));
	EXPECT_EQ(MT_UC, type_at(FIXED_4K));
	mtrr_write(&self->w, MSR_DEFTYPE, MTRR_E | MTRR_FE | MT_WB);
	EXPECT_EQ(MT_WB, type_at(SMALL));
	EXPECT_EQ(MT_WB, type_at(FIXED_4K));
}

/* The SDM's sequence; the guest goes on touching while caches are off. */
TEST_F_TIMEOUT(changes, sdm_sequence, TIMEOUT_S)
{
	uint64_t deftype = MTRR_E | MTRR_FE | MT_WB;
	int64_t before;
	int i;

	for (i = 0; i < MTRR_TYPES; i++) {
		mtrr_sequence_begin(&self->w, deftype);
		range(0, SMALL, 4 * PAGE_4K, mtrr_types[i]);
		range(1, HUGE, PAGE_2M, mtrr_types[MTRR_TYPES - 1 - i]);
		mtrr_write(&self->w, MSR_FIX4,
			   (ALL_WB & ~0xff00ULL) | (uint64_t)mtrr_types[i] << 8);
		mtrr_sequence_end(&self->w, deftype);
		EXPECT_EQ(mtrr_types[i], type_at(SMALL));
		EXPECT_EQ(mtrr_types[i], type_at(SMALL + 0x3000));
		EXPECT_EQ(MT_WB, type_at(SMALL + 0x4000));
		EXPECT_EQ(mtrr_types[MTRR_TYPES - 1 - i], type_at(HUGE));
		EXPECT_EQ(LEVEL_2M, probe_level(&self->p, HUGE));
		EXPECT_EQ(mtrr_types[i], type_at(FIXED_4K));
	}
	if (!variant->in_guest)
		return;
	/* With its caches off in between, it costs those pages that have changed. */
	probe_all(&self->p);
	before = probe_faults(&self->p);
	mtrr_sequence_begin(&self->w, deftype);
	mtrr_sequence_end(&self->w, deftype);
	probe_all(&self->p);
	EXPECT_EQ(0, probe_faults(&self->p) - before);
	mtrr_sequence_begin(&self->w, deftype);
	range(0, SMALL + 0x8000, 2 * PAGE_4K, MT_WC);
	mtrr_sequence_end(&self->w, deftype);
	EXPECT_EQ(MT_WC, type_at(SMALL + 0x8000));
	probe_all(&self->p);
	/* where the range was before, it was WB as all around it */
	EXPECT_EQ(2, probe_faults(&self->p) - before);
}

/* The sequence without its E on: UC once the caches are on again, and not before. */
TEST_F_TIMEOUT(changes, sdm_sequence_to_off, TIMEOUT_S)
{
	if (!variant->in_guest)
		SKIP(return, "CR0 is the guest's");
	mtrr_sequence_begin(&self->w, MTRR_E | MTRR_FE | MT_WB);
	EXPECT_EQ(MT_WB, type_at(SMALL));
	mtrr_sequence_end(&self->w, MT_WB);
	EXPECT_EQ(MT_UC, type_at(SMALL));
	EXPECT_EQ(MT_UC, type_at(HUGE));
	mtrr_write(&self->w, MSR_DEFTYPE, MTRR_E | MTRR_FE | MT_WB);
	EXPECT_EQ(MT_WB, type_at(SMALL));
}

/* PAT is the processor's own business: no entry changes, no page faults. */
TEST_F_TIMEOUT(changes, pat, TIMEOUT_S)
{
	uint64_t msr = memtype_pat_msr();
	int64_t before;
	int i;

	range(0, SMALL, PAGE_4K, MT_WT);
	EXPECT_EQ(MT_WT, type_at(SMALL));
	before = probe_faults(&self->p);
	for (i = 0; i < PAT_TYPES; i++) {
		msr = probe_rotate_pat(&self->p, msr);
		mtrr_write(&self->w, MSR_PAT, msr);
		EXPECT_EQ(MT_WT, type_at(SMALL));
		EXPECT_EQ(MT_WB, type_at(SMALL + PAGE_4K));
	}
	EXPECT_EQ(0, probe_faults(&self->p) - before);
}

TEST_HARNESS_MAIN
