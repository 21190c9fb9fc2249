// SPDX-License-Identifier: GPL-2.0
/* Devices by name, binding by driver_override, resets by sysfs. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "kmod.h"
#include "pcidev.h"
#include "report.h"
#include "sysfs.h"

#define NAME_TABLE "/run/dio/%s"
#define BIND_BOUND_MS 5000

int pcidev_at(struct pcidev *d, const char *name, const char *addr)
{
	memset(d, 0, sizeof(*d));
	snprintf(d->name, sizeof(d->name), "%s", name);
	snprintf(d->addr, sizeof(d->addr), "%s", addr);
	return sysfs_exists(PCI_SYSFS, d->addr) ? 0 : -ENODEV;
}

int pcidev_find(struct pcidev *d, const char *name)
{
	char addr[16];
	int rc = sysfs_read(addr, sizeof(addr), NAME_TABLE, name);

	if (rc < 0) {
		say("this machine has no device named %s", name);
		return rc;
	}
	rc = pcidev_at(d, name, addr);
	if (rc)
		say("%s: no PCI device at %s", name, addr);
	return rc;
}

void pcidev_driver(const struct pcidev *d, char *buf, int size)
{
	if (sysfs_link(buf, size, PCI_SYSFS "/driver", d->addr) < 0)
		buf[0] = '\0';
}

static bool driver_is(const struct pcidev *d, const char *driver)
{
	char now[64];

	pcidev_driver(d, now, sizeof(now));
	return strcmp(now, driver) == 0;
}

int pcidev_unbind(const struct pcidev *d)
{
	if (driver_is(d, ""))
		return 0;
	return sysfs_write(d->addr, PCI_SYSFS "/driver/unbind", d->addr);
}

/* The IOMMU back end is a soft dependency, which busybox does not follow. */
static int load_driver(const char *driver)
{
	int rc = 0;

	if (!kmod_loaded(KMOD_TYPE1))
		rc = kmod_load(KMOD_TYPE1);
	if (rc || sysfs_exists("/sys/bus/pci/drivers/%s", driver))
		return rc;
	return kmod_load(strcmp(driver, DRIVER_DIO) ? driver : KMOD_DIO);
}

/* VFIO users need the group's node as well as the binding. */
static bool group_ready(const struct pcidev *d)
{
	char group[16];

	return sysfs_link(group, sizeof(group), PCI_SYSFS "/iommu_group", d->addr) > 0 &&
	       sysfs_exists("/dev/vfio/%s", group);
}

static int probe(const struct pcidev *d, const char *driver)
{
	int rc = sysfs_write(driver, PCI_SYSFS "/driver_override", d->addr);

	if (!rc)
		rc = sysfs_write(d->addr, "/sys/bus/pci/drivers_probe");
	if (!rc && !wait_until(driver_is(d, driver) && group_ready(d),
			       BIND_BOUND_MS * clock_scale()))
		rc = -ETIMEDOUT;
	return rc;
}

int pcidev_bind(struct pcidev *d, const char *driver)
{
	int rc;

	if (!d->bound)
		pcidev_driver(d, d->original, sizeof(d->original));
	d->bound = true;
	if (driver_is(d, driver))
		return 0;
	rc = load_driver(driver);
	if (!rc)
		rc = pcidev_unbind(d);
	if (!rc)
		rc = probe(d, driver);
	if (rc)
		say("%s (%s): binding to %s: %s", d->name, d->addr, driver, strerror(-rc));
	return rc;
}

void pcidev_restore(struct pcidev *d)
{
	if (!d->bound)
		return;
	pcidev_unbind(d);
	/* A newline clears the override; drivers_probe then matches by id. */
	sysfs_write("\n", PCI_SYSFS "/driver_override", d->addr);
	if (d->original[0] && strcmp(d->original, DRIVER_STOCK) && strcmp(d->original, DRIVER_DIO))
		sysfs_write(d->addr, "/sys/bus/pci/drivers/%s/bind", d->original);
	d->bound = false;
}

int pcidev_reset(const struct pcidev *d)
{
	return sysfs_write("1", PCI_SYSFS "/reset", d->addr);
}

int pcidev_set_methods(const struct pcidev *d, const char *methods)
{
	int rc = sysfs_write(methods, PCI_SYSFS "/reset_method", d->addr);

	if (rc)
		say("%s (%s): reset_method %s: %s", d->name, d->addr, methods, strerror(-rc));
	return rc;
}

int pcidev_power(const struct pcidev *d, const char *control)
{
	return sysfs_write(control, PCI_SYSFS "/power/control", d->addr);
}
