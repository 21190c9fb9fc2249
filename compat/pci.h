/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the PCI core does about resets but tells no header: the indices of its
 * table pci_reset_fn_methods[], and who holds the upstream bridge's lock.
 */
#ifndef DIO_COMPAT_PCI_H
#define DIO_COMPAT_PCI_H

#include <linux/build_bug.h>
#include <linux/pci.h>

/*
 * Indices of pci_reset_fn_methods[] in drivers/pci/pci.c, the values that
 * pci_dev.reset_methods[] holds. The first seven are the same in 6.1 to 7.3; a
 * table of another size has to be read again before this is extended.
 */
enum {
	DIO_PCI_RESET_END,
	DIO_PCI_RESET_DEVICE_SPECIFIC,
	DIO_PCI_RESET_ACPI,
	DIO_PCI_RESET_FLR,
	DIO_PCI_RESET_AF_FLR,
	DIO_PCI_RESET_PM,
	DIO_PCI_RESET_BUS,
	DIO_PCI_RESET_CXL_BUS,
};

static_assert(PCI_NUM_RESET_METHODS == 7 || PCI_NUM_RESET_METHODS == 8,
	      "pci_reset_fn_methods[] has changed");

/*
 * pci_reset_function() holds the upstream bridge's lock since 6.11 (commit
 * 7e89efc6e9e4): reset_done() of a reset that came through it must not take it.
 */
#define DIO_PCI_RESET_HOLDS_BRIDGE \
	(LINUX_VERSION_CODE >= KERNEL_VERSION(6, 11, 0))

#endif /* DIO_COMPAT_PCI_H */
