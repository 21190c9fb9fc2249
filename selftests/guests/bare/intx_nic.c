// SPDX-License-Identifier: GPL-2.0
/*
 * 82574 (e1000e) and 82576 (igb): causes are set by ICS, enabled by IMS,
 * cleared by writing ones to ICR, or all of them by reading it. ICS of the
 * 82574 reads as ICR; that of the 82576 cannot be read. The 82576's first cause
 * is raised by sending a packet, which it counts.
 */
#include "intx.h"

#define NIC_CTRL	0x0000
#define CTRL_RST	0x04000000
#define NIC_ICR		0x00c0
#define NIC_ICS		0x00c8
#define NIC_IMS		0x00d0
#define NIC_IMC		0x00d8
#define NIC_TCTL	0x0400
#define TCTL_EN		0x2
#define NIC_IVAR0	0x1700
#define IVAR_TX0	0x8000		/* queue 0 has a cause: that of vector 0 */
#define NIC_TPT		0x40d4		/* packets sent; cleared by reading */
#define NIC_TX0		0xe000
#define TX_BASE		0x00
#define TX_BASE_HIGH	0x04
#define TX_LENGTH	0x08
#define TX_HEAD		0x10
#define TX_TAIL		0x18
#define TX_CONTROL	0x28
#define TX_ENABLE	0x02000000
#define TX_TYPE		0x2b300000	/* an advanced data descriptor: EOP, IFCS, RS */
#define TX_PAYLOAD	14		/* shift of the length in its status word */
#define TX_RING		8
#define TX_CAUSE	0x1
#define PACKET		60
#define RESET_MS	1000

/* Link state and whatever else the device raises by itself is left out. */
#define CAUSES_82574	0x000302d3
#define CAUSES_82576	0x000078d1

static u32 bar, causes_on;
static u32 taken;		/* 82576: ICR as it was read, not yet cleared by us */
static u8 packet[PACKET] = {	/* to all, of a protocol for experiments */
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02, 0, 0, 0, 0, 0x01, 0x88, 0xb5,
};
static struct {
	u32 address, high, type, status;
} tx[TX_RING] __attribute__((aligned(128)));
static u32 tail;

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
	u32 queue = dev->bar[0] + NIC_TX0;

	tail = 0;
	mmio_write(dev->bar[0] + NIC_TCTL, 0);
	mmio_write(queue + TX_CONTROL, 0);
	mmio_write(queue + TX_BASE, (u32)tx);
	mmio_write(queue + TX_BASE_HIGH, 0);
	mmio_write(queue + TX_LENGTH, sizeof(tx));
	mmio_write(queue + TX_HEAD, tail);
	mmio_write(queue + TX_TAIL, tail);
	mmio_write(queue + TX_CONTROL, TX_ENABLE);
	mmio_write(dev->bar[0] + NIC_IVAR0, IVAR_TX0);
	mmio_write(dev->bar[0] + NIC_TCTL, TCTL_EN);
	mmio_read(dev->bar[0] + NIC_TPT);
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

static void raise_82576(u32 causes)
{
	if (causes & TX_CAUSE) {
		tx[tail].address = (u32)packet;
		tx[tail].type = TX_TYPE | PACKET;
		tx[tail].status = PACKET << TX_PAYLOAD;
		tail = (tail + 1) % TX_RING;
		mmio_write(bar + NIC_TX0 + TX_TAIL, tail);
	}
	if (causes & ~TX_CAUSE)
		raise(causes & ~TX_CAUSE);
}

static u32 sent_82576(void)
{
	return mmio_read(bar + NIC_TPT);
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
	.cause = { TX_CAUSE, 0x10, 0x40, 0x80, 0x800, 0x1000, 0x2000, 0x4000 },
	.start = start_82576, .standing = standing_82576, .raise = raise_82576, .clear = clear,
	.read_clears = 1, .reset = pci_flr, .counted = sent_82576,
};
