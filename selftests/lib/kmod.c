// SPDX-License-Identifier: GPL-2.0
/* Kernel modules by modprobe (loading) and delete_module() (unloading). */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kmod.h"
#include "report.h"
#include "sysfs.h"

bool kmod_loaded(const char *module)
{
	/* A module that is going away still has its folder: ask its state. */
	char state[16];

	return sysfs_read(state, sizeof(state), "/sys/module/%s/initstate", module) > 0 &&
	       state[0] == 'l';
}

int kmod_load_with(const char *module, const char *parameter)
{
	char *argv[] = { "modprobe", (char *)module, (char *)parameter, NULL };
	char *envp[] = { "PATH=/sbin:/usr/sbin:/bin:/usr/bin", NULL };
	int status, rc;
	pid_t pid;

	rc = posix_spawnp(&pid, argv[0], NULL, NULL, argv, envp);
	if (rc)
		return -rc;
	if (waitpid(pid, &status, 0) != pid)
		return -errno;
	if (status) {
		say("modprobe %s failed with status 0x%x", module, status);
		return -ENOEXEC;
	}
	return 0;
}

int kmod_load(const char *module)
{
	return kmod_load_with(module, NULL);
}

int kmod_unload(const char *module)
{
	return syscall(SYS_delete_module, module, O_NONBLOCK) ? -errno : 0;
}
