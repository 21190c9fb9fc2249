// SPDX-License-Identifier: GPL-2.0
/*
 * The table of hooks: rows that are right can be armed and count; rows that
 * expect something else than the kernel has are refused, each with its reason,
 * and nothing but the mode that needs them with it.
 */
#include <errno.h>
#include <string.h>
#include <sys/mount.h>

#include "kselftest_harness.h"
#include "kvmstage.h"
#include "kvmvm.h"
#include "report.h"

#define FTRACE_ENABLED "/proc/sys/kernel/ftrace_enabled"

FIXTURE(table) {
	struct genl nl;
	struct kvmvm vm;
	struct kvmnl_module mod;
};

FIXTURE_SETUP(table)
{
	self->vm.kvm = -1;
	if (kmod_load("kvm_amd"))
		SKIP(return, "no KVM on this machine");
	ASSERT_EQ(0, kmod_load(KMOD_KVM_TEST));
	ASSERT_EQ(0, kvmnl_open(&self->nl));
	ASSERT_EQ(0, kvmvm_open(&self->vm));
}

FIXTURE_TEARDOWN(table)
{
	kvmvm_close(&self->vm);
	genl_close(&self->nl);
	EXPECT_EQ(0, kmod_unload(KMOD_KVM_TEST));
}

/* What each row of selftests/modules/kvmtest has to come out as. */
static const struct row {
	const char *module, *symbol;
	uint32_t state;
	const char *reason;
} rows[] = {
	{ "kvm", "file_is_kvm", DIO_KVM_HOOK_STATE_IDLE, "" },
	{ "kvm", "kvm_get_kvm_safe", DIO_KVM_HOOK_STATE_IDLE, "" },
	{ "kvm", "kvm_put_kvm", DIO_KVM_HOOK_STATE_IDLE, "" },
	{ "kvm", "kvm_arch_pre_destroy_vm", DIO_KVM_HOOK_STATE_IDLE, "" },
	{ "kvm", "kvm_mmu_page_fault", DIO_KVM_HOOK_STATE_IDLE, "" },
	{ "kvm", "make_spte", DIO_KVM_HOOK_STATE_IDLE, "" },
	{ "kvm_intel", "vmx_get_mt_mask", DIO_KVM_HOOK_STATE_ABSENT,
	  "module kvm_intel is not loaded" },
	{ "kvm", "kvm_no_such_function", DIO_KVM_HOOK_STATE_UNSUPPORTED, "no such symbol" },
	{ "vmlinux", "vfs_read", DIO_KVM_HOOK_STATE_UNSUPPORTED, "only modules can be hooked" },
	{ "kvm", "kvm_spurious_fault", DIO_KVM_HOOK_STATE_UNSUPPORTED, "not traceable" },
};

static bool row_is(const struct row *row, const struct kvmnl_module *m)
{
	const struct kvmnl_hook *h = kvmnl_hook(m, row->module, row->symbol);

	return h && h->state == row->state && !h->calls &&
	       !strncmp(h->reason, row->reason, strlen(row->reason));
}

TEST_F(table, rows)
{
	const struct kvmnl_hook *h;
	size_t i;

	ASSERT_EQ(0, kvmnl_module_get(&self->nl, &self->mod));
	kvmnl_say(&self->mod);
	EXPECT_EQ(4 + 8, self->mod.hooks);
	EXPECT_EQ(0, self->mod.vms);
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		EXPECT_TRUE(row_is(&rows[i], &self->mod)) {
			say("%s:%s", rows[i].module, rows[i].symbol);
		}
	/* one function, expected rightly and wrongly */
	h = kvmnl_hook(&self->mod, "kvm", "kvm_arch_has_noncoherent_dma");
	ASSERT_NE(NULL, h);
	EXPECT_EQ(DIO_KVM_HOOK_STATE_IDLE, h->state);
	h = &self->mod.hook[9];
	EXPECT_STREQ("kvm_arch_has_noncoherent_dma", h->symbol);
	EXPECT_EQ(DIO_KVM_HOOK_STATE_UNSUPPORTED, h->state);
	EXPECT_STREQ("prototype is bool (struct kvm *)", h->reason);
}

/* Loading and looking leave the kernel's code alone. */
TEST_F(table, idle_is_untouched)
{
	char text[4096];

	ASSERT_EQ(0, kvmnl_module_get(&self->nl, &self->mod));
	EXPECT_LE(0, sysfs_read(text, sizeof(text), "/sys/kernel/tracing/enabled_functions"));
	EXPECT_STREQ("", text);
	ASSERT_EQ(0, kvmnl_vm_set(&self->nl, self->vm.vm, DIO_KVM_MEMTYPE_PAT));
	EXPECT_LT(0, sysfs_read(text, sizeof(text), "/sys/kernel/tracing/enabled_functions"));
	say("%.200s", text);
	EXPECT_NE(NULL, strstr(text, "make_spte"));
	EXPECT_EQ(0, kvmnl_vm_set(&self->nl, self->vm.vm, DIO_KVM_MEMTYPE_OFF));
	EXPECT_LE(0, sysfs_read(text, sizeof(text), "/sys/kernel/tracing/enabled_functions"));
	EXPECT_STREQ("", text);
}

/* A mode that needs a wrong row is refused with its reason; the other one works. */
TEST_F(table, refused_alone)
{
	struct kvmnl_vm vm;

	EXPECT_EQ(-EOPNOTSUPP, kvmnl_vm_set(&self->nl, self->vm.vm, DIO_KVM_MEMTYPE_FULL));
	EXPECT_STREQ("kvm:kvm_no_such_function: no such symbol", self->nl.text);
	EXPECT_EQ(0, kvmnl_vm_count(&self->nl, NULL));
	ASSERT_EQ(0, kvmnl_vm_set(&self->nl, self->vm.vm, DIO_KVM_MEMTYPE_PAT));
	/* not whole: nothing of it */
	EXPECT_EQ(-EOPNOTSUPP, kvmnl_vm_set(&self->nl, self->vm.vm, DIO_KVM_MEMTYPE_FULL));
	ASSERT_EQ(0, kvmnl_vm_get(&self->nl, self->vm.vm, &vm));
	EXPECT_EQ(DIO_KVM_MEMTYPE_PAT, vm.memtype);
	EXPECT_EQ(getpid(), vm.pid);
	EXPECT_EQ(1, kvmnl_vm_count(&self->nl, &vm));
	EXPECT_NE(0, vm.id);
}

static long counter(const char *name)
{
	char text[32];

	if (sysfs_read(text, sizeof(text), "/sys/module/%s/parameters/%s", KMOD_KVM_TEST, name) < 0)
		return -1;
	return atol(text);
}

/* Both ways of replacing run for every fault; for whom, the table of VMs tells. */
TEST_F(table, counts)
{
	const struct kvmnl_hook *h;
	struct kvmvm other;
	int i;

	ASSERT_EQ(0, kvmvm_open(&other));
	ASSERT_EQ(0, kvmnl_vm_set(&self->nl, self->vm.vm, DIO_KVM_MEMTYPE_PAT));
	for (i = 0; i < 10; i++) {
		ASSERT_EQ(0, kvmvm_round(&self->vm));
		ASSERT_EQ(0, kvmvm_round(&other));
	}
	ASSERT_EQ(0, kvmnl_module_get(&self->nl, &self->mod));
	kvmnl_say(&self->mod);
	say("counted %ld, others %ld", counter("counted"), counter("others"));
	EXPECT_LE(10 * KVMVM_PAGES, counter("counted"));
	EXPECT_LE(10 * KVMVM_PAGES, counter("others"));
	h = kvmnl_hook(&self->mod, "kvm", "make_spte");
	EXPECT_EQ(DIO_KVM_HOOK_STATE_ARMED, h->state);
	EXPECT_EQ(counter("counted") + counter("others"), h->calls);
	h = kvmnl_hook(&self->mod, "kvm", "kvm_mmu_page_fault");
	EXPECT_LE(20 * KVMVM_PAGES, h->calls);
	ASSERT_EQ(0, kvmnl_vm_set(&self->nl, self->vm.vm, DIO_KVM_MEMTYPE_OFF));
	ASSERT_EQ(0, kvmvm_round(&self->vm));
	ASSERT_EQ(0, kvmnl_module_get(&self->nl, &self->mod));
	EXPECT_EQ(h->calls, kvmnl_hook(&self->mod, "kvm", "kvm_mmu_page_fault")->calls);
	kvmvm_close(&other);
}

/* ftrace cannot be switched off under an armed hook, nor hooks armed while it is off. */
TEST_F(table, ftrace_enabled)
{
	ASSERT_EQ(0, kvmnl_vm_set(&self->nl, self->vm.vm, DIO_KVM_MEMTYPE_PAT));
	EXPECT_EQ(-EBUSY, sysfs_write("0", FTRACE_ENABLED));
	ASSERT_EQ(0, kvmvm_round(&self->vm));
	ASSERT_EQ(0, kvmnl_vm_set(&self->nl, self->vm.vm, DIO_KVM_MEMTYPE_OFF));
	ASSERT_EQ(0, sysfs_write("0", FTRACE_ENABLED));
	EXPECT_EQ(-EBUSY, kvmnl_vm_set(&self->nl, self->vm.vm, DIO_KVM_MEMTYPE_PAT));
	EXPECT_STREQ("kvm:kvm_arch_pre_destroy_vm: ftrace is off (sysctl kernel.ftrace_enabled)",
		     self->nl.text);
	ASSERT_EQ(0, sysfs_write("1", FTRACE_ENABLED));
	EXPECT_EQ(0, kvmnl_vm_set(&self->nl, self->vm.vm, DIO_KVM_MEMTYPE_PAT));
}

/*
 * A direct call is there, as BPF's: with one that shares we give way to the other
 * kind of replacement, and both run; with one that does not we are refused.
 */
TEST_F(table, direct_call_of_another)
{
	const struct kvmnl_hook *h;

	ASSERT_EQ(0, kmod_load("dio_kvm_direct"));
	ASSERT_EQ(0, kvmnl_vm_set(&self->nl, self->vm.vm, DIO_KVM_MEMTYPE_PAT));
	ASSERT_EQ(0, kvmvm_round(&self->vm));
	ASSERT_EQ(0, kvmnl_module_get(&self->nl, &self->mod));
	h = kvmnl_hook(&self->mod, "kvm", "kvm_mmu_page_fault");
	EXPECT_EQ(DIO_KVM_HOOK_STATE_ARMED, h->state);
	EXPECT_LE(KVMVM_PAGES, h->calls);
	ASSERT_EQ(0, kvmnl_vm_set(&self->nl, self->vm.vm, DIO_KVM_MEMTYPE_OFF));
	ASSERT_EQ(0, kmod_unload("dio_kvm_direct"));
	ASSERT_EQ(0, kvmvm_round(&self->vm));

	ASSERT_EQ(0, kmod_load_with("dio_kvm_direct", "share=0"));
	EXPECT_EQ(-EBUSY, kvmnl_vm_set(&self->nl, self->vm.vm, DIO_KVM_MEMTYPE_PAT));
	EXPECT_NE(NULL, strstr(self->nl.text,
			       "kvm:kvm_mmu_page_fault: another user of ftrace has it"));
	EXPECT_EQ(0, kvmnl_vm_count(&self->nl, NULL));
	ASSERT_EQ(0, kvmvm_round(&self->vm));
	ASSERT_EQ(0, kmod_unload("dio_kvm_direct"));
}

static int mount_sys(void)
{
	if (mount("sysfs", "/sys", "sysfs", 0, NULL) ||
	    mount("debugfs", "/sys/kernel/debug", "debugfs", 0, NULL))
		return -errno;
	return mount("tracefs", "/sys/kernel/tracing", "tracefs", 0, NULL) ? -errno : 0;
}

/* Without BTF nothing is hooked; once it can be read all is, without a reload. */
TEST_F(table, no_btf)
{
	const struct kvmnl_hook *h;

	genl_close(&self->nl);
	ASSERT_EQ(0, kmod_unload(KMOD_KVM_TEST));
	ASSERT_EQ(0, umount2("/sys", MNT_DETACH));
	EXPECT_EQ(0, kmod_load(KMOD_KVM_TEST));
	EXPECT_EQ(0, kvmnl_open(&self->nl));
	EXPECT_EQ(-EOPNOTSUPP, kvmnl_vm_set(&self->nl, self->vm.vm, DIO_KVM_MEMTYPE_PAT));
	EXPECT_EQ(0, kvmnl_module_get(&self->nl, &self->mod));
	ASSERT_EQ(0, mount_sys());
	h = kvmnl_hook(&self->mod, "kvm", "make_spte");
	ASSERT_NE(NULL, h);
	EXPECT_EQ(DIO_KVM_HOOK_STATE_UNSUPPORTED, h->state);
	EXPECT_NE(NULL, strstr(h->reason, "no usable /sys/kernel/btf/vmlinux"));
	EXPECT_EQ(0, kvmnl_vm_set(&self->nl, self->vm.vm, DIO_KVM_MEMTYPE_PAT));
	EXPECT_EQ(0, kvmvm_round(&self->vm));
}

TEST_HARNESS_MAIN
