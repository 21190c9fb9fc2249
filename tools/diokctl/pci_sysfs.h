/* SPDX-License-Identifier: GPL-2.0 */
/*
 * PCI devices as sysfs shows them, and the writes that move one to another
 * driver. Every address here has the form that arg_addr() makes.
 */
#ifndef DIOKCTL_PCI_SYSFS_H
#define DIOKCTL_PCI_SYSFS_H

#include <stdbool.h>
#include <stddef.h>

#define NAME_SIZE	64
#define DIO_DRIVER	"dio-vfio-pci"
#define DIO_MODULE	"dio_vfio_pci"

/* "/sys"; the unit tests put a tree of their own here. */
extern const char *sysfs_root;

bool sysfs_exists(const char *addr);
bool sysfs_driver_exists(const char *driver);

/* Contents of a device's file without the newline; 0 or -errno. */
int sysfs_read(const char *addr, const char *file, char *buf, size_t size);
long sysfs_number(const char *addr, const char *file, int base, long otherwise);

/* Name of the bound driver, "" if none. */
void sysfs_driver(const char *addr, char name[NAME_SIZE]);

/* Number of the IOMMU group, -1 if the device is in none. */
int sysfs_group(const char *addr);

/* A bridge, by class or by the type of its header. */
bool sysfs_is_bridge(const char *addr);

/* "" clears the override. All of these return 0 or -errno. */
int sysfs_override(const char *addr, const char *driver);
int sysfs_unbind(const char *addr, const char *driver);
int sysfs_bind(const char *addr, const char *driver);
int sysfs_probe(const char *addr);

/* Call FN for each other device of ADDR's group. */
void sysfs_group_others(const char *addr, int group,
			void (*fn)(const char *other, void *arg), void *arg);

/* One process that has the VFIO device or group open; false if none is seen. */
bool sysfs_vfio_holder(const char *addr, char *who, size_t size);

#endif
