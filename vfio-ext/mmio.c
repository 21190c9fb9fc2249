// SPDX-License-Identifier: GPL-2.0-only
/*
 * The driver's own mapping of a device's registers, beside the VFIO user's. All
 * here is called with the device's PCI lock held and its memory decoding on.
 */
#include <linux/io.h>
#include <linux/io-64-nonatomic-lo-hi.h>
#include <linux/sizes.h>

#include "dio_dev.h"

/* Registers sit at the start of a BAR; what is behind is mostly memory. */
#define DIO_MAP_MAX	SZ_256K

/* The address of a register, NULL if the BAR has no such place. Sleeps. */
void __iomem *dio_mmio(struct dio_vfio_dev *d, u8 bar, u32 offset, u8 width)
{
	struct pci_dev *pdev = d->core.pdev;

	if (bar >= PCI_STD_NUM_BARS)
		return NULL;
	if (!d->map[bar]) {
		resource_size_t len = min_t(resource_size_t, DIO_MAP_MAX,
					    pci_resource_len(pdev, bar));

		if (!(pci_resource_flags(pdev, bar) & IORESOURCE_MEM) || !len ||
		    !pci_resource_start(pdev, bar))
			return NULL;
		d->map[bar] = ioremap(pci_resource_start(pdev, bar), len);
		d->map_len[bar] = len;
	}
	if (!d->map[bar] || (u64)offset + width > d->map_len[bar])
		return NULL;
	return d->map[bar] + offset;
}

static u64 dio_config_read(struct pci_dev *pdev, u32 offset, u8 width)
{
	u32 v = ~0;
	u16 w;
	u8 b;

	switch (width) {
	case 1:
		return pci_read_config_byte(pdev, offset, &b) ? 0xff : b;
	case 2:
		return pci_read_config_word(pdev, offset, &w) ? 0xffff : w;
	default:
		pci_read_config_dword(pdev, offset, &v);
		return v;
	}
}

static void dio_config_write(struct pci_dev *pdev, u32 offset, u8 width, u64 v)
{
	switch (width) {
	case 1:
		pci_write_config_byte(pdev, offset, v);
		break;
	case 2:
		pci_write_config_word(pdev, offset, v);
		break;
	default:
		pci_write_config_dword(pdev, offset, v);
		break;
	}
}

/* All ones where there is no such register. Sleeps. */
u64 dio_reg_read(struct dio_vfio_dev *d, u8 space, u32 offset, u8 width)
{
	void __iomem *p;

	if (space == DIO_SPACE_CONFIG)
		return dio_config_read(d->core.pdev, offset, width);
	p = dio_mmio(d, space, offset, width);
	if (!p)
		return U64_MAX >> (64 - 8 * width);
	switch (width) {
	case 1:
		return ioread8(p);
	case 2:
		return ioread16(p);
	case 4:
		return ioread32(p);
	default:
		return readq(p);
	}
}

void dio_reg_write(struct dio_vfio_dev *d, u8 space, u32 offset, u8 width, u64 v)
{
	void __iomem *p;

	if (space == DIO_SPACE_CONFIG) {
		dio_config_write(d->core.pdev, offset, width, v);
		return;
	}
	p = dio_mmio(d, space, offset, width);
	if (!p)
		return;
	switch (width) {
	case 1:
		iowrite8(v, p);
		break;
	case 2:
		iowrite16(v, p);
		break;
	case 4:
		iowrite32(v, p);
		break;
	default:
		writeq(v, p);
		break;
	}
}

void dio_mmio_release(struct dio_vfio_dev *d)
{
	int i;

	for (i = 0; i < PCI_STD_NUM_BARS; i++) {
		if (d->map[i])
			iounmap(d->map[i]);
		d->map[i] = NULL;
	}
}
