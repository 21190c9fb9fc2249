// SPDX-License-Identifier: GPL-2.0
/* Configuration space of a device through its sysfs file. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <linux/pci_regs.h>

#include "pcidev.h"
#include "report.h"
#include "sysfs.h"

#define CAP_CHAIN_MAX 48	/* 192 bytes, 4 a capability: no endless loop */

static int config_open(const struct pcidev *d)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), PCI_SYSFS "/config", d->addr);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		say("%s (%s): config: %s", d->name, d->addr, strerror(errno));
	return fd;
}

uint32_t pcidev_config_read(const struct pcidev *d, int offset, int width)
{
	uint32_t value = 0;
	int fd = config_open(d);

	if (fd < 0)
		return ~0u;
	if (pread(fd, &value, width, offset) != width) {
		say("%s (%s): config read at 0x%x failed", d->name, d->addr, offset);
		value = ~0u;
	}
	close(fd);
	return value;
}

int pcidev_config_write(const struct pcidev *d, int offset, int width, uint32_t value)
{
	int fd = config_open(d);
	int rc = 0;

	if (fd < 0)
		return -ENOENT;
	if (pwrite(fd, &value, width, offset) != width) {
		say("%s (%s): config write at 0x%x failed", d->name, d->addr, offset);
		rc = -EIO;
	}
	close(fd);
	return rc;
}

int pcidev_cap(const struct pcidev *d, int id)
{
	int left = CAP_CHAIN_MAX;
	int pos = pcidev_config_read(d, PCI_CAPABILITY_LIST, 1);

	while (pos >= PCI_STD_HEADER_SIZEOF && pos < 0x100 && left--) {
		if (pcidev_config_read(d, pos + PCI_CAP_LIST_ID, 1) == (uint32_t)id)
			return pos;
		pos = pcidev_config_read(d, pos + PCI_CAP_LIST_NEXT, 1);
	}
	return 0;
}
