// SPDX-License-Identifier: GPL-2.0-only
/*
 * The bytes of the instruction that stored. Walking the guest's page tables costs
 * more than the rest of the fast path, so the way is kept: the user addresses of
 * the page table entries and of the code. The rule: nothing that is kept is
 * believed. The entries and the bytes are read again each time, and a difference
 * starts the walk anew; user addresses are good for one generation of the
 * memslots, as in a gfn_to_hva_cache.
 */
#include <asm/processor-flags.h>
#include <linux/uaccess.h>

#include "store_code.h"

#define DIO_PTE_PRESENT	BIT_ULL(0)
#define DIO_PTE_HUGE	BIT_ULL(7)
#define DIO_PTE_ADDR	GENMASK_ULL(51, PAGE_SHIFT)

/* Larger than struct x86_exception, which is private; nobody looks at it. */
union dio_exception {
	u64 room[16];
};

static bool dio_gpa_to_user(struct kvm_vcpu *vcpu, gpa_t gpa, unsigned long *user)
{
	struct kvm_memory_slot *slot = __gfn_to_memslot(kvm_memslots(vcpu->kvm), gpa_to_gfn(gpa));

	if (!slot || slot->flags & (KVM_MEMSLOT_INVALID | DIO_KVM_MEM_PRIVATE))
		return false;
	*user = __gfn_to_hva_memslot(slot, gpa_to_gfn(gpa)) + offset_in_page(gpa);
	return true;
}

static unsigned int dio_level_shift(unsigned int level)
{
	return PAGE_SHIFT + 9 * (level - 1);
}

/* User address of the entry of table @table, at @level, that @linear uses. */
static bool dio_entry_to_user(struct kvm_vcpu *vcpu, u64 table, unsigned int level,
			      unsigned long linear, unsigned long *user)
{
	unsigned int index = linear >> dio_level_shift(level) & 511;

	return dio_gpa_to_user(vcpu, (table & DIO_PTE_ADDR) + 8 * index, user);
}

static unsigned int dio_top_level(const struct dio_code *code)
{
	return code->paging & X86_CR4_LA57 ? 5 : 4;
}

/*
 * Our own walk: KVM's tells where it ends but not which entries it read. Its end
 * has to be the same, or the walk is not kept (dio_code_walk()).
 */
static gpa_t dio_code_tables(struct kvm_vcpu *vcpu, struct dio_code *code)
{
	unsigned int level = dio_top_level(code);
	u64 entry = code->cr3, offset;

	for (;; level--) {
		struct dio_way *way = &code->way[code->levels];

		if (!dio_entry_to_user(vcpu, entry, level, code->linear, &way->at) ||
		    get_user(entry, (u64 __user *)way->at) || !(entry & DIO_PTE_PRESENT))
			return INVALID_GPA;
		way->entry = entry;
		code->levels++;
		if (level == 1 || (level <= 3 && entry & DIO_PTE_HUGE))
			break;
	}
	offset = BIT_ULL(dio_level_shift(level)) - 1;
	return (entry & DIO_PTE_ADDR & ~offset) | (code->linear & offset);
}

/* Find the code. True if it was found; @keep: for the next time as well. */
static bool dio_code_walk(struct kvm_vcpu *vcpu, struct dio_code *code, bool *keep)
{
	union dio_exception e;
	gpa_t gpa = code->linear;

	*keep = !(code->generation & KVM_MEMSLOT_GEN_UPDATE_IN_PROGRESS);
	if (code->paging & X86_CR0_PG) {
		gpa = dio_call(dio_gva_read)(vcpu, code->linear, (struct x86_exception *)&e);
		if (gpa == INVALID_GPA)
			return false;
		/* PAE and older: not kept */
		if (!(code->paging & EFER_LMA) || dio_code_tables(vcpu, code) != gpa) {
			code->levels = 0;
			*keep = false;
		}
	}
	code->room = min_t(unsigned int, DIO_CODE_WINDOW, PAGE_SIZE - offset_in_page(gpa));
	return dio_gpa_to_user(vcpu, gpa - (DIO_CODE_WINDOW - code->room), &code->window);
}

/*
 * Another CR3, as with each process of a guest's kernel: most often only the
 * place of the top entry differs. What it holds is compared like the others.
 */
bool dio_code_rebase(struct kvm_vcpu *vcpu, struct dio_code *code)
{
	if (code->paging & X86_CR0_PG &&
	    !dio_entry_to_user(vcpu, vcpu->arch.cr3, dio_top_level(code), code->linear,
			       &code->way[0].at))
		return false;
	code->cr3 = vcpu->arch.cr3;
	return true;
}

/* What the bytes say; length 0: no plain store. */
void dio_code_decode(struct dio_code *code)
{
	if (!dio_store_decode((u8 *)code->text + DIO_CODE_WINDOW - code->room, code->room,
			      code->mode, &code->insn))
		code->insn.len = 0;
}

/* Walk to the code at @linear and keep the way. False: it cannot be read. */
bool dio_code_find(struct kvm_vcpu *vcpu, struct dio_code *code, enum dio_store_mode mode,
		   unsigned long linear)
{
	bool found, keep;

	*code = (struct dio_code) {
		.generation = kvm_memslots(vcpu->kvm)->generation,
		.linear = linear,
		.cr3 = vcpu->arch.cr3,
		.paging = dio_code_paging(vcpu),
		.mode = mode,
	};
	found = dio_code_walk(vcpu, code, &keep) && dio_code_read(code) <= DIO_CODE_NEW;
	if (!found || !keep)
		code->generation = DIO_NO_GENERATION;
	if (found)
		dio_code_decode(code);
	return found;
}
