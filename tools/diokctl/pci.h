/* SPDX-License-Identifier: GPL-2.0 */
/* Names of devices, from the system's pci.ids by libpci; no bus is scanned. */
#ifndef DIOKCTL_PCI_H
#define DIOKCTL_PCI_H

#include <stdint.h>

/* "Vendor Device", or "" if not known; lives until the next call. */
const char *pci_name(uint16_t vendor, uint16_t device);
void pci_names_free(void);

#endif
