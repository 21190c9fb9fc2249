// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a function tells of its interrupts in configuration space. Parameters
 * (numbers as in param.c):
 *   deaf   OFFSET WIDTH MASK: the function ignores what is written to the bits of
 *          MASK, but reads return it: an MSI Enable without effect
 *   level  BAR STATUS ENABLE MASK always|msi-off: Interrupt Status is set while
 *          the registers at STATUS and ENABLE (0: none) of the BAR have common
 *          bits in MASK; msi-off: never while MSI is enabled
 */
#include <linux/io.h>
#include <linux/module.h>
#include <linux/string.h>

#include "inject.h"

static bool inj_level_high(void)
{
	const struct inj_level *l = &inj.level;
	u32 enable = U32_MAX;

	if (!(inj_get(PCI_COMMAND, 2) & PCI_COMMAND_MEMORY))
		return false;
	if (l->msi_off && inj_get(inj.msi + PCI_MSI_FLAGS, 2) & PCI_MSI_FLAGS_ENABLE)
		return false;
	if (l->enable)
		enable = ioread32(l->map + l->enable);
	return ioread32(l->map + l->status) & enable & l->mask;
}

/* @val, read at @where, as the function would show it. */
u32 inj_irq_read(int where, int size, u32 val)
{
	struct inj_rule status = {
		.offset = PCI_STATUS, .width = 2, .mask = PCI_STATUS_INTERRUPT,
	};

	if (inj.deaf.width)
		val = inj_rule_apply(&inj.deaf, where, size, val);
	if (!inj.level.map || !inj_overlaps(where, size, PCI_STATUS, 2))
		return val;
	status.value = inj_level_high() ? PCI_STATUS_INTERRUPT : 0;
	return inj_rule_apply(&status, where, size, val);
}

/* What of @val, to be written to @where, reaches the function. */
u32 inj_irq_write(int where, int size, u32 val)
{
	struct inj_rule wanted = { .offset = where, .width = size, .mask = U32_MAX, .value = val };
	struct inj_rule *deaf = &inj.deaf, real;

	if (!inj_overlaps(where, size, deaf->offset, deaf->width))
		return val;
	deaf->value = inj_rule_apply(&wanted, deaf->offset, deaf->width, deaf->value);
	real = *deaf;
	real.value = inj_get(deaf->offset, deaf->width);
	return inj_rule_apply(&real, where, size, val);
}

/* The buses have their own operations again: nobody reads the level. */
void inj_irq_give_back(void)
{
	if (inj.level.map)
		iounmap(inj.level.map);
	inj.level.map = NULL;
}

static int inj_deaf_set(const char *text, const struct kernel_param *kp)
{
	struct inj_rule deaf = {};
	unsigned long flags;

	if (sscanf(text, "%hx %hhu %x", &deaf.offset, &deaf.width, &deaf.mask) != 3 ||
	    !deaf.width || deaf.width > 4)
		return -EINVAL;
	if (!inj.own.bus)
		return -ENODEV;
	raw_spin_lock_irqsave(&inj_lock, flags);
	deaf.value = inj_get(deaf.offset, deaf.width);
	inj.deaf = deaf;
	raw_spin_unlock_irqrestore(&inj_lock, flags);
	return 0;
}

/* The BAR where the PCI core has it now. */
static void __iomem *inj_level_map(unsigned int bar)
{
	struct pci_dev *pdev = pci_get_slot(inj.own.bus, inj.devfn);
	void __iomem *map = NULL;

	if (pdev && bar < PCI_STD_NUM_BARS && pci_resource_flags(pdev, bar) & IORESOURCE_MEM)
		map = ioremap(pci_resource_start(pdev, bar), pci_resource_len(pdev, bar));
	pci_dev_put(pdev);
	return map;
}

static int inj_level_set(const char *text, const struct kernel_param *kp)
{
	struct inj_level l = {};
	unsigned long flags;
	unsigned int bar;
	char when[8];

	if (sscanf(text, "%u %x %x %x %7s", &bar, &l.status, &l.enable, &l.mask, when) != 5 ||
	    (strcmp(when, "always") && strcmp(when, "msi-off")))
		return -EINVAL;
	if (!inj.own.bus || inj.level.map)
		return -EBUSY;
	l.msi_off = inj.msi && !strcmp(when, "msi-off");
	l.map = inj_level_map(bar);
	if (!l.map)
		return -ENXIO;
	raw_spin_lock_irqsave(&inj_lock, flags);
	inj.level = l;
	raw_spin_unlock_irqrestore(&inj_lock, flags);
	return 0;
}

static const struct kernel_param_ops inj_deaf_ops = { .set = inj_deaf_set };
static const struct kernel_param_ops inj_level_ops = { .set = inj_level_set };

module_param_cb(deaf, &inj_deaf_ops, NULL, 0200);
MODULE_PARM_DESC(deaf, "OFFSET WIDTH MASK: bits that the function ignores");
module_param_cb(level, &inj_level_ops, NULL, 0200);
MODULE_PARM_DESC(level, "BAR STATUS ENABLE MASK always|msi-off: Interrupt Status");
