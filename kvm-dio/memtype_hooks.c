// SPDX-License-Identifier: GPL-2.0-only
/*
 * What memory types hook. In the fault path: the type of the page into the EPT or
 * NPT entry that KVM makes, and no larger page than one type reaches; that runs
 * inside KVM's mmu_lock, held for reading or writing, and does not sleep. And the
 * guest's writes of MTRRs and of CR0, in the vCPU's thread, which may sleep.
 */
#include <linux/mm.h>
#include <linux/srcu.h>

#include "memtype.h"

#define DIO_EPT_TYPE_SHIFT	3
#define DIO_SPTE_PS		BIT_ULL(7)	/* in a leaf above 4 KiB */

static u8 dio_mt_mask(struct kvm_vcpu *vcpu, gfn_t gfn, bool is_mmio);
static bool dio_make_spte(struct kvm_vcpu *vcpu, struct kvm_mmu_page *sp,
			  const struct kvm_memory_slot *slot, unsigned int access, gfn_t gfn,
			  kvm_pfn_t pfn, u64 old, bool prefetch, bool sync, bool writable,
			  u64 *spte);
static int dio_max_level(DIO_LEVEL_PARAMS);
static int dio_mtrr_set(struct kvm_vcpu *vcpu, u32 msr, u64 data);
static int dio_cr0_set(struct kvm_vcpu *vcpu, unsigned long cr0);

typedef void dio_zap_fn(struct kvm *kvm, gfn_t start, gfn_t end);

#define DIO_MAKE_SPTE_PROTO \
	"bool (struct kvm_vcpu *, struct kvm_mmu_page *, const struct kvm_memory_slot *, " \
	"unsigned int, gfn_t, kvm_pfn_t, u64, bool, bool, bool, u64 *)"

DIO_HOOK_FAST(dio_mt_mask, "kvm_intel", "vmx_get_mt_mask",
	      "u8 (struct kvm_vcpu *, gfn_t, bool)", "kvm_intel");
DIO_HOOK_FAST(dio_make_spte, "kvm", "make_spte",
	      DIO_MAKE_SPTE_PROTO, "kvm_amd");
DIO_HOOK_FAST(dio_max_level, "kvm", DIO_LEVEL_SYMBOL, DIO_LEVEL_PROTO, NULL);
DIO_HOOK(dio_mtrr_set, "kvm", "kvm_mtrr_set_msr", "int (struct kvm_vcpu *, u32, u64)", NULL);
DIO_HOOK(dio_cr0_set, "kvm", "kvm_set_cr0", "int (struct kvm_vcpu *, unsigned long)", NULL);
DIO_CALL(dio_zap, dio_zap_fn, "kvm", "kvm_zap_gfn_range",
	 "void (struct kvm *, gfn_t, gfn_t)", NULL);

struct dio_hook *const dio_memtype_hooks[DIO_MEMTYPE_HOOKS] = {
	&dio_mt_mask_hook,
	&dio_make_spte_hook,
	&dio_max_level_hook,
	&dio_mtrr_set_hook,
	&dio_cr0_set_hook,
	&dio_zap_hook,
};

/* The PAT alone needs no more than its own bit in an EPT entry. */
bool dio_memtype_needs(const struct dio_hook *hook, u32 mode)
{
	if ((mode & DIO_MEMTYPE_MODE) == DIO_KVM_MEMTYPE_FULL)
		return true;
	return hook == &dio_mt_mask_hook || hook == &dio_zap_hook;
}

/*
 * Inside mmu_lock, which is as good as rcu_read_lock(): it keeps preemption off, or
 * has RCU itself on a kernel with PREEMPT_RT. Every fault of every VM comes here.
 */
static __always_inline const struct dio_memtype_view *dio_memtype_view(const struct kvm *kvm)
{
	struct dio_vm *vm = dio_vm_find(kvm);
	struct dio_memtype *m;

	if (likely(!vm))
		return NULL;
	lockdep_assert_held(&kvm->mmu_lock);
	m = rcu_dereference_check(vm->data[DIO_F_MEMTYPE], rcu_read_lock_any_held());
	return m ? rcu_dereference_check(m->view, rcu_read_lock_any_held()) : NULL;
}

/*
 * Entries of a nested guest are made from guest_mmu. With shadow paging there is
 * none for a nested guest, but such a host is refused anyway.
 */
static __always_inline bool dio_mmu_is_own(const struct kvm_vcpu *vcpu)
{
	return vcpu->arch.mmu == &vcpu->arch.root_mmu && vcpu->arch.root_mmu.root_role.direct;
}

/* Host MMIO is UC for every type but WC. */
static u8 dio_ept_bits(const struct dio_memtype_view *view, gfn_t gfn, bool is_mmio, u8 stock)
{
	u8 type = dio_view_type(view, gfn);

	if (is_mmio && type != DIO_MT_WC)
		return stock;
	return type << DIO_EPT_TYPE_SHIFT;
}

static u8 dio_mt_mask(struct kvm_vcpu *vcpu, gfn_t gfn, bool is_mmio)
{
	const struct dio_memtype_view *view;
	u8 bits;

	dio_hook_enter(dio_mt_mask);
	bits = dio_orig(dio_mt_mask)(vcpu, gfn, is_mmio);
	view = dio_memtype_view(vcpu->kvm);
	if (view && dio_mmu_is_own(vcpu))
		bits = dio_ept_bits(view, gfn, is_mmio, bits);
	dio_hook_leave(dio_mt_mask);
	return bits;
}

/*
 * The host's MTRRs keep MMIO uncached whatever the entry says, but that WC goes
 * through. A huge page whose type needs the PAT bit cannot be made; it was allowed
 * before the type changed, and the zap behind that change removes it.
 */
static u64 dio_npt_bits(const struct dio_memtype_view *view, gfn_t gfn, kvm_pfn_t pfn, bool huge)
{
	u8 type = dio_view_type(view, gfn);

	if (type == DIO_MT_WB || (type != DIO_MT_WC && dio_pfn_is_mmio(pfn)))
		return 0;
	if (huge && !view->code[type].huge)
		type = DIO_MT_UC;
	return view->code[type].bits;
}

static bool dio_make_spte(struct kvm_vcpu *vcpu, struct kvm_mmu_page *sp,
			  const struct kvm_memory_slot *slot, unsigned int access, gfn_t gfn,
			  kvm_pfn_t pfn, u64 old, bool prefetch, bool sync, bool writable,
			  u64 *spte)
{
	const struct dio_memtype_view *view;
	bool wrprot;

	dio_hook_enter(dio_make_spte);
	wrprot = dio_orig(dio_make_spte)(vcpu, sp, slot, access, gfn, pfn, old, prefetch, sync,
					 writable, spte);
	view = dio_memtype_view(vcpu->kvm);
	if (view && dio_mmu_is_own(vcpu))
		*spte |= dio_npt_bits(view, gfn, pfn, *spte & DIO_SPTE_PS);
	dio_hook_leave(dio_make_spte);
	return wrprot;
}

static int dio_memtype_clamp(const struct dio_memtype_view *view, gfn_t gfn, int level)
{
	u8 type = dio_view_type(view, gfn);

	if (dio_no_clamp)
		return level;
	if (!view->code[type].huge)
		return PG_LEVEL_4K;
	for (; level > PG_LEVEL_4K; level--) {
		u64 pages = KVM_PAGES_PER_HPAGE(level);

		if (dio_mtrr_uniform(&view->map, gfn & ~(pages - 1), pages))
			break;
	}
	return level;
}

static int dio_max_level(DIO_LEVEL_PARAMS)
{
	const struct dio_memtype_view *view;
	int level;

	dio_hook_enter(dio_max_level);
	level = DIO_LEVEL_CALL(dio_orig(dio_max_level));
	view = level > PG_LEVEL_4K ? dio_memtype_view(kvm) : NULL;
	if (view)
		level = dio_memtype_clamp(view, gfn, level);
	dio_hook_leave(dio_max_level);
	return level;
}

/* WRMSR and KVM_SET_MSRS alike; vcpu->mutex and KVM's srcu are held. */
static int dio_mtrr_set(struct kvm_vcpu *vcpu, u32 msr, u64 data)
{
	int ret;

	dio_hook_enter(dio_mtrr_set);
	ret = dio_orig(dio_mtrr_set)(vcpu, msr, data);
	if (!ret && vcpu->vcpu_id == vcpu->kvm->arch.bsp_vcpu_id)
		dio_memtype_update(vcpu->kvm);
	dio_hook_leave(dio_mtrr_set);
	return ret;
}

/* An update of MTRRs that ends with E off takes effect with the caches on again. */
static int dio_cr0_set(struct kvm_vcpu *vcpu, unsigned long cr0)
{
	unsigned long old = vcpu->arch.cr0;
	int ret;

	dio_hook_enter(dio_cr0_set);
	ret = dio_orig(dio_cr0_set)(vcpu, cr0);
	if (!ret && old & ~vcpu->arch.cr0 & X86_CR0_CD &&
	    !(vcpu->arch.hflags & HF_GUEST_MASK) &&
	    vcpu->vcpu_id == vcpu->kvm->arch.bsp_vcpu_id)
		dio_memtype_update(vcpu->kvm);
	dio_hook_leave(dio_cr0_set);
	return ret;
}

/*
 * Drop the entries of frames @start up to @end, and what processors keep of them.
 * KVM of 7.2 wants its srcu held by the caller; nesting it is fine. Sleeps.
 */
void dio_memtype_drop(struct kvm *kvm, u64 start, u64 end)
{
	int idx = srcu_read_lock(&kvm->srcu);

	if (!dio_no_zap)
		dio_call(dio_zap)(kvm, start, end);
	srcu_read_unlock(&kvm->srcu, idx);
}
