// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_SET_GSI_ROUTING with the table that is in force already: KVM makes a new one
 * and waits for a grace period of kvm->irq_srcu. A monitor commits all its routes
 * when one vector changes, and often none has. Of a VM with `routes same` we keep what
 * was committed last, and an equal commit is done.
 *
 * Entries are compared byte by byte. Only interrupt chips' pins and MSIs: another kind
 * may come to mean something else by itself.
 */
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <net/netlink.h>

#include "netlink.h"
#include "routes.h"

static int dio_routes_set(struct kvm *kvm, const struct kvm_irq_routing_entry *ue, unsigned int nr,
			  unsigned int flags);

DIO_HOOK(dio_routes_set, "kvm", "kvm_set_irq_routing",
	 "int (struct kvm *, const struct kvm_irq_routing_entry *, unsigned int, unsigned int)",
	 NULL);

static struct dio_hook *const dio_routes_hooks[] = { &dio_routes_set_hook };

/* Of a VM with the feature on. A commit that is under way may outlive it. */
struct dio_routes {
	refcount_t refs;
	struct rcu_head rcu;
	struct mutex lock;		/* one commit at a time; all below */
	struct kvm_irq_routing_entry *last;	/* what is in force */
	unsigned int nr;		/* of its entries */
	bool known;			/* ... and that it is */
	u64 skipped, passed;
};

static void dio_routes_put(struct dio_routes *r)
{
	if (!refcount_dec_and_test(&r->refs))
		return;
	kvfree(r->last);
	kfree_rcu(r, rcu);
}

/* The VM's, referenced; NULL if it has the feature off. */
static struct dio_routes *dio_routes_get(const struct kvm *kvm)
{
	struct dio_routes *r = NULL;
	struct dio_vm *vm;

	rcu_read_lock();
	vm = dio_vm_find(kvm);
	if (vm)
		r = rcu_dereference(vm->data[DIO_F_ROUTES]);
	if (r && !refcount_inc_not_zero(&r->refs))
		r = NULL;
	rcu_read_unlock();
	return r;
}

static bool dio_routes_plain(const struct kvm_irq_routing_entry *ue, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (ue[i].type != KVM_IRQ_ROUTING_IRQCHIP && ue[i].type != KVM_IRQ_ROUTING_MSI)
			return false;
	return true;
}

static bool dio_routes_same(const struct dio_routes *r, const struct kvm_irq_routing_entry *ue,
			    unsigned int nr)
{
	return r->known && r->nr == nr && !memcmp(r->last, ue, nr * sizeof(*ue));
}

/* KVM has taken @ue. Without memory for a copy the next commit is KVM's as well. */
static void dio_routes_keep(struct dio_routes *r, const struct kvm_irq_routing_entry *ue,
			    unsigned int nr)
{
	struct kvm_irq_routing_entry *copy;

	if (!dio_routes_plain(ue, nr))
		return;
	copy = kvmalloc_array(max(nr, 1u), sizeof(*ue), GFP_KERNEL_ACCOUNT);
	if (!copy)
		return;
	memcpy(copy, ue, nr * sizeof(*ue));
	kvfree(r->last);
	r->last = copy;
	r->nr = nr;
	r->known = true;
}

static int dio_routes_commit(struct dio_routes *r, struct kvm *kvm,
			     const struct kvm_irq_routing_entry *ue, unsigned int nr,
			     unsigned int flags)
{
	int ret = 0;

	mutex_lock(&r->lock);
	if (!flags && dio_routes_same(r, ue, nr)) {
		r->skipped++;
	} else {
		r->passed++;
		r->known = false;
		ret = dio_orig(dio_routes_set)(kvm, ue, nr, flags);
		if (!ret)
			dio_routes_keep(r, ue, nr);
	}
	mutex_unlock(&r->lock);
	return ret;
}

/* From an ioctl on the VM, which holds it; may hold kvm->lock. Sleeps. */
static int dio_routes_set(struct kvm *kvm, const struct kvm_irq_routing_entry *ue, unsigned int nr,
			  unsigned int flags)
{
	struct dio_routes *r;
	int ret;

	dio_hook_enter(dio_routes_set);
	r = dio_routes_get(kvm);
	if (r) {
		ret = dio_routes_commit(r, kvm, ue, nr, flags);
		dio_routes_put(r);
	} else {
		ret = dio_orig(dio_routes_set)(kvm, ue, nr, flags);
	}
	dio_hook_leave(dio_routes_set);
	return ret;
}

static void dio_routes_drop(struct dio_vm *vm)
{
	struct dio_routes *r = rcu_replace_pointer(vm->data[DIO_F_ROUTES], NULL, true);

	if (r)
		dio_routes_put(r);
}

/* What is in force is not known before the first commit. */
static int dio_routes_mode(struct dio_vm *vm, struct kvm *kvm, u32 mode,
			   struct netlink_ext_ack *extack)
{
	struct dio_routes *r;

	if (!mode) {
		dio_routes_drop(vm);
		return 0;
	}
	r = kzalloc(sizeof(*r), GFP_KERNEL_ACCOUNT);
	if (!r)
		return -ENOMEM;
	refcount_set(&r->refs, 1);
	mutex_init(&r->lock);
	rcu_assign_pointer(vm->data[DIO_F_ROUTES], r);
	return 0;
}

static int dio_routes_stat(struct sk_buff *msg, struct dio_routes *r)
{
	struct nlattr *nest = nla_nest_start(msg, DIO_KVM_A_VM_ROUTES_STAT);
	u64 skipped, passed;

	if (!nest)
		return -EMSGSIZE;
	mutex_lock(&r->lock);
	skipped = r->skipped;
	passed = r->passed;
	mutex_unlock(&r->lock);
	if (nla_put_u64_64bit(msg, DIO_KVM_A_ROUTES_STAT_SKIPPED, skipped,
			      DIO_KVM_A_ROUTES_STAT_PAD) ||
	    nla_put_u64_64bit(msg, DIO_KVM_A_ROUTES_STAT_PASSED, passed,
			      DIO_KVM_A_ROUTES_STAT_PAD))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

static int dio_routes_fill(struct sk_buff *msg, struct dio_vm *vm, struct kvm *kvm)
{
	struct dio_routes *r = vm ? dio_routes_get(kvm) : NULL;
	int ret = 0;

	if (nla_put_u32(msg, DIO_KVM_A_VM_ROUTES,
			r ? DIO_KVM_ROUTES_SAME : DIO_KVM_ROUTES_OFF))
		ret = -EMSGSIZE;
	if (r && !ret)
		ret = dio_routes_stat(msg, r);
	if (r)
		dio_routes_put(r);
	return ret;
}

const struct dio_feature dio_routes_feature = {
	.name = "routes",
	.hooks = dio_routes_hooks,
	.nhooks = ARRAY_SIZE(dio_routes_hooks),
	.vm_set = dio_routes_mode,
	.vm_release = dio_routes_drop,
	.vm_fill = dio_routes_fill,
};
