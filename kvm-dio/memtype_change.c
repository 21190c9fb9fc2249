// SPDX-License-Identifier: GPL-2.0-only
/*
 * From what the guest writes to a new view, and to what has to be zapped. The
 * MTRRs that count are the boot processor's: software keeps all alike, and updates
 * them one processor after the other.
 */
#include <linux/slab.h>

#include "memtype.h"

#define DIO_SPANS	16	/* zapped one by one; more are joined */
#define DIO_FRAME_4G	(1ULL << (32 - PAGE_SHIFT))
#define DIO_FRAMES_MAX	(1ULL << (52 - PAGE_SHIFT))

struct dio_memtype_view *dio_memtype_view_new(bool ept, gfp_t gfp)
{
	struct dio_memtype_view *view = kzalloc(sizeof(*view), gfp);
	u64 pat = dio_memtype_host_pat();
	unsigned int type;

	for (type = 0; view && type < ARRAY_SIZE(view->code); type++) {
		view->code[type] = dio_memtype_npt_code(pat, type);
		/* an EPT entry has the type in three bits of its own, whatever its size */
		view->code[type].huge |= ept;
	}
	return view;
}

/*
 * Fill the map for what the guest has written by now; false: the one in force
 * stays. E off means UC (SDM), except for two times when all of memory would be
 * typed twice for nothing: in the update sequence of the SDM, which goes from CD
 * on over E off and E on to CD off, the old map stays until E is on or CD is off;
 * and before the MTRRs are set up for the first time, which a firmware does with
 * its caches on, memory is WB, as stock has it.
 */
static bool dio_memtype_map(struct dio_memtype *m, struct kvm *kvm, struct dio_mtrr_map *map)
{
	struct kvm_vcpu *bsp = kvm_get_vcpu_by_id(kvm, kvm->arch.bsp_vcpu_id);
	struct dio_mtrr_regs regs = { .phys_bits = 52 };

	lockdep_assert_held(&m->lock);
	if (bsp)
		dio_kvm_mtrr_regs(bsp, &regs);
	if (regs.deftype & DIO_MTRR_E)
		m->started = true;
	if (m->mode != DIO_KVM_MEMTYPE_FULL || !m->started)
		dio_mtrr_build_flat(map, regs.phys_bits, DIO_MT_WB);
	else if ((regs.deftype & DIO_MTRR_E) || !(bsp->arch.cr0 & X86_CR0_CD))
		dio_mtrr_build(map, &regs);
	else
		return false;
	return true;
}

static void dio_memtype_zap(struct dio_memtype *m, struct kvm *kvm, u64 start, u64 end)
{
	lockdep_assert_held(&m->lock);
	dio_memtype_drop(kvm, start, end);
	m->zaps++;
	m->frames += end - start;
}

static struct dio_memtype_view *dio_memtype_current(struct dio_memtype *m)
{
	return rcu_dereference_protected(m->view, lockdep_is_held(&m->lock));
}

/* Faults see it from now on. @view is NULL for off. */
static void dio_memtype_publish(struct dio_memtype *m, struct dio_memtype_view *view)
{
	lockdep_assert_held(&m->lock);
	if (view) {
		view->wb[0].pages = dio_mtrr_longest(&view->map, DIO_MT_WB, 0, DIO_FRAME_4G,
						     &view->wb[0].start);
		view->wb[1].pages = dio_mtrr_longest(&view->map, DIO_MT_WB, DIO_FRAME_4G,
						     DIO_FRAMES_MAX, &view->wb[1].start);
	}
	rcu_assign_pointer(m->view, view);
}

/**
 * dio_memtype_change() - another mode
 * @m: the VM's memory types
 * @kvm: the VM, referenced
 * @mode: DIO_KVM_MEMTYPE_*
 * @view: from dio_memtype_view_new(), consumed; NULL for off
 *
 * Every entry can be affected, so that all are zapped, once. Sleeps.
 */
void dio_memtype_change(struct dio_memtype *m, struct kvm *kvm, u32 mode,
			struct dio_memtype_view *view)
{
	struct dio_memtype_view *old;

	mutex_lock(&m->lock);
	old = dio_memtype_current(m);
	m->mode = mode;
	if (view && !dio_memtype_map(m, kvm, &view->map))
		view->map = old->map;
	dio_memtype_publish(m, view);
	dio_memtype_zap(m, kvm, 0, DIO_FRAMES_MAX);
	mutex_unlock(&m->lock);
	kfree_rcu(old, rcu);
}

static void dio_memtype_renew(struct dio_memtype *m, struct kvm *kvm)
{
	struct dio_mtrr_span span[DIO_SPANS];
	struct dio_memtype_view *view, *old;
	unsigned int i, n = 0;

	/* the write has happened: there is no way back, and this is less than a page */
	view = kmalloc(sizeof(*view), GFP_KERNEL_ACCOUNT | __GFP_NOFAIL);
	mutex_lock(&m->lock);
	old = dio_memtype_current(m);
	if (old && dio_memtype_map(m, kvm, &view->map))
		n = dio_mtrr_changed(&old->map, &view->map, span, DIO_SPANS);
	if (n) {
		memcpy(view->code, old->code, sizeof(view->code));
		dio_memtype_publish(m, view);
		m->updates++;
	}
	for (i = 0; i < n; i++)
		dio_memtype_zap(m, kvm, span[i].start, span[i].end);
	mutex_unlock(&m->lock);
	if (n)
		kfree_rcu(old, rcu);
	else
		kfree(view);
}

/**
 * dio_memtype_update() - the boot processor has written an MTRR, or cleared CR0.CD
 * @kvm: the VM
 *
 * Sleeps.
 */
void dio_memtype_update(struct kvm *kvm)
{
	struct dio_memtype *m = dio_memtype_get(kvm);

	if (!m)
		return;
	dio_memtype_renew(m, kvm);
	dio_memtype_put(m);
}
