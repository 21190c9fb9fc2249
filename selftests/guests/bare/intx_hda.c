// SPDX-License-Identifier: GPL-2.0
/*
 * High Definition Audio. One cause is a codec's response: a command through
 * CORB, its answer through RIRB, whose write pointer counts them. The others are
 * streams' buffer completions, which QEMU's model sets by a 32-bit write to the
 * stream descriptor; a real controller would clear it.
 */
#include "intx.h"

#define HDA_GCTL	0x08
#define GCTL_CRST	0x1
#define HDA_INTCTL	0x20
#define INTCTL_GIE	0x80000000u
#define HDA_INTSTS	0x24
#define HDA_CORBLBASE	0x40
#define HDA_CORBUBASE	0x44
#define HDA_CORBWP	0x48
#define HDA_CORBRP	0x4a
#define CORBRP_RESET	0x8000
#define HDA_CORBCTL	0x4c
#define CORBCTL_RUN	0x2
#define HDA_RIRBLBASE	0x50
#define HDA_RIRBUBASE	0x54
#define HDA_RIRBWP	0x58
#define RIRBWP_RESET	0x8000
#define HDA_RINTCNT	0x5a
#define HDA_RIRBCTL	0x5c
#define RIRBCTL_IRQ	0x1
#define RIRBCTL_RUN	0x2
#define HDA_RIRBSTS	0x5d
#define RIRBSTS_IRQ	0x1
#define HDA_STREAM(n)	(0x80 + 0x20 * (n))
#define STREAM_STS	0x3
#define STREAM_BCIS	0x4
#define STREAMS		7
#define RESPONSE	0x40000000u
#define GET_VENDOR	0x000f0000	/* of the first codec's root node */
#define RESET_MS	1000

static u32 corb[256] __attribute__((aligned(1024)));
static u64 rirb[256] __attribute__((aligned(2048)));
static u32 bar, written, answered;

static int crst(u32 value)
{
	u32 since = ticks();

	mmio_write(bar + HDA_GCTL, value);
	while ((mmio_read(bar + HDA_GCTL) & GCTL_CRST) != value)
		if (expired(since, RESET_MS))
			return -1;
	return 0;
}

static int reset(struct pci_dev *dev)
{
	(void)dev;
	return crst(0);
}

static void rings(void)
{
	mmio_write8(bar + HDA_CORBCTL, 0);
	mmio_write8(bar + HDA_RIRBCTL, 0);
	mmio_write(bar + HDA_CORBLBASE, (u32)corb);
	mmio_write(bar + HDA_CORBUBASE, 0);
	mmio_write16(bar + HDA_CORBRP, CORBRP_RESET);
	mmio_write16(bar + HDA_CORBRP, 0);
	mmio_write16(bar + HDA_CORBWP, 0);
	mmio_write(bar + HDA_RIRBLBASE, (u32)rirb);
	mmio_write(bar + HDA_RIRBUBASE, 0);
	mmio_write16(bar + HDA_RIRBWP, RIRBWP_RESET);
	mmio_write16(bar + HDA_RINTCNT, 0xff);	/* or when CORB is empty */
	mmio_write8(bar + HDA_RIRBCTL, RIRBCTL_IRQ | RIRBCTL_RUN);
	mmio_write8(bar + HDA_CORBCTL, CORBCTL_RUN);
	written = 0;
	answered = 0;
}

static int start(struct pci_dev *dev)
{
	bar = dev->bar[0];
	if (crst(0) || crst(GCTL_CRST))
		return -1;
	rings();
	mmio_write(bar + HDA_INTCTL, INTCTL_GIE | RESPONSE | ((1u << STREAMS) - 1));
	return 0;
}

static u32 standing(void)
{
	return mmio_read(bar + HDA_INTSTS) & (RESPONSE | ((1u << STREAMS) - 1));
}

static void raise(u32 causes)
{
	u32 n;

	for (n = 0; n < STREAMS; n++)
		if (causes & 1u << n)
			mmio_write(bar + HDA_STREAM(n), STREAM_BCIS << 24);
	if (!(causes & RESPONSE))
		return;
	written = (written + 1) & 0xff;
	corb[written] = GET_VENDOR;
	mmio_write16(bar + HDA_CORBWP, written);
}

static void clear(u32 causes)
{
	u32 n;

	for (n = 0; n < STREAMS; n++)
		if (causes & 1u << n)
			mmio_write8(bar + HDA_STREAM(n) + STREAM_STS, STREAM_BCIS);
	if (causes & RESPONSE)
		mmio_write8(bar + HDA_RIRBSTS, RIRBSTS_IRQ);
}

static u32 counted(void)
{
	u32 now = mmio_read(bar + HDA_RIRBWP) & 0xff, n = (now - answered) & 0xff;

	answered = now;
	return n;
}

const struct intx_device intx_hda = {
	.name = "hda", .vendor = 0x8086, .device = 0x293e,
	.cause = { RESPONSE, 0x1, 0x2, 0x4, 0x8, 0x10, 0x20, 0x40 },
	.start = start, .standing = standing, .raise = raise, .clear = clear,
	.reset = reset, .counted = counted,
};
