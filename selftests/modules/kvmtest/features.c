// SPDX-License-Identifier: GPL-2.0-only
/*
 * Features for tests of the hook engine, in the place of memtype: mode pat counts
 * page faults of the VMs that have it on, mode full also needs functions that are
 * not what their rows say, one of each kind.
 */
#include <linux/module.h>
#include <linux/slab.h>

#include "dio_kvm.h"

static ulong counted;	/* entries into make_spte() for VMs that have it on */
module_param(counted, ulong, 0444);
static ulong others;	/* for other VMs */
module_param(others, ulong, 0444);
static int dwell;	/* milliseconds that a fault of such a VM sleeps in its hook */
module_param(dwell, int, 0644);
static int fail;	/* vm_set() of a mode that is not 0 fails */
module_param(fail, int, 0644);

static int dio_test_fault(struct kvm_vcpu *vcpu, gpa_t gpa, u64 error, void *insn, int len);
static bool dio_test_spte(struct kvm_vcpu *vcpu, void *sp, const struct kvm_memory_slot *slot,
			  unsigned int access, gfn_t gfn, kvm_pfn_t pfn, u64 old, bool prefetch,
			  bool sync, bool writable, u64 *spte);
static bool dio_test_noncoherent(struct kvm *kvm);
static int dio_wrong_proto(struct kvm *kvm);
static void dio_wrong_symbol(void);
static ssize_t dio_wrong_place(struct file *file, char __user *buf, size_t count, loff_t *pos);
static void dio_wrong_noinstr(void);
static u8 dio_test_mt(struct kvm_vcpu *vcpu, gfn_t gfn, bool mmio);

DIO_HOOK_FAST(dio_test_fault, "kvm", "kvm_mmu_page_fault",
	      "int (struct kvm_vcpu *, gpa_t, u64, void *, int)", NULL);
DIO_HOOK(dio_test_spte, "kvm", "make_spte",
	 "bool (struct kvm_vcpu *, struct kvm_mmu_page *, const struct kvm_memory_slot *, unsigned int, gfn_t, kvm_pfn_t, u64, bool, bool, bool, u64 *)",
	 NULL);
DIO_HOOK(dio_test_noncoherent, "kvm", "kvm_arch_has_noncoherent_dma", "bool (struct kvm *)", NULL);
DIO_HOOK(dio_test_mt, "kvm_intel", "vmx_get_mt_mask", "u8 (struct kvm_vcpu *, gfn_t, bool)",
	 "kvm_intel");

/* What is wrong with each is in its name. */
DIO_HOOK(dio_wrong_symbol, "kvm", "kvm_no_such_function", "void (void)", NULL);
DIO_HOOK(dio_wrong_proto, "kvm", "kvm_arch_has_noncoherent_dma", "int (struct kvm *)", NULL);
DIO_HOOK(dio_wrong_place, "vmlinux", "vfs_read",
	 "ssize_t (struct file *, char *, size_t, loff_t *)", NULL);

DIO_HOOK(dio_wrong_noinstr, "kvm", "kvm_spurious_fault", "void (void)", NULL);

static void dio_test_sleep(struct kvm_vcpu *vcpu)
{
	struct dio_vm *vm;

	if (!READ_ONCE(dwell))
		return;
	vm = dio_vm_get(vcpu->kvm);
	if (!vm)
		return;
	schedule_timeout_uninterruptible(msecs_to_jiffies(READ_ONCE(dwell)));
	dio_vm_put(vm);
}

/* Sleeps in the middle of the hook, which unloading has to wait for. */
static int dio_test_fault(struct kvm_vcpu *vcpu, gpa_t gpa, u64 error, void *insn, int len)
{
	int ret;

	dio_hook_enter(dio_test_fault);
	ret = dio_orig(dio_test_fault)(vcpu, gpa, error, insn, len);
	dio_test_sleep(vcpu);
	dio_hook_leave(dio_test_fault);
	return ret;
}

static bool dio_test_spte(struct kvm_vcpu *vcpu, void *sp, const struct kvm_memory_slot *slot,
			  unsigned int access, gfn_t gfn, kvm_pfn_t pfn, u64 old, bool prefetch,
			  bool sync, bool writable, u64 *spte)
{
	struct dio_vm *vm;
	atomic_long_t *n = NULL;
	bool ret;

	dio_hook_enter(dio_test_spte);
	rcu_read_lock();
	vm = dio_vm_find(vcpu->kvm);
	if (vm)
		n = rcu_dereference(vm->data[DIO_F_MEMTYPE]);
	if (n) {
		atomic_long_inc(n);
		counted++;
	} else {
		others++;
	}
	rcu_read_unlock();
	ret = dio_orig(dio_test_spte)(vcpu, sp, slot, access, gfn, pfn, old, prefetch, sync,
				      writable, spte);
	dio_hook_leave(dio_test_spte);
	return ret;
}

static bool dio_test_noncoherent(struct kvm *kvm)
{
	bool ret;

	dio_hook_enter(dio_test_noncoherent);
	ret = dio_orig(dio_test_noncoherent)(kvm);
	dio_hook_leave(dio_test_noncoherent);
	return ret;
}

static u8 dio_test_mt(struct kvm_vcpu *vcpu, gfn_t gfn, bool mmio)
{
	u8 ret;

	dio_hook_enter(dio_test_mt);
	ret = dio_orig(dio_test_mt)(vcpu, gfn, mmio);
	dio_hook_leave(dio_test_mt);
	return ret;
}

static int dio_wrong_proto(struct kvm *kvm)
{
	return dio_orig(dio_wrong_proto)(kvm);
}

static ssize_t dio_wrong_place(struct file *file, char __user *buf, size_t count, loff_t *pos)
{
	return dio_orig(dio_wrong_place)(file, buf, count, pos);
}

static void dio_wrong_symbol(void)
{
	dio_orig(dio_wrong_symbol)();
}

static void dio_wrong_noinstr(void)
{
	dio_orig(dio_wrong_noinstr)();
}

static struct dio_hook *const dio_test_hooks[] = {
	&dio_test_fault_hook,
	&dio_test_spte_hook,
	&dio_test_noncoherent_hook,
	&dio_test_mt_hook,
	&dio_wrong_symbol_hook,
	&dio_wrong_proto_hook,
	&dio_wrong_place_hook,
	&dio_wrong_noinstr_hook,
};

static bool dio_test_needs(const struct dio_hook *hook, u32 mode)
{
	return mode == DIO_KVM_MEMTYPE_FULL ||
	       (hook != &dio_wrong_symbol_hook && hook != &dio_wrong_proto_hook &&
		hook != &dio_wrong_place_hook && hook != &dio_wrong_noinstr_hook);
}

static int dio_test_set(struct dio_vm *vm, struct kvm *kvm, u32 mode,
			struct netlink_ext_ack *extack)
{
	atomic_long_t *n = NULL, *old;

	if (mode && fail) {
		DIO_NL_ERR(extack, "told to fail");
		return -EIO;
	}
	if (mode) {
		n = kzalloc(sizeof(*n), GFP_KERNEL);
		if (!n)
			return -ENOMEM;
	}
	old = rcu_replace_pointer(vm->data[DIO_F_MEMTYPE], n, true);
	synchronize_rcu();
	kfree(old);
	return 0;
}

static void dio_test_release(struct dio_vm *vm)
{
	dio_test_set(vm, NULL, 0, NULL);
}

static const struct dio_feature dio_test_feature = {
	.name = "test",
	.hooks = dio_test_hooks,
	.nhooks = ARRAY_SIZE(dio_test_hooks),
	.needs = dio_test_needs,
	.vm_set = dio_test_set,
	.vm_release = dio_test_release,
};

const struct dio_feature *const dio_features[DIO_NR_FEATURES] = {
	[DIO_F_CORE] = &dio_core_feature,
	[DIO_F_MEMTYPE] = &dio_test_feature,
};
