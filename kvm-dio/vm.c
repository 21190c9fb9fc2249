// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of VMs that have a feature on. It holds no reference to a VM: an
 * entry is marked dead from kvm_arch_pre_destroy_vm(), before a byte of the VM is
 * freed, so that an entry that is found alive is never of a VM that was there
 * before at the same address.
 */
#include <linux/file.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "dio_kvm.h"

/* Every change of the table and of modes. Not taken in hooks. */
DEFINE_MUTEX(dio_vm_lock);
struct hlist_head dio_vm_table[1 << DIO_VM_BITS];

static struct workqueue_struct *dio_vm_wq;
static u32 dio_vm_last_id;	/* dio_vm_lock */

static void dio_vm_reap_work(struct work_struct *work)
{
	dio_vm_reap();
}

static DECLARE_WORK(dio_vm_work, dio_vm_reap_work);

/* Drop a reference to the entry. Any context. */
void dio_vm_put(struct dio_vm *vm)
{
	if (refcount_dec_and_test(&vm->refs))
		kfree_rcu(vm, rcu);
}

/* An entry for @kvm, in the table. The watch on its end is armed. */
struct dio_vm *dio_vm_new(struct kvm *kvm, struct module *owner)
{
	struct dio_vm *vm = kzalloc(sizeof(*vm), GFP_KERNEL);

	lockdep_assert_held(&dio_vm_lock);
	if (!vm)
		return NULL;
	vm->kvm = kvm;
	vm->owner = owner;
	vm->pid = kvm->userspace_pid;
	vm->id = ++dio_vm_last_id;
	refcount_set(&vm->refs, 1);
	raw_spin_lock_init(&vm->lock);
	hlist_add_head_rcu(&vm->node, &dio_vm_table[hash_ptr(kvm, DIO_VM_BITS)]);
	return vm;
}

/* Out of the table; frees the entry when nobody looks at it any more. */
void dio_vm_unlink(struct dio_vm *vm)
{
	lockdep_assert_held(&dio_vm_lock);
	hlist_del_rcu(&vm->node);
	dio_vm_put(vm);
}

/*
 * From kvm_arch_pre_destroy_vm() of any VM of the host, with preemption off. @lock makes
 * dio_vm_hold() either see the mark or finish with the memory still there.
 */
void dio_vm_died(const struct kvm *kvm)
{
	struct dio_vm *vm;
	unsigned long flags;

	rcu_read_lock();
	vm = dio_vm_find(kvm);
	if (vm) {
		raw_spin_lock_irqsave(&vm->lock, flags);
		WRITE_ONCE(vm->dead, true);
		raw_spin_unlock_irqrestore(&vm->lock, flags);
		queue_work(dio_vm_wq, &dio_vm_work);
	}
	rcu_read_unlock();
}

/**
 * dio_vm_hold() - a reference to the VM of an entry
 * @vm: the entry, held
 *
 * Keeps the code of KVM with it, which a VM without a file does not do in every
 * kernel. Any context.
 * Return: the VM, for dio_vm_unhold(); NULL if it is at its end.
 */
struct kvm *dio_vm_hold(struct dio_vm *vm)
{
	struct kvm *kvm = NULL;
	unsigned long flags;

	raw_spin_lock_irqsave(&vm->lock, flags);
	if (!vm->dead && try_module_get(vm->owner)) {
		kvm = vm->kvm;
		if (!dio_core_hold(kvm)) {
			module_put(vm->owner);
			kvm = NULL;
		}
	}
	raw_spin_unlock_irqrestore(&vm->lock, flags);
	return kvm;
}

/* Sleeps: the VM may end with it. */
void dio_vm_unhold(struct dio_vm *vm, struct kvm *kvm)
{
	struct module *owner = vm->owner;

	dio_core_unhold(kvm);
	module_put(owner);
}

/* The entry with the lowest id above @after, held, or NULL. Sleeps. */
struct dio_vm *dio_vm_next(u32 after)
{
	struct dio_vm *vm, *next = NULL;
	unsigned int i;

	mutex_lock(&dio_vm_lock);
	for (i = 0; i < ARRAY_SIZE(dio_vm_table); i++)
		hlist_for_each_entry(vm, &dio_vm_table[i], node)
			if (vm->id > after && (!next || vm->id < next->id))
				next = vm;
	if (next)
		refcount_inc(&next->refs);
	mutex_unlock(&dio_vm_lock);
	return next;
}

unsigned int dio_vm_count(void)
{
	unsigned int i, n = 0;
	struct dio_vm *vm;

	mutex_lock(&dio_vm_lock);
	for (i = 0; i < ARRAY_SIZE(dio_vm_table); i++)
		hlist_for_each_entry(vm, &dio_vm_table[i], node)
			n++;
	mutex_unlock(&dio_vm_lock);
	return n;
}

int __init dio_vm_init(void)
{
	dio_vm_wq = alloc_workqueue("dio_kvm", WQ_UNBOUND, 1);
	return dio_vm_wq ? 0 : -ENOMEM;
}

/* The table is empty and the watch is disarmed: nobody queues any more. */
void dio_vm_wq_destroy(void)
{
	destroy_workqueue(dio_vm_wq);
}
