// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the table of VMs needs of KVM: to tell a VM's file from others, a
 * reference to a VM for as long as a command lasts, and word of its end. dio_kvm
 * does not link to kvm.ko, which may come and go while it is loaded.
 */
#include <linux/module.h>

#include "dio_kvm.h"

typedef bool dio_file_fn(struct file *file);
typedef bool dio_get_fn(struct kvm *kvm);
typedef void dio_put_fn(struct kvm *kvm);

static void dio_core_destroy(unsigned long arg);

DIO_CALL(dio_core_is_kvm, dio_file_fn, "kvm", "file_is_kvm", "bool (struct file *)", NULL);
DIO_CALL(dio_core_get_kvm, dio_get_fn, "kvm", "kvm_get_kvm_safe", "bool (struct kvm *)", NULL);
DIO_CALL(dio_core_put_kvm, dio_put_fn, "kvm", "kvm_put_kvm", "void (struct kvm *)", NULL);
DIO_WATCH(dio_core_destroy, "kvm", "kvm_arch_pre_destroy_vm", "void (struct kvm *)");

/*
 * The last reference is gone, and nothing of the VM is freed yet. Not by
 * kvm_destroy_vm(), which is static and may be inlined.
 */
static void dio_core_destroy(unsigned long arg)
{
	dio_vm_died((struct kvm *)arg);
}

static struct dio_hook *const dio_core_hooks[] = {
	&dio_core_is_kvm_hook,
	&dio_core_get_kvm_hook,
	&dio_core_put_kvm_hook,
	&dio_core_destroy_hook,
};

/* DIO_CORE_LOOK: the calls alone. */
static bool dio_core_needs(const struct dio_hook *hook, u32 mode)
{
	return mode == DIO_CORE_KEEP || hook->kind == DIO_HOOK_CALL;
}

const struct dio_feature dio_core_feature = {
	.name = "vm",
	.hooks = dio_core_hooks,
	.nhooks = ARRAY_SIZE(dio_core_hooks),
	.needs = dio_core_needs,
};

/* Keep KVM loaded and its functions callable. Sleeps. */
int dio_core_get(struct dio_core *core, struct netlink_ext_ack *extack)
{
	int ret;

	if (dio_hooks_prepare()) {
		NL_SET_ERR_MSG(extack, "no function of the kernel can be found, see module-get");
		return -EOPNOTSUPP;
	}
	core->kvm = dio_module_get("kvm");
	if (!core->kvm) {
		NL_SET_ERR_MSG(extack, "module kvm is not loaded");
		return -ENODEV;
	}
	ret = dio_hooks_get(&dio_core_feature, DIO_CORE_LOOK, &core->held, extack);
	if (ret)
		module_put(core->kvm);
	return ret;
}

void dio_core_put(struct dio_core *core)
{
	dio_hooks_put(&dio_core_feature, core->held);
	module_put(core->kvm);
}

/* The VM of a file, NULL if it is none. Valid as long as the file. */
struct kvm *dio_core_kvm(struct file *file)
{
	return dio_call(dio_core_is_kvm)(file) ? file->private_data : NULL;
}

/* A reference, if the VM has not lost its last one. Its memory is there. Any context. */
bool dio_core_hold(struct kvm *kvm)
{
	return dio_call(dio_core_get_kvm)(kvm);
}

/* Sleeps: it may be the last one. */
void dio_core_unhold(struct kvm *kvm)
{
	dio_call(dio_core_put_kvm)(kvm);
}
