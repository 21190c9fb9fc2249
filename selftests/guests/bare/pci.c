// SPDX-License-Identifier: GPL-2.0
/*
 * PCI by the configuration ports 0xcf8 and 0xcfc: bus 0 only, as QEMU's `pc`
 * machine has it. qboot leaves the BARs unset: they are given addresses here,
 * upwards from a hole that no device of that machine uses.
 */
#include "guest.h"

#define MAX_DEVICES	32
#define MMIO_START	0xe0000000u

#define PCI_COMMAND	0x04
#define PCI_STATUS	0x06
#define PCI_HEADER	0x0e
#define PCI_BAR0	0x10
#define PCI_CAP_PTR	0x34
#define CMD_MEMORY	0x2
#define CMD_MASTER	0x4
#define STATUS_CAPS	0x10
#define BAR_IO		0x1
#define BAR_TYPE	0x6
#define BAR_64		0x4
#define CAP_EXP		0x10
#define EXP_DEVCAP	0x04
#define EXP_DEVCTL	0x08
#define DEVCAP_FLR	0x10000000
#define DEVCTL_FLR	0x8000

static struct pci_dev devices[MAX_DEVICES];
static int nr_devices;
static u32 next_mmio = MMIO_START;

static void select(const struct pci_dev *dev, u8 offset)
{
	outl(0xcf8, 0x80000000u | (u32)dev->bus << 16 | (u32)dev->slot << 11 |
		    (u32)dev->function << 8 | (offset & 0xfc));
}

u32 pci_read(const struct pci_dev *dev, u8 offset, int bytes)
{
	select(dev, offset);
	if (bytes == 1)
		return inb(0xcfc + (offset & 3));
	if (bytes == 2)
		return inw(0xcfc + (offset & 2));
	return inl(0xcfc);
}

void pci_write(const struct pci_dev *dev, u8 offset, int bytes, u32 value)
{
	select(dev, offset);
	if (bytes == 1)
		outb(0xcfc + (offset & 3), value);
	else if (bytes == 2)
		outw(0xcfc + (offset & 2), value);
	else
		outl(0xcfc, value);
}

u8 pci_find_cap(const struct pci_dev *dev, u8 id)
{
	int left = 48;
	u8 at;

	if (!(pci_read(dev, PCI_STATUS, 2) & STATUS_CAPS))
		return 0;
	at = pci_read(dev, PCI_CAP_PTR, 1) & 0xfc;
	for (; at && left; left--) {
		if (pci_read(dev, at, 1) == id)
			return at;
		at = pci_read(dev, at + 1, 1) & 0xfc;
	}
	return 0;
}

void pci_enable(const struct pci_dev *dev)
{
	u32 command = pci_read(dev, PCI_COMMAND, 2);

	pci_write(dev, PCI_COMMAND, 2, command | CMD_MEMORY | CMD_MASTER);
}

int pci_flr(struct pci_dev *dev)
{
	u8 cap = pci_find_cap(dev, CAP_EXP);

	if (!cap || !(pci_read(dev, cap + EXP_DEVCAP, 4) & DEVCAP_FLR)) {
		say("@@ fail %w:%w has no FLR\n", dev->vendor, dev->device);
		return -1;
	}
	pci_write(dev, cap + EXP_DEVCTL, 2,
		  pci_read(dev, cap + EXP_DEVCTL, 2) | DEVCTL_FLR);
	delay(110);	/* PCIe 6.6.2: 100 ms before the first access */
	return 0;
}

static int assign_bar(struct pci_dev *dev, int n)
{
	u8 at = PCI_BAR0 + 4 * n;
	u32 old = pci_read(dev, at, 4), mask;

	pci_write(dev, at, 4, ~0u);
	mask = pci_read(dev, at, 4);
	if (!mask || mask & BAR_IO) {
		pci_write(dev, at, 4, old);
		return 1;
	}
	dev->size[n] = ~(mask & ~0xfu) + 1;
	next_mmio = (next_mmio + dev->size[n] - 1) & ~(dev->size[n] - 1);
	dev->bar[n] = next_mmio;
	next_mmio += dev->size[n];
	pci_write(dev, at, 4, dev->bar[n]);
	if ((mask & BAR_TYPE) != BAR_64)
		return 1;
	pci_write(dev, at + 4, 4, 0);
	return 2;
}

static void add(u8 slot, u8 function)
{
	struct pci_dev *dev = &devices[nr_devices];
	int n;

	dev->slot = slot;
	dev->function = function;
	dev->vendor = pci_read(dev, 0, 2);
	if (dev->vendor == 0xffff || nr_devices == MAX_DEVICES - 1)
		return;
	dev->device = pci_read(dev, 2, 2);
	dev->class = pci_read(dev, 8, 4) >> 8;
	nr_devices++;
	if (pci_read(dev, PCI_HEADER, 1) & 0x7f)
		return;
	for (n = 0; n < 6; )
		n += assign_bar(dev, n);
}

void pci_scan(void)
{
	struct pci_dev probe = { 0 };
	int function;

	for (probe.slot = 0; probe.slot < 32; probe.slot++) {
		u32 last = 0;

		if (pci_read(&probe, 0, 2) == 0xffff)
			continue;
		if (pci_read(&probe, PCI_HEADER, 1) & 0x80)
			last = 7;
		for (function = 0; function <= (int)last; function++)
			add(probe.slot, function);
	}
}

void pci_each(void (*each)(struct pci_dev *dev))
{
	int i;

	for (i = 0; i < nr_devices; i++)
		each(&devices[i]);
}

static u32 hex4(const char **p)
{
	u32 value = 0;

	for (; **p && **p != ':' && **p != ' '; (*p)++)
		value = value << 4 | (**p >= 'a' ? **p - 'a' + 10 : **p - '0');
	return value;
}

struct pci_dev *pci_target(void)
{
	const char *p = arg("dev");
	u32 vendor = 0, device = 0;
	int i;

	if (p) {
		vendor = hex4(&p);
		p += *p == ':';
		device = hex4(&p);
	}
	for (i = 0; i < nr_devices; i++) {
		struct pci_dev *dev = &devices[i];
		int chipset = dev->class >> 16 == 0x06 || dev->slot < 2;

		if (p ? dev->vendor == vendor && dev->device == device : !chipset)
			return dev;
	}
	say("@@ fail no device %s on bus 0\n", p ? arg("dev") : "");
	return NULL;
}
