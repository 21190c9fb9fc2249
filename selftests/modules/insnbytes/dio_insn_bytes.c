// SPDX-License-Identifier: GPL-2.0-only
/*
 * A processor with decode assists, which the emulated one does not have: with each
 * nested page fault KVM is given the bytes of the instruction, as many as there are
 * up to the end of its page. For tests; for guests whose code is mapped where it
 * lies, or 4 GiB below, with flat segments.
 *
 * Parameters in /sys/module/dio_insn_bytes/parameters/:
 *   give    0: all is done but the giving, to know what this module costs
 *   given   faults that got bytes
 */
#include <linux/kprobes.h>
#include <linux/kvm_host.h>
#include <linux/module.h>
#include <linux/uaccess.h>

#include "compat/kvm_vcpu.h"

#define INSN_MAX	15

static unsigned long given;
module_param(given, ulong, 0444);
static bool give = true;
module_param(give, bool, 0644);

/* One vCPU at a time: the bytes are used before the next fault. */
static u8 bytes[INSN_MAX];

/* In the vCPU's exit handler, which holds kvm->srcu; preemption is off. */
static int insn_bytes_give(struct kprobe *kp, struct pt_regs *regs)
{
	struct kvm_vcpu *vcpu = (void *)regs->di;
	unsigned long rip = (u32)dio_kvm_rip(vcpu);
	struct kvm_memory_slot *slot = __gfn_to_memslot(kvm_memslots(vcpu->kvm), gpa_to_gfn(rip));
	unsigned int n = min_t(unsigned int, INSN_MAX, PAGE_SIZE - offset_in_page(rip));
	const void __user *from;

	if (!slot)
		return 0;
	from = (void __user *)(__gfn_to_hva_memslot(slot, gpa_to_gfn(rip)) + offset_in_page(rip));
	if (copy_from_user_nofault(bytes, from, n))
		return 0;
	if (give) {
		regs->cx = (unsigned long)bytes;
		regs->r8 = n;
		given++;
	}
	return 0;
}

static struct kprobe probe = {
	.symbol_name = "kvm_mmu_page_fault",
	.pre_handler = insn_bytes_give,
};

static int __init insn_bytes_init(void)
{
	return register_kprobe(&probe);
}
module_init(insn_bytes_init);

static void __exit insn_bytes_exit(void)
{
	unregister_kprobe(&probe);
}
module_exit(insn_bytes_exit);

MODULE_LICENSE("GPL");
MODULE_AUTHOR("The diok developers");
MODULE_DESCRIPTION("Test: decode assists for nested page faults");
