// SPDX-License-Identifier: GPL-2.0
/*
 * Which thread a command is about: its number, a virtual CPU of a VM, or a thread
 * of a process by its name. A VM is the descriptor of its monitor: a copy of that
 * is what the kernel is given.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "diokctl.h"
#include "rt.h"

#define VM_LINK	"anon_inode:kvm-vm"

/* The number of the only entry of DIR for which IS says yes; -1: none, -2: several. */
static long find_entry(const char *dir, const char *want,
		       bool (*is)(const char *path, const char *want))
{
	struct dirent *entry;
	char path[320];
	long found = -1;
	DIR *d = opendir(dir);

	while (d && (entry = readdir(d))) {
		snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
		if (entry->d_name[0] == '.' || !is(path, want))
			continue;
		if (found >= 0) {
			found = -2;
			break;
		}
		found = strtol(entry->d_name, NULL, 10);
	}
	if (d)
		closedir(d);
	return found;
}

static bool is_link(const char *path, const char *want)
{
	char link[64];
	ssize_t n = readlink(path, link, sizeof(link) - 1);

	if (n < 0)
		return false;
	link[n] = '\0';
	return !strcmp(link, want);
}

static bool is_named(const char *path, const char *want)
{
	char file[340], comm[64] = "";
	FILE *f;

	snprintf(file, sizeof(file), "%s/comm", path);
	f = fopen(file, "r");
	if (!f)
		return false;
	if (!fgets(comm, sizeof(comm), f))
		comm[0] = '\0';
	fclose(f);
	comm[strcspn(comm, "\n")] = '\0';
	return !strcmp(comm, want);
}

static int copy_fd(uint32_t pid, uint32_t fd, struct rt_who *who)
{
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);

	if (pidfd < 0)
		return refuse("process %u: %s", pid, strerror(errno));
	who->vm_fd = (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0);
	close(pidfd);
	if (who->vm_fd >= 0)
		return EXIT_OK;
	return refuse("process %u: descriptor %u: %s", pid, fd, strerror(errno));
}

/* PID or PID:FD, then perhaps "vcpu N" */
static int parse_vm(struct args *args, struct rt_who *who)
{
	const char *word = args_next(args);
	char pid_word[16], dir[64];
	uint32_t pid, fd = 0;
	const char *colon;
	long found;

	if (!word)
		return misuse("vm: the number of its process is missing");
	colon = strchr(word, ':');
	snprintf(pid_word, sizeof(pid_word), "%.*s",
		 colon ? (int)(colon - word) : (int)strlen(word), word);
	if (arg_u32(pid_word, &pid) || (colon && arg_u32(colon + 1, &fd)))
		return misuse("vm \"%s\": expected PID or PID:FD", word);
	if (args_peek(args) && !strcmp(args_peek(args), "vcpu")) {
		args_next(args);
		word = args_next(args);
		if (!word || arg_u32(word, &who->vcpu))
			return misuse("vcpu: expected a number");
	}
	who->has_vcpu = true;
	if (colon)
		return copy_fd(pid, fd, who);
	snprintf(dir, sizeof(dir), "/proc/%u/fd", pid);
	found = find_entry(dir, VM_LINK, is_link);
	if (found < 0)
		return refuse("process %u: %s", pid, found == -1 ? "has no virtual machine" :
			      "has several virtual machines, name one by PID:FD");
	return copy_fd(pid, (uint32_t)found, who);
}

/* PID name COMM */
static int parse_pid(struct args *args, struct rt_who *who)
{
	const char *word = args_next(args), *comm;
	char dir[64];
	uint32_t pid;
	long found;

	if (!word || arg_u32(word, &pid))
		return misuse("pid: expected a number");
	word = args_next(args);
	comm = args_next(args);
	if (!word || strcmp(word, "name") || !comm)
		return misuse("pid %u: expected name and the name of a thread", pid);
	snprintf(dir, sizeof(dir), "/proc/%u/task", pid);
	found = find_entry(dir, comm, is_named);
	if (found < 0)
		return refuse("process %u: %s thread \"%s\"", pid,
			      found == -1 ? "no" : "more than one", comm);
	who->tid = (uint32_t)found;
	return EXIT_OK;
}

int rt_parse_who(struct args *args, struct rt_who *who)
{
	const char *word = args_next(args);

	who->vm_fd = -1;
	if (!word)
		return misuse("a thread is missing");
	if (!strcmp(word, "vm"))
		return parse_vm(args, who);
	if (!strcmp(word, "pid"))
		return parse_pid(args, who);
	if (arg_u32(word, &who->tid))
		return misuse("\"%s\" is not a thread (a number, vm PID or pid PID)", word);
	return EXIT_OK;
}

void rt_who_close(struct rt_who *who)
{
	if (who->vm_fd >= 0)
		close(who->vm_fd);
}
