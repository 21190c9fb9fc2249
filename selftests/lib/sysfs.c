// SPDX-License-Identifier: GPL-2.0
/* Text attributes: one open, one read or write, the errno of it. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sysfs.h"

static int attr_write(const char *value, const char *path, int flags)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | flags);
	int rc = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, value, strlen(value)) < 0)
		rc = -errno;
	close(fd);
	return rc;
}

int sysfs_write(const char *value, const char *path, ...)
{
	char name[PATH_MAX];
	va_list args;

	va_start(args, path);
	vsnprintf(name, sizeof(name), path, args);
	va_end(args);
	return attr_write(value, name, O_TRUNC);
}

int sysfs_append(const char *value, const char *path, ...)
{
	char name[PATH_MAX];
	va_list args;

	va_start(args, path);
	vsnprintf(name, sizeof(name), path, args);
	va_end(args);
	return attr_write(value, name, O_APPEND);
}

int sysfs_read(char *buf, size_t size, const char *path, ...)
{
	char name[PATH_MAX];
	va_list args;
	ssize_t n;
	int fd;

	buf[0] = '\0';
	va_start(args, path);
	vsnprintf(name, sizeof(name), path, args);
	va_end(args);
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = read(fd, buf, size - 1);
	if (n < 0)
		n = -errno;
	close(fd);
	if (n < 0)
		return n;
	if (n && buf[n - 1] == '\n')
		n--;
	buf[n] = '\0';
	return n;
}

int sysfs_link(char *buf, size_t size, const char *path, ...)
{
	char name[PATH_MAX], target[PATH_MAX];
	va_list args;
	char *last;
	ssize_t n;

	buf[0] = '\0';
	va_start(args, path);
	vsnprintf(name, sizeof(name), path, args);
	va_end(args);
	n = readlink(name, target, sizeof(target) - 1);
	if (n < 0)
		return -errno;
	target[n] = '\0';
	last = strrchr(target, '/');
	return snprintf(buf, size, "%s", last ? last + 1 : target);
}

bool sysfs_exists(const char *path, ...)
{
	char name[PATH_MAX];
	va_list args;

	va_start(args, path);
	vsnprintf(name, sizeof(name), path, args);
	va_end(args);
	return access(name, F_OK) == 0;
}
