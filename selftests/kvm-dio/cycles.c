// SPDX-License-Identifier: GPL-2.0
/*
 * Armed, disarmed and unloaded in turn under a guest that faults as fast as it
 * can, some of its faults asleep in a hook meanwhile: the guest does not notice,
 * and nothing is left behind, not a reference and not a byte. CYCLES=n in the
 * environment: as many of them, say 200.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kselftest_harness.h"
#include "clock.h"
#include "kvmstage.h"
#include "kvmvm.h"
#include "memstat.h"
#include "report.h"

#define STACKS_KB	64	/* of kernel workers that came meanwhile */
#define CYCLES	60		/* where a second of the clock is cheap, */
#define FEW	20		/* and where it is one */
#define WARM_UP	4
#define TIMEOUT_S 4000		/* of the machine's clock */
#define EXPEDITED "/sys/kernel/rcu_expedited"

FIXTURE(cycles) {
	struct genl nl;
	struct kvmvm vm;
};

FIXTURE_SETUP(cycles)
{
	if (kmod_load("kvm_amd"))
		SKIP(return, "no KVM on this machine");
	/* half of a cycle is grace periods, with a virtual CPU that is never idle */
	sysfs_write("1", EXPEDITED);
	ASSERT_EQ(0, kvmvm_open(&self->vm));
	/* one processor: the guest has what is left of it */
	self->vm.nice = clock_is_cheap() ? 10 : 0;
	ASSERT_EQ(0, kvmvm_start(&self->vm));
}

FIXTURE_TEARDOWN(cycles)
{
	kvmvm_close(&self->vm);
	sysfs_write("0", EXPEDITED);
	if (kmod_loaded(KMOD_KVM_TEST))
		kmod_unload(KMOD_KVM_TEST);
}

/*
 * Off and unloaded, or unloaded with the VM opted in, every tenth time with a
 * fault asleep in the hook that is taken away.
 */
static void cycle(struct __test_metadata *_metadata, FIXTURE_DATA(cycles) *self, int i)
{
	ASSERT_EQ(0, kmod_load(KMOD_KVM_TEST));
	ASSERT_EQ(0, kvmnl_open(&self->nl));
	if (i % 10 == 1)
		ASSERT_EQ(0, sysfs_write("5", "/sys/module/" KMOD_KVM_TEST "/parameters/dwell"));
	ASSERT_EQ(0, kvmnl_vm_set(&self->nl, self->vm.vm, DIO_KVM_MEMTYPE_PAT));
	if (i % 10 != 1)
		ASSERT_EQ(0, kvmvm_wait(&self->vm, 1));
	if (i % 2 == 0)
		ASSERT_EQ(0, kvmnl_vm_set(&self->nl, self->vm.vm, DIO_KVM_MEMTYPE_OFF));
	genl_close(&self->nl);
	ASSERT_EQ(0, kmod_unload(KMOD_KVM_TEST)) {
		say("cycle %d", i);
	}
	ASSERT_EQ(0, kvmvm_wait(&self->vm, 1));
}

static int cycles_wanted(void)
{
	const char *text = getenv("CYCLES");

	return text ? atoi(text) : clock_rounds(clock_is_cheap() ? CYCLES : FEW);
}

TEST_F_TIMEOUT(cycles, under_fault, TIMEOUT_S)
{
	int i, rc, users, cycles = cycles_wanted();
	struct memstat *before = calloc(1, sizeof(*before));
	struct memstat_growth g;

	ASSERT_NE(NULL, before);
	for (i = 0; i < WARM_UP; i++)
		cycle(_metadata, self, i);
	users = kmod_users("kvm_amd");
	rc = memstat_take(before);
	for (i = 0; i < cycles; i++) {
		cycle(_metadata, self, i);
		if (i % 20 == 19)
			say("%d cycles, %lu rounds", i + 1, self->vm.rounds);
	}
	say("%d cycles, %lu rounds of %d faults", cycles, self->vm.rounds, KVMVM_PAGES);
	EXPECT_EQ(users, kmod_users("kvm_amd"));
	EXPECT_EQ(0, kvmvm_stop(&self->vm));
	kvmvm_close(&self->vm);
	EXPECT_TRUE(wait_until(kmod_users("kvm_amd") == 0, 20000));
	if (rc) {
		say("memory: %s, left to kmemleak", strerror(-rc));
		return;
	}
	ASSERT_EQ(0, memstat_compare(before, cycles / 2, &g));
	say("grew most: %s, %ld objects; vmalloc %ld kB", g.name, g.objects, g.vmalloc_kb);
	EXPECT_GT(cycles / 2, g.objects);
	EXPECT_GT(cycles / 2 * 4 + STACKS_KB, g.vmalloc_kb);
	free(before);
}

FIXTURE(owners) {
};

FIXTURE_SETUP(owners)
{
}

FIXTURE_TEARDOWN(owners)
{
}

/* KVM's own modules go and come while dio_kvm is there. */
TEST_F_TIMEOUT(owners, kvm_comes_and_goes, TIMEOUT_S)
{
	static struct kvmnl_module m;
	struct kvmnl_vm vm;
	struct kvmvm v;
	struct genl nl;
	int i;

	KVM_STAGE_SETUP(&nl);
	for (i = 0; i < 10; i++) {
		ASSERT_EQ(0, kmod_unload("kvm_amd"));
		ASSERT_EQ(0, kmod_unload("kvm"));
		ASSERT_EQ(0, kvmnl_module_get(&nl, &m));
		EXPECT_EQ(DIO_KVM_HOOK_STATE_ABSENT, kvmnl_hook(&m, "kvm", "make_spte")->state);
		EXPECT_STREQ("module kvm is not loaded",
			     kvmnl_hook(&m, "kvm", "make_spte")->reason);
		EXPECT_EQ(-ENODEV, kvmnl_vm_get(&nl, 0, &vm));
		ASSERT_EQ(0, kmod_load("kvm_amd"));
		if (i % 3 == 2)		/* not looked at before it is used */
			ASSERT_EQ(0, kvmnl_module_get(&nl, &m));
		ASSERT_EQ(0, kvmvm_open(&v));
		ASSERT_EQ(0, kvmnl_vm_set(&nl, v.vm, DIO_KVM_MEMTYPE_PAT));
		ASSERT_EQ(0, kvmvm_round(&v));
		EXPECT_EQ(-EWOULDBLOCK, kmod_unload("kvm_amd"));
		kvmvm_close(&v);
		/* at once: the entry of the VM may still be there */
		if (i % 2)
			EXPECT_TRUE(wait_until(kvm_stage_vms(&nl) == 0, 20000));
	}
	genl_close(&nl);
	EXPECT_EQ(0, kmod_unload(KMOD_KVM_TEST));
}

TEST_HARNESS_MAIN
