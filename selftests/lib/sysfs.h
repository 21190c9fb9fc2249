/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Text attributes of sysfs, procfs and tracefs.  The path is a printf format;
 * the result is 0 (or the length read) or a negative errno.
 */
#ifndef DIO_TEST_SYSFS_H
#define DIO_TEST_SYSFS_H

#include <stdbool.h>
#include <stddef.h>

#define PCI_SYSFS "/sys/bus/pci/devices/%s"

int sysfs_write(const char *value, const char *path, ...)
	__attribute__((format(printf, 2, 3)));
int sysfs_append(const char *value, const char *path, ...)
	__attribute__((format(printf, 2, 3)));
/* Without the final newline. */
int sysfs_read(char *buf, size_t size, const char *path, ...)
	__attribute__((format(printf, 3, 4)));
/* Last component of a symbolic link. */
int sysfs_link(char *buf, size_t size, const char *path, ...)
	__attribute__((format(printf, 3, 4)));
bool sysfs_exists(const char *path, ...) __attribute__((format(printf, 1, 2)));

#endif
