// SPDX-License-Identifier: GPL-2.0
/*
 * A livepatch of a function that a hook wants, before and after the hook: the
 * one that comes second is refused, by name if it is ours, and both go on.
 */
#include <errno.h>
#include <string.h>

#include "kselftest_harness.h"
#include "clock.h"
#include "kmsg.h"
#include "kvmstage.h"
#include "kvmvm.h"
#include "report.h"

#define PATCH "dio_kvm_livepatch"
#define PATCH_SYSFS "/sys/kernel/livepatch/" PATCH
#define PATCHED "kvm_arch_has_noncoherent_dma"
#define TRANSITION_MS 60000

FIXTURE(livepatch) {
	struct genl nl;
	struct kvmvm vm;
	struct kvmnl_module mod;
};

FIXTURE_SETUP(livepatch)
{
	self->vm.kvm = -1;
	KVM_STAGE_SETUP(&self->nl);
	ASSERT_EQ(0, kvmvm_open(&self->vm));
}

FIXTURE_TEARDOWN(livepatch)
{
	kvmvm_close(&self->vm);
	genl_close(&self->nl);
	EXPECT_EQ(0, kmod_unload(KMOD_KVM_TEST));
}

static bool in_transition(void)
{
	char text[8];

	return sysfs_read(text, sizeof(text), PATCH_SYSFS "/transition") < 0 || *text != '0';
}

static int patch(void)
{
	int rc = kmod_load(PATCH);

	if (rc)
		return rc;
	return wait_until(!in_transition(), TRANSITION_MS * clock_scale()) ? 0 : -ETIMEDOUT;
}

/* klp_free_patch_finish() lets go of the module after its folder is gone. */
static bool unloaded(int *rc)
{
	*rc = kmod_unload(PATCH);
	return *rc != -EAGAIN;
}

static int unpatch(void)
{
	int rc = sysfs_write("0", PATCH_SYSFS "/enabled");

	if (rc)
		return rc;
	if (!wait_until(!sysfs_exists(PATCH_SYSFS), TRANSITION_MS * clock_scale()))
		return -ETIMEDOUT;
	return wait_until(unloaded(&rc), TRANSITION_MS * clock_scale()) ? rc : -ETIMEDOUT;
}

TEST_F_TIMEOUT(livepatch, before, 240)
{
	const struct kvmnl_hook *h;

	ASSERT_EQ(0, patch());
	EXPECT_EQ(-EBUSY, kvmnl_vm_set(&self->nl, self->vm.vm, DIO_KVM_MEMTYPE_PAT));
	EXPECT_STREQ("kvm:" PATCHED ": livepatch " PATCH " has it", self->nl.text);
	EXPECT_EQ(0, kvm_stage_vms(&self->nl));
	EXPECT_EQ(0, kvm_stage_armed(&self->nl));
	ASSERT_EQ(0, kvmnl_module_get(&self->nl, &self->mod));
	h = kvmnl_hook(&self->mod, "kvm", PATCHED);
	EXPECT_EQ(DIO_KVM_HOOK_STATE_UNSUPPORTED, h->state);
	EXPECT_STREQ("livepatch " PATCH " has it", h->reason);
	/* the others are not its business */
	EXPECT_EQ(DIO_KVM_HOOK_STATE_IDLE, kvmnl_hook(&self->mod, "kvm", "make_spte")->state);
	EXPECT_EQ(0, kvmvm_round(&self->vm));
	ASSERT_EQ(0, unpatch());
	ASSERT_EQ(0, kvmnl_vm_set(&self->nl, self->vm.vm, DIO_KVM_MEMTYPE_PAT));
	EXPECT_EQ(0, kvmvm_round(&self->vm));
	ASSERT_EQ(0, kvmnl_module_get(&self->nl, &self->mod));
	EXPECT_EQ(DIO_KVM_HOOK_STATE_ARMED, kvmnl_hook(&self->mod, "kvm", PATCHED)->state);
}

TEST_F_TIMEOUT(livepatch, after, 240)
{
	const struct kvmnl_hook *h;
	uint64_t calls;

	ASSERT_EQ(0, kvmnl_vm_set(&self->nl, self->vm.vm, DIO_KVM_MEMTYPE_PAT));
	EXPECT_EQ(0, kvmvm_round(&self->vm));
	EXPECT_NE(0, patch());
	EXPECT_FALSE(kmod_loaded(PATCH));
	ASSERT_EQ(0, kvmnl_module_get(&self->nl, &self->mod));
	h = kvmnl_hook(&self->mod, "kvm", "make_spte");
	EXPECT_EQ(DIO_KVM_HOOK_STATE_ARMED, h->state);
	calls = h->calls;
	EXPECT_EQ(0, kvmvm_round(&self->vm));
	ASSERT_EQ(0, kvmnl_module_get(&self->nl, &self->mod));
	EXPECT_LE(calls + KVMVM_PAGES, h->calls);
	/* once the function is free again the livepatch gets it */
	ASSERT_EQ(0, kvmnl_vm_set(&self->nl, self->vm.vm, DIO_KVM_MEMTYPE_OFF));
	ASSERT_EQ(0, patch());
	EXPECT_EQ(0, kvmvm_round(&self->vm));
	ASSERT_EQ(0, unpatch());
}

TEST_HARNESS_MAIN
