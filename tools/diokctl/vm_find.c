// SPDX-License-Identifier: GPL-2.0
/*
 * Finds a VM in /proc: a process has a descriptor "anon_inode:kvm-vm", and QEMU's
 * command line (libvirt's too) has -name. What /proc shows may be stale: the
 * kernel looks at the descriptor again, and it alone decides.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "diokctl.h"
#include "vm_find.h"

#define VM_LINK		"anon_inode:kvm-vm"
#define CMDLINE_SIZE	65536

const char *proc_root = "/proc";

static ssize_t read_proc(pid_t pid, const char *file, char *buf, size_t size)
{
	char path[PATH_MAX];
	size_t len = 0;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "%s/%d/%s", proc_root, pid, file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	while (len < size - 1 && (n = read(fd, buf + len, size - 1 - len)) > 0)
		len += (size_t)n;
	close(fd);
	buf[len] = '\0';
	return (ssize_t)len;
}

/* The value of -name: NAME[,...] or guest=NAME[,...]; in it ",," is a comma. */
static void parse_name(const char *value, char name[VM_NAME_SIZE])
{
	size_t len = 0;

	if (!strncmp(value, "guest=", 6))
		value += 6;
	while (*value && len < VM_NAME_SIZE - 1) {
		if (*value == ',' && *++value != ',')
			break;
		name[len++] = *value++;
	}
	name[len] = '\0';
}

static bool guest_name(pid_t pid, char name[VM_NAME_SIZE])
{
	char *line = malloc(CMDLINE_SIZE);
	ssize_t len = line ? read_proc(pid, "cmdline", line, CMDLINE_SIZE) : -1;
	const char *word, *end = line + (len > 0 ? len : 0);
	bool next = false, found = false;

	for (word = line; !found && word && word < end; word += strlen(word) + 1) {
		if (next) {
			parse_name(word, name);
			found = true;
		}
		next = !strcmp(word, "-name") || !strcmp(word, "--name");
	}
	free(line);
	return found;
}

void vm_name(pid_t pid, char name[VM_NAME_SIZE])
{
	ssize_t len;

	if (guest_name(pid, name))
		return;
	len = read_proc(pid, "comm", name, VM_NAME_SIZE);
	if (len > 0)
		name[strcspn(name, "\n")] = '\0';
	else
		snprintf(name, VM_NAME_SIZE, "?");
}

/* Number of VMs that the process has open; *fd: the first one. -1: no such process. */
static int count_vms(pid_t pid, int *fd)
{
	char path[PATH_MAX], target[sizeof(VM_LINK) + 1];
	struct dirent *entry;
	int n = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/%d/fd", proc_root, pid);
	dir = opendir(path);
	if (!dir)
		return -1;
	while ((entry = readdir(dir))) {
		ssize_t len = readlinkat(dirfd(dir), entry->d_name, target, sizeof(target) - 1);

		if (len <= 0)
			continue;
		target[len] = '\0';
		if (!strcmp(target, VM_LINK) && !n++)
			*fd = atoi(entry->d_name);
	}
	closedir(dir);
	return n;
}

static bool is_number(const char *word)
{
	return *word && strspn(word, "0123456789") == strlen(word);
}

static int find_name(const char *word, struct vm_target *target)
{
	char name[VM_NAME_SIZE];
	struct dirent *entry;
	DIR *dir = opendir(proc_root);
	int fd, n = 0;

	while (dir && (entry = readdir(dir))) {
		pid_t pid = atoi(entry->d_name);

		if (!is_number(entry->d_name) || !guest_name(pid, name) || strcmp(name, word) ||
		    count_vms(pid, &fd) <= 0 || n++)
			continue;
		target->pid = pid;
	}
	if (dir)
		closedir(dir);
	if (!n)
		return refuse("%s: no virtual machine of this name", word);
	if (n > 1)
		return refuse("%s: %d virtual machines of this name, give a PID", word, n);
	return EXIT_OK;
}

/* PID or PID:FD; -1 if it is neither. */
static int parse_pid(const char *word, struct vm_target *target)
{
	char pid[16];
	const char *colon = strchr(word, ':');
	size_t len = colon ? (size_t)(colon - word) : strlen(word);
	uint32_t value;

	if (!len || len >= sizeof(pid))
		return -1;
	memcpy(pid, word, len);
	pid[len] = '\0';
	if (!is_number(pid) || arg_u32(pid, &value) || value > INT_MAX)
		return -1;
	target->pid = (pid_t)value;
	if (!colon)
		return 0;
	if (!is_number(colon + 1) || arg_u32(colon + 1, &value) || value > INT_MAX)
		return -1;
	target->fd = (int)value;
	return 0;
}

int vm_find(const char *word, struct vm_target *target)
{
	int n, fd = -1, code;

	target->fd = -1;
	if (parse_pid(word, target)) {
		code = find_name(word, target);
		if (code)
			return code;
	}
	vm_name(target->pid, target->name);
	if (target->fd >= 0)
		return EXIT_OK;
	n = count_vms(target->pid, &fd);
	if (n < 0 && errno == ENOENT)
		return refuse("%s: no such process", word);
	if (n < 0)
		return refuse("%s: its descriptors cannot be read: %s", word, strerror(errno));
	if (!n)
		return refuse("%s: process %d (%s) has no virtual machine of KVM", word,
			      target->pid, target->name);
	if (n > 1)
		return refuse("%s: process %d has %d virtual machines, name one by %d:FD", word,
			      target->pid, n, target->pid);
	target->fd = fd;
	return EXIT_OK;
}

int vm_open(const struct vm_target *target, int *fd)
{
	int pidfd = (int)syscall(SYS_pidfd_open, target->pid, 0), err = errno;

	if (pidfd < 0)
		return refuse("%d: %s", target->pid,
			      err == ESRCH ? "no such process" : strerror(err));
	*fd = (int)syscall(SYS_pidfd_getfd, pidfd, target->fd, 0);
	err = errno;
	close(pidfd);
	if (*fd >= 0)
		return EXIT_OK;
	return refuse("%d:%d: %s", target->pid, target->fd,
		      err == EBADF ? "no such descriptor" : strerror(err));
}
