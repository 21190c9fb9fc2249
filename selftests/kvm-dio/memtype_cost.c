// SPDX-License-Identifier: GPL-2.0
/*
 * What memory types cost a page fault, in instructions of a machine whose clock
 * they are: without the module, with it loaded, with another VM that has them on,
 * and the store fast path too, so that every hook is armed, and with this one.  The
 * guest's list of touches runs twice, with its entries dropped before and with all
 * of them there: the difference is the faults'.
 */
#include <linux/kvm.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#include "kselftest_harness.h"
#include "clock.h"
#include "figure.h"
#include "irqload.h"
#include "kvmnl.h"
#include "memstage.h"

#define MODULE "dio_kvm"
#define TIMEOUT_S 170
#define FAULTS 256
#define ROUNDS 21
#define PAGE 4096ull
#define ARMED_MAX 100		/* instructions a fault, for another VM's sake */
#define OPTED_MAX 1.05		/* of stock */

FIXTURE(cost) {
	struct memstage s;
	struct memstage other;
};

FIXTURE_SETUP(cost)
{
	memstage_none(&self->s);
	memstage_none(&self->other);
	if (!irqload_counts_instructions())
		SKIP(return, "this machine does not count instructions");
	kmod_unload(MODULE);
	ASSERT_EQ(0, memstage_open(&self->s, NULL, 1));
}

FIXTURE_TEARDOWN(cost)
{
	memstage_close(&self->other);
	memstage_close(&self->s);
}

/* Entries of the small pages go with their slot; the memory stays. */
static void drop(struct memvm *v)
{
	struct kvm_userspace_memory_region r = {
		.slot = 1, .guest_phys_addr = 0x400000, .userspace_addr = (uintptr_t)v->small,
	};

	ioctl(v->vm, KVM_SET_USER_MEMORY_REGION, &r);
	r.memory_size = 0x400000;
	ioctl(v->vm, KVM_SET_USER_MEMORY_REGION, &r);
}

static double run(struct __test_metadata *_metadata, struct memvm *v)
{
	uint64_t begin = irqload_ticks();

	EXPECT_EQ(0, memvm_again(v, 0));
	return irqload_ticks() - begin;
}

static double cheaper(double a, double b)
{
	return a < b ? a : b;
}

/*
 * Of each kind of round the cheapest: what else comes now and then, a timer, a cache
 * of KVM's that is refilled, is not of a fault.
 */
static double measure(struct __test_metadata *_metadata, FIXTURE_DATA(cost) *self)
{
	double faults = 1e18, none = 1e18;
	struct memvm *v = &self->s.vm;
	uint64_t gpa;
	int i;

	for (gpa = MEMVM_SMALL; gpa < MEMVM_SMALL + FAULTS * PAGE; gpa += PAGE)
		memvm_touch(v, 0, gpa);
	EXPECT_EQ(0, memvm_go(v, 0));
	for (i = 0; i < ROUNDS; i++) {
		drop(v);
		faults = cheaper(faults, run(_metadata, v));
		none = cheaper(none, run(_metadata, v));
	}
	return (faults - none) / FAULTS;
}

static double fault(struct __test_metadata *_metadata, FIXTURE_DATA(cost) *self,
		    const char *variant)
{
	struct figure f = { "memtype", "page fault", variant, ROUNDS * FAULTS };
	double least = measure(_metadata, self);

	figure_say(&f, "instructions", least, "per fault");
	return least;
}

/* MTRRs as a firmware has them: WB, and UC where devices are. */
static void set_up(struct memvm *v)
{
	memvm_wrmsr(v, 0, MSR_MTRR_BASE(0), 0x80000000 | MT_UC);
	memvm_wrmsr(v, 0, MSR_MTRR_MASK(0), memvm_mask(v, 0x80000000));
	memvm_wrmsr(v, 0, MSR_MTRR_BASE(1), 0x40000000 | MT_WC);
	memvm_wrmsr(v, 0, MSR_MTRR_MASK(1), memvm_mask(v, 0x10000000));
	memvm_wrmsr(v, 0, MSR_MTRR_DEFTYPE, MT_WB | MTRR_E | MTRR_FE);
}

TEST_F_TIMEOUT(cost, page_fault, TIMEOUT_S)
{
	double stock, idle, memtype, armed, opted, all;

	set_up(&self->s.vm);
	ASSERT_EQ(0, memvm_go(&self->s.vm, 0));
	measure(_metadata, self);	/* caches of KVM's and of the page allocator */
	stock = fault(_metadata, self, "stock");
	ASSERT_EQ(0, kmod_load(MODULE));
	ASSERT_EQ(0, genl_open(&self->s.nl, DIO_KVM_FAMILY_NAME, DIO_KVM_MCGRP_EVENTS));
	idle = fault(_metadata, self, "idle");
	ASSERT_EQ(0, memstage_open(&self->other, MODULE, 1));
	ASSERT_EQ(0, memnl_set(&self->s.nl, self->other.vm.vm, DIO_KVM_MEMTYPE_FULL, true))
		TH_LOG("%s", self->s.nl.text);
	memtype = fault(_metadata, self, "another-vm");
	ASSERT_EQ(0, kvmnl_vm_set_to(&self->s.nl, self->other.vm.vm, DIO_KVM_A_VM_STORES,
				     DIO_KVM_STORES_ALL));
	armed = fault(_metadata, self, "another-vm-all");
	ASSERT_EQ(0, memnl_set(&self->s.nl, self->s.vm.vm, DIO_KVM_MEMTYPE_FULL, true));
	opted = fault(_metadata, self, "diok");
	TH_LOG("idle %+.1f, armed for another VM %+.1f, with stores %+.1f", idle - stock,
	       memtype - stock, armed - stock);
	ASSERT_EQ(0, kvmnl_vm_set_to(&self->s.nl, self->s.vm.vm, DIO_KVM_A_VM_STORES,
				     DIO_KVM_STORES_ALL));
	all = fault(_metadata, self, "diok-all");
	TH_LOG("on %+.1f, with stores %+.1f of %.1f instructions", opted - stock, all - stock,
	       stock);
	if (clock_scale() > 1)	/* a debug kernel's instructions are its detectors' */
		return;
	EXPECT_GT(1.0, idle - stock);
	EXPECT_GT(1.0, stock - idle);
	EXPECT_GE(ARMED_MAX, armed - stock);
	EXPECT_LT(memtype, armed);
	EXPECT_GE(OPTED_MAX, opted / stock);
	EXPECT_LT(0, opted - stock);
}

TEST_HARNESS_MAIN
