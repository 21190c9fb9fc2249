// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device table. An entry is a fact about hardware: from the data sheet or
 * the device's specification for what a reset clears, from measurement for what
 * a method leaves (@leaves). A canary never starts DMA and never sends.
 */
#include <linux/delay.h>
#include <linux/sizes.h>
#include <linux/virtio_pci.h>

#include "dio_dev.h"

#define FLR	BIT(DIO_VFIO_METHOD_FLR)
#define BUS	BIT(DIO_VFIO_METHOD_BUS)
#define OWN	BIT(DIO_VFIO_METHOD_DEVICE)

#define REG(nm, off, w, msk, wr, ...) \
	{ .name = nm, .offset = off, .width = w, .mask = msk, .write = wr, ##__VA_ARGS__ }
#define EACH(n, step)	.count = n, .stride = step
#define LEFT(methods)	.leaves = methods

/* A bit that lets DMA start: it stands at 0 after a reset. */
#define STOP(nm, off, bit, ...) \
	{ .name = nm, .offset = off, .width = 4, .mask = bit, .flags = DIO_REG_STOP, ##__VA_ARGS__ }

/* 82576, Intel 321027, section 8; EITR outlives FLR and bus reset. */
static const struct dio_reg dio_82576_regs[] = {
	STOP("RCTL.RXEN", 0x0100, BIT(1)),
	STOP("TCTL.EN", 0x0400, BIT(1)),
	REG("RDBAL", 0xc000, 4, 0xffffff80, 0xdead0000, EACH(16, 0x40)),
	REG("RDLEN", 0xc008, 4, 0x000fff80, 0x00001000, EACH(16, 0x40)),
	REG("TDBAL", 0xe000, 4, 0xffffff80, 0xdead1000, EACH(16, 0x40)),
	REG("TDLEN", 0xe008, 4, 0x000fff80, 0x00001000, EACH(16, 0x40)),
	REG("RAL0", 0x5400, 4, 0xffffffff, 0x12345678, .flags = DIO_REG_ANY),
	REG("RLPML", 0x5004, 4, 0x00003fff, 0x00001234, .flags = DIO_REG_ANY),
	REG("VMBMEM", 0x0800, 4, 0xffffffff, 0x5ec4e7a1, EACH(8, 0x40)),
	REG("EITR", 0x1680, 4, 0x00007ffc, 0x000007a0, EACH(25, 4), LEFT(FLR | BUS)),
};

/*
 * 82576 virtual function: its FLR stops the queues and leaves the rest. The
 * second queue, empty and without bus master, is started to see it stopped.
 * VTIVAR is planted without its valid bits: with them the emulated device would
 * or the vector into the physical function's IVAR for good.
 */
static const struct dio_reg dio_82576vf_regs[] = {
	STOP("RXDCTL.EN", 0x2828, BIT(25), EACH(2, 0x100)),
	STOP("TXDCTL.EN", 0x3828, BIT(25)),
	REG("TXDCTL1.EN", 0x3928, 4, BIT(25), BIT(25)),
	REG("RDBAL", 0x2800, 4, 0xffffff80, 0xdead0000, EACH(2, 0x100), LEFT(FLR)),
	REG("RDLEN", 0x2808, 4, 0x000fff80, 0x00001000, EACH(2, 0x100), LEFT(FLR)),
	REG("TDBAL", 0x3800, 4, 0xffffff80, 0xdead1000, EACH(2, 0x100), LEFT(FLR)),
	REG("TDLEN", 0x3808, 4, 0x000fff80, 0x00001000, EACH(2, 0x100), LEFT(FLR)),
	REG("EITR", 0x1680, 4, 0x00007ffc, 0x000007a0, EACH(3, 4), LEFT(FLR)),
	REG("VTIVAR", 0x1700, 4, 0x00008787, 0x00000102, LEFT(FLR)),
	REG("VTIVAR_MISC", 0x1740, 4, 0x00000087, 0x00000001, LEFT(FLR)),
	REG("VMBMEM", 0x0800, 4, 0xffffffff, 0x5ec4e7a1, EACH(16, 4), LEFT(FLR)),
};

/* 82574 (e1000e), Intel 321025, section 10; ITR outlives a bus reset and CTRL.RST. */
static const struct dio_reg dio_82574_regs[] = {
	STOP("RCTL.EN", 0x0100, BIT(1)),
	STOP("TCTL.EN", 0x0400, BIT(1)),
	REG("RDBAL", 0x2800, 4, 0xfffffff0, 0xdead0000, EACH(2, 0x100)),
	REG("RDLEN", 0x2808, 4, 0x000fff80, 0x00001000, EACH(2, 0x100)),
	REG("TDBAL", 0x3800, 4, 0xfffffff0, 0xdead1000, EACH(2, 0x100)),
	REG("TDLEN", 0x3808, 4, 0x000fff80, 0x00001000, EACH(2, 0x100)),
	REG("RAL0", 0x5400, 4, 0xffffffff, 0x12345678, .flags = DIO_REG_ANY),
	REG("MTA", 0x5200, 4, 0xffffffff, 0xa5a5a5a5, EACH(4, 4)),
	REG("ITR", 0x00c4, 4, 0x0000ffff, 0x00001234, LEFT(BUS | OWN)),
};

/* CTRL.GIO_MASTER_DISABLE, then STATUS.GIO_MASTER_ENABLE: no request is open. */
static const struct dio_idle dio_e1000_idle = {
	.width = 4, .stop = 0x0, .set = BIT(2),
	.offset = 0x8, .mask = BIT(19), .value = 0,
};

/* ICS reads as ICR does, and clears nothing (not so the 82576's). */
static const struct dio_cause dio_82574_cause = {
	.span = SZ_64K, .status = 0xc8, .enable = 0xd0, .mask = 0x7fffffff,
};

/* CTRL.RST: the whole MAC, but neither configuration space nor MSI-X. */
static int dio_82574_reset(struct dio_vfio_dev *d)
{
	u64 ctrl = dio_reg_read(d, 0, 0, 4);
	int i;

	dio_reg_write(d, 0, 0, 4, ctrl | BIT(26));
	for (i = 0; i < 100; i++) {
		usleep_range(1000, 2000);
		if (!(dio_reg_read(d, 0, 0, 4) & BIT(26)))
			return 0;
	}
	return -ETIMEDOUT;
}

/* QEMU's edu has no reset handler: whatever the method, its registers stay. */
#define EDU_LEFT	LEFT(GENMASK(DIO_NMETHODS - 1, 0))
static const struct dio_reg dio_edu_regs[] = {
	REG("LIVENESS", 0x04, 4, 0xffffffff, 0x12345678, .flags = DIO_REG_INVERTED,
	    .scrub = 0xffffffff, EDU_LEFT),
	REG("DMA_SRC", 0x80, 8, U64_MAX, 0x00040000, EDU_LEFT),
	REG("DMA_DST", 0x88, 8, U64_MAX, 0xdead0000, EDU_LEFT),
	REG("DMA_CNT", 0x90, 8, U64_MAX, 0x00000123, EDU_LEFT),
};

static const struct dio_idle dio_edu_idle = {
	.width = 8, .offset = 0x98, .mask = BIT(0), .value = 0,
};

static const struct dio_cause dio_edu_cause = {
	.span = SZ_4K, .status = 0x24, .mask = 0xffffffff,
};

/* NVM Express base specification, 3.1: an FLR may keep the admin queue. */
static const struct dio_reg dio_nvme_regs[] = {
	STOP("CC.EN", 0x14, BIT(0)),
	REG("AQA", 0x24, 4, 0x0fff0fff, 0x001f001f, LEFT(FLR)),
	REG("ASQ", 0x28, 4, 0xfffff000, 0xdead0000, LEFT(FLR)),
	REG("ACQ", 0x30, 4, 0xfffff000, 0xdead1000, LEFT(FLR)),
};

static const struct dio_idle dio_nvme_idle = {
	.width = 4, .stop = 0x14, .clear = BIT(0),
	.offset = 0x1c, .mask = BIT(0), .value = 0,
};

/* High Definition Audio 1.0a, 3.3 */
static const struct dio_reg dio_hda_regs[] = {
	REG("CORBLBASE", 0x40, 4, 0xffffff80, 0x000abc00),
	REG("RIRBLBASE", 0x50, 4, 0xffffff80, 0x000abc80),
	REG("DPLBASE", 0x70, 4, 0xffffff80, 0x000abd00),
};

/* INTSTS and INTCTL, whose bit 31 is the global enable */
static const struct dio_cause dio_hda_cause = {
	.span = SZ_4K, .status = 0x24, .enable = 0x20, .mask = 0x7fffffff, .gate = BIT(31),
};

/* GCTL.CRST: the controller and all its streams in reset. */
static const struct dio_idle dio_hda_idle = {
	.width = 4, .stop = 0x08, .clear = BIT(0),
	.offset = 0x08, .mask = BIT(0), .value = 0,
};

/* xHCI 1.2, 5.4; offsets from the operational registers */
static const struct dio_reg dio_xhci_regs[] = {
	STOP("USBCMD.RS", 0x00, BIT(0)),
	REG("DCBAAP", 0x30, 4, 0xffffffc0, 0x000abd00),
	REG("CONFIG", 0x38, 4, 0x000000ff, 0x00000005),
};

static const struct dio_idle dio_xhci_idle = {
	.width = 4, .stop = 0x00, .clear = BIT(0),
	.offset = 0x04, .mask = BIT(0), .value = BIT(0),
};

static int dio_xhci_base(struct dio_vfio_dev *d, u8 *bar, u32 *offset)
{
	*bar = 0;
	*offset = dio_reg_read(d, 0, 0, 1);
	return *offset == 0xff ? -EIO : 0;
}

/* VIRTIO 1.2, 4.1.4.3; offsets from the common configuration */
static const struct dio_reg dio_virtio_regs[] = {
	REG("driver_feature", 0x0c, 4, 0xffffffff, 0x00000020, LEFT(FLR | BUS)),
	REG("config_msix_vector", 0x10, 2, 0xffff, 0x0001, .expect = 0xffff),
	REG("device_status", 0x14, 1, 0xff, 0x03),
	REG("queue_size", 0x18, 2, 0xffff, 0x0040, .flags = DIO_REG_ANY),
	REG("queue_desc", 0x20, 4, 0xffffffff, 0xdead0000),
};

/* Status 0 resets a virtio device; it reads 0 when that is complete. */
static const struct dio_idle dio_virtio_idle = {
	.width = 1, .stop = 0x14, .clear = 0xff,
	.offset = 0x14, .mask = 0xff, .value = 0,
};

static int dio_virtio_base(struct dio_vfio_dev *d, u8 *bar, u32 *offset)
{
	struct pci_dev *pdev = d->core.pdev;
	u8 type;
	int pos;

	for (pos = pci_find_capability(pdev, PCI_CAP_ID_VNDR); pos;
	     pos = pci_find_next_capability(pdev, pos, PCI_CAP_ID_VNDR)) {
		pci_read_config_byte(pdev, pos + offsetof(struct virtio_pci_cap, cfg_type),
				     &type);
		if (type != VIRTIO_PCI_CAP_COMMON_CFG)
			continue;
		pci_read_config_byte(pdev, pos + offsetof(struct virtio_pci_cap, bar), bar);
		pci_read_config_dword(pdev, pos + offsetof(struct virtio_pci_cap, offset),
				      offset);
		return 0;
	}
	return -ENODEV;
}

#define DEVICE(v, dev)	.vendor = v, .device = dev, .device_mask = 0xffff

const struct dio_row dio_rows[] = {
	{
		DEVICE(PCI_VENDOR_ID_INTEL, 0x10c9),
		.name = "82576",
		.regs = dio_82576_regs,
		.nregs = ARRAY_SIZE(dio_82576_regs),
		.idle = &dio_e1000_idle,
	},
	{
		DEVICE(PCI_VENDOR_ID_INTEL, 0x10ca),
		.name = "82576 VF",
		.regs = dio_82576vf_regs,
		.nregs = ARRAY_SIZE(dio_82576vf_regs),
	},
	{
		DEVICE(PCI_VENDOR_ID_INTEL, 0x10d3),
		.name = "82574",
		.regs = dio_82574_regs,
		.nregs = ARRAY_SIZE(dio_82574_regs),
		.idle = &dio_e1000_idle,
		.cause = &dio_82574_cause,
		.reset = dio_82574_reset,
	},
	{
		DEVICE(0x1234, 0x11e8),
		.name = "edu",
		.regs = dio_edu_regs,
		.nregs = ARRAY_SIZE(dio_edu_regs),
		.idle = &dio_edu_idle,
		.cause = &dio_edu_cause,
	},
	{
		.vendor = PCI_VENDOR_ID_REDHAT_QUMRANET,
		.device = 0x1040,
		.device_mask = 0xffc0,
		.name = "virtio",
		.regs = dio_virtio_regs,
		.nregs = ARRAY_SIZE(dio_virtio_regs),
		.idle = &dio_virtio_idle,
		.base = dio_virtio_base,
	},
	{
		.class = PCI_CLASS_STORAGE_EXPRESS,
		.name = "NVMe",
		.regs = dio_nvme_regs,
		.nregs = ARRAY_SIZE(dio_nvme_regs),
		.idle = &dio_nvme_idle,
	},
	{
		.class = 0x040300,
		.name = "HDA",
		.regs = dio_hda_regs,
		.nregs = ARRAY_SIZE(dio_hda_regs),
		.idle = &dio_hda_idle,
		.cause = &dio_hda_cause,
	},
	{
		.class = PCI_CLASS_SERIAL_USB_XHCI,
		.name = "xHCI",
		.regs = dio_xhci_regs,
		.nregs = ARRAY_SIZE(dio_xhci_regs),
		.idle = &dio_xhci_idle,
		.base = dio_xhci_base,
	},
};

const unsigned int dio_nrows = ARRAY_SIZE(dio_rows);

/* The row of a device, NULL if only the generic canaries speak for it. */
const struct dio_row *dio_row_find(const struct pci_dev *pdev)
{
	const struct dio_row *row;

	for (row = dio_rows; row < dio_rows + dio_nrows; row++) {
		if (row->class) {
			if (row->class == pdev->class)
				return row;
		} else if (row->vendor == pdev->vendor &&
			   row->device == (pdev->device & row->device_mask)) {
			return row;
		}
	}
	return NULL;
}
