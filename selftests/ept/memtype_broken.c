// SPDX-License-Identifier: GPL-2.0
/*
 * Negative controls of memtype_changes: a module that does not zap, and one that
 * lets huge pages reach over a change of type, give accesses wrong types, and the
 * processor's records show it. The same build with neither gives the right ones.
 */
#include "kselftest_harness.h"
#include "kmod.h"
#include "kvmnl.h"
#include "mode.h"
#include "probe.h"

#define MODULE "dio_kvm_memtype_broken"
#define TIMEOUT_S 300
#define MB (1ULL << 20)

FIXTURE(broken) {
	struct genl nl;
	struct probe p;
	struct mtrr_writer w;
};

FIXTURE_VARIANT(broken) {
	const char *parameter;
	bool zap, clamp;		/* are done */
};

FIXTURE_VARIANT_ADD(broken, nothing) { .zap = true, .clamp = true, };
FIXTURE_VARIANT_ADD(broken, zap) { .parameter = "no_zap=1", .clamp = true, };
FIXTURE_VARIANT_ADD(broken, clamp) { .parameter = "no_clamp=1", .zap = true, };

FIXTURE_SETUP(broken)
{
	ASSERT_EQ(0, kmod_load("kvm-intel"));
	ASSERT_EQ(0, kmod_load_with(MODULE, variant->parameter));
	ASSERT_EQ(0, mode_huge_pages(PROBE_HUGE));
	ASSERT_EQ(0, probe_open(&self->p));
	/*
	 * Before any page is mapped: nothing would take it away. By netlink, because
	 * diokctl asks for a module of the right name.
	 */
	ASSERT_EQ(0, kvmnl_open(&self->nl));
	ASSERT_EQ(0, kvmnl_vm_set(&self->nl, self->p.guest.vm, DIO_KVM_MEMTYPE_FULL));
	self->w = (struct mtrr_writer){ .vcpu = &self->p.guest.vcpu[0], .in_guest = true };
	probe_all_wb(&self->w);
	ASSERT_EQ(MT_WB, probe_all(&self->p));
}

FIXTURE_TEARDOWN(broken)
{
	probe_close(&self->p);
	genl_close(&self->nl);
	EXPECT_EQ(0, kmod_unload(MODULE));
}

TEST_F_TIMEOUT(broken, a_page_changes_its_type, TIMEOUT_S)
{
	mtrr_range(&self->w, &self->p.guest, 0, SMALL, PAGE_4K, MT_WC);
	EXPECT_EQ(variant->zap ? MT_WC : MT_WB, probe_type(&self->p, SMALL));
	mtrr_write(&self->w, MSR_FIX4, (ALL_WB & ~0xff00ULL) | MT_WT << 8);
	EXPECT_EQ(variant->zap ? MT_WT : MT_WB, probe_type(&self->p, FIXED_4K));
}

TEST_F_TIMEOUT(broken, a_range_across_a_huge_page, TIMEOUT_S)
{
	bool right = variant->zap && variant->clamp;

	mtrr_range(&self->w, &self->p.guest, 0, HUGE + MB, MB, MT_WC);
	EXPECT_EQ(MT_WB, probe_type(&self->p, HUGE));
	EXPECT_EQ(right ? MT_WC : MT_WB, probe_type(&self->p, HUGE + MB));
	EXPECT_EQ(right ? LEVEL_4K : LEVEL_2M, probe_level(&self->p, HUGE));
}

TEST_HARNESS_MAIN
