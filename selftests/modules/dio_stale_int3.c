// SPDX-License-Identifier: GPL-2.0-only
/*
 * Survive a fault of the rig's emulator. QEMU's TCG with a thread for each processor
 * (seen with 10.0) drops what it has translated of a page before the store to that page
 * lands. A processor that translates between the two keeps the old bytes for good. When
 * the kernel patches its text, these are an INT3 that nobody owns any more: "Oops: int3"
 * on a stock kernel in which two busy processors run code whose tracing is switched.
 *
 * On a die notifier, the last to be asked: where memory has no INT3, what memory
 * has is done instead, and the byte is stored again, unchanged, from a work item,
 * so that the emulator reads it anew. An INT3 that is in memory stays an Oops.
 *
 * Parameter in /sys/module/dio_stale_int3/parameters/: seen, how many there were.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/irq_work.h>
#include <linux/kdebug.h>
#include <linux/kprobes.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>
#include <asm/text-patching.h>

static atomic_long_t stale;	/* address of one that is to be stored again, or 0 */
static unsigned int seen;
module_param(seen, uint, 0444);

static struct page *text_page(unsigned long addr)
{
	if (addr >= MODULES_VADDR && addr < MODULES_END)
		return vmalloc_to_page((void *)addr);
	return virt_to_page((void *)addr);
}

/* Text is mapped read-only. The store is atomic: it never undoes a patch. */
static void store_again(struct work_struct *work)
{
	unsigned long addr = atomic_long_xchg(&stale, 0);
	struct page *page;
	u8 *alias;

	if (!addr)
		return;
	pr_info("the emulator kept an INT3 at %pS, which is gone\n", (void *)addr);
	page = text_page(addr);
	alias = page ? vmap(&page, 1, VM_MAP, PAGE_KERNEL) : NULL;
	if (!alias)
		return;
	asm volatile("lock orb $0, %0" : "+m" (alias[offset_in_page(addr)]));
	vunmap(alias);
}

static DECLARE_WORK(store_work, store_again);

static void queue_store(struct irq_work *work)
{
	schedule_work(&store_work);
}

static DEFINE_IRQ_WORK(store_irq_work, queue_store);

/* The instructions that the kernel patches in and out: alternatives of CALL, JMP, NOP. */
static bool __kprobes emulate(struct pt_regs *regs, const u8 *insn)
{
	static const u8 nop2[] = { 0x66, 0x90 };
	static const u8 nop5[] = { 0x0f, 0x1f, 0x44, 0x00, 0x00 };
	static const u8 clear_ax[] = { 0x2e, 0x2e, 0x2e, 0x31, 0xc0 };
	unsigned long addr = (unsigned long)insn;

	if (insn[0] == CALL_INSN_OPCODE) {
		int3_emulate_push(regs, addr + CALL_INSN_SIZE);
		int3_emulate_jmp(regs, addr + CALL_INSN_SIZE + *(s32 *)(insn + 1));
	} else if (insn[0] == JMP32_INSN_OPCODE) {
		int3_emulate_jmp(regs, addr + JMP32_INSN_SIZE + *(s32 *)(insn + 1));
	} else if (insn[0] == JMP8_INSN_OPCODE) {
		int3_emulate_jmp(regs, addr + JMP8_INSN_SIZE + *(s8 *)(insn + 1));
	} else if (insn[0] == RET_INSN_OPCODE) {
		int3_emulate_ret(regs);
	} else if (!memcmp(insn, nop2, sizeof(nop2))) {
		int3_emulate_jmp(regs, addr + sizeof(nop2));
	} else if (!memcmp(insn, nop5, sizeof(nop5))) {
		int3_emulate_jmp(regs, addr + sizeof(nop5));
	} else if (!memcmp(insn, clear_ax, sizeof(clear_ax))) {
		regs->ax = 0;
		int3_emulate_jmp(regs, addr + sizeof(clear_ax));
	} else {
		return false;
	}
	return true;
}

/* Context: that of the INT3, as an NMI's. */
static int __kprobes on_die(struct notifier_block *nb, unsigned long event, void *data)
{
	struct die_args *args = data;
	struct pt_regs *regs = args->regs;
	const u8 *insn = (const u8 *)(regs->ip - INT3_INSN_SIZE);

	if (event != DIE_INT3 || user_mode(regs) || READ_ONCE(*insn) == INT3_INSN_OPCODE)
		return NOTIFY_DONE;
	if (!emulate(regs, insn))
		return NOTIFY_DONE;
	seen++;
	atomic_long_set(&stale, (unsigned long)insn);
	irq_work_queue(&store_irq_work);
	return NOTIFY_STOP;
}

static struct notifier_block die_notifier = {
	.notifier_call = on_die,
	.priority = INT_MIN,
};

static int __init stale_int3_init(void)
{
	return register_die_notifier(&die_notifier);
}

static void __exit stale_int3_exit(void)
{
	unregister_die_notifier(&die_notifier);
	irq_work_sync(&store_irq_work);
	cancel_work_sync(&store_work);
}

module_init(stale_int3_init);
module_exit(stale_int3_exit);
MODULE_DESCRIPTION("Rig: INT3 that the emulator keeps after it is gone");
MODULE_LICENSE("GPL");
