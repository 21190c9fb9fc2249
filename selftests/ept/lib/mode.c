// SPDX-License-Identifier: GPL-2.0
/* Administration of mode.h: as an administrator does it, by the tool. */
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mode.h"
#include "sysfs.h"

#define HUGE "/proc/sys/vm/nr_hugepages"

int mode_set(const char *memtype)
{
	char pid[16];
	char *argv[] = { "diokctl", "vm", "set", pid, "memtype", (char *)memtype, NULL };
	char *envp[] = { "PATH=/sbin:/usr/sbin:/bin:/usr/bin", NULL };
	int status, rc;
	pid_t child;

	snprintf(pid, sizeof(pid), "%d", getpid());
	rc = posix_spawnp(&child, argv[0], NULL, NULL, argv, envp);
	if (rc)
		return -rc;
	if (waitpid(child, &status, 0) != child)
		return -errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -EINTR;
}

int mode_huge_pages(int pages)
{
	char text[16];

	if (sysfs_read(text, sizeof(text), HUGE) > 0 && atoi(text) >= pages)
		return 0;
	snprintf(text, sizeof(text), "%d", pages);
	if (sysfs_write(text, HUGE) < 0 || sysfs_read(text, sizeof(text), HUGE) <= 0)
		return -EIO;
	return atoi(text) >= pages ? 0 : -ENOMEM;
}
