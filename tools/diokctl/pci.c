// SPDX-License-Identifier: GPL-2.0
/*
 * Names of devices, see pci.h. The access object is only used for its name
 * list: pci_init() is not called, no device is looked for.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <pci/pci.h>

#include "pci.h"

static struct pci_access *access_names;

/* A missing or broken pci.ids is no reason to fail or to speak. */
__attribute__((format(printf, 1, 2))) static void quiet(char *fmt, ...)
{
	(void)fmt;
}

static struct pci_access *names_open(void)
{
	if (access_names)
		return access_names;
	access_names = pci_alloc();
	if (!access_names)
		return NULL;
	access_names->warning = quiet;
	access_names->debug = quiet;
	return access_names;
}

const char *pci_name(uint16_t vendor, uint16_t device)
{
	static char name[256];
	struct pci_access *names = names_open();
	char *found = NULL;

	if (names)
		found = pci_lookup_name(names, name, sizeof(name),
					PCI_LOOKUP_VENDOR | PCI_LOOKUP_DEVICE |
					PCI_LOOKUP_NO_NUMBERS, vendor, device);
	return found ? found : "";
}

void pci_names_free(void)
{
	if (access_names)
		pci_cleanup(access_names);
	access_names = NULL;
}
