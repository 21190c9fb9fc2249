// SPDX-License-Identifier: GPL-2.0
/*
 * Behaviours for any PCI device: list, read and write registers, reset it.
 *
 *   run=probe
 *   run=peek dev=8086:10ca bar=0 regs=0x2800,0x2808
 *   run=poke dev=8086:10ca bar=0 regs=0x2800:0xdead0000,0x2808:0x1000
 *   run=flr  dev=8086:10ca bar=0 regs=...     written before, read after it
 */
#include "guest.h"

static void list(struct pci_dev *dev)
{
	int n;

	say("@@ dev %b:%b.%u %w:%w class %x", dev->bus, dev->slot,
	    dev->function, dev->vendor, dev->device, dev->class);
	for (n = 0; n < 6; n++)
		if (dev->size[n])
			say(" bar%u=%X+%x", n, dev->bar[n], dev->size[n]);
	say("\n");
}

int do_probe(void)
{
	pci_each(list);
	return 0;
}

/* Address of the BAR that bar= names, once the device decodes it; 0 = none. */
static u32 target_bar(void)
{
	struct pci_dev *dev = pci_target();
	u32 n = arg_number("bar", 0);

	if (!dev)
		return 0;
	if (n > 5 || !dev->size[n]) {
		say("@@ fail no memory BAR %u\n", n);
		return 0;
	}
	pci_enable(dev);
	return dev->bar[n];
}

static int each_register(u32 base, int write)
{
	const char *p = arg("regs");

	if (!base || !p)
		return -1;
	while (*p && *p != ' ') {
		u32 offset = number(&p);

		if (*p == ':') {
			u32 value = (p++, number(&p));

			if (write)
				mmio_write(base + offset, value);
		}
		say("@@ reg %x %X\n", offset, mmio_read(base + offset));
		if (*p != ',')
			break;
		p++;
	}
	return 0;
}

int do_peek(void)
{
	return each_register(target_bar(), 0);
}

int do_poke(void)
{
	return each_register(target_bar(), 1);
}

int do_flr(void)
{
	struct pci_dev *dev = pci_target();

	if (!dev)
		return -1;
	pci_enable(dev);
	if (arg("regs") && each_register(target_bar(), 1))
		return -1;
	say("@@ before command %w\n", pci_read(dev, 0x04, 2));
	if (pci_flr(dev))
		return -1;
	say("@@ after command %w id %w:%w bar0 %X\n", pci_read(dev, 0x04, 2),
	    pci_read(dev, 0, 2), pci_read(dev, 2, 2), pci_read(dev, 0x10, 4));
	return arg("regs") ? each_register(target_bar(), 0) : 0;
}
