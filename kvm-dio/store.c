// SPDX-License-Identifier: GPL-2.0-only
/*
 * A fault of a guest that may be a store to a register of the kernel's: the local
 * APIC's EOI, or a device or ioeventfd on KVM's MMIO bus. What the emulator would
 * do is done here for the one case that is common and simple. First all questions
 * are asked, in the order of their price; then the store is done, after which
 * nothing can fail.
 *
 * What the emulator does and this does not need: #DB by TF, data and code
 * breakpoints, interrupt shadows, the PMU's count of instructions and RF are left
 * to it whenever they matter. Segment limits, permissions and alignment were
 * checked by the processor before it raised the fault.
 */
#include <asm/apicdef.h>
#include <asm/svm.h>
#include <asm/vmx.h>

#include "store_bus.h"
#include "store_code.h"

static_assert(!offsetof(struct kvm_vcpu, kvm), "store_entry.S reads it there");
static_assert((int)DIO_REG_SP == VCPU_REGS_RSP && (int)DIO_REG_IP == DIO_KVM_REG_RIP);
static_assert((int)DIO_SEG_ES == VCPU_SREG_ES && (int)DIO_SEG_GS == VCPU_SREG_GS);

/* No reason to leave the store to KVM; otherwise an enum dio_store_slow. */
#define DIO_STORE_OK	(-1)

#define DIO_APIC_GFN	gpa_to_gfn(APIC_DEFAULT_PHYS_BASE)
#define DIO_EOI_GPA	(APIC_DEFAULT_PHYS_BASE + APIC_EOI)

/*
 * A store that is being looked at. Nothing takes its address, so that all of it is
 * in registers: on the stack it would be cleared first, and checked afterwards.
 */
struct dio_store {
	struct kvm_vcpu *vcpu;
	struct dio_store_vcpu *sv;
	const struct dio_store_insn *insn;
	gpa_t gpa;
	unsigned long rip;
	unsigned long rflags;
	enum dio_store_mode mode;
	u64 generation;		/* of the memslots */
};

/*
 * What makes every instruction of this vCPU special. An event that was being
 * delivered when the fault came is not over, and its access is none of the
 * instruction at RIP.
 */
static __always_inline int dio_store_state(const struct kvm_vcpu *vcpu)
{
	const struct kvm_vcpu_arch *arch = &vcpu->arch;
	bool shadow = !arch->mmu->root_role.direct;

	/* all at once: none is likely */
	if ((arch->hflags & (HF_GUEST_MASK | DIO_KVM_HF_SMM)) | arch->guest_state_protected |
	    shadow | arch->exception.injected |
	    arch->interrupt.injected | arch->nmi_injected)
		return DIO_SLOW_STATE;
	if (vcpu->guest_debug || arch->dr7 & 0xff)
		return DIO_SLOW_DEBUG;
	if (dio_kvm_pmu_counts(vcpu))
		return DIO_SLOW_PMU;
	return DIO_STORE_OK;
}

/* The APIC is on, not in x2APIC mode, where it is after a reset, and not the processor's. */
static __always_inline bool dio_store_apic(const struct kvm_vcpu *vcpu)
{
	return (vcpu->arch.apic_base & ~(u64)MSR_IA32_APICBASE_BSP) ==
	       (APIC_DEFAULT_PHYS_BASE | MSR_IA32_APICBASE_ENABLE) &&
	       READ_ONCE(vcpu->kvm->arch.apicv_inhibit_reasons);
}

/* A place where nothing was stored yet: by whom, and is the guest's memory elsewhere? */
static noinline int dio_store_explore(const struct kvm_vcpu *vcpu, gpa_t gpa, u64 generation,
				      struct dio_target *target)
{
	const struct kvm_memory_slot *slot;

	if (gpa_to_gfn(gpa) == DIO_APIC_GFN && !vcpu->arch.apic)
		return DIO_SLOW_APIC;
	if (gpa_to_gfn(gpa) != DIO_APIC_GFN && !dio_bus_has_device(vcpu, gpa))
		return DIO_SLOW_DEVICE;
	/* VMX's own slot at the APIC is never mapped while the APIC is KVM's */
	slot = __gfn_to_memslot(kvm_memslots(vcpu->kvm), gpa_to_gfn(gpa));
	if (slot && slot->id != APIC_ACCESS_PAGE_PRIVATE_MEMSLOT)
		return DIO_SLOW_MEMORY;
	target->gpa = gpa;
	target->generation = generation;
	return DIO_STORE_OK;
}

/* SMM, which has memslots of its own, is KVM's. */
static __always_inline u64 dio_store_generation(const struct kvm_vcpu *vcpu)
{
	return srcu_dereference(vcpu->kvm->memslots[0], &vcpu->kvm->srcu)->generation;
}

/* EOI has a place of its own: its address need not be compared. */
static __always_inline int dio_store_target(struct dio_store *st, bool eoi)
{
	struct dio_target *target = &st->sv->eoi;

	if (!eoi)
		target = &st->sv->target[st->gpa / 16 % DIO_TARGETS];
	else if (!dio_store_apic(st->vcpu))
		return DIO_SLOW_APIC;
	st->generation = dio_store_generation(st->vcpu);
	if (likely(target->generation == st->generation && (eoi || target->gpa == st->gpa)))
		return DIO_STORE_OK;
	return dio_store_explore(st->vcpu, st->gpa, st->generation, target);
}

/* A trap behind this instruction, or an interrupt held off up to it? */
static __always_inline int dio_store_flags(struct dio_store *st)
{
	struct kvm_vcpu *vcpu = st->vcpu;

	st->rflags = dio_call(dio_rflags)(vcpu);
	if (st->rflags & X86_EFLAGS_TF)
		return DIO_SLOW_DEBUG;
	if (dio_call(dio_shadow)(vcpu))
		return DIO_SLOW_SHADOW;
	return DIO_STORE_OK;
}

static noinline enum dio_store_mode dio_store_mode_ask(struct kvm_vcpu *vcpu)
{
	int db = 0, l = 0;

	dio_call(dio_cs_bits)(vcpu, &db, &l);
	if (l && vcpu->arch.efer & EFER_LMA)
		return DIO_STORE_64;
	return db ? DIO_STORE_32 : DIO_STORE_16;
}

/* Nothing but 64-bit code is above 4 GiB, where most kernels are: CS need not be read. */
static __always_inline enum dio_store_mode dio_store_mode(struct kvm_vcpu *vcpu, unsigned long rip)
{
	return likely(rip >> 32) ? DIO_STORE_64 : dio_store_mode_ask(vcpu);
}

static __always_inline u64 dio_eight_bytes(const u8 *at)
{
	u64 v;

	memcpy(&v, at, sizeof(v));
	return v;
}

/* Fewer than all, at the end of a page, are decoded each time; so is what is no store. */
static noinline int dio_store_given_new(struct dio_given *given, const u8 *bytes, int len,
					enum dio_store_mode mode)
{
	given->mode = DIO_STORE_NO_MODE;
	if (!dio_store_decode(bytes, len, mode, &given->insn))
		return DIO_SLOW_INSN;
	if (len == DIO_INSN_MAX) {
		given->mode = mode;
		given->text[0] = dio_eight_bytes(bytes);
		given->text[1] = dio_eight_bytes(bytes + DIO_INSN_MAX - 8);
	}
	return DIO_STORE_OK;
}

/* Are these the bytes of the last time? Most often they are. */
static __always_inline bool dio_store_given_same(const struct dio_given *given, const u8 *bytes,
						 int len, enum dio_store_mode mode)
{
	return len == DIO_INSN_MAX && given->mode == mode &&
	       dio_eight_bytes(bytes) == given->text[0] &&
	       dio_eight_bytes(bytes + DIO_INSN_MAX - 8) == given->text[1];
}

/* The instruction, from the bytes that the processor gave or from memory. */
static __always_inline int dio_store_insn(struct dio_store *st, const u8 *bytes, int len)
{
	unsigned long linear;

	dio_vcpu_cache(st->vcpu, DIO_KVM_REG_RIP);
	st->rip = dio_kvm_rip(st->vcpu);
	st->mode = dio_store_mode(st->vcpu, st->rip);
	if (bytes) {
		st->insn = &st->sv->given.insn;
		if (likely(dio_store_given_same(&st->sv->given, bytes, len, st->mode)))
			return DIO_STORE_OK;
		if (len > 0)
			return dio_store_given_new(&st->sv->given, bytes, len, st->mode);
	}
	linear = st->rip;
	if (unlikely(st->mode != DIO_STORE_64))
		linear = (u32)(linear + dio_call(dio_segment_base)(st->vcpu, VCPU_SREG_CS));
	st->insn = dio_code_fetch(st->vcpu, st->sv, st->mode, linear, st->generation);
	if (!st->insn)
		return DIO_SLOW_CODE;
	return st->insn->len ? DIO_STORE_OK : DIO_SLOW_INSN;
}

static noinline u64 dio_store_linear_ask(struct kvm_vcpu *vcpu, const struct dio_store_insn *insn,
					 unsigned long rip)
{
	unsigned long base = 0;

	if (insn->base == DIO_REG_SP || insn->source == DIO_REG_SP)
		dio_vcpu_cache(vcpu, VCPU_REGS_RSP);
	if (insn->seg != DIO_SEG_FLAT)
		base = dio_call(dio_segment_base)(vcpu, insn->seg);
	return dio_store_linear(insn, vcpu->arch.regs, rip, base);
}

/*
 * Is it this instruction's store that faulted? The emulator as well takes the
 * fault's address if the offset within the page is the instruction's.
 */
static __always_inline bool dio_store_is_there(const struct dio_store *st)
{
	const struct dio_store_insn *insn = st->insn;
	u64 linear = insn->disp;

	if (likely(insn->at == offset_in_page(st->gpa)))
		return true;
	if (unlikely(!insn->plain))
		linear = dio_store_linear_ask(st->vcpu, insn, st->rip);
	else if (insn->base != DIO_REG_NONE)
		linear += st->vcpu->arch.regs[insn->base];
	return !offset_in_page(linear ^ st->gpa);
}

static __always_inline int dio_store_address(const struct dio_store *st)
{
	const struct dio_store_insn *insn = st->insn;

	if (!dio_store_is_there(st) || offset_in_page(st->gpa) + insn->width > PAGE_SIZE)
		return DIO_SLOW_ADDRESS;
	/* code that runs over the end of its segment is for KVM */
	if (st->mode != DIO_STORE_64 &&
	    st->rip + insn->len > (st->mode == DIO_STORE_32 ? U32_MAX : U16_MAX))
		return DIO_SLOW_ADDRESS;
	return DIO_STORE_OK;
}

static __always_inline int dio_store_eoi(const struct dio_store *st)
{
	/* the APIC ignores stores of another width */
	if (st->insn->width != 4)
		return DIO_SLOW_ADDRESS;
	if (unlikely(dio_store_traced()))
		dio_call(dio_eoi)(st->vcpu);
	else
		dio_call(dio_apic_eoi)(st->vcpu->arch.apic);
	st->sv->fast[DIO_FAST_EOI]++;
	return DIO_STORE_OK;
}

static __always_inline int dio_store_device(const struct dio_store *st)
{
	int ret;

	st->sv->value = dio_store_value(st->insn, st->vcpu->arch.regs);
	ret = dio_bus_write(st->vcpu, st->gpa, st->insn->width, &st->sv->value);
	if (ret)
		return DIO_SLOW_DEVICE;
	st->sv->fast[DIO_FAST_DEVICE]++;
	return DIO_STORE_OK;
}

/*
 * The instruction is over: RIP, and RF, which a fault sets for the time that the
 * instruction is tried again.
 */
static __always_inline void dio_store_retire(const struct dio_store *st)
{
	dio_kvm_rip_write(st->vcpu, st->rip + st->insn->len);
	if (unlikely(st->rflags & X86_EFLAGS_RF))
		dio_call(dio_rflags_set)(st->vcpu, st->rflags & ~X86_EFLAGS_RF);
}

static __always_inline int dio_store_run(struct dio_store *st, bool eoi, const u8 *bytes, int len)
{
	int reason;

	if (!eoi && gpa_to_gfn(st->gpa) == DIO_APIC_GFN)
		return DIO_SLOW_REGISTER;
	reason = dio_store_state(st->vcpu);
	if (likely(reason == DIO_STORE_OK))
		reason = dio_store_target(st, eoi);
	if (likely(reason == DIO_STORE_OK))
		reason = dio_store_flags(st);
	if (likely(reason == DIO_STORE_OK))
		reason = dio_store_insn(st, bytes, len);
	if (likely(reason == DIO_STORE_OK))
		reason = dio_store_address(st);
	if (likely(reason == DIO_STORE_OK))
		reason = eoi ? dio_store_eoi(st) : dio_store_device(st);
	if (likely(reason == DIO_STORE_OK))
		dio_store_retire(st);
	return reason;
}

/*
 * May it be a store to what the fast path serves? VMX tells of an access to a page
 * of MMIO nothing but PFERR_RSVD_MASK, whatever it was.
 */
static __always_inline bool dio_store_wanted(gpa_t gpa, u64 error)
{
	if (error & (PFERR_FETCH_MASK | PFERR_GUEST_PAGE_MASK))
		return false;
	if (!(error & PFERR_WRITE_MASK) && error != PFERR_RSVD_MASK)
		return false;
	return gpa_to_gfn(gpa) == DIO_APIC_GFN || error & PFERR_RSVD_MASK;
}

/* @gpa and what follows from it are constants if it is EOI's. */
static __always_inline bool dio_store_at(struct kvm_vcpu *vcpu, gpa_t gpa, u64 error,
					 const u8 *bytes, int len)
{
	struct dio_store st = { .vcpu = vcpu, .gpa = gpa };
	struct dio_stores *stores;
	int reason;

	if (!dio_store_wanted(gpa, error))
		return false;
	stores = dio_stores_of(vcpu);
	if (!stores || (gpa_to_gfn(gpa) != DIO_APIC_GFN &&
			READ_ONCE(stores->mode) == DIO_KVM_STORES_EOI))
		return false;
	st.sv = dio_store_vcpu(stores, vcpu);
	if (unlikely(!st.sv))
		return false;
	dio_kvm_l1d_used(vcpu);
	reason = dio_store_run(&st, gpa == DIO_EOI_GPA, bytes, len);
	if (likely(reason == DIO_STORE_OK))
		return true;
	st.sv->slow[reason]++;
	return false;
}

/* See dio_store_fault(). Compiled twice: once for the one register that is hot. */
static __always_inline bool dio_store_try(struct kvm_vcpu *vcpu, gpa_t gpa, u64 error,
					  const u8 *bytes, int len)
{
	if (likely(gpa == DIO_EOI_GPA))
		return dio_store_at(vcpu, DIO_EOI_GPA, error, bytes, len);
	return dio_store_at(vcpu, gpa, error, bytes, len);
}

DIO_HOOK_ENTRY(dio_store_page_fault, dio_store_entry, "kvm", "kvm_mmu_page_fault",
	       "int (struct kvm_vcpu *, gpa_t, u64, void *, int)", NULL);

/**
 * dio_store_fault() - carry out the store behind a fault
 * @vcpu: see kvm_mmu_page_fault(), as all arguments
 * @gpa: as well
 * @error: as well
 * @bytes: of the instruction, if the processor supplied them
 * @len: of @bytes
 *
 * Called by store_entry.S before the original, for the VMs that the filter lets
 * through, with kvm->srcu held. May sleep.
 * Return: true if it is done; else nothing has been changed.
 */
bool dio_store_fault(struct kvm_vcpu *vcpu, gpa_t gpa, u64 error, void *bytes, int len)
{
	bool done;

	dio_hook_enter(dio_store_page_fault);
	done = dio_store_try(vcpu, gpa, error, bytes, len);
	dio_hook_leave(dio_store_page_fault);
	return done;
}

/* In the original's place: counted as two calls. */
int dio_store_page_fault(struct kvm_vcpu *vcpu, gpa_t gpa, u64 error, void *bytes, int len)
{
	int ret = 1;

	dio_hook_enter(dio_store_page_fault);
	if (!dio_store_fault(vcpu, gpa, error, bytes, len))
		ret = dio_orig(dio_store_page_fault)(vcpu, gpa, error, bytes, len);
	dio_hook_leave(dio_store_page_fault);
	return ret;
}
