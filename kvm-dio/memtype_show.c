// SPDX-License-Identifier: GPL-2.0-only
/*
 * What vm-get tells of memory types, and vm-range-get: for each page of a range
 * what the guest's MTRRs say, what is in force, and what the entry in the page
 * tables says. Registers, view and entries are read one after the other while the
 * guest runs: an answer that was taken during a change mixes both.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include <net/genetlink.h>

#include "memtype.h"
#include "netlink.h"
#include "netlink_gen.h"

#define DIO_RANGE_RUNS		64		/* in one answer */
#define DIO_RANGE_LEAVES	64		/* read in one go */
#define DIO_RANGE_FRAMES	BIT_ULL(18)	/* looked at for one answer */

/* Pages that are alike, one behind the other. */
struct dio_run {
	u64 gfn;
	u64 pages;
	u64 entry;		/* with the address of the first page */
	struct dio_mtrr_why why;
	u8 level;
	u8 in_force;
	bool emulated;
};

/* What an answer is made from. */
struct dio_range {
	struct dio_mtrr_regs regs;
	struct dio_mtrr_map map;	/* in force; empty if off */
	u64 guest_pat;
	u64 host_pat;
	bool ept;
	u64 gfn;
	u64 end;
	unsigned int nleaf;
	unsigned int nrun;
	struct {
		u64 gfn;
		struct dio_leaf leaf;
	} leaf[DIO_RANGE_LEAVES];
	struct dio_run run[DIO_RANGE_RUNS];
};

static struct kvm_vcpu *dio_bsp(struct kvm *kvm)
{
	return kvm_get_vcpu_by_id(kvm, kvm->arch.bsp_vcpu_id);
}

/* Nothing of KVM's functions is called: what a vCPU's PAT is, its struct says. */
static int dio_fill_pairs(struct sk_buff *msg, const struct dio_mtrr_regs *regs)
{
	struct nlattr *nest;
	unsigned int i;

	for (i = 0; i < regs->nvar; i++) {
		if (!(regs->mask[i] & DIO_MTRR_VALID))
			continue;
		nest = nla_nest_start(msg, DIO_KVM_A_MTRR_PAIR);
		if (!nest || nla_put_u32(msg, DIO_KVM_A_MTRR_PAIR_INDEX, i) ||
		    nla_put_u64_64bit(msg, DIO_KVM_A_MTRR_PAIR_BASE, regs->base[i],
				      DIO_KVM_A_MTRR_PAIR_PAD) ||
		    nla_put_u64_64bit(msg, DIO_KVM_A_MTRR_PAIR_MASK,
				      regs->mask[i] & ((1ULL << regs->phys_bits) - 1),
				      DIO_KVM_A_MTRR_PAIR_PAD))
			return -EMSGSIZE;
		nla_nest_end(msg, nest);
	}
	return 0;
}

/* How many vCPUs have other MTRRs than the boot processor? */
static unsigned int dio_mtrr_differ(struct kvm *kvm, const struct dio_mtrr_regs *regs,
				    unsigned int *vcpus)
{
	struct dio_mtrr_regs other;
	struct kvm_vcpu *vcpu;
	unsigned int n = 0;
	unsigned long i;

	*vcpus = 0;
	kvm_for_each_vcpu(i, vcpu, kvm) {
		dio_kvm_mtrr_regs(vcpu, &other);
		n += !!memcmp(&other, regs, sizeof(other));
		++*vcpus;
	}
	return n;
}

static int dio_fill_state(struct sk_buff *msg, struct dio_memtype *m)
{
	struct dio_memtype_view *view;
	int ret = 0;

	mutex_lock(&m->lock);
	view = rcu_dereference_protected(m->view, lockdep_is_held(&m->lock));
	if ((m->started && nla_put_flag(msg, DIO_KVM_A_MTRR_STARTED)) ||
	    (view && nla_put_u32(msg, DIO_KVM_A_MTRR_UNDEFINED, view->map.undefined)) ||
	    nla_put_u64_64bit(msg, DIO_KVM_A_MTRR_UPDATES, m->updates, DIO_KVM_A_MTRR_PAD) ||
	    nla_put_u64_64bit(msg, DIO_KVM_A_MTRR_ZAPS, m->zaps, DIO_KVM_A_MTRR_PAD) ||
	    nla_put_u64_64bit(msg, DIO_KVM_A_MTRR_FRAMES, m->frames, DIO_KVM_A_MTRR_PAD))
		ret = -EMSGSIZE;
	mutex_unlock(&m->lock);
	return ret;
}

static int dio_fill_mtrr(struct sk_buff *msg, struct kvm *kvm, const struct kvm_vcpu *bsp)
{
	struct dio_mtrr_regs regs;
	unsigned int vcpus, differ;

	dio_kvm_mtrr_regs(bsp, &regs);
	differ = dio_mtrr_differ(kvm, &regs, &vcpus);
	if (nla_put_u32(msg, DIO_KVM_A_MTRR_BSP, bsp->vcpu_id) ||
	    nla_put_u32(msg, DIO_KVM_A_MTRR_VCPUS, vcpus) ||
	    nla_put_u32(msg, DIO_KVM_A_MTRR_DIFFER, differ) ||
	    nla_put_u32(msg, DIO_KVM_A_MTRR_PHYS_BITS, regs.phys_bits) ||
	    nla_put_u64_64bit(msg, DIO_KVM_A_MTRR_DEFTYPE, regs.deftype, DIO_KVM_A_MTRR_PAD) ||
	    nla_put_u64_64bit(msg, DIO_KVM_A_MTRR_PAT, bsp->arch.pat, DIO_KVM_A_MTRR_PAD) ||
	    nla_put(msg, DIO_KVM_A_MTRR_FIXED, sizeof(regs.fixed), regs.fixed))
		return -EMSGSIZE;
	return dio_fill_pairs(msg, &regs);
}

int dio_memtype_vm_fill(struct sk_buff *msg, struct dio_vm *vm, struct kvm *kvm)
{
	struct kvm_vcpu *bsp = dio_bsp(kvm);
	struct dio_memtype *m;
	struct nlattr *nest;
	int ret;

	if (!bsp)
		return 0;
	nest = nla_nest_start(msg, DIO_KVM_A_VM_MTRR);
	if (!nest)
		return -EMSGSIZE;
	ret = dio_fill_mtrr(msg, kvm, bsp);
	m = ret ? NULL : dio_memtype_get(kvm);
	if (m) {
		ret = dio_fill_state(msg, m);
		dio_memtype_put(m);
	}
	nla_nest_end(msg, nest);
	return ret;
}

static bool dio_range_collect(u64 gfn, const struct dio_leaf *leaf, void *arg)
{
	struct dio_range *r = arg;

	if (r->nleaf == DIO_RANGE_LEAVES)
		return false;
	r->leaf[r->nleaf].gfn = gfn;
	r->leaf[r->nleaf++].leaf = *leaf;
	return true;
}

/* All of an entry but its address, and bits that processor and KVM set later. */
static u64 dio_entry_kind(const struct dio_range *r, u64 entry)
{
	return r->ept ? entry & 0xff : entry & 0x9f;
}

/* A 4 KiB page has the PAT bit where a larger one says that it is one. */
static bool dio_run_takes(const struct dio_range *r, const struct dio_run *a,
			  const struct dio_run *b)
{
	return a->gfn + a->pages == b->gfn && a->level == b->level &&
	       a->in_force == b->in_force && a->emulated == b->emulated &&
	       !a->entry == !b->entry &&
	       dio_entry_kind(r, a->entry) == dio_entry_kind(r, b->entry) &&
	       a->why.type == b->why.type && a->why.source == b->why.source &&
	       a->why.pairs == b->why.pairs;
}

/* false: the answer is full. */
static bool dio_range_add(struct dio_range *r, u64 gfn, const struct dio_leaf *leaf)
{
	struct dio_run run = {
		.gfn = gfn, .pages = 1, .level = leaf->level, .emulated = leaf->emulated,
		.entry = leaf->entry,
	};

	dio_mtrr_explain(&r->regs, gfn, &run.why);
	run.in_force = r->map.nrange ? dio_mtrr_type_at(&r->map, gfn) : 0;
	if (r->nrun && dio_run_takes(r, &r->run[r->nrun - 1], &run)) {
		r->run[r->nrun - 1].pages++;
		return true;
	}
	if (r->nrun == DIO_RANGE_RUNS)
		return false;
	r->run[r->nrun++] = run;
	return true;
}

/* Return: false if the answer is full, or enough was looked at. */
static bool dio_range_leaves(struct dio_range *r, u64 *left)
{
	unsigned int i;

	for (i = 0; i < r->nleaf; i++) {
		const struct dio_leaf *leaf = &r->leaf[i].leaf;
		u64 pages = KVM_PAGES_PER_HPAGE(leaf->level);
		u64 end = min((r->leaf[i].gfn & ~(pages - 1)) + pages, r->end);

		for (; r->gfn < end; r->gfn++) {
			if (!*left || !dio_range_add(r, r->gfn, leaf))
				return false;
			--*left;
		}
		cond_resched();
	}
	return true;
}

static void dio_range_run(struct dio_range *r, struct kvm *kvm)
{
	u64 left = DIO_RANGE_FRAMES;

	do {
		r->nleaf = 0;
		dio_memtype_walk(kvm, r->ept, r->gfn, r->end, dio_range_collect, r);
	} while (dio_range_leaves(r, &left) && r->gfn < r->end);
}

static void dio_range_prepare(struct dio_range *r, struct kvm *kvm)
{
	struct kvm_vcpu *bsp = dio_bsp(kvm);
	struct dio_memtype_view *view;
	struct dio_memtype *m;

	r->host_pat = dio_memtype_host_pat();
	if (bsp) {
		dio_kvm_mtrr_regs(bsp, &r->regs);
		r->guest_pat = bsp->arch.pat;
	}
	m = dio_memtype_get(kvm);
	if (!m)
		return;
	mutex_lock(&m->lock);
	view = rcu_dereference_protected(m->view, lockdep_is_held(&m->lock));
	if (view)
		r->map = view->map;
	mutex_unlock(&m->lock);
	dio_memtype_put(m);
}

static int dio_fill_entry(struct sk_buff *msg, const struct dio_range *r,
			  const struct dio_run *run)
{
	bool mmio = dio_pfn_is_mmio(dio_memtype_entry_address(run->entry) >> PAGE_SHIFT);
	/* Linux gives no other types to RAM and to MMIO by its MTRRs */
	u8 type, effect[8], host_mtrr = mmio ? DIO_MT_UC : DIO_MT_WB;
	bool huge = run->level > PG_LEVEL_4K;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(effect); i++) {
		u8 pat = dio_memtype_pat_entry(r->guest_pat, i);

		effect[i] = r->ept ? dio_memtype_ept_effect(run->entry, pat) :
			    dio_memtype_npt_effect(run->entry, huge, r->host_pat, host_mtrr, pat);
	}
	type = r->ept ? (run->entry >> 3) & 7 :
	       dio_memtype_npt_type(run->entry, huge, r->host_pat);
	if (nla_put_u64_64bit(msg, DIO_KVM_A_RANGE_ENTRY, run->entry, DIO_KVM_A_RANGE_PAD) ||
	    nla_put_u32(msg, DIO_KVM_A_RANGE_ENTRY_TYPE, type) ||
	    nla_put(msg, DIO_KVM_A_RANGE_EFFECT, sizeof(effect), effect) ||
	    (mmio && nla_put_flag(msg, DIO_KVM_A_RANGE_MMIO)) ||
	    (r->ept && (run->entry & BIT_ULL(6)) && nla_put_flag(msg, DIO_KVM_A_RANGE_IPAT)))
		return -EMSGSIZE;
	return 0;
}

static int dio_fill_run(struct sk_buff *msg, const struct dio_range *r, const struct dio_run *run)
{
	struct nlattr *nest = nla_nest_start(msg, DIO_KVM_A_RANGES_RUN);

	if (!nest ||
	    nla_put_u64_64bit(msg, DIO_KVM_A_RANGE_GPA, run->gfn << PAGE_SHIFT,
			      DIO_KVM_A_RANGE_PAD) ||
	    nla_put_u64_64bit(msg, DIO_KVM_A_RANGE_SIZE, run->pages << PAGE_SHIFT,
			      DIO_KVM_A_RANGE_PAD) ||
	    nla_put_u32(msg, DIO_KVM_A_RANGE_MTRR_TYPE, run->why.type) ||
	    nla_put_u32(msg, DIO_KVM_A_RANGE_SOURCE, run->why.source) ||
	    (run->why.pairs && nla_put_u32(msg, DIO_KVM_A_RANGE_PAIRS, run->why.pairs)) ||
	    (run->why.undefined && nla_put_flag(msg, DIO_KVM_A_RANGE_UNDEFINED)) ||
	    (r->map.nrange && nla_put_u32(msg, DIO_KVM_A_RANGE_IN_FORCE, run->in_force)) ||
	    (run->emulated && nla_put_flag(msg, DIO_KVM_A_RANGE_EMULATED)) ||
	    nla_put_u32(msg, DIO_KVM_A_RANGE_LEVEL, run->level) ||
	    (run->entry && dio_fill_entry(msg, r, run)))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

static int dio_fill_range(struct sk_buff *msg, const struct dio_range *r)
{
	unsigned int i;
	int ret = 0;

	if ((r->ept && nla_put_flag(msg, DIO_KVM_A_RANGES_EPT)) ||
	    nla_put_u64_64bit(msg, DIO_KVM_A_RANGES_PAT, r->guest_pat, DIO_KVM_A_RANGES_PAD) ||
	    (r->gfn < r->end && nla_put_u64_64bit(msg, DIO_KVM_A_RANGES_NEXT,
						  r->gfn << PAGE_SHIFT,
						  DIO_KVM_A_RANGES_PAD)))
		return -EMSGSIZE;
	for (i = 0; i < r->nrun && !ret; i++)
		ret = dio_fill_run(msg, r, &r->run[i]);
	return ret;
}

/* The range of a request, whole frames. */
static int dio_range_parse(struct dio_range *r, struct genl_info *info)
{
	u64 gpa, size;

	if (GENL_REQ_ATTR_CHECK(info, DIO_KVM_A_RANGES_GPA) ||
	    GENL_REQ_ATTR_CHECK(info, DIO_KVM_A_RANGES_SIZE)) {
		DIO_NL_ERR(info->extack, "gpa and size: both are needed");
		return -EINVAL;
	}
	gpa = nla_get_u64(info->attrs[DIO_KVM_A_RANGES_GPA]);
	size = nla_get_u64(info->attrs[DIO_KVM_A_RANGES_SIZE]);
	if (!size || gpa >> 52 || size > BIT_ULL(52) - gpa) {
		DIO_NL_ERR(info->extack, "range 0x%llx size 0x%llx: not below 2^52", gpa, size);
		return -EINVAL;
	}
	r->gfn = gpa >> PAGE_SHIFT;
	r->end = (gpa + size + PAGE_SIZE - 1) >> PAGE_SHIFT;
	return 0;
}

static int dio_range_answer(struct genl_info *info, const struct dio_range *r)
{
	struct sk_buff *msg;
	void *hdr;

	msg = dio_nl_reply_new(info, DIO_KVM_CMD_VM_RANGE_GET,
			       NLMSG_GOODSIZE + DIO_RANGE_RUNS * 128, &hdr);
	return msg ? dio_nl_reply(msg, hdr, info, dio_fill_range(msg, r)) : -ENOMEM;
}

int dio_kvm_nl_vm_range_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct dio_range *r = kvzalloc(sizeof(*r), GFP_KERNEL);
	struct dio_nl_vm v;
	int ret;

	if (!r)
		return -ENOMEM;
	ret = dio_range_parse(r, info);
	if (!ret)
		ret = dio_nl_vm_get(&v, info, DIO_KVM_A_RANGES_FD);
	if (!ret) {
		r->ept = dio_memtype_is_ept(v.file->f_op->owner);
		dio_range_prepare(r, v.kvm);
		dio_range_run(r, v.kvm);
		ret = dio_range_answer(info, r);
		dio_nl_vm_put(&v);
	}
	kvfree(r);
	return ret;
}
