// SPDX-License-Identifier: GPL-2.0-only
/*
 * Features of a VM on and off. The order: hooks of the new mode are armed, the
 * feature changes the VM, hooks of the old mode alone are disarmed. A command
 * applies whole or not at all.
 */
#include <linux/module.h>
#include <linux/mutex.h>

#include "dio_kvm.h"

static bool dio_vm_closed;	/* the module is going; dio_vm_lock */

struct dio_change {
	struct dio_vm *vm;
	struct kvm *kvm;
	u32 mode[DIO_NR_FEATURES];	/* to be, without DIO_MODE_KEEP */
	u32 held[DIO_NR_FEATURES];	/* armed for it, not yet in vm->held */
	bool armed[DIO_NR_FEATURES];
	bool done[DIO_NR_FEATURES];
};

static bool dio_vm_is_off(const struct dio_vm *vm)
{
	unsigned int f;

	for (f = 0; f < DIO_NR_FEATURES; f++)
		if (f != DIO_F_CORE && vm->mode[f])
			return false;
	return true;
}

static void dio_vm_remove(struct dio_vm *vm)
{
	u32 held = vm->held[DIO_F_CORE], id = vm->id;
	pid_t pid = vm->pid;

	dio_vm_unlink(vm);
	dio_hooks_put(&dio_core_feature, held);
	dio_netlink_vm_gone(id, pid);
}

static int dio_change_arm(struct dio_change *c, struct netlink_ext_ack *extack)
{
	unsigned int f;
	int ret;

	for (f = 0; f < DIO_NR_FEATURES; f++) {
		if (f == DIO_F_CORE || !c->mode[f] || c->mode[f] == c->vm->mode[f])
			continue;
		ret = dio_hooks_get(dio_features[f], c->mode[f], &c->held[f], extack);
		if (ret)
			return ret;
		c->armed[f] = true;
	}
	return 0;
}

/* Afterwards c->mode is what was before, where it was done. */
static int dio_change_apply(struct dio_change *c, struct netlink_ext_ack *extack)
{
	unsigned int f;
	u32 old;
	int ret;

	for (f = 0; f < DIO_NR_FEATURES; f++) {
		if (f == DIO_F_CORE || c->mode[f] == c->vm->mode[f])
			continue;
		ret = dio_features[f]->vm_set(c->vm, c->kvm, c->mode[f], extack);
		if (ret)
			return ret;
		c->done[f] = true;
		old = c->vm->mode[f];
		WRITE_ONCE(c->vm->mode[f], c->mode[f]);
		c->mode[f] = old;
	}
	return 0;
}

/* Back to where it began. */
static void dio_change_revert(struct dio_change *c)
{
	unsigned int f;

	for (f = DIO_NR_FEATURES; f-- > 0;) {
		if (c->done[f]) {
			WARN_ON_ONCE(dio_features[f]->vm_set(c->vm, c->kvm, c->mode[f], NULL));
			WRITE_ONCE(c->vm->mode[f], c->mode[f]);
		}
		if (c->armed[f])
			dio_hooks_put(dio_features[f], c->held[f]);
	}
}

static void dio_change_finish(struct dio_change *c)
{
	unsigned int f;

	for (f = 0; f < DIO_NR_FEATURES; f++) {
		if (!c->done[f])
			continue;
		dio_hooks_put(dio_features[f], c->vm->held[f]);
		c->vm->held[f] = c->held[f];
	}
}

static int dio_change_run(struct dio_change *c, struct netlink_ext_ack *extack)
{
	int ret;

	ret = dio_change_arm(c, extack);
	if (!ret)
		ret = dio_change_apply(c, extack);
	if (ret)
		dio_change_revert(c);
	else
		dio_change_finish(c);
	return ret;
}

/* What is to be, and is there anything to do? */
static int dio_change_plan(struct dio_change *c, const struct dio_vm *vm, const u32 *mode,
			   struct netlink_ext_ack *extack)
{
	bool any = false;
	unsigned int f;
	u32 now;

	for (f = 0; f < DIO_NR_FEATURES; f++) {
		now = vm ? vm->mode[f] : 0;
		c->mode[f] = mode[f] == DIO_MODE_KEEP ? now : mode[f];
		if (c->mode[f] && !dio_features[f]) {
			NL_SET_ERR_MSG(extack, "not in this build of the module");
			return -EOPNOTSUPP;
		}
		any |= c->mode[f] != now;
	}
	return any;
}

static int dio_vm_add(struct dio_change *c, struct module *owner, struct netlink_ext_ack *extack)
{
	u32 held;
	int ret;

	ret = dio_hooks_get(&dio_core_feature, DIO_CORE_KEEP, &held, extack);
	if (ret)
		return ret;
	c->vm = dio_vm_new(c->kvm, owner);
	if (!c->vm) {
		dio_hooks_put(&dio_core_feature, held);
		return -ENOMEM;
	}
	c->vm->held[DIO_F_CORE] = held;
	return 0;
}

static void dio_vm_bury(struct dio_vm *vm)
{
	unsigned int f;

	for (f = 0; f < DIO_NR_FEATURES; f++) {
		if (f == DIO_F_CORE || !vm->mode[f])
			continue;
		dio_features[f]->vm_release(vm);
		dio_hooks_put(dio_features[f], vm->held[f]);
	}
	dio_vm_remove(vm);
}

static void dio_vm_reap_locked(void)
{
	struct hlist_node *next;
	struct dio_vm *vm;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(dio_vm_table); i++)
		hlist_for_each_entry_safe(vm, next, &dio_vm_table[i], node)
			if (READ_ONCE(vm->dead))
				dio_vm_bury(vm);
}

/* Put away the entries of VMs that are gone. Sleeps. */
void dio_vm_reap(void)
{
	mutex_lock(&dio_vm_lock);
	dio_vm_reap_locked();
	mutex_unlock(&dio_vm_lock);
}

static int dio_vm_set_locked(struct dio_change *c, struct module *owner, const u32 *mode,
			     struct netlink_ext_ack *extack)
{
	int ret;

	c->vm = dio_vm_get(c->kvm);
	if (c->vm)
		dio_vm_put(c->vm);	/* it stays as long as the VM, and dio_vm_lock */
	ret = dio_change_plan(c, c->vm, mode, extack);
	if (ret <= 0)
		return ret;
	if (!c->vm) {
		ret = dio_vm_add(c, owner, extack);
		if (ret)
			return ret;
	}
	ret = dio_change_run(c, extack);
	if (!ret)
		dio_netlink_vm_event(c->vm, c->kvm);
	if (dio_vm_is_off(c->vm))
		dio_vm_remove(c->vm);
	return ret;
}

/**
 * dio_vm_set() - change the features of a VM
 * @kvm: the VM, held by a file of the caller's
 * @owner: of that file: the module that keeps KVM's code
 * @mode: of each feature, or DIO_MODE_KEEP
 * @extack: gets the reason of a refusal
 *
 * All of it or nothing. Sleeps, for long: hooks are armed and disarmed.
 * Return: 0 or a negative errno.
 */
int dio_vm_set(struct kvm *kvm, struct module *owner, const u32 *mode,
	       struct netlink_ext_ack *extack)
{
	struct dio_change c = { .kvm = kvm };
	int ret;

	mutex_lock(&dio_vm_lock);
	dio_vm_reap_locked();
	if (dio_vm_closed)
		ret = -ESHUTDOWN;
	else
		ret = dio_vm_set_locked(&c, owner, mode, extack);
	mutex_unlock(&dio_vm_lock);
	return ret;
}

static void dio_vm_off(struct dio_vm *vm)
{
	struct kvm *kvm = dio_vm_hold(vm);
	struct dio_change c = { .vm = vm, .kvm = kvm };

	if (!kvm) {
		dio_vm_bury(vm);
		return;
	}
	refcount_inc(&vm->refs);
	dio_change_run(&c, NULL);
	dio_vm_remove(vm);
	dio_vm_unhold(vm, kvm);
	dio_vm_put(vm);
}

/* Everything off for every VM, for good. Sleeps. */
void dio_vm_exit(void)
{
	struct hlist_node *next;
	struct dio_vm *vm;
	unsigned int i;

	mutex_lock(&dio_vm_lock);
	dio_vm_closed = true;
	for (i = 0; i < ARRAY_SIZE(dio_vm_table); i++)
		hlist_for_each_entry_safe(vm, next, &dio_vm_table[i], node)
			dio_vm_off(vm);
	mutex_unlock(&dio_vm_lock);
	dio_vm_wq_destroy();
}
