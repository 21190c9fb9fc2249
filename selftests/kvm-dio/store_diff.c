// SPDX-License-Identifier: GPL-2.0
/*
 * Random sequences of stores, run by two VMs of which one has the fast path on:
 * registers, memory, interrupt controllers, eventfds, the order of interrupts, and
 * all that reached user space must be the same. A third VM, whose code is that of
 * another seed, shows that a difference would be seen.
 *
 * DIO_SEQUENCES in the environment is how many sequences are run, at least, for
 * each mode of the guest. Some hundred of them are one run of the VM. DIO_SEED is
 * the first run's seed (1): machines side by side may share what there is to do.
 */
#include <stdlib.h>
#include <string.h>
#include <linux/dio_kvm.h>

#include "kselftest_harness.h"
#include "clock.h"
#include "kmod.h"
#include "report.h"
#include "sysfs.h"
#include "vmpair.h"

#define SEQUENCES	500l
#define DIFF_TIMEOUT_S	9000
#define TRACING		"/sys/kernel/tracing/"

static void call(struct vm *vm, uint32_t value)
{
	vm_irq_line(vm, value >> 1 & 15, value & 1);
}

FIXTURE(diff) {
	struct vmpair pair;
};

FIXTURE_VARIANT(diff) {
	enum vm_mode mode;
	bool assisted;		/* the processor gives the bytes of the instruction */
	bool rival;		/* somebody else has a direct call on the function */
	bool traced;		/* somebody traces it */
};

FIXTURE_VARIANT_ADD(diff, code64) { .mode = VM_LONG };
FIXTURE_VARIANT_ADD(diff, code32) { .mode = VM_FLAT32 };
FIXTURE_VARIANT_ADD(diff, pae) { .mode = VM_PAE32 };
FIXTURE_VARIANT_ADD(diff, code16) { .mode = VM_CODE16 };
FIXTURE_VARIANT_ADD(diff, rival64) { .mode = VM_LONG, .rival = true };
FIXTURE_VARIANT_ADD(diff, traced64) { .mode = VM_LONG, .traced = true };
FIXTURE_VARIANT_ADD(diff, assisted64) { .mode = VM_LONG, .assisted = true };
FIXTURE_VARIANT_ADD(diff, assisted32) { .mode = VM_FLAT32, .assisted = true };

FIXTURE_SETUP(diff)
{
	memset(&self->pair, 0, sizeof(self->pair));
	if (variant->assisted && vm_intel())
		SKIP(return, "processors with VMX have no decode assists");
	ASSERT_EQ(0, vm_load());
	if (variant->rival)
		ASSERT_EQ(0, kmod_load("dio_kvm_direct"));
	if (variant->traced) {
		ASSERT_EQ(0, sysfs_write("kvm_mmu_page_fault", TRACING "set_ftrace_filter"));
		ASSERT_EQ(0, sysfs_write("function", TRACING "current_tracer"));
	}
	ASSERT_EQ(0, vmpair_open(&self->pair, variant->mode, DIO_KVM_STORES_ALL));
	vmpair_call(&self->pair, call);
	if (variant->assisted)
		ASSERT_EQ(0, kmod_load("dio_insn_bytes"));
}

FIXTURE_TEARDOWN(diff)
{
	vmpair_close(&self->pair);
	if (variant->assisted && !vm_intel())
		EXPECT_EQ(0, kmod_unload("dio_insn_bytes"));
	if (variant->rival)
		EXPECT_EQ(0, kmod_unload("dio_kvm_direct"));
	if (variant->traced)
		EXPECT_EQ(0, sysfs_write("nop", TRACING "current_tracer"));
}

/* Code for one run; the number of its sequences. */
static unsigned int fill(struct vmpair *pair, enum vm_mode mode, uint64_t seed, unsigned int most)
{
	unsigned int n = 0;
	struct seq s;

	seq_begin(&s, mode, seed, pair->code);
	while (n < most && seq_add(&s))
		n++;
	seq_end(&s);
	return n;
}

/* The shortest run with this seed that differs: what did once, does with more. */
static void narrow(struct vmpair *pair, enum vm_mode mode, uint64_t seed)
{
	unsigned int good = 0, bad = fill(pair, mode, seed, ~0u), n;

	say("seed %llu", (unsigned long long)seed);
	while (bad - good > 1) {
		n = good + (bad - good) / 2;
		fill(pair, mode, seed, n);
		if (vmpair_same(pair))
			good = n;
		else
			bad = n;
	}
	say("differs with %u sequences", bad);
}

/* The comparison sees what another seed makes different. */
static bool control(struct vmpair *pair, enum vm_mode mode)
{
	uint64_t state[2];
	unsigned int i;

	for (i = 0; i < 2; i++) {
		fill(pair, mode, 1 + i, 20);
		if (!vmpair_same(pair))
			return false;
		state[i] = vm_state(&pair->stock);
		if (state[i] != vm_state(&pair->fast))
			return false;
	}
	return state[0] != state[1];
}

static unsigned long told(const char *name, unsigned long otherwise)
{
	const char *n = getenv(name);

	return n ? strtoul(n, NULL, 0) : otherwise;
}

TEST_F_TIMEOUT(diff, sequences, DIFF_TIMEOUT_S)
{
	unsigned long wanted = told("DIO_SEQUENCES", clock_rounds(SEQUENCES));
	unsigned long done = 0, interrupts = 0, exits = 0, runs = 0;
	uint64_t seed = told("DIO_SEED", 1);
	struct vmpair *pair = &self->pair;
	struct vm_stores st;

	for (; done < wanted; seed++, runs++) {
		done += fill(pair, variant->mode, seed, ~0u);
		if (!vmpair_same(pair)) {
			narrow(pair, variant->mode, seed);
			EXPECT_EQ(0, seed);
			break;
		}
		interrupts += vm_log_count(&pair->fast);
		exits += pair->fast.exits;
	}
	ASSERT_EQ(0, vm_stores_get(&pair->fast, &st));
	say("%s code: %lu sequences in %lu runs, %lu interrupts, %lu exits to user space",
	    vm_mode_name[variant->mode], done, runs, interrupts, exits);
	if (pair->repeated)
		say("%u runs repeated: the emulator doubled an interrupt", pair->repeated);
	vm_stores_say(&st);
	EXPECT_LT(done, st.eoi);
	EXPECT_LT(done / 4, st.device);
	EXPECT_NE(0, st.slow[SLOW_REGISTER]);
	EXPECT_NE(0, st.slow[SLOW_DEVICE]);
	EXPECT_NE(0, st.slow[SLOW_INSN]);
	EXPECT_NE(0, st.slow[SLOW_ADDRESS]);
	EXPECT_NE(0, st.slow[SLOW_DEBUG]);
	EXPECT_NE(0, st.slow[SLOW_SHADOW]);
	EXPECT_TRUE(control(pair, variant->mode));
}

TEST_HARNESS_MAIN
