// SPDX-License-Identifier: GPL-2.0
/*
 * 82574 (e1000e) and 82576 (igb): causes are set by ICS, enabled by IMS,
 * cleared by writing ones to ICR, or all of them by reading it. ICS of the
 * 82574 reads as ICR; that of the 82576 cannot be read.
 */
#include "intx.h"

#define NIC_CTRL	0x0000
#define CTRL_RST	0x04000000
#define NIC_ICR		0x00c0
#define NIC_ICS		0x00c8
#define NIC_IMS		0x00d0
#define NIC_IMC		0x00d8
#define RESET_MS	1000

/* Link state and whatever else the device raises by itself is left out. */
#define CAUSES_82574	0x000302d3
#define CAUSES_82576	0x000078d1

static u32 bar, causes_on;
static u32 taken;		/* 82576: ICR as it was read, not yet cleared by us */

static int start(struct pci_dev *dev, u32 causes)
{
	bar = dev->bar[0];
	causes_on = causes;
	taken = 0;
	mmio_write(bar + NIC_IMC, ~0u);
	mmio_write(bar + NIC_ICR, ~0u);
	mmio_write(bar + NIC_IMS, causes);
	return 0;
}

static int start_82574(struct pci_dev *dev)
{
	return start(dev, CAUSES_82574);
}

static int start_82576(struct pci_dev *dev)
{
	return start(dev, CAUSES_82576);
}

static u32 standing_82574(void)
{
	return mmio_read(bar + NIC_ICS) & causes_on;
}

static u32 standing_82576(void)
{
	taken |= mmio_read(bar + NIC_ICR) & causes_on;
	return taken;
}

static void raise(u32 causes)
{
	mmio_write(bar + NIC_ICS, causes);
}

static void clear(u32 causes)
{
	taken &= ~causes;
	mmio_write(bar + NIC_ICR, causes);
}

/* It has no FLR. */
static int reset_82574(struct pci_dev *dev)
{
	u32 since = ticks();

	(void)dev;
	mmio_write(bar + NIC_CTRL, mmio_read(bar + NIC_CTRL) | CTRL_RST);
	while (mmio_read(bar + NIC_CTRL) & CTRL_RST)
		if (expired(since, RESET_MS))
			return -1;
	return 0;
}

const struct intx_device intx_e1000e = {
	.name = "e1000e", .vendor = 0x8086, .device = 0x10d3,
	.cause = { 0x1, 0x2, 0x10, 0x40, 0x80, 0x200, 0x10000, 0x20000 },
	.start = start_82574, .standing = standing_82574, .raise = raise, .clear = clear,
	.reset = reset_82574,
};

const struct intx_device intx_igb = {
	.name = "igb", .vendor = 0x8086, .device = 0x10c9,
	.cause = { 0x1, 0x10, 0x40, 0x80, 0x800, 0x1000, 0x2000, 0x4000 },
	.start = start_82576, .standing = standing_82576, .raise = raise, .clear = clear,
	.read_clears = 1, .reset = pci_flr,
};
