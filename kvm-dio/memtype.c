// SPDX-License-Identifier: GPL-2.0-only
/*
 * The feature "memtype" of a VM: what the guest's PAT (pat), or its MTRRs and its
 * PAT (full) say of memory becomes true. Off is stock: on Intel, WB for all RAM
 * with the PAT ignored; on AMD, the PAT alone, so that pat changes nothing there.
 */
#include <linux/module.h>
#include <linux/slab.h>

#include "memtype.h"

#ifdef DIO_MEMTYPE_BREAK
bool dio_no_zap, dio_no_clamp;
module_param_named(no_zap, dio_no_zap, bool, 0600);
MODULE_PARM_DESC(no_zap, "Leave entries with the old type");
module_param_named(no_clamp, dio_no_clamp, bool, 0600);
MODULE_PARM_DESC(no_clamp, "Let huge pages reach over a change of type");
#endif

/**
 * dio_memtype_get() - a VM's memory types, beyond RCU
 * @kvm: the VM
 *
 * Any context.
 *
 * Return: NULL if they are off; else for dio_memtype_put()
 */
struct dio_memtype *dio_memtype_get(const struct kvm *kvm)
{
	struct dio_memtype *m = NULL;
	struct dio_vm *vm;

	rcu_read_lock();
	vm = dio_vm_find(kvm);
	if (vm)
		m = rcu_dereference(vm->data[DIO_F_MEMTYPE]);
	if (m && !refcount_inc_not_zero(&m->refs))
		m = NULL;
	rcu_read_unlock();
	return m;
}

void dio_memtype_put(struct dio_memtype *m)
{
	struct dio_memtype_view *view;

	if (!refcount_dec_and_test(&m->refs))
		return;
	view = rcu_dereference_protected(m->view, true);
	kfree_rcu(view, rcu);
	kfree_rcu(m, rcu);
}

u64 dio_memtype_host_pat(void)
{
	u64 pat;

	rdmsrq(MSR_IA32_CR_PAT, pat);
	return pat;
}

/* Only newer kernels name the owner of a VM's file; a host has one of the two loaded. */
bool dio_memtype_is_ept(struct module *owner)
{
	struct module *intel;

	if (owner)
		return !strcmp(module_name(owner), "kvm_intel");
	intel = dio_module_get("kvm_intel");
	if (intel)
		module_put(intel);
	return intel;
}

static bool dio_memtype_tdp(void)
{
	const bool *enabled = (const bool *)dio_resolve("kvm", "tdp_enabled");

	return enabled && *enabled;
}

static bool dio_memtype_confidential(struct kvm *kvm)
{
	struct kvm_vcpu *vcpu;
	unsigned long i;

	kvm_for_each_vcpu(i, vcpu, kvm)
		if (vcpu->arch.guest_state_protected)
			return true;
	return dio_kvm_is_confidential(kvm) ||
	       test_bit(APICV_INHIBIT_REASON_SEV, &kvm->arch.apicv_inhibit_reasons);
}

/* With pat, only Intel's stock entries keep RAM from what the PAT says. */
static int dio_memtype_check(const struct dio_vm *vm, struct kvm *kvm, u32 mode,
			     struct netlink_ext_ack *extack)
{
	u32 plain = mode & DIO_MEMTYPE_MODE;
	struct dio_memtype_facts facts = {
		.tdp = dio_memtype_tdp(),
		.confidential = dio_memtype_confidential(kvm),
		.non_wb = plain == DIO_KVM_MEMTYPE_FULL || dio_memtype_is_ept(vm->owner),
		.self_snoop = boot_cpu_has(X86_FEATURE_SELFSNOOP),
		.force = mode & DIO_MEMTYPE_FORCE,
	};
	const char *why = dio_memtype_refused(&facts);

	if (!why)
		return 0;
	if (extack)
		DIO_NL_ERR(extack, "%s", why);
	return -EOPNOTSUPP;
}

static struct dio_memtype *dio_memtype_of(const struct dio_vm *vm)
{
	return rcu_dereference_protected(vm->data[DIO_F_MEMTYPE],
					 lockdep_is_held(&dio_vm_lock));
}

static void dio_memtype_off(struct dio_vm *vm, struct kvm *kvm)
{
	struct dio_memtype *m = dio_memtype_of(vm);

	dio_memtype_change(m, kvm, DIO_KVM_MEMTYPE_OFF, NULL);
	RCU_INIT_POINTER(vm->data[DIO_F_MEMTYPE], NULL);
	dio_memtype_put(m);
}

/* One to change, whether the VM has it already or not. Nothing is visible yet. */
static struct dio_memtype *dio_memtype_new(struct dio_vm *vm, gfp_t gfp)
{
	struct dio_memtype *m = dio_memtype_of(vm);

	if (m)
		return m;
	m = kzalloc(sizeof(*m), gfp);
	if (!m)
		return NULL;
	refcount_set(&m->refs, 1);
	mutex_init(&m->lock);
	return m;
}

static int dio_memtype_vm_set(struct dio_vm *vm, struct kvm *kvm, u32 mode,
			      struct netlink_ext_ack *extack)
{
	/* without extack it is the way back from somebody else's failure */
	gfp_t gfp = GFP_KERNEL_ACCOUNT | (extack ? 0 : __GFP_NOFAIL);
	struct dio_memtype_view *view;
	struct dio_memtype *m;
	int ret;

	if (!mode) {
		dio_memtype_off(vm, kvm);
		return 0;
	}
	ret = dio_memtype_check(vm, kvm, mode, extack);
	if (ret)
		return ret;
	view = dio_memtype_view_new(dio_memtype_is_ept(vm->owner), gfp);
	m = view ? dio_memtype_new(vm, gfp) : NULL;
	if (!m) {
		kfree(view);
		return -ENOMEM;
	}
	rcu_assign_pointer(vm->data[DIO_F_MEMTYPE], m);
	dio_memtype_change(m, kvm, mode & DIO_MEMTYPE_MODE, view);
	return 0;
}

static void dio_memtype_vm_release(struct dio_vm *vm)
{
	struct dio_memtype *m = dio_memtype_of(vm);

	RCU_INIT_POINTER(vm->data[DIO_F_MEMTYPE], NULL);
	dio_memtype_put(m);
}

const struct dio_feature dio_memtype_feature = {
	.name = "memtype",
	.hooks = dio_memtype_hooks,
	.nhooks = DIO_MEMTYPE_HOOKS,
	.needs = dio_memtype_needs,
	.vm_set = dio_memtype_vm_set,
	.vm_release = dio_memtype_vm_release,
	.vm_fill = dio_memtype_vm_fill,
};
