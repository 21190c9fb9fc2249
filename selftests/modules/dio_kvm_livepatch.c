// SPDX-License-Identifier: GPL-2.0-only
/*
 * A livepatch of a function of KVM that does what the original does: somebody who
 * has a function that dio_kvm_test wants.
 */
#include <linux/kvm_host.h>
#include <linux/livepatch.h>
#include <linux/module.h>

static bool dio_has_noncoherent_dma(struct kvm *kvm)
{
	return atomic_read(&kvm->arch.noncoherent_dma_count);
}

static struct klp_func dio_funcs[] = {
	{ .old_name = "kvm_arch_has_noncoherent_dma", .new_func = dio_has_noncoherent_dma },
	{}
};

static struct klp_object dio_objs[] = {
	{ .name = "kvm", .funcs = dio_funcs },
	{}
};

static struct klp_patch dio_patch = { .mod = THIS_MODULE, .objs = dio_objs };

static int __init dio_livepatch_init(void)
{
	return klp_enable_patch(&dio_patch);
}
module_init(dio_livepatch_init);

/* Only after it was disabled in sysfs, which the livepatch core sees to. */
static void __exit dio_livepatch_exit(void)
{
}
module_exit(dio_livepatch_exit);

MODULE_LICENSE("GPL");
MODULE_AUTHOR("The diok developers");
MODULE_DESCRIPTION("A livepatch for the tests of dio_kvm");
MODULE_INFO(livepatch, "Y");
