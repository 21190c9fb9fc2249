// SPDX-License-Identifier: GPL-2.0
/* Kernel modules by modprobe (loading) and delete_module() (unloading). */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
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

/*
 * Builds of dio_kvm, which register the same netlink family: one at a time. A test
 * leaves the one that it had loaded, and which test was before depends on how the
 * rig has shared them out.
 */
static const char *const builds[] = {
	"dio_kvm", "dio_kvm_owner", "dio_kvm_test", "dio_kvm_memtype_broken",
};

static void unload_other_builds(const char *module)
{
	bool is_one = false;
	size_t i;

	for (i = 0; i < sizeof(builds) / sizeof(*builds); i++)
		is_one |= !strcmp(builds[i], module);
	for (i = 0; is_one && i < sizeof(builds) / sizeof(*builds); i++)
		if (strcmp(builds[i], module) && kmod_loaded(builds[i]))
			kmod_unload(builds[i]);
}

int kmod_load_with(const char *module, const char *parameter)
{
	char *argv[] = { "modprobe", (char *)module, (char *)parameter, NULL };
	char *envp[] = { "PATH=/sbin:/usr/sbin:/bin:/usr/bin", NULL };
	int status, rc;
	pid_t pid;

	unload_other_builds(module);
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
