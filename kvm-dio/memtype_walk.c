// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads the page tables that the processor uses for a guest's memory, by their
 * hardware format: nothing of KVM's own bits in them is looked at. They change
 * under the reader; KVM frees them under mmu_lock held for writing, or after a
 * grace period of RCU, so that a table that was reached stays readable.
 */
#include <linux/mem_encrypt.h>

#include "memtype.h"

#define DIO_EPT_RWX		7ULL
#define DIO_EPT_USER_X		BIT_ULL(10)
#define DIO_EPT_MISCONFIG	6ULL	/* W and X without R: KVM's mark of emulated MMIO */
#define DIO_NPT_P		BIT_ULL(0)
#define DIO_TABLE_PS		BIT_ULL(7)
#define DIO_TABLE_BITS		9

/* Frames looked at before the lock is let go. */
#define DIO_WALK_BATCH		512

/**
 * dio_memtype_entry_address() - where an entry leads to, of either format
 * @entry: of any level; the PAT bit of a huge NPT leaf is never set
 *
 * Return: host-physical address
 */
u64 dio_memtype_entry_address(u64 entry)
{
	return __sme_clr(entry) & GENMASK_ULL(boot_cpu_data.x86_phys_bits - 1, PAGE_SHIFT);
}

static bool dio_entry_present(u64 entry, bool ept)
{
	return ept ? entry & (DIO_EPT_RWX | DIO_EPT_USER_X) : entry & DIO_NPT_P;
}

/* Emulated MMIO has an entry that the processor refuses: a reserved bit in NPT. */
static bool dio_leaf_emulated(u64 entry, bool ept)
{
	if (ept)
		return (entry & DIO_EPT_RWX) == DIO_EPT_MISCONFIG;
	return __sme_clr(entry) & GENMASK_ULL(51, boot_cpu_data.x86_phys_bits);
}

static void dio_walk_one(u64 root, unsigned int level, bool ept, u64 gfn, struct dio_leaf *leaf)
{
	u64 table = root, entry;

	for (;; level--) {
		u64 index = gfn >> (DIO_TABLE_BITS * (level - 1));

		entry = READ_ONCE(((u64 *)__va(table))[index & ((1 << DIO_TABLE_BITS) - 1)]);
		if (!dio_entry_present(entry, ept)) {
			entry = 0;
			break;
		}
		if (level == PG_LEVEL_4K || (entry & DIO_TABLE_PS))
			break;
		table = dio_memtype_entry_address(entry);
	}
	leaf->level = level;
	leaf->emulated = dio_leaf_emulated(entry, ept);
	leaf->entry = leaf->emulated ? 0 : entry;
}

/* Tables of a vCPU that has any; in SMM it may use others. Under mmu_lock and RCU. */
static u64 dio_walk_root(struct kvm *kvm, unsigned int *level)
{
	struct kvm_vcpu *vcpu;
	unsigned long i;

	kvm_for_each_vcpu(i, vcpu, kvm) {
		const struct kvm_mmu *mmu = &vcpu->arch.root_mmu;
		u64 root = READ_ONCE(mmu->root.hpa);

		if (root == INVALID_PAGE || !mmu->root_role.direct)
			continue;
		*level = mmu->root_role.level;
		if (*level >= PG_LEVEL_512G)
			return dio_memtype_entry_address(root);
	}
	return 0;
}

/* Frames up to the next leaf or hole: the rest of the one that @gfn is in. */
static u64 dio_walk_next(u64 gfn, const struct dio_leaf *leaf)
{
	u64 pages = KVM_PAGES_PER_HPAGE(leaf->level);

	return (gfn & ~(pages - 1)) + pages;
}

static u64 dio_walk_batch(struct kvm *kvm, bool ept, u64 gfn, u64 end, dio_walk_fn *fn,
			  void *arg, bool *stop)
{
	unsigned int left = DIO_WALK_BATCH, level = 0;
	struct dio_leaf leaf;
	u64 root;

	read_lock(&kvm->mmu_lock);
	rcu_read_lock();
	root = dio_walk_root(kvm, &level);
	for (; gfn < end && left-- && !*stop; gfn = *stop ? gfn : dio_walk_next(gfn, &leaf)) {
		/* what is behind the reach of the tables has no entry */
		leaf = (struct dio_leaf) { .level = PG_LEVEL_512G };
		if (root && !(gfn >> (DIO_TABLE_BITS * level)))
			dio_walk_one(root, level, ept, gfn, &leaf);
		*stop = !fn(gfn, &leaf, arg);
	}
	rcu_read_unlock();
	read_unlock(&kvm->mmu_lock);
	return gfn;
}

/**
 * dio_memtype_walk() - look at the leaves of a range
 * @kvm: the VM, referenced
 * @ept: EPT, else NPT
 * @start: first frame
 * @end: frame behind the last one
 * @fn: called for each leaf and hole, with the first frame of it that is in the
 *	range; must not sleep; false: stop here
 * @arg: for @fn
 *
 * Sleeps between batches, where the tables may change.
 *
 * Return: frame to go on with; @end or more if all was seen
 */
u64 dio_memtype_walk(struct kvm *kvm, bool ept, u64 start, u64 end, dio_walk_fn *fn, void *arg)
{
	bool stop = false;

	while (start < end && !stop) {
		start = dio_walk_batch(kvm, ept, start, end, fn, arg, &stop);
		cond_resched();
	}
	return start;
}
