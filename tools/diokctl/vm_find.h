/* SPDX-License-Identifier: GPL-2.0 */
/* Which VM an administrator means: a process, its descriptor, or a guest's name. */
#ifndef DIOKCTL_VM_FIND_H
#define DIOKCTL_VM_FIND_H

#include <stddef.h>
#include <sys/types.h>

#define VM_NAME_SIZE	128

struct vm_target {
	pid_t pid;
	int fd;			/* in that process; -1: its only VM */
	char name[VM_NAME_SIZE];	/* of the guest, or of the program */
};

/* "/proc"; the unit tests put a tree of their own here. */
extern const char *proc_root;

/* These print why they fail, and return an exit code. */
int vm_find(const char *word, struct vm_target *target);
/* A descriptor of ours for the VM, in *fd. */
int vm_open(const struct vm_target *target, int *fd);

/* Name of the guest of process PID, or of its program. */
void vm_name(pid_t pid, char name[VM_NAME_SIZE]);

#endif
