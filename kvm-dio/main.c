// SPDX-License-Identifier: GPL-2.0-only
/*
 * dio_kvm: what KVM does not offer to a VM with assigned devices. Loading it
 * changes nothing: hooks are armed while a VM has a feature on that needs them,
 * and with `nodio` on the kernel's command line never.
 */
#undef pr_fmt	/* the forced include has it already */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/notifier.h>

#include "dio_kvm.h"
#include "mask_table.h"
#include "store.h"

/*
 * A module that goes has no VM any more, but the entry of its last one may still
 * be there, with its hooks armed.
 */
static int dio_module_event(struct notifier_block *nb, unsigned long event, void *data)
{
	const struct module *mod = data;

	if (event == MODULE_STATE_GOING && dio_hooks_in(mod->name)) {
		dio_vm_reap();
		dio_hooks_drop(mod->name);
	}
	return NOTIFY_OK;
}

static struct notifier_block dio_module_nb = { .notifier_call = dio_module_event };

static int __init dio_kvm_init(void)
{
	int ret;

	if (dio_hooks_prepare())
		pr_warn("no hook can be armed now: %s\n", dio_resolve_failed);
	ret = dio_vm_init();
	if (ret)
		return ret;
	ret = register_module_notifier(&dio_module_nb);
	if (ret)
		goto err_wq;
	ret = dio_store_trace_init();
	if (ret)
		goto err_notifier;
	ret = dio_netlink_init();
	if (ret)
		goto err_trace;
	ret = dio_mask_init();
	if (ret)
		goto err_netlink;
	ret = dio_offer_init();
	if (ret)
		goto err_mask;
	return 0;

err_mask:
	dio_mask_exit();
err_netlink:
	dio_netlink_exit();
err_trace:
	dio_store_trace_exit();
err_notifier:
	unregister_module_notifier(&dio_module_nb);
err_wq:
	dio_vm_wq_destroy();
	return ret;
}
module_init(dio_kvm_init);

static void __exit dio_kvm_exit(void)
{
	dio_offer_exit();
	dio_mask_exit();
	/* the last events are sent while the features go */
	dio_vm_exit();
	dio_netlink_exit();
	unregister_module_notifier(&dio_module_nb);
	dio_store_trace_exit();
	dio_hooks_drain();
}
module_exit(dio_kvm_exit);

MODULE_LICENSE("GPL");
MODULE_AUTHOR("The diok developers");
MODULE_DESCRIPTION("Direct I/O features of KVM's virtual machines");
MODULE_VERSION("0.1.0");
