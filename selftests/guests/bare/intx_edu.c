// SPDX-License-Identifier: GPL-2.0
/* QEMU's edu: INTx is high while the status register is not 0. No reset. */
#include "intx.h"

#define EDU_STATUS	0x24
#define EDU_RAISE	0x60
#define EDU_ACK		0x64

static u32 bar;

static int start(struct pci_dev *dev)
{
	bar = dev->bar[0];
	mmio_write(bar + EDU_ACK, ~0u);
	return 0;
}

static u32 standing(void)
{
	return mmio_read(bar + EDU_STATUS);
}

static void raise(u32 causes)
{
	mmio_write(bar + EDU_RAISE, causes);
}

static void clear(u32 causes)
{
	mmio_write(bar + EDU_ACK, causes);
}

const struct intx_device intx_edu = {
	.name = "edu", .vendor = 0x1234, .device = 0x11e8,
	.cause = { 0x1, 0x2, 0x4, 0x8, 0x10, 0x20, 0x40, 0x80 },
	.start = start, .standing = standing, .raise = raise, .clear = clear,
};
