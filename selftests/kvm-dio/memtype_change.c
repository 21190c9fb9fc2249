// SPDX-License-Identifier: GPL-2.0
/*
 * A guest changes its memory types while it has its pages: the next access has
 * the new type, nothing else was dropped.  Each step is judged twice: by the page
 * tables as the module reads them, and by KVM's own trace of them, which counts
 * zaps.  With MODULE=dio_kvm_memtype_broken in the environment the same steps run
 * on a module that does not zap, or does not clamp huge pages (BREAK=zap, clamp):
 * memtype_broken.sh wants them to fail.
 */
#include <linux/kvm.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "kselftest_harness.h"
#include "memstage.h"
#include "sptetrace.h"
#include "sysfs.h"

#define TIMEOUT_S 120
#define PAGE 4096ull
#define PAGES 128		/* small pages that the guest has touched */
#define CHUNK 0x10000ull	/* of which a range covers this much */
#define WB_ON (MT_WB | MTRR_E)

FIXTURE(change) {
	struct memstage s;
	struct sptetrace trace;
	struct memnl_state was, is;
};

static const char *module(void)
{
	return getenv("MODULE") ?: "dio_kvm";
}

static int break_it(void)
{
	const char *what = getenv("BREAK");

	if (!what || !*what)
		return 0;
	return sysfs_write("1", "/sys/module/%s/parameters/no_%s", module(), what);
}

/* All is WB and enabled, and every page of all slots is in the page tables. */
static void touch_all(struct memvm *v)
{
	uint64_t gpa;

	for (gpa = MEMVM_SMALL; gpa < MEMVM_SMALL + PAGES * PAGE; gpa += PAGE)
		memvm_touch(v, 0, gpa);
	for (gpa = MEMVM_HUGE; gpa < MEMVM_HUGE + MEMVM_HUGE_SIZE; gpa += MEMVM_HUGE_PAGE)
		memvm_touch(v, 0, gpa);
	memvm_touch(v, 0, MEMVM_LOW);
	memvm_read(v, 0, MEMVM_MMIO);
}

FIXTURE_SETUP(change)
{
	struct memvm *v = &self->s.vm;
	int rc = memstage_open(&self->s, module(), 2);

	if (rc == -ENODEV)
		SKIP(return, "no KVM on this machine");
	ASSERT_EQ(0, rc);
	ASSERT_EQ(0, break_it());
	ASSERT_EQ(0, sptetrace_start());
	ASSERT_EQ(0, memnl_set(&self->s.nl, v->vm, DIO_KVM_MEMTYPE_FULL, true))
		TH_LOG("%s", self->s.nl.text);
	memvm_wrmsr(v, 0, MSR_MTRR_DEFTYPE, WB_ON);
	touch_all(v);
	ASSERT_EQ(0, memvm_go(v, 0));
}

FIXTURE_TEARDOWN(change)
{
	sptetrace_stop();
	memstage_close(&self->s);
	/* parameters of a broken build are the module's */
	if (getenv("BREAK"))
		kmod_unload(module());
}

/* A step begins: what is there, and nothing is traced yet. */
static void begin(struct __test_metadata *_metadata, FIXTURE_DATA(change) *self)
{
	ASSERT_EQ(0, sptetrace_take(&self->trace));
	sptetrace_reset(&self->trace);
	ASSERT_EQ(0, memnl_state(&self->s.nl, self->s.vm.vm, &self->was));
}

static void took_place(struct __test_metadata *_metadata, FIXTURE_DATA(change) *self)
{
	ASSERT_EQ(0, sptetrace_take(&self->trace));
	ASSERT_FALSE(self->trace.lost);
	ASSERT_EQ(0, memnl_state(&self->s.nl, self->s.vm.vm, &self->is));
}

/* Nothing was dropped, and the module did not try to. */
static void nothing_zapped(struct __test_metadata *_metadata, FIXTURE_DATA(change) *self)
{
	took_place(_metadata, self);
	EXPECT_EQ(self->was.zaps, self->is.zaps);
	EXPECT_EQ(self->was.updates, self->is.updates);
	EXPECT_EQ(0, sptetrace_zaps(&self->trace, 0, ~0ull, true));
}

static void range(struct memvm *v, int n, uint64_t base, uint64_t size, unsigned int type)
{
	memvm_wrmsr(v, 0, MSR_MTRR_BASE(n), base | type);
	memvm_wrmsr(v, 0, MSR_MTRR_MASK(n), memvm_mask(v, size));
}

static void see(struct __test_metadata *_metadata, FIXTURE_DATA(change) *self, uint64_t gpa,
		unsigned int type, int level)
{
	struct memnl_range *r = &self->s.range;
	const struct memnl_run *run;

	ASSERT_EQ(0, memnl_range(&self->s.nl, self->s.vm.vm, gpa, PAGE, r));
	run = memnl_at(r, gpa);
	ASSERT_NE(NULL, run);
	ASSERT_TRUE(run->has_entry)
		TH_LOG("0x%llx has no entry", (long long)gpa);
	EXPECT_EQ(npt_bits(type), npt_type_bits(run->entry, run->level))
		TH_LOG("0x%llx: entry 0x%llx, want %s", (long long)gpa, (long long)run->entry,
		       mt_name(type));
	EXPECT_EQ(level, (int)run->level)
		TH_LOG("0x%llx", (long long)gpa);
	EXPECT_EQ(type, run->in_force);
}

/* Is every page of a range in the tables, or none? */
static void all_present(struct __test_metadata *_metadata, FIXTURE_DATA(change) *self,
			uint64_t gpa, uint64_t size, bool present)
{
	struct memnl_range *r = &self->s.range;
	unsigned int i;

	ASSERT_EQ(0, memnl_range(&self->s.nl, self->s.vm.vm, gpa, size, r));
	for (i = 0; i < r->runs; i++) {
		EXPECT_EQ(present, r->run[i].has_entry)
			TH_LOG("0x%llx size 0x%llx", (long long)r->run[i].gpa,
			       (long long)r->run[i].size);
	}
}

/* The update of the manuals: two ranges change, one command of the processor each. */
static void update(struct memvm *v, unsigned int first, unsigned int second)
{
	memvm_cache_disable(v, 0, true);
	memvm_wrmsr(v, 0, MSR_MTRR_DEFTYPE, MT_WB);
	range(v, 0, MEMVM_SMALL, CHUNK, first);
	range(v, 0, MEMVM_SMALL, CHUNK, first);
	range(v, 1, MEMVM_SMALL + 2 * CHUNK, CHUNK, second);
	memvm_wrmsr(v, 0, MSR_MTRR_DEFTYPE, WB_ON);
	memvm_cache_disable(v, 0, false);
}

TEST_F_TIMEOUT(change, by_the_manual, TIMEOUT_S)
{
	struct memvm *v = &self->s.vm;

	begin(_metadata, self);
	update(v, MT_WC, MT_UC);
	ASSERT_EQ(0, memvm_go(v, 0));
	took_place(_metadata, self);
	/* one update, and no more is dropped than the 32 pages that have changed */
	EXPECT_EQ(self->was.updates + 1, self->is.updates);
	EXPECT_EQ(self->was.zaps + 2, self->is.zaps);
	EXPECT_EQ(self->was.frames + 2 * CHUNK / PAGE, self->is.frames);
	EXPECT_EQ((int)(CHUNK / PAGE),
		  sptetrace_zaps(&self->trace, MEMVM_SMALL, MEMVM_SMALL + CHUNK, true));
	EXPECT_EQ((int)(2 * CHUNK / PAGE), sptetrace_zaps(&self->trace, 0, ~0ull, true));
	all_present(_metadata, self, MEMVM_SMALL, CHUNK, false);
	all_present(_metadata, self, MEMVM_SMALL + CHUNK, CHUNK, true);
	all_present(_metadata, self, MEMVM_SMALL + 2 * CHUNK, CHUNK, false);
	all_present(_metadata, self, MEMVM_SMALL + 3 * CHUNK, PAGES * PAGE - 3 * CHUNK, true);
	all_present(_metadata, self, MEMVM_HUGE, MEMVM_HUGE_SIZE, true);
	touch_all(v);
	ASSERT_EQ(0, memvm_go(v, 0));
	see(_metadata, self, MEMVM_SMALL, MT_WC, 1);
	see(_metadata, self, MEMVM_SMALL + CHUNK, MT_WB, 1);
	see(_metadata, self, MEMVM_SMALL + 2 * CHUNK, MT_UC, 1);
	see(_metadata, self, MEMVM_HUGE, MT_WB, 2);
}

/* One MSR after the other, with the ranges on: each is in force at once. */
TEST_F_TIMEOUT(change, while_enabled, TIMEOUT_S)
{
	static const unsigned int type[] = { MT_WC, MT_UC, MT_WT, MT_WP, MT_WB };
	struct memvm *v = &self->s.vm;
	size_t i;

	memvm_wrmsr(v, 0, MSR_MTRR_MASK(0), memvm_mask(v, CHUNK));
	for (i = 0; i < sizeof(type) / sizeof(*type); i++) {
		memvm_wrmsr(v, 0, MSR_MTRR_BASE(0), MEMVM_SMALL | type[i]);
		touch_all(v);
		ASSERT_EQ(0, memvm_go(v, 0));
		see(_metadata, self, MEMVM_SMALL, type[i], 1);
		see(_metadata, self, MEMVM_SMALL + CHUNK - PAGE, type[i], 1);
		see(_metadata, self, MEMVM_SMALL + CHUNK, MT_WB, 1);
		begin(_metadata, self);
		memvm_wrmsr(v, 0, MSR_MTRR_BASE(0), MEMVM_SMALL | type[i]);
		ASSERT_EQ(0, memvm_go(v, 0));
		nothing_zapped(_metadata, self);
	}
}

TEST_F_TIMEOUT(change, by_user_space, TIMEOUT_S)
{
	struct memvm *v = &self->s.vm;

	begin(_metadata, self);
	ASSERT_EQ(1, memvm_set_msr(v, 0, MSR_MTRR_BASE(0), MEMVM_SMALL | MT_WC));
	ASSERT_EQ(1, memvm_set_msr(v, 0, MSR_MTRR_MASK(0), memvm_mask(v, CHUNK)));
	took_place(_metadata, self);
	EXPECT_EQ(self->was.zaps + 1, self->is.zaps);
	EXPECT_EQ((int)(CHUNK / PAGE), sptetrace_zaps(&self->trace, 0, ~0ull, true));
	touch_all(v);
	ASSERT_EQ(0, memvm_go(v, 0));
	see(_metadata, self, MEMVM_SMALL, MT_WC, 1);
	/* a type that does not exist is refused by KVM, and nothing happens */
	begin(_metadata, self);
	EXPECT_EQ(0, memvm_set_msr(v, 0, MSR_MTRR_BASE(0), MEMVM_SMALL | 2));
	nothing_zapped(_metadata, self);
}

/* E off, with the caches on: all is UC, at once; and back. */
TEST_F_TIMEOUT(change, off_and_on, TIMEOUT_S)
{
	struct memvm *v = &self->s.vm;

	range(v, 0, MEMVM_SMALL, CHUNK, MT_WC);
	touch_all(v);
	memvm_wrmsr(v, 0, MSR_MTRR_DEFTYPE, MT_WB);
	touch_all(v);
	ASSERT_EQ(0, memvm_go(v, 0));
	see(_metadata, self, MEMVM_SMALL, MT_UC, 1);
	see(_metadata, self, MEMVM_SMALL + CHUNK, MT_UC, 1);
	see(_metadata, self, MEMVM_HUGE, MT_UC, 2);
	memvm_wrmsr(v, 0, MSR_MTRR_DEFTYPE, WB_ON);
	touch_all(v);
	ASSERT_EQ(0, memvm_go(v, 0));
	see(_metadata, self, MEMVM_SMALL, MT_WC, 1);
	see(_metadata, self, MEMVM_SMALL + CHUNK, MT_WB, 1);
	see(_metadata, self, MEMVM_HUGE, MT_WB, 2);
}

/* An update that ends with E off: the types before last until the caches are on again. */
TEST_F_TIMEOUT(change, off_with_caches_off, TIMEOUT_S)
{
	struct memvm *v = &self->s.vm;

	begin(_metadata, self);
	memvm_cache_disable(v, 0, true);
	memvm_wrmsr(v, 0, MSR_MTRR_DEFTYPE, MT_WB);
	touch_all(v);
	ASSERT_EQ(0, memvm_go(v, 0));
	nothing_zapped(_metadata, self);
	see(_metadata, self, MEMVM_SMALL, MT_WB, 1);
	memvm_cache_disable(v, 0, false);
	touch_all(v);
	ASSERT_EQ(0, memvm_go(v, 0));
	see(_metadata, self, MEMVM_SMALL, MT_UC, 1);
	see(_metadata, self, MEMVM_HUGE, MT_UC, 2);
	/* off and on once more changes nothing */
	begin(_metadata, self);
	memvm_cache_disable(v, 0, true);
	memvm_cache_disable(v, 0, false);
	ASSERT_EQ(0, memvm_go(v, 0));
	nothing_zapped(_metadata, self);
}

/* A range walks from the inside of one huge page into the next, then fills it. */
TEST_F_TIMEOUT(change, across_huge_pages, TIMEOUT_S)
{
	const uint64_t first = MEMVM_HUGE, second = first + MEMVM_HUGE_PAGE;
	struct memvm *v = &self->s.vm;

	range(v, 0, first + CHUNK, CHUNK, MT_WC);
	memvm_touch(v, 0, first);
	memvm_touch(v, 0, first + CHUNK);
	memvm_touch(v, 0, first + 2 * CHUNK);
	ASSERT_EQ(0, memvm_go(v, 0));
	see(_metadata, self, first, MT_WB, 1);
	see(_metadata, self, first + CHUNK, MT_WC, 1);
	see(_metadata, self, first + 2 * CHUNK, MT_WB, 1);
	see(_metadata, self, second, MT_WB, 2);

	begin(_metadata, self);
	memvm_wrmsr(v, 0, MSR_MTRR_BASE(0), (second + CHUNK) | MT_WC);
	ASSERT_EQ(0, memvm_go(v, 0));
	took_place(_metadata, self);
	/* of the first page what was WC; the second page as a whole, as it is one entry */
	EXPECT_EQ(1, sptetrace_zaps(&self->trace, first, second, true));
	EXPECT_EQ(1, sptetrace_zaps(&self->trace, second, second + MEMVM_HUGE_PAGE, true));
	EXPECT_EQ(2, sptetrace_zaps(&self->trace, 0, ~0ull, true));
	memvm_touch(v, 0, first + CHUNK);
	memvm_touch(v, 0, second);
	memvm_touch(v, 0, second + CHUNK);
	ASSERT_EQ(0, memvm_go(v, 0));
	see(_metadata, self, first + CHUNK, MT_WB, 2);
	see(_metadata, self, second, MT_WB, 1);
	see(_metadata, self, second + CHUNK, MT_WC, 1);
	see(_metadata, self, second + MEMVM_HUGE_PAGE, MT_WB, 2);

	range(v, 0, second, MEMVM_HUGE_PAGE, MT_WC);
	memvm_touch(v, 0, second + 5 * CHUNK);
	ASSERT_EQ(0, memvm_go(v, 0));
	see(_metadata, self, second, MT_WC, 2);
	see(_metadata, self, first, MT_WB, 2);
	/* WT needs a bit that a large entry does not have */
	memvm_wrmsr(v, 0, MSR_MTRR_BASE(0), second | MT_WT);
	memvm_touch(v, 0, second);
	ASSERT_EQ(0, memvm_go(v, 0));
	see(_metadata, self, second, MT_WT, 1);
}

static void dirty_log(struct memvm *v, unsigned int flags)
{
	struct kvm_userspace_memory_region r = {
		.slot = 2, .flags = flags, .guest_phys_addr = MEMVM_HUGE,
		.memory_size = MEMVM_HUGE_SIZE, .userspace_addr = (uintptr_t)v->huge,
	};

	ioctl(v->vm, KVM_SET_USER_MEMORY_REGION, &r);
}

/* The end of dirty logging makes large entries of small ones, but not here. */
TEST_F_TIMEOUT(change, dirty_log, TIMEOUT_S)
{
	const uint64_t whole = MEMVM_HUGE + MEMVM_HUGE_PAGE;
	struct memvm *v = &self->s.vm;
	int round;

	range(v, 0, MEMVM_HUGE + CHUNK, CHUNK, MT_WC);
	range(v, 1, whole, MEMVM_HUGE_PAGE, MT_UC);
	ASSERT_EQ(0, memvm_go(v, 0));
	for (round = 0; round < 2; round++) {
		dirty_log(v, round ? 0 : KVM_MEM_LOG_DIRTY_PAGES);
		memvm_touch(v, 0, MEMVM_HUGE);
		memvm_touch(v, 0, MEMVM_HUGE + CHUNK);
		memvm_touch(v, 0, whole);
		ASSERT_EQ(0, memvm_go(v, 0));
		see(_metadata, self, MEMVM_HUGE, MT_WB, 1);
		see(_metadata, self, MEMVM_HUGE + CHUNK, MT_WC, 1);
		see(_metadata, self, whole, MT_UC, round ? 2 : 1);
	}
}

TEST_F_TIMEOUT(change, fixed, TIMEOUT_S)
{
	struct memvm *v = &self->s.vm;
	int i;

	for (i = 0; i < 11; i++)
		memvm_wrmsr(v, 0, memvm_fixed_msr[i], 0x0606060606060606ull);
	memvm_wrmsr(v, 0, MSR_MTRR_DEFTYPE, WB_ON | MTRR_FE);
	memvm_touch(v, 0, 0xc7000);
	ASSERT_EQ(0, memvm_go(v, 0));
	see(_metadata, self, 0xc7000, MT_WB, 2);
	begin(_metadata, self);
	memvm_wrmsr(v, 0, 0x268, 0x0106060606060606ull);	/* C7000 is WC */
	ASSERT_EQ(0, memvm_go(v, 0));
	took_place(_metadata, self);
	EXPECT_EQ(self->was.frames + 1, self->is.frames);
	EXPECT_EQ(1, sptetrace_zaps(&self->trace, 0, ~0ull, true));
	memvm_touch(v, 0, 0xc6000);
	memvm_touch(v, 0, 0xc7000);
	memvm_touch(v, 0, 0xc8000);
	ASSERT_EQ(0, memvm_go(v, 0));
	see(_metadata, self, 0xc6000, MT_WB, 1);
	see(_metadata, self, 0xc7000, MT_WC, 1);
	see(_metadata, self, 0xc8000, MT_WB, 1);
}

/* The PAT is the processor's: no entry changes. The answer's effects do. */
TEST_F(change, pat)
{
	struct memnl_range *r = &self->s.range;
	struct memvm *v = &self->s.vm;
	const struct memnl_run *run;

	begin(_metadata, self);
	memvm_wrmsr(v, 0, MSR_PAT, 0x0606060606060601ull);
	ASSERT_EQ(0, memvm_go(v, 0));
	nothing_zapped(_metadata, self);
	ASSERT_EQ(0, memnl_range(&self->s.nl, v->vm, MEMVM_SMALL, PAGE, r));
	run = memnl_at(r, MEMVM_SMALL);
	ASSERT_NE(NULL, run);
	EXPECT_EQ(0x0606060606060601ull, r->pat);
	EXPECT_EQ(MT_WC, amd_seen(run->effect[0]));
	EXPECT_EQ(MT_WB, amd_seen(run->effect[1]));
}

/* The boot processor's MTRRs count; others that differ are reported. */
TEST_F(change, vcpus_differ)
{
	struct memvm *v = &self->s.vm;

	begin(_metadata, self);
	EXPECT_EQ(2, self->was.vcpus);
	EXPECT_EQ(0, self->was.bsp);
	EXPECT_EQ(1, self->was.differ);		/* it has not set up its own yet */
	ASSERT_EQ(1, memvm_set_msr(v, 1, MSR_MTRR_DEFTYPE, WB_ON));
	nothing_zapped(_metadata, self);
	EXPECT_EQ(0, self->is.differ);
	ASSERT_EQ(1, memvm_set_msr(v, 1, MSR_MTRR_BASE(3), MEMVM_SMALL | MT_WC));
	nothing_zapped(_metadata, self);
	EXPECT_EQ(1, self->is.differ);
}

/* What the manuals leave open is UC, and said. */
TEST_F(change, undefined_overlap)
{
	struct memvm *v = &self->s.vm;
	const struct memnl_run *run;

	range(v, 0, MEMVM_SMALL, CHUNK, MT_WC);
	range(v, 1, MEMVM_SMALL, 2 * CHUNK, MT_WB);
	memvm_touch(v, 0, MEMVM_SMALL);
	ASSERT_EQ(0, memvm_go(v, 0));
	see(_metadata, self, MEMVM_SMALL, MT_UC, 1);
	run = memnl_at(&self->s.range, MEMVM_SMALL);
	EXPECT_TRUE(run->undefined);
	EXPECT_EQ(3, run->pairs);
	EXPECT_EQ(DIO_KVM_MTRR_SOURCE_VARIABLE, run->source);
	ASSERT_EQ(0, memnl_state(&self->s.nl, v->vm, &self->is));
	EXPECT_EQ(1, self->is.undefined);
	/* and what they define: WT over WB */
	memvm_wrmsr(v, 0, MSR_MTRR_BASE(0), MEMVM_SMALL | MT_WT);
	memvm_touch(v, 0, MEMVM_SMALL);
	ASSERT_EQ(0, memvm_go(v, 0));
	see(_metadata, self, MEMVM_SMALL, MT_WT, 1);
	ASSERT_EQ(0, memnl_state(&self->s.nl, v->vm, &self->is));
	EXPECT_EQ(0, self->is.undefined);
}

/* A mask with a hole: two places 1 MiB apart, and the pages between. */
TEST_F(change, hole_in_a_mask)
{
	struct memvm *v = &self->s.vm;

	memvm_wrmsr(v, 0, MSR_MTRR_BASE(0), MEMVM_SMALL | MT_WC);
	memvm_wrmsr(v, 0, MSR_MTRR_MASK(0), memvm_mask(v, CHUNK) & ~0x100000ull);
	memvm_touch(v, 0, MEMVM_SMALL);
	memvm_touch(v, 0, MEMVM_SMALL + CHUNK);
	memvm_touch(v, 0, MEMVM_SMALL + 0x100000);
	memvm_touch(v, 0, MEMVM_SMALL + 0x100000 + CHUNK);
	ASSERT_EQ(0, memvm_go(v, 0));
	see(_metadata, self, MEMVM_SMALL, MT_WC, 1);
	see(_metadata, self, MEMVM_SMALL + CHUNK, MT_WB, 1);
	see(_metadata, self, MEMVM_SMALL + 0x100000, MT_WC, 1);
	see(_metadata, self, MEMVM_SMALL + 0x100000 + CHUNK, MT_WB, 1);
}

/* Before it enables MTRRs a guest has WB, as stock; a running one keeps its types. */
TEST_F(change, opt_in)
{
	struct memvm *v = &self->s.vm;

	range(v, 0, MEMVM_SMALL, CHUNK, MT_WC);
	ASSERT_EQ(0, memvm_go(v, 0));
	ASSERT_EQ(0, memnl_set(&self->s.nl, v->vm, DIO_KVM_MEMTYPE_OFF, false));
	touch_all(v);
	ASSERT_EQ(0, memvm_go(v, 0));
	begin(_metadata, self);
	ASSERT_EQ(0, memnl_set(&self->s.nl, v->vm, DIO_KVM_MEMTYPE_FULL, true));
	all_present(_metadata, self, 0, 0x10000000, false);
	took_place(_metadata, self);
	EXPECT_EQ(1, self->is.zaps);
	EXPECT_TRUE(self->is.started);
	touch_all(v);
	ASSERT_EQ(0, memvm_go(v, 0));
	see(_metadata, self, MEMVM_SMALL, MT_WC, 1);
	see(_metadata, self, MEMVM_SMALL + CHUNK, MT_WB, 1);

	memstage_close(&self->s);
	ASSERT_EQ(0, memstage_open(&self->s, module(), 1));
	ASSERT_EQ(0, memnl_set(&self->s.nl, v->vm, DIO_KVM_MEMTYPE_FULL, true));
	touch_all(v);
	ASSERT_EQ(0, memvm_go(v, 0));
	see(_metadata, self, MEMVM_SMALL, MT_WB, 1);
	ASSERT_EQ(0, memnl_state(&self->s.nl, v->vm, &self->is));
	EXPECT_FALSE(self->is.started);
}

TEST_HARNESS_MAIN
