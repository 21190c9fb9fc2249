// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which canaries a device gets: the generic ones of configuration space, MSI and
 * MSI-X, and those of its row in the device table.
 */
#include <linux/msi.h>
#include <linux/slab.h>

#include "dio_dev.h"

/* Generic canaries: 6 BARs, cache line size, MSI (2), MSI-X (3). */
#define DIO_GENERIC_MAX	12

#define ALL_METHODS	GENMASK(DIO_NMETHODS - 1, 0)

/* A device-specific sequence need not reach configuration space or MSI-X. */
#define OWN_SEQUENCE	BIT(DIO_VFIO_METHOD_DEVICE)

static void dio_canary_add(struct dio_run *run, const struct dio_reg *reg, u16 group)
{
	struct dio_canary *c = &run->canary[run->ncanaries++];

	memset(c, 0, sizeof(*c));
	c->reg = *reg;
	c->group = group;
}

/* Lost by every reset that goes through the function, PCI 3.0 section 6.2.5. */
static void dio_canary_add_header(struct dio_run *run, u16 *group)
{
	struct dio_reg reg = {
		.name = "BAR", .space = DIO_SPACE_CONFIG, .width = 4,
		.flags = DIO_REG_GENERIC | DIO_REG_HEADER | DIO_REG_PRESENT,
		.leaves = OWN_SEQUENCE,
	};
	struct pci_dev *pdev = run->d->core.pdev;
	int i;

	for (i = 0; i < PCI_STD_NUM_BARS && !pdev->is_virtfn; i++) {
		reg.offset = PCI_BASE_ADDRESS_0 + 4 * i;
		reg.mask = pci_resource_flags(pdev, i) & IORESOURCE_IO ?
			   PCI_BASE_ADDRESS_IO_MASK : (u32)PCI_BASE_ADDRESS_MEM_MASK;
		reg.mask &= U32_MAX;
		dio_canary_add(run, &reg, *group);
	}
	++*group;
	reg = (struct dio_reg) {
		.name = "CACHE_LINE_SIZE", .space = DIO_SPACE_CONFIG, .width = 1,
		.offset = PCI_CACHE_LINE_SIZE, .mask = 0xff, .write = 0x08,
		.flags = DIO_REG_GENERIC | DIO_REG_HEADER | DIO_REG_WEAK, .leaves = ALL_METHODS,
	};
	dio_canary_add(run, &reg, (*group)++);
}

/*
 * pci_restore_state() rewrites MSI only while it is enabled, so with MSI off
 * these survive a restore. No specification gives the reset values: weak.
 */
static void dio_canary_add_msi(struct dio_run *run, u16 *group)
{
	struct pci_dev *pdev = run->d->core.pdev;
	struct dio_reg reg = {
		.space = DIO_SPACE_CONFIG, .flags = DIO_REG_GENERIC | DIO_REG_WEAK,
		.leaves = ALL_METHODS,
	};
	u16 flags;

	if (!pdev->msi_cap || pdev->msi_enabled)
		return;
	pci_read_config_word(pdev, pdev->msi_cap + PCI_MSI_FLAGS, &flags);
	reg.name = "MSI_ADDR";
	reg.offset = pdev->msi_cap + PCI_MSI_ADDRESS_LO;
	reg.width = 4;
	reg.mask = 0xfffffffc;
	reg.write = 0xfee5a5a4;
	dio_canary_add(run, &reg, (*group)++);
	reg.name = "MSI_DATA";
	reg.offset = pdev->msi_cap + (flags & PCI_MSI_FLAGS_64BIT ? PCI_MSI_DATA_64 :
				      PCI_MSI_DATA_32);
	reg.width = 2;
	reg.mask = 0xffff;
	reg.write = 0x5a5a;
	dio_canary_add(run, &reg, (*group)++);
}

/*
 * The last entry of the MSI-X table, while no vector uses it. Only its mask bit
 * is defined after a reset (PCI 3.0, 6.8.2.9: set); address and data are weak.
 */
static void dio_canary_add_msix(struct dio_run *run, u16 *group)
{
	struct pci_dev *pdev = run->d->core.pdev;
	struct dio_reg reg = { .width = 4, .flags = DIO_REG_GENERIC, .leaves = OWN_SEQUENCE };
	u32 table, last;
	u16 flags;

	if (!pdev->msix_cap)
		return;
	pci_read_config_word(pdev, pdev->msix_cap + PCI_MSIX_FLAGS, &flags);
	pci_read_config_dword(pdev, pdev->msix_cap + PCI_MSIX_TABLE, &table);
	last = flags & PCI_MSIX_FLAGS_QSIZE;
	if (pdev->msix_enabled && pci_irq_vector(pdev, last) >= 0)
		return;
	reg.space = table & PCI_MSIX_TABLE_BIR;
	reg.offset = (table & PCI_MSIX_TABLE_OFFSET) + last * PCI_MSIX_ENTRY_SIZE;
	if (!dio_mmio(run->d, reg.space, reg.offset, PCI_MSIX_ENTRY_SIZE))
		return;

	reg.offset += PCI_MSIX_ENTRY_VECTOR_CTRL;
	reg.name = "MSIX_CTRL";
	reg.mask = PCI_MSIX_ENTRY_CTRL_MASKBIT;
	reg.expect = PCI_MSIX_ENTRY_CTRL_MASKBIT;
	reg.scrub = PCI_MSIX_ENTRY_CTRL_MASKBIT;
	dio_canary_add(run, &reg, (*group)++);

	reg.offset -= PCI_MSIX_ENTRY_VECTOR_CTRL;
	reg.flags |= DIO_REG_WEAK;
	reg.leaves = ALL_METHODS;
	reg.expect = 0;
	reg.scrub = 0;
	reg.name = "MSIX_ADDR";
	reg.mask = 0xfffffffc;
	reg.write = 0x5a5a5a58;
	dio_canary_add(run, &reg, (*group)++);
	reg.offset += PCI_MSIX_ENTRY_DATA;
	reg.name = "MSIX_DATA";
	reg.mask = U32_MAX;
	reg.write = 0xa5a5;
	dio_canary_add(run, &reg, (*group)++);
}

static void dio_canary_add_row(struct dio_run *run, u16 group)
{
	const struct dio_row *row = run->d->row;
	unsigned int i, k;
	u32 base = 0;
	u8 bar = 0;

	if (!row || (row->base && row->base(run->d, &bar, &base)))
		return;
	for (i = 0; i < row->nregs; i++, group++) {
		struct dio_reg reg = row->regs[i];

		reg.space += bar;
		reg.offset += base;
		if (!dio_mmio(run->d, reg.space, reg.offset, reg.width))
			continue;
		for (k = 0; k < max_t(u16, row->regs[i].count, 1); k++) {
			dio_canary_add(run, &reg, group);
			reg.offset += reg.stride;
		}
	}
}

static unsigned int dio_canary_max(const struct dio_row *row)
{
	unsigned int i, n = DIO_GENERIC_MAX;

	for (i = 0; row && i < row->nregs; i++)
		n += max_t(u16, row->regs[i].count, 1);
	return n;
}

/* Make the list of canaries of a reset. Memory decoding is on. 0 or -ENOMEM. */
int dio_canary_collect(struct dio_run *run)
{
	u16 group = 0;

	run->canary = kvcalloc(dio_canary_max(run->d->row), sizeof(*run->canary), GFP_KERNEL);
	if (!run->canary)
		return -ENOMEM;
	dio_canary_add_header(run, &group);
	dio_canary_add_msi(run, &group);
	dio_canary_add_msix(run, &group);
	dio_canary_add_row(run, group);
	return 0;
}
