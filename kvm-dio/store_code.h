/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The bytes of the instruction that stored: what is done each time, inlined into
 * the fast path. What is done once for an instruction is in store_code.c.
 */
#ifndef DIO_STORE_CODE_H
#define DIO_STORE_CODE_H

#include <asm/processor-flags.h>
#include <linux/uaccess.h>

#include "store.h"

enum dio_code_read {
	DIO_CODE_SAME,
	DIO_CODE_NEW,		/* other bytes */
	DIO_CODE_MOVED,		/* an entry of a page table has changed */
	DIO_CODE_FAULT,
};

bool dio_code_rebase(struct kvm_vcpu *vcpu, struct dio_code *code);
void dio_code_decode(struct dio_code *code);
bool dio_code_find(struct kvm_vcpu *vcpu, struct dio_code *code, enum dio_store_mode mode,
		   unsigned long linear);

/* What decides on the translation beside CR3: three bits that do not overlap. */
static __always_inline u32 dio_code_paging(const struct kvm_vcpu *vcpu)
{
	return (vcpu->arch.cr0 & X86_CR0_PG) | (vcpu->arch.efer & EFER_LMA) |
	       (vcpu->arch.cr4 & X86_CR4_LA57);
}

/*
 * Are the page tables as they were, and are the bytes? All addresses are of
 * memslots: KVM let none in that access_ok() refuses.
 */
static __always_inline enum dio_code_read dio_code_read(struct dio_code *code)
{
	const struct dio_way *way = code->way, *end = way + code->levels;
	enum dio_code_read ret = DIO_CODE_MOVED;
	u64 entry, low = 0, high = 0;

	if (!user_read_access_begin((void __user *)code->window, DIO_CODE_WINDOW))
		return DIO_CODE_FAULT;
	for (; way < end; way++) {
		unsafe_get_user(entry, (u64 __user *)way->at, fault);
		if (unlikely(entry != way->entry))
			goto out;
	}
	unsafe_get_user(low, (u64 __user *)code->window, fault);
	unsafe_get_user(high, (u64 __user *)(code->window + 8), fault);
	ret = low == code->text[0] && high == code->text[1] ? DIO_CODE_SAME : DIO_CODE_NEW;
	goto out;
fault:
	ret = DIO_CODE_FAULT;
out:
	user_read_access_end();
	if (ret == DIO_CODE_NEW) {
		code->text[0] = low;
		code->text[1] = high;
	}
	return ret;
}

/* Is @code what was found at this address, with the memory and the paging of now? */
static __always_inline bool dio_code_known(struct kvm_vcpu *vcpu, struct dio_code *code,
					   enum dio_store_mode mode, unsigned long linear,
					   u64 generation)
{
	if (code->linear != linear || code->mode != mode ||
	    code->paging != dio_code_paging(vcpu) || code->generation != generation)
		return false;
	return likely(code->cr3 == vcpu->arch.cr3) || dio_code_rebase(vcpu, code);
}

/**
 * dio_code_fetch() - the instruction at an address of the guest
 * @vcpu: it has tried to execute it
 * @sv: its state
 * @mode: of the code
 * @linear: address of the instruction
 * @generation: of the memslots
 *
 * Context: @vcpu's thread. May sleep.
 * Return: the instruction, valid until the next call; of length 0 if it is no
 * plain store or does not end in its page. NULL if it cannot be read.
 */
static __always_inline const struct dio_store_insn *
dio_code_fetch(struct kvm_vcpu *vcpu, struct dio_store_vcpu *sv, enum dio_store_mode mode,
	       unsigned long linear, u64 generation)
{
	struct dio_code *code = &sv->slot[(linear ^ linear >> 6) % DIO_CODE_SLOTS].code;
	enum dio_code_read read = DIO_CODE_MOVED;

	dio_vcpu_cache(vcpu, DIO_KVM_REG_CR3);
	if (dio_code_known(vcpu, code, mode, linear, generation))
		read = dio_code_read(code);
	if (likely(read == DIO_CODE_SAME))
		return &code->insn;
	if (read == DIO_CODE_NEW)
		dio_code_decode(code);
	else if (!dio_code_find(vcpu, code, mode, linear))
		return NULL;
	return &code->insn;
}

#endif /* DIO_STORE_CODE_H */
