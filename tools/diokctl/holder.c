// SPDX-License-Identifier: GPL-2.0
/*
 * Which process has a device open through VFIO. It is for a message only:
 * what /proc shows may be stale by the time it is read, and the driver's own
 * state decides.
 */
#include <ctype.h>
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "pci_sysfs.h"

struct vfio_paths {
	char group[64];		/* /dev/vfio/GROUP */
	char device[64];	/* /dev/vfio/devices/vfioN */
};

static void find_paths(const char *addr, struct vfio_paths *paths)
{
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *dir;

	snprintf(paths->group, sizeof(paths->group), "/dev/vfio/%d",
		 sysfs_group(addr));
	paths->device[0] = '\0';
	snprintf(path, sizeof(path), "%s/bus/pci/devices/%s/vfio-dev",
		 sysfs_root, addr);
	dir = opendir(path);
	if (!dir)
		return;
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			snprintf(paths->device, sizeof(paths->device),
				 "/dev/vfio/devices/%.32s", entry->d_name);
	closedir(dir);
}

static bool process_holds(const char *pid, const struct vfio_paths *paths)
{
	char path[PATH_MAX], target[PATH_MAX];
	struct dirent *entry;
	bool holds = false;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%.20s/fd", pid);
	dir = opendir(path);
	if (!dir)
		return false;
	while (!holds && (entry = readdir(dir))) {
		ssize_t len = readlinkat(dirfd(dir), entry->d_name, target,
					 sizeof(target) - 1);

		if (len <= 0)
			continue;
		target[len] = '\0';
		holds = !strcmp(target, paths->group) ||
			(*paths->device && !strcmp(target, paths->device));
	}
	closedir(dir);
	return holds;
}

static void process_name(const char *pid, char *who, size_t size)
{
	char path[PATH_MAX], name[32] = "";
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%.20s/comm", pid);
	file = fopen(path, "re");
	if (file) {
		if (fgets(name, sizeof(name), file))
			name[strcspn(name, "\n")] = '\0';
		fclose(file);
	}
	snprintf(who, size, "%s, pid %.20s", name, pid);
}

bool sysfs_vfio_holder(const char *addr, char *who, size_t size)
{
	struct vfio_paths paths;
	struct dirent *entry;
	bool found = false;
	DIR *dir;

	find_paths(addr, &paths);
	dir = opendir("/proc");
	if (!dir)
		return false;
	while (!found && (entry = readdir(dir))) {
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		found = process_holds(entry->d_name, &paths);
		if (found)
			process_name(entry->d_name, who, size);
	}
	closedir(dir);
	return found;
}
