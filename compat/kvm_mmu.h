/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * KVM's MMU and MTRRs: the function that says how large a page may be has had
 * three shapes, and until 6.11 the MTRRs of a vCPU were kept in parts. The
 * prototypes are those that BTF has to show before a hook is armed. DIO_LEVEL_CALL()
 * hands the parameters on.
 */
#ifndef DIO_COMPAT_KVM_MMU_H
#define DIO_COMPAT_KVM_MMU_H

#include <linux/kvm_host.h>
#include <asm/msr.h>
#include "kvm-dio/mtrr.h"

/* Until 6.15; a macro in either case. */
#ifndef rdmsrq
#define rdmsrq rdmsrl
#endif

struct kvm_page_fault;

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 8, 0)
#define DIO_LEVEL_SYMBOL "kvm_mmu_max_mapping_level"
#define DIO_LEVEL_PROTO "int (struct kvm *, const struct kvm_memory_slot *, gfn_t, int)"
#define DIO_LEVEL_PARAMS struct kvm *kvm, const struct kvm_memory_slot *slot, gfn_t gfn, \
			 int max_level
#define DIO_LEVEL_CALL(orig) ((orig)(kvm, slot, gfn, max_level))
#elif LINUX_VERSION_CODE < KERNEL_VERSION(6, 17, 0)
#define DIO_LEVEL_SYMBOL "__kvm_mmu_max_mapping_level"
#define DIO_LEVEL_PROTO "int (struct kvm *, const struct kvm_memory_slot *, gfn_t, int, bool)"
#define DIO_LEVEL_PARAMS struct kvm *kvm, const struct kvm_memory_slot *slot, gfn_t gfn, \
			 int max_level, bool is_private
#define DIO_LEVEL_CALL(orig) ((orig)(kvm, slot, gfn, max_level, is_private))
#else
#define DIO_LEVEL_SYMBOL "kvm_mmu_max_mapping_level"
#define DIO_LEVEL_PROTO "int (struct kvm *, struct kvm_page_fault *, " \
			"const struct kvm_memory_slot *, gfn_t)"
#define DIO_LEVEL_PARAMS struct kvm *kvm, struct kvm_page_fault *fault, \
			 const struct kvm_memory_slot *slot, gfn_t gfn
#define DIO_LEVEL_CALL(orig) ((orig)(kvm, fault, slot, gfn))
#endif

/* What a vCPU's MTRRs hold; read while they may be written, one MSR at a time. */
static inline void dio_kvm_mtrr_regs(const struct kvm_vcpu *vcpu, struct dio_mtrr_regs *regs)
{
	const struct kvm_mtrr *mtrr = &vcpu->arch.mtrr_state;
	unsigned int i;

	*regs = (struct dio_mtrr_regs) {
		.deftype = READ_ONCE(mtrr->deftype),
		.nvar = KVM_NR_VAR_MTRR,
		.phys_bits = vcpu->arch.maxphyaddr,
	};
#ifdef DIO_HAVE_KVM_MTRR_RANGES
	for (i = 0; i < KVM_NR_VAR_MTRR; i++) {
		regs->base[i] = READ_ONCE(mtrr->var_ranges[i].base);
		regs->mask[i] = READ_ONCE(mtrr->var_ranges[i].mask);
	}
	for (i = 0; i < 8 * DIO_MTRR_FIXED; i++)
		regs->fixed[i / 8] |= (u64)READ_ONCE(mtrr->fixed_ranges[i]) << (8 * (i % 8));
#else
	for (i = 0; i < KVM_NR_VAR_MTRR; i++) {
		regs->base[i] = READ_ONCE(mtrr->var[2 * i]);
		regs->mask[i] = READ_ONCE(mtrr->var[2 * i + 1]);
	}
	regs->fixed[0] = READ_ONCE(mtrr->fixed_64k);
	for (i = 0; i < 2; i++)
		regs->fixed[1 + i] = READ_ONCE(mtrr->fixed_16k[i]);
	for (i = 0; i < 8; i++)
		regs->fixed[3 + i] = READ_ONCE(mtrr->fixed_4k[i]);
#endif
}

/* The VM was made as one whose memory is encrypted or private. */
static inline bool dio_kvm_is_confidential(const struct kvm *kvm)
{
#ifdef DIO_HAVE_KVM_VM_TYPE
	return kvm->arch.vm_type != KVM_X86_DEFAULT_VM || kvm->arch.has_protected_state;
#else
	return false;
#endif
}

/* For tests: say so, or not, of a VM that was not. False: this kernel has no such VMs. */
static inline bool dio_kvm_set_confidential(struct kvm *kvm, bool on)
{
#ifdef DIO_HAVE_KVM_VM_TYPE
	if (kvm)
		kvm->arch.has_protected_state = on;
	return true;
#else
	return false;
#endif
}

#endif /* DIO_COMPAT_KVM_MMU_H */
