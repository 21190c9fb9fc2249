/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The memory types of one VM. Faults read a view under RCU, inside KVM's mmu_lock;
 * whoever changes it publishes the new view first and zaps what it changes
 * afterwards: zapping takes mmu_lock for writing, so that an entry made from the
 * old view is either gone by then or among those zapped.
 */
#ifndef DIO_MEMTYPE_H
#define DIO_MEMTYPE_H

#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>

#include "compat/kvm_mmu.h"
#include "dio_kvm.h"
#include "memtype_rules.h"
#include "mtrr.h"

/* What faults read; does not change once it is published. */
struct dio_memtype_view {
	struct rcu_head rcu;
	struct {
		u64 start;
		u64 pages;
	} wb[2];			/* where RAM is: WB below and above 4 GiB */
	struct dio_npt_code code[8];	/* of each type, on this host */
	struct dio_mtrr_map map;
};

static __always_inline u8 dio_view_type(const struct dio_memtype_view *view, u64 gfn)
{
	if (likely(gfn - view->wb[0].start < view->wb[0].pages ||
		   gfn - view->wb[1].start < view->wb[1].pages))
		return DIO_MT_WB;
	return dio_mtrr_type_at(&view->map, gfn);
}

/**
 * struct dio_memtype - memory types of a VM that has them on
 * @refs: vm->data, and each task that works on it
 * @rcu: frees it
 * @lock: orders changes of @view, which sleep. Taken by hooks; dio_vm_lock, if
 *	  at all, is outside
 * @view: what faults read. RCU; written under @lock; NULL once it is off
 * @mode: DIO_KVM_MEMTYPE_*; under @lock
 * @started: the MTRRs have been enabled since it is on: E off means UC from now
 *	     on. Under @lock
 * @updates: views made because of the guest. Under @lock
 * @zaps: intervals zapped. Under @lock
 * @frames: sum of their lengths. Under @lock
 */
struct dio_memtype {
	refcount_t refs;
	struct rcu_head rcu;
	struct mutex lock;	/* changes of @view */
	struct dio_memtype_view __rcu *view;
	u32 mode;
	bool started;
	u64 updates;
	u64 zaps;
	u64 frames;
};

/* Is it MMIO of the host? As KVM has it. */
static inline bool dio_pfn_is_mmio(kvm_pfn_t pfn)
{
	return !pfn_valid(pfn) || (PageReserved(pfn_to_page(pfn)) && !is_zero_pfn(pfn));
}

/* Builds of the tests alone can leave out what makes types right. */
#ifdef DIO_MEMTYPE_BREAK
extern bool dio_no_zap, dio_no_clamp;
#else
#define dio_no_zap	false
#define dio_no_clamp	false
#endif

/* memtype.c */
extern const struct dio_feature dio_memtype_feature;
struct dio_memtype *dio_memtype_get(const struct kvm *kvm);
void dio_memtype_put(struct dio_memtype *m);
u64 dio_memtype_host_pat(void);
bool dio_memtype_is_ept(struct module *owner);

/* memtype_hooks.c */
#define DIO_MEMTYPE_HOOKS	6
extern struct dio_hook *const dio_memtype_hooks[DIO_MEMTYPE_HOOKS];
bool dio_memtype_needs(const struct dio_hook *hook, u32 mode);
void dio_memtype_drop(struct kvm *kvm, u64 start, u64 end);

/* memtype_change.c */
struct dio_memtype_view *dio_memtype_view_new(bool ept, gfp_t gfp);
void dio_memtype_change(struct dio_memtype *m, struct kvm *kvm, u32 mode,
			struct dio_memtype_view *view);
void dio_memtype_update(struct kvm *kvm);

/* memtype_show.c */
int dio_memtype_vm_fill(struct sk_buff *msg, struct dio_vm *vm, struct kvm *kvm);

/* memtype_walk.c */

/**
 * struct dio_leaf - what the page tables have for a frame
 * @entry: the leaf, 0 if there is none
 * @level: of the leaf: PG_LEVEL_4K and up; with none, of the hole
 * @emulated: an entry that makes accesses exit, for emulated MMIO; @entry is 0
 */
struct dio_leaf {
	u64 entry;
	u8 level;
	bool emulated;
};

u64 dio_memtype_entry_address(u64 entry);

typedef bool dio_walk_fn(u64 gfn, const struct dio_leaf *leaf, void *arg);

u64 dio_memtype_walk(struct kvm *kvm, bool ept, u64 start, u64 end, dio_walk_fn *fn, void *arg);

#endif /* DIO_MEMTYPE_H */
