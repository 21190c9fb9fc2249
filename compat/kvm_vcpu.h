/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The public part of struct kvm_vcpu as the kernels have it: RIP left the array
 * of registers, and the masks of what is cached became bitmaps (7.2); memory that
 * only the guest can read (6.8); who counts retired instructions (7.2); where the
 * request for an L1TF flush is kept (7.2). Included by the files that need it.
 */
#ifndef DIO_COMPAT_KVM_VCPU_H
#define DIO_COMPAT_KVM_VCPU_H

#include <linux/bitops.h>
#include <linux/hardirq.h>
#include <linux/kvm_host.h>

#ifdef DIO_HAVE_KVM_ARCH_RIP
#define DIO_KVM_REG_RIP	VCPU_REG_RIP
#define DIO_KVM_REG_CR3	VCPU_REG_CR3
#define dio_kvm_regs_avail(vcpu)	((vcpu)->arch.regs_avail)
#define dio_kvm_regs_dirty(vcpu)	((vcpu)->arch.regs_dirty)
#define dio_kvm_rip(vcpu)		((vcpu)->arch.rip)
#else
#define DIO_KVM_REG_RIP	VCPU_REGS_RIP
#define DIO_KVM_REG_CR3	VCPU_EXREG_CR3
#define dio_kvm_regs_avail(vcpu)	((unsigned long *)&(vcpu)->arch.regs_avail)
#define dio_kvm_regs_dirty(vcpu)	((unsigned long *)&(vcpu)->arch.regs_dirty)
#define dio_kvm_rip(vcpu)		((vcpu)->arch.regs[VCPU_REGS_RIP])
#endif

#ifdef KVM_MEM_GUEST_MEMFD
#define DIO_KVM_MEM_PRIVATE	KVM_MEM_GUEST_MEMFD
#else
#define DIO_KVM_MEM_PRIVATE	0
#endif

/* Of vcpu->arch.hflags, where KVM has system management mode. */
#ifdef HF_SMM_MASK
#define DIO_KVM_HF_SMM	HF_SMM_MASK
#else
#define DIO_KVM_HF_SMM	0
#endif

/* In the vCPU's thread, as all below: is the register in vcpu->arch? */
static __always_inline bool dio_kvm_reg_cached(struct kvm_vcpu *vcpu, enum kvm_reg reg)
{
	return test_bit(reg, dio_kvm_regs_avail(vcpu));
}

static __always_inline void dio_kvm_rip_write(struct kvm_vcpu *vcpu, unsigned long rip)
{
	dio_kvm_rip(vcpu) = rip;
	__set_bit(DIO_KVM_REG_RIP, dio_kvm_regs_avail(vcpu));
	__set_bit(DIO_KVM_REG_RIP, dio_kvm_regs_dirty(vcpu));
}

/* Does a counter of the guest count instructions, or may it? */
static inline bool dio_kvm_pmu_counts(const struct kvm_vcpu *vcpu)
{
#ifdef DIO_HAVE_KVM_PMC_COUNTING
	return !bitmap_empty(vcpu->arch.pmu.pmc_counting_instructions, X86_PMC_IDX_MAX);
#else
	return vcpu->arch.pmu.event_count;
#endif
}

/* Data of the guest or of the host was read: VMX flushes the L1D if L1TF asks for it. */
static inline void dio_kvm_l1d_used(struct kvm_vcpu *vcpu)
{
#ifdef DIO_HAVE_KVM_L1TF_VCPU
	vcpu->arch.l1tf_flush_l1d = true;
#else
	raw_cpu_write(irq_stat.kvm_cpu_l1tf_flush_l1d, 1);
#endif
}

#endif /* DIO_COMPAT_KVM_VCPU_H */
