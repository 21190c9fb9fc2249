// SPDX-License-Identifier: GPL-2.0
/*
 * One vCPU touches pages as fast as it can while the boot processor gives them
 * one type after the other, small pages and huge ones whose boundary moves.  Once
 * a change is complete, by the return of its WRMSR, no entry in the page tables has
 * another type.  CHANGES=n in the environment: so many of them, see long_race.sh;
 * MODULE and BREAK as in memtype_change.
 */
#include <pthread.h>
#include <stdlib.h>

#include "kselftest_harness.h"
#include "clock.h"
#include "memstage.h"
#include "sysfs.h"

#define TIMEOUT_S 380
#define CHANGES 2000
#define PAGE 4096ull
#define PAGES 32
#define CHUNK 0x10000ull

static const unsigned int types[] = { MT_UC, MT_WC, MT_WT, MT_WP, MT_WB };

FIXTURE(race) {
	struct memstage s;
	pthread_t thread;
	volatile bool stop;
	volatile long rounds;
	volatile int error;
	long seen, absent;
};

static const char *module(void)
{
	return getenv("MODULE") ?: "dio_kvm";
}

static int changes(void)
{
	const char *text = getenv("CHANGES");

	return text ? atoi(text) : clock_rounds(CHANGES);
}

FIXTURE_SETUP(race)
{
	int rc = memstage_open(&self->s, module(), 2);

	if (rc == -ENODEV)
		SKIP(return, "no KVM on this machine");
	ASSERT_EQ(0, rc);
	if (getenv("BREAK"))
		ASSERT_EQ(0, sysfs_write("1", "/sys/module/%s/parameters/no_%s", module(),
					 getenv("BREAK")));
	ASSERT_EQ(0, memnl_set(&self->s.nl, self->s.vm.vm, DIO_KVM_MEMTYPE_FULL, true))
		TH_LOG("%s", self->s.nl.text);
}

FIXTURE_TEARDOWN(race)
{
	memstage_close(&self->s);
	if (getenv("BREAK"))
		kmod_unload(module());
}

static void touch_list(struct memvm *v, int cpu)
{
	uint64_t gpa;

	for (gpa = MEMVM_SMALL; gpa < MEMVM_SMALL + PAGES * PAGE; gpa += PAGE)
		memvm_touch(v, cpu, gpa);
	memvm_touch(v, cpu, MEMVM_HUGE);
	memvm_touch(v, cpu, MEMVM_HUGE + CHUNK);
	memvm_touch(v, cpu, MEMVM_HUGE + MEMVM_HUGE_PAGE - PAGE);
}

static void *touch(void *arg)
{
	FIXTURE_DATA(race) *self = arg;
	struct memvm *v = &self->s.vm;

	touch_list(v, 1);
	self->error = memvm_go(v, 1);
	while (!self->stop && !self->error) {
		self->error = memvm_again(v, 1);
		self->rounds++;
	}
	return NULL;
}

/* What the ranges of change @n give to a page. */
static unsigned int type_of(int n, uint64_t gpa)
{
	unsigned int type = types[n % 5], part = types[(n / 5) % 5];

	if (gpa < MEMVM_HUGE)
		return type;
	return n & 1 || gpa - MEMVM_HUGE - CHUNK < CHUNK ? part : MT_WB;
}

/* Every entry of the range has its type; there may be none yet. */
static void look(struct __test_metadata *_metadata, FIXTURE_DATA(race) *self, int n, uint64_t gpa,
		 uint64_t size)
{
	struct memnl_range *r = &self->s.range;
	unsigned int i, type;

	ASSERT_EQ(0, memnl_range(&self->s.nl, self->s.vm.vm, gpa, size, r));
	for (i = 0; i < r->runs; i++) {
		if (!r->run[i].has_entry) {
			self->absent++;
			continue;
		}
		self->seen++;
		type = type_of(n, r->run[i].gpa);
		EXPECT_EQ(npt_bits(type), npt_type_bits(r->run[i].entry, r->run[i].level))
			TH_LOG("change %d to %s: 0x%llx has 0x%llx, level %u", n, mt_name(type),
			       (long long)r->run[i].gpa, (long long)r->run[i].entry,
			       r->run[i].level);
	}
}

static void change(struct __test_metadata *_metadata, FIXTURE_DATA(race) *self, int n)
{
	unsigned int type = types[n % 5], part = types[(n / 5) % 5];
	struct memvm *v = &self->s.vm;
	bool whole = n & 1;

	memvm_wrmsr(v, 0, MSR_MTRR_BASE(0), MEMVM_SMALL | type);
	/* of the huge page all, or its second 64 KiB */
	memvm_wrmsr(v, 0, MSR_MTRR_MASK(1), 0);
	memvm_wrmsr(v, 0, MSR_MTRR_BASE(1), (MEMVM_HUGE + (whole ? 0 : CHUNK)) | part);
	memvm_wrmsr(v, 0, MSR_MTRR_MASK(1), memvm_mask(v, whole ? MEMVM_HUGE_PAGE : CHUNK));
	ASSERT_EQ(0, memvm_go(v, 0));
	look(_metadata, self, n, MEMVM_SMALL, PAGES * PAGE);
	look(_metadata, self, n, MEMVM_HUGE, MEMVM_HUGE_PAGE);
}

TEST_F_TIMEOUT(race, touch_and_change, TIMEOUT_S)
{
	struct memvm *v = &self->s.vm;
	struct memnl_state state;
	int n, all = changes();

	memvm_wrmsr(v, 0, MSR_MTRR_DEFTYPE, MT_WB | MTRR_E);
	memvm_wrmsr(v, 0, MSR_MTRR_MASK(0), memvm_mask(v, PAGES * PAGE));
	ASSERT_EQ(0, memvm_go(v, 0));
	ASSERT_EQ(0, pthread_create(&self->thread, NULL, touch, self));
	for (n = 0; n < all && !_metadata->exit_code && !self->error; n++)
		change(_metadata, self, n);
	self->stop = true;
	pthread_join(self->thread, NULL);
	EXPECT_EQ(0, self->error);
	/* what is left at the end is all there, and right */
	EXPECT_EQ(0, memvm_again(v, 1));
	self->absent = 0;
	look(_metadata, self, n - 1, MEMVM_SMALL, PAGES * PAGE);
	EXPECT_EQ(0, self->absent);
	EXPECT_EQ(0, memnl_state(&self->s.nl, v->vm, &state));
	TH_LOG("%d changes, %llu updates, %llu zaps, %ld rounds of touches, %ld runs of entries seen",
	       all, (long long)state.updates, (long long)state.zaps, self->rounds, self->seen);
	/* the two did meet: entries were there when it was looked, and faults went on */
	EXPECT_LT(all / 10, self->seen);
	EXPECT_LT(all / 10, self->rounds);
}

TEST_HARNESS_MAIN
