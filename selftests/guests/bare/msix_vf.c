// SPDX-License-Identifier: GPL-2.0
/* See msix_vf.h: registers of the 82576's virtual function, and its capability. */
#include "msix_vf.h"

#define CAP_MSIX	0x11

#define VTEICS		0x1520
#define VTEIMS		0x1524
#define VTEIAC		0x152c
#define VTEIAM		0x1530
#define VTEITR		0x1680

struct msix_vf msix_vf;

void msix_vf_causes(void)
{
	u32 all = (1u << MSIX_VECTORS) - 1, n;

	for (n = 0; n < MSIX_VECTORS; n++)
		mmio_write(msix_vf.registers + VTEITR + 4 * n, 0);
	mmio_write(msix_vf.registers + VTEIAM, 0);
	mmio_write(msix_vf.registers + VTEIAC, all);
	mmio_write(msix_vf.registers + VTEIMS, all);
}

void msix_vf_raise(u32 n)
{
	mmio_write(msix_vf.registers + VTEICS, 1u << n);
}

void msix_vf_control(u32 bits)
{
	u32 word = pci_read(msix_vf.dev, msix_vf.cap + 2, 2);

	pci_write(msix_vf.dev, msix_vf.cap + 2, 2,
		  (word & ~(MSIX_ENABLE | MSIX_FUNCTION)) | bits);
}

int msix_vf_open(void)
{
	struct pci_dev *dev = pci_target();
	u8 cap = dev ? pci_find_cap(dev, CAP_MSIX) : 0;
	u32 where;

	if (!cap || dev->vendor != 0x8086 || dev->device != 0x10ca) {
		say("@@ fail the target is no igb virtual function\n");
		return -1;
	}
	pci_enable(dev);
	msix_vf.dev = dev;
	msix_vf.cap = cap;
	msix_vf.registers = dev->bar[0];
	where = pci_read(dev, cap + 4, 4);
	msix_vf.table = dev->bar[where & 7] + (where & ~7u);
	where = pci_read(dev, cap + 8, 4);
	msix_vf.pba = dev->bar[where & 7] + (where & ~7u);
	return 0;
}
