// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory decoding while the driver reaches a device's MSI-X table or registers
 * beside its owner: core.memory_lock excludes those who change it.
 */
#include "dio_dev.h"

/* Decoding on for us alone, whatever the owner has set. The COMMAND to put back. */
u16 dio_memory_begin(struct dio_vfio_dev *d)
{
	struct pci_dev *pdev = d->core.pdev;
	u16 cmd;

	down_write(&d->core.memory_lock);
	pci_read_config_word(pdev, PCI_COMMAND, &cmd);
	if (!(cmd & PCI_COMMAND_MEMORY))
		pci_write_config_word(pdev, PCI_COMMAND, cmd | PCI_COMMAND_MEMORY);
	return cmd;
}

void dio_memory_end(struct dio_vfio_dev *d, u16 cmd)
{
	pci_write_config_word(d->core.pdev, PCI_COMMAND, cmd);
	up_write(&d->core.memory_lock);
}
