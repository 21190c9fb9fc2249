// SPDX-License-Identifier: GPL-2.0
/*
 * Every MTRR type, by fixed range, variable range and default, for small and huge
 * pages of RAM and for MMIO of the host: bits and size of the NPT entry against
 * AMD's tables, as the module reads the page tables and as KVM's own tracepoint
 * tells them.  And without: off is what a host without the module has, entry by
 * entry.
 */
#include <stdlib.h>
#include <string.h>

#include "kselftest_harness.h"
#include "memstage.h"
#include "sptetrace.h"

#define MODULE "dio_kvm"
#define TIMEOUT_S 120
/* WB WC UC- UC WT WP WB UC: every type of the PAT */
#define GUEST_PAT 0x0006050400070106ull
#define LOW_64K 0x10000ull
#define LOW_16K 0x84000ull
#define LOW_4K 0xc1000ull
#define LOW_ABOVE 0x140000ull

static const unsigned int types[] = { MT_UC, MT_WC, MT_WT, MT_WP, MT_WB };

enum way { BY_DEFAULT, BY_VARIABLE, BY_FIXED };
static const char *const ways[] = { "default", "variable", "fixed" };

/* Where the guest looks, and the type that is expected there. */
struct cell {
	uint64_t gpa;
	bool mmio, huge;	/* can be huge, by what is behind it */
	unsigned int type;
};

FIXTURE(npt) {
	struct memstage s;
	struct sptetrace trace;
	struct cell cell[16];
	int cells, seen;
};

FIXTURE_SETUP(npt)
{
	int rc = memstage_open(&self->s, MODULE, 1);

	if (rc == -ENODEV)
		SKIP(return, "no KVM on this machine");
	ASSERT_EQ(0, rc);
	ASSERT_EQ(0, sptetrace_start());
	ASSERT_EQ(1, memvm_set_msr(&self->s.vm, 0, MSR_PAT, GUEST_PAT));
}

FIXTURE_TEARDOWN(npt)
{
	sptetrace_stop();
	memstage_close(&self->s);
}

static void add_cell(FIXTURE_DATA(npt) *self, uint64_t gpa, unsigned int type, bool huge, bool mmio)
{
	self->cell[self->cells++] = (struct cell) {
		.gpa = gpa, .type = type, .huge = huge, .mmio = mmio,
	};
}

static unsigned int other(unsigned int type)
{
	return type == MT_WB ? MT_UC : MT_WB;
}

/*
 * All MTRRs by the guest's own WRMSR, in the order of the manuals.  The expected
 * types of the pages that are looked at are noted.
 */
static void program(FIXTURE_DATA(npt) *self, enum way way, unsigned int type)
{
	struct memvm *v = &self->s.vm;
	unsigned int rest = way == BY_DEFAULT ? type : other(type);
	unsigned int var = way == BY_VARIABLE ? type : rest;
	unsigned int low = way == BY_FIXED ? type : rest;
	uint64_t valid = way == BY_VARIABLE ? ~0ull : ~(uint64_t)MTRR_V;
	int i;

	memvm_cache_disable(v, 0, true);
	memvm_wrmsr(v, 0, MSR_MTRR_DEFTYPE, rest);
	for (i = 0; i < 11; i++)
		memvm_wrmsr(v, 0, memvm_fixed_msr[i], low * 0x0101010101010101ull);
	memvm_wrmsr(v, 0, MSR_MTRR_BASE(0), MEMVM_SMALL | type);
	memvm_wrmsr(v, 0, MSR_MTRR_MASK(0), memvm_mask(v, MEMVM_SMALL_SIZE) & valid);
	memvm_wrmsr(v, 0, MSR_MTRR_BASE(1), MEMVM_HUGE | type);
	memvm_wrmsr(v, 0, MSR_MTRR_MASK(1), memvm_mask(v, MEMVM_HUGE_SIZE) & valid);
	memvm_wrmsr(v, 0, MSR_MTRR_BASE(2), MEMVM_MMIO | type);
	memvm_wrmsr(v, 0, MSR_MTRR_MASK(2), memvm_mask(v, 4096) & valid);
	memvm_wrmsr(v, 0, MSR_MTRR_DEFTYPE, rest | MTRR_E | (way == BY_FIXED ? MTRR_FE : 0));
	memvm_cache_disable(v, 0, false);

	self->cells = 0;
	add_cell(self, LOW_64K, low, way != BY_FIXED, false);
	add_cell(self, LOW_16K, low, way != BY_FIXED, false);
	add_cell(self, LOW_4K, low, way != BY_FIXED, false);
	add_cell(self, LOW_ABOVE, rest, way != BY_FIXED, false);
	add_cell(self, MEMVM_SMALL, var, false, false);
	add_cell(self, MEMVM_SMALL + MEMVM_SMALL_SIZE - 4096, var, false, false);
	add_cell(self, MEMVM_SMALL - 4096, rest, false, false);
	add_cell(self, MEMVM_HUGE, var, true, false);
	add_cell(self, MEMVM_HUGE + 0x3ff000, var, true, false);
	add_cell(self, MEMVM_MMIO, var, false, true);
	for (i = 0; i < self->cells; i++)
		if (self->cell[i].mmio)
			memvm_read(v, 0, self->cell[i].gpa);
		else
			memvm_touch(v, 0, self->cell[i].gpa);
}

/* MMIO stays what the host has it: uncached by its MTRRs, except for WC. */
static unsigned int entry_type(const struct cell *c)
{
	return c->mmio && c->type != MT_WC ? MT_WB : c->type;
}

static void check_effect(struct __test_metadata *_metadata, const struct cell *c,
			 const struct memnl_run *run)
{
	unsigned int i, pat, want;

	for (i = 0; i < 8; i++) {
		pat = GUEST_PAT >> (8 * i) & 7;
		/* the host's UC goes over all but WC, which the guest may ask for by either */
		want = amd_effect(c->mmio && c->type != MT_WC ? MT_UC : c->type, pat);
		if (c->mmio)
			want = want == MT_WC ? MT_WC : MT_UC;
		EXPECT_EQ(want, amd_seen(run->effect[i]))
			TH_LOG("0x%llx: MTRR %s PAT %s gives %s", (long long)c->gpa,
			       mt_name(c->type), mt_name(pat), mt_name(run->effect[i]));
	}
}

static void check_cell(struct __test_metadata *_metadata, FIXTURE_DATA(npt) *self,
		       const struct cell *c)
{
	int level = c->huge && npt_huge(c->type) ? 2 : 1;
	const struct memnl_run *run = memnl_at(&self->s.range, c->gpa);
	uint64_t traced = sptetrace_entry(&self->trace, c->gpa, level);

	ASSERT_NE(NULL, run);
	ASSERT_TRUE(run->has_entry)
		TH_LOG("0x%llx: no entry", (long long)c->gpa);
	EXPECT_EQ(level, (int)run->level)
		TH_LOG("0x%llx, MTRR %s", (long long)c->gpa, mt_name(c->type));
	EXPECT_EQ(npt_bits(entry_type(c)), npt_type_bits(run->entry, run->level))
		TH_LOG("0x%llx, MTRR %s: entry 0x%llx", (long long)c->gpa, mt_name(c->type),
		       (long long)run->entry);
	EXPECT_EQ(npt_bits(entry_type(c)), npt_type_bits(traced, level))
		TH_LOG("0x%llx: traced 0x%llx", (long long)c->gpa, (long long)traced);
	EXPECT_EQ(c->type, run->mtrr_type);
	EXPECT_EQ(c->type, run->in_force);
	EXPECT_EQ(c->mmio, run->mmio);
	check_effect(_metadata, c, run);
	self->seen++;
}

static void look(struct __test_metadata *_metadata, FIXTURE_DATA(npt) *self, uint64_t gpa,
		 uint64_t size)
{
	int i;

	ASSERT_EQ(0, memnl_range(&self->s.nl, self->s.vm.vm, gpa, size, &self->s.range))
		TH_LOG("%s", self->s.nl.text);
	for (i = 0; i < self->cells; i++)
		if (self->cell[i].gpa >= gpa && self->cell[i].gpa < gpa + size)
			check_cell(_metadata, self, &self->cell[i]);
}

static void one(struct __test_metadata *_metadata, FIXTURE_DATA(npt) *self, enum way way,
		unsigned int type)
{
	TH_LOG("%s by %s", mt_name(type), ways[way]);
	program(self, way, type);
	ASSERT_EQ(0, memvm_go(&self->s.vm, 0));
	ASSERT_EQ(0, sptetrace_take(&self->trace));
	look(_metadata, self, 0, 0x800000);
	look(_metadata, self, MEMVM_HUGE, MEMVM_HUGE_SIZE);
	look(_metadata, self, MEMVM_MMIO, 4096);
}

TEST_F_TIMEOUT(npt, full, TIMEOUT_S)
{
	enum way way;
	size_t t;

	ASSERT_EQ(0, memnl_set(&self->s.nl, self->s.vm.vm, DIO_KVM_MEMTYPE_FULL, true))
		TH_LOG("%s", self->s.nl.text);
	for (way = BY_DEFAULT; way <= BY_FIXED; way++)
		for (t = 0; t < sizeof(types) / sizeof(*types); t++)
			one(_metadata, self, way, types[t]);
	EXPECT_EQ(3 * 5 * 10, self->seen);
	TH_LOG("%d cells of 8 PAT entries", self->seen);
}

/* What an entry is but for its address and what the processor notes in it. */
struct kind {
	int level;
	uint64_t bits;
};

static int kinds(struct __test_metadata *_metadata, FIXTURE_DATA(npt) *self, struct kind *kind)
{
	enum way way;
	int n = 0, i, level;
	size_t t;

	for (way = BY_DEFAULT; way <= BY_FIXED; way++)
		for (t = 0; t < sizeof(types) / sizeof(*types); t++) {
			/* every entry anew */
			memstage_close(&self->s);
			EXPECT_EQ(0, memstage_open(&self->s, NULL, 1));
			sptetrace_take(&self->trace);
			sptetrace_reset(&self->trace);
			program(self, way, types[t]);
			EXPECT_EQ(0, memvm_go(&self->s.vm, 0));
			EXPECT_EQ(0, sptetrace_take(&self->trace));
			for (i = 0; i < self->cells; i++, n++) {
				uint64_t e = 0;

				for (level = 2; level && !e; level--)
					e = sptetrace_entry(&self->trace, self->cell[i].gpa, level);
				kind[n].level = level + 1;
				kind[n].bits = e & ~(NPT_ADDRESS | NPT_SEEN);
			}
		}
	return n;
}

TEST_F_TIMEOUT(npt, off_is_stock, TIMEOUT_S)
{
	struct kind stock[160], off[160];
	int n, i;

	memset(stock, 0, sizeof(stock));
	memset(off, 0, sizeof(off));
	memstage_close(&self->s);
	ASSERT_EQ(0, kmod_unload(MODULE));
	n = kinds(_metadata, self, stock);
	ASSERT_EQ(150, n);
	ASSERT_EQ(0, kmod_load(MODULE));
	ASSERT_EQ(n, kinds(_metadata, self, off));
	for (i = 0; i < n; i++) {
		EXPECT_NE(0, stock[i].bits);
		EXPECT_EQ(stock[i].bits, off[i].bits);
		EXPECT_EQ(stock[i].level, off[i].level);
		/* stock knows nothing of MTRRs: that is what full changes */
		EXPECT_EQ(0, npt_type_bits(stock[i].bits, stock[i].level));
	}
}

/* What the trace has of each page is an entry without a type. */
static void check_stock(struct __test_metadata *_metadata, FIXTURE_DATA(npt) *self)
{
	int i;

	ASSERT_EQ(0, sptetrace_take(&self->trace));
	for (i = 0; i < self->cells; i++) {
		const struct cell *c = &self->cell[i];
		uint64_t entry = sptetrace_entry(&self->trace, c->gpa, c->huge ? 2 : 1);

		EXPECT_NE(0, entry)
			TH_LOG("0x%llx", (long long)c->gpa);
		EXPECT_EQ(0, npt_type_bits(entry, c->huge ? 2 : 1));
	}
}

/* On and off again, while the guest has its pages: all types, then none. */
TEST_F(npt, off_again)
{
	int i;

	program(self, BY_DEFAULT, MT_UC);
	ASSERT_EQ(0, memnl_set(&self->s.nl, self->s.vm.vm, DIO_KVM_MEMTYPE_FULL, true));
	ASSERT_EQ(0, memvm_go(&self->s.vm, 0));
	ASSERT_EQ(0, memnl_set(&self->s.nl, self->s.vm.vm, DIO_KVM_MEMTYPE_OFF, false));
	ASSERT_EQ(0, memnl_range(&self->s.nl, self->s.vm.vm, 0, 0x10000000, &self->s.range));
	for (i = 0; i < (int)self->s.range.runs; i++)
		EXPECT_FALSE(self->s.range.run[i].has_entry);
	ASSERT_EQ(0, sptetrace_take(&self->trace));
	sptetrace_reset(&self->trace);
	ASSERT_EQ(0, memvm_again(&self->s.vm, 0));
	check_stock(_metadata, self);
}

/* AMD's stock entries leave all to the PAT: pat is off, by the entries. */
TEST_F(npt, pat)
{
	ASSERT_EQ(0, memnl_set(&self->s.nl, self->s.vm.vm, DIO_KVM_MEMTYPE_PAT, false))
		TH_LOG("%s", self->s.nl.text);
	program(self, BY_DEFAULT, MT_UC);
	ASSERT_EQ(0, memvm_go(&self->s.vm, 0));
	check_stock(_metadata, self);
}

TEST_HARNESS_MAIN
