// SPDX-License-Identifier: GPL-2.0-only
/*
 * A direct call at the entry of kvm_mmu_page_fault(), as a BPF trampoline has one:
 * it leads to where the call would have gone anyway. With share=1 it lives with
 * an ftrace_ops that modifies the IP, as BPF's does; without, with nobody.
 */
#include <linux/kallsyms.h>
#include <linux/kprobes.h>
#include <linux/module.h>

#include "compat/ftrace.h"

static bool share = true;
module_param(share, bool, 0444);

DIO_TRAMPOLINE_PASS(dio_direct_entry);

static DIO_FTRACE_OPS_FUNC(dio_direct_share)
{
	return 0;
}

static struct ftrace_ops dio_direct_ops;

static int __init dio_direct_init(void)
{
	struct kprobe kp = { .symbol_name = "kvm:kvm_mmu_page_fault",
			     .flags = KPROBE_FLAG_DISABLED };
	unsigned long addr;
	int ret;

	ret = register_kprobe(&kp);
	if (ret)
		return ret;
	addr = (unsigned long)kp.addr;
	unregister_kprobe(&kp);
	if (share)
		dio_direct_ops.ops_func = dio_direct_share;
	ret = ftrace_set_filter_ip(&dio_direct_ops, addr, 0, 0);
	return ret ?: dio_ftrace_direct_register(&dio_direct_ops, (unsigned long)dio_direct_entry);
}
module_init(dio_direct_init);

static void __exit dio_direct_exit(void)
{
	dio_ftrace_direct_unregister(&dio_direct_ops, (unsigned long)dio_direct_entry);
	ftrace_free_filter(&dio_direct_ops);
	synchronize_rcu_tasks();
}
module_exit(dio_direct_exit);

MODULE_LICENSE("GPL");
MODULE_AUTHOR("The diok developers");
MODULE_DESCRIPTION("A direct call for the tests of dio_kvm");
