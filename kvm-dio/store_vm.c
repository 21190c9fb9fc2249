// SPDX-License-Identifier: GPL-2.0-only
/*
 * The store fast path as a feature of a VM: what it needs of KVM, on and off, and
 * the counters. The rule of its life: a vCPU reaches struct dio_stores inside its
 * exit handler only, where KVM holds kvm->srcu for it. So it is freed one
 * synchronize_srcu(&kvm->srcu) after nobody can find it any more.
 */
#include <linux/mm.h>
#include <net/netlink.h>

#include "netlink.h"
#include "store.h"

DIO_CALL(dio_eoi, dio_eoi_t, "kvm", "kvm_lapic_set_eoi", "void (struct kvm_vcpu *)", NULL);
DIO_CALL(dio_apic_eoi, dio_apic_eoi_t, "kvm", "apic_set_eoi", "int (struct kvm_lapic *)", NULL);
DIO_CALL(dio_gva_read, dio_gva_read_t, "kvm", "kvm_mmu_gva_to_gpa_read",
	 "gpa_t (struct kvm_vcpu *, gva_t, struct x86_exception *)", NULL);
DIO_CALL(dio_vmx_cache_reg, dio_cache_reg_t, "kvm_intel", "vmx_cache_reg",
	 "void (struct kvm_vcpu *, enum kvm_reg)", "kvm_intel");
DIO_CALL(dio_cs_bits, dio_cs_bits_t, "kvm_amd", "svm_get_cs_db_l_bits",
	 "void (struct kvm_vcpu *, int *, int *)", "kvm_amd");
DIO_CALL_OR(dio_cs_bits_vmx, dio_cs_bits, "kvm_intel", "vmx_get_cs_db_l_bits",
	    "void (struct kvm_vcpu *, int *, int *)", "kvm_intel");
DIO_CALL(dio_segment_base, dio_segment_base_t, "kvm_amd", "svm_get_segment_base",
	 "u64 (struct kvm_vcpu *, int)", "kvm_amd");
DIO_CALL_OR(dio_segment_base_vmx, dio_segment_base, "kvm_intel", "vmx_get_segment_base",
	    "u64 (struct kvm_vcpu *, int)", "kvm_intel");
DIO_CALL(dio_rflags, dio_rflags_t, "kvm_amd", "svm_get_rflags",
	 "unsigned long (struct kvm_vcpu *)", "kvm_amd");
DIO_CALL_OR(dio_rflags_vmx, dio_rflags, "kvm_intel", "vmx_get_rflags",
	    "unsigned long (struct kvm_vcpu *)", "kvm_intel");
DIO_CALL(dio_rflags_set, dio_rflags_set_t, "kvm_amd", "svm_set_rflags",
	 "void (struct kvm_vcpu *, unsigned long)", "kvm_amd");
DIO_CALL_OR(dio_rflags_set_vmx, dio_rflags_set, "kvm_intel", "vmx_set_rflags",
	    "void (struct kvm_vcpu *, unsigned long)", "kvm_intel");
DIO_CALL(dio_shadow, dio_shadow_t, "kvm_amd", "svm_get_interrupt_shadow",
	 "u32 (struct kvm_vcpu *)", "kvm_amd");
DIO_CALL_OR(dio_shadow_vmx, dio_shadow, "kvm_intel", "vmx_get_interrupt_shadow",
	    "u32 (struct kvm_vcpu *)", "kvm_intel");

/* Calls first: they are there before the hook can run. */
static struct dio_hook *const dio_stores_hooks[] = {
	&dio_eoi_hook, &dio_apic_eoi_hook, &dio_gva_read_hook,
	&dio_segment_base_hook, &dio_segment_base_vmx_hook,
	&dio_vmx_cache_reg_hook, &dio_cs_bits_hook, &dio_cs_bits_vmx_hook,
	&dio_rflags_hook, &dio_rflags_vmx_hook, &dio_rflags_set_hook, &dio_rflags_set_vmx_hook,
	&dio_shadow_hook, &dio_shadow_vmx_hook,
	&dio_store_page_fault_hook,
};

/*
 * How many VMs with the feature on have this hash; what store_entry.S looks at.
 * Under dio_vm_lock; read without.
 */
u8 dio_store_filter[256];

static u8 *dio_store_filter_of(const struct kvm *kvm)
{
	return &dio_store_filter[(unsigned long)kvm >> 12 & 0xff];
}

struct dio_store_vcpu *dio_store_vcpu_new(struct dio_stores *stores, struct kvm_vcpu *vcpu)
{
	struct dio_store_vcpu *sv = kzalloc(sizeof(*sv), GFP_KERNEL_ACCOUNT);
	unsigned int i;

	if (!sv)
		return NULL;
	for (i = 0; i < DIO_CODE_SLOTS; i++)
		sv->slot[i].code.generation = DIO_NO_GENERATION;
	sv->given.mode = DIO_STORE_NO_MODE;
	sv->eoi.generation = DIO_NO_GENERATION;
	for (i = 0; i < DIO_TARGETS; i++)
		sv->target[i].generation = DIO_NO_GENERATION;
	/* pairs with dio_stores_sum(): a reader finds it empty, not unwritten */
	smp_store_release(&stores->vcpu[vcpu->vcpu_idx], sv);
	return sv;
}

static void dio_stores_free(struct dio_stores *stores)
{
	unsigned int i;

	for (i = 0; i < KVM_MAX_VCPUS; i++)
		kfree(stores->vcpu[i]);
	kvfree(stores);
}

static struct dio_stores *dio_stores_get(const struct dio_vm *vm)
{
	/* written under dio_vm_lock, which all callers hold */
	return rcu_dereference_protected(vm->data[DIO_F_STORES], true);
}

static void dio_stores_off(struct dio_vm *vm, struct kvm *kvm)
{
	struct dio_stores *stores = dio_stores_get(vm);

	(*dio_store_filter_of(kvm))--;
	rcu_assign_pointer(vm->data[DIO_F_STORES], NULL);
	synchronize_srcu(&kvm->srcu);
	dio_stores_free(stores);
}

static int dio_stores_set(struct dio_vm *vm, struct kvm *kvm, u32 mode,
			  struct netlink_ext_ack *extack)
{
	struct dio_stores *stores = dio_stores_get(vm);

	if (!mode) {
		dio_stores_off(vm, kvm);
		return 0;
	}
	if (stores) {
		WRITE_ONCE(stores->mode, mode);
		return 0;
	}
	if (*dio_store_filter_of(kvm) == U8_MAX) {
		NL_SET_ERR_MSG(extack, "stores: too many VMs have it on");
		return -ENOSPC;
	}
	stores = kvzalloc(sizeof(*stores), GFP_KERNEL_ACCOUNT);
	if (!stores)
		return -ENOMEM;
	stores->mode = mode;
	rcu_assign_pointer(vm->data[DIO_F_STORES], stores);
	(*dio_store_filter_of(kvm))++;
	return 0;
}

/* The VM is dead: no vCPU is left that could be in its exit handler. */
static void dio_stores_release(struct dio_vm *vm)
{
	(*dio_store_filter_of(vm->kvm))--;
	dio_stores_free(dio_stores_get(vm));
	RCU_INIT_POINTER(vm->data[DIO_F_STORES], NULL);
}

/**
 * dio_store_in_device() - is this write to a device the fast path's?
 * @vcpu: from the device's write function
 * @val: from the same
 *
 * If so, -EOPNOTSUPP must leave nothing behind: the emulator will do it all again.
 * Context: as the write function.
 * Return: true if it is.
 */
bool dio_store_in_device(struct kvm_vcpu *vcpu, const void *val)
{
	const struct dio_store_vcpu *sv;
	struct dio_stores *stores = dio_stores_of(vcpu);

	sv = stores ? stores->vcpu[vcpu->vcpu_idx] : NULL;
	return sv && val == &sv->value;
}

struct dio_store_sum {
	u64 fast[DIO_NR_FAST];
	u64 slow[DIO_NR_SLOW];
};

static void dio_stores_sum(const struct dio_stores *stores, struct dio_store_sum *sum)
{
	const struct dio_store_vcpu *sv;
	unsigned int i, j;

	memset(sum, 0, sizeof(*sum));
	for (i = 0; i < KVM_MAX_VCPUS; i++) {
		/* pairs with dio_store_vcpu_new() */
		sv = smp_load_acquire(&stores->vcpu[i]);
		for (j = 0; sv && j < DIO_NR_FAST; j++)
			sum->fast[j] += READ_ONCE(sv->fast[j]);
		for (j = 0; sv && j < DIO_NR_SLOW; j++)
			sum->slow[j] += READ_ONCE(sv->slow[j]);
	}
}

static int dio_stores_put(struct sk_buff *msg, const struct dio_store_sum *sum)
{
	struct nlattr *nest = nla_nest_start(msg, DIO_KVM_A_VM_STORES_STAT);
	unsigned int i;

	if (!nest)
		return -EMSGSIZE;
	for (i = 0; i < DIO_NR_FAST; i++)
		if (nla_put_u64_64bit(msg, DIO_KVM_A_STORES_STAT_EOI + i, sum->fast[i],
				      DIO_KVM_A_STORES_STAT_PAD))
			return -EMSGSIZE;
	for (i = 0; i < DIO_NR_SLOW; i++)
		if (nla_put_u64_64bit(msg, DIO_KVM_A_STORES_STAT_SLOW_REGISTER + i, sum->slow[i],
				      DIO_KVM_A_STORES_STAT_PAD))
			return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

/* @kvm is referenced; its srcu keeps the counters, as it does for a vCPU. */
static int dio_stores_fill(struct sk_buff *msg, struct dio_vm *vm, struct kvm *kvm)
{
	struct dio_stores *stores;
	struct dio_store_sum sum;
	int idx;

	if (nla_put_u32(msg, DIO_KVM_A_VM_STORES, vm ? READ_ONCE(vm->mode[DIO_F_STORES]) : 0))
		return -EMSGSIZE;
	if (!vm)
		return 0;
	idx = srcu_read_lock(&kvm->srcu);
	stores = srcu_dereference(vm->data[DIO_F_STORES], &kvm->srcu);
	if (stores)
		dio_stores_sum(stores, &sum);
	srcu_read_unlock(&kvm->srcu, idx);
	return stores ? dio_stores_put(msg, &sum) : 0;
}

static_assert(DIO_KVM_A_STORES_STAT_DEVICE - DIO_KVM_A_STORES_STAT_EOI == DIO_FAST_DEVICE);
static_assert(DIO_KVM_A_STORES_STAT_SLOW_PMU - DIO_KVM_A_STORES_STAT_SLOW_REGISTER ==
	      DIO_SLOW_PMU && DIO_SLOW_PMU == DIO_NR_SLOW - 1);

const struct dio_feature dio_stores_feature = {
	.name = "stores",
	.hooks = dio_stores_hooks,
	.nhooks = ARRAY_SIZE(dio_stores_hooks),
	.vm_set = dio_stores_set,
	.vm_release = dio_stores_release,
	.vm_fill = dio_stores_fill,
};
