// SPDX-License-Identifier: GPL-2.0
/* PCI devices in sysfs, see pci_sysfs.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pci_sysfs.h"

#define PCI_HEADER_TYPE		0x0e
#define PCI_CLASS_BRIDGE	0x06

const char *sysfs_root = "/sys";

static void device_path(char path[PATH_MAX], const char *addr, const char *file)
{
	snprintf(path, PATH_MAX, "%s/bus/pci/devices/%s%s%s", sysfs_root, addr,
		 *file ? "/" : "", file);
}

static void driver_path(char path[PATH_MAX], const char *driver, const char *file)
{
	snprintf(path, PATH_MAX, "%s/bus/pci/drivers/%s%s%s", sysfs_root, driver,
		 *file ? "/" : "", file);
}

bool sysfs_exists(const char *addr)
{
	char path[PATH_MAX];

	device_path(path, addr, "");
	return !access(path, F_OK);
}

bool sysfs_driver_exists(const char *driver)
{
	char path[PATH_MAX];

	driver_path(path, driver, "");
	return !access(path, F_OK);
}

int sysfs_read(const char *addr, const char *file, char *buf, size_t size)
{
	char path[PATH_MAX];
	ssize_t len;
	int fd;

	device_path(path, addr, file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	len = read(fd, buf, size - 1);
	if (len < 0)
		len = -errno;
	close(fd);
	if (len < 0)
		return (int)len;
	buf[len] = '\0';
	buf[strcspn(buf, "\n")] = '\0';
	return 0;
}

long sysfs_number(const char *addr, const char *file, int base, long otherwise)
{
	char text[32], *end;
	long value;

	if (sysfs_read(addr, file, text, sizeof(text)))
		return otherwise;
	value = strtol(text, &end, base);
	return end == text ? otherwise : value;
}

/* The last part of what the device's link FILE points to. */
static int link_name(const char *addr, const char *file, char name[NAME_SIZE])
{
	char path[PATH_MAX], target[PATH_MAX];
	const char *base;
	ssize_t len;

	device_path(path, addr, file);
	len = readlink(path, target, sizeof(target) - 1);
	if (len < 0)
		return -errno;
	target[len] = '\0';
	base = strrchr(target, '/');
	snprintf(name, NAME_SIZE, "%.*s", NAME_SIZE - 1, base ? base + 1 : target);
	return 0;
}

void sysfs_driver(const char *addr, char name[NAME_SIZE])
{
	if (link_name(addr, "driver", name))
		name[0] = '\0';
}

int sysfs_group(const char *addr)
{
	char name[NAME_SIZE];

	if (link_name(addr, "iommu_group", name))
		return -1;
	return atoi(name);
}

bool sysfs_is_bridge(const char *addr)
{
	unsigned char config[PCI_HEADER_TYPE + 1];
	char path[PATH_MAX];
	ssize_t len;
	int fd;

	if (sysfs_number(addr, "class", 16, 0) >> 16 == PCI_CLASS_BRIDGE)
		return true;
	device_path(path, addr, "config");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	len = read(fd, config, sizeof(config));
	close(fd);
	return len == (ssize_t)sizeof(config) && config[PCI_HEADER_TYPE] & 0x7f;
}

static int write_file(const char *path, const char *value)
{
	size_t len = strlen(value);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int err = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, value, len) != (ssize_t)len)
		err = -errno;
	close(fd);
	return err;
}

/* A lone newline is how the PCI core is told to forget the override. */
int sysfs_override(const char *addr, const char *driver)
{
	char path[PATH_MAX];

	device_path(path, addr, "driver_override");
	return write_file(path, *driver ? driver : "\n");
}

int sysfs_unbind(const char *addr, const char *driver)
{
	char path[PATH_MAX];

	driver_path(path, driver, "unbind");
	return write_file(path, addr);
}

int sysfs_bind(const char *addr, const char *driver)
{
	char path[PATH_MAX];

	driver_path(path, driver, "bind");
	return write_file(path, addr);
}

int sysfs_probe(const char *addr)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/bus/pci/drivers_probe", sysfs_root);
	return write_file(path, addr);
}

void sysfs_group_others(const char *addr, int group,
			void (*fn)(const char *other, void *arg), void *arg)
{
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/kernel/iommu_groups/%d/devices",
		 sysfs_root, group);
	dir = opendir(path);
	if (!dir)
		return;
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.' && strcmp(entry->d_name, addr))
			fn(entry->d_name, arg);
	closedir(dir);
}
