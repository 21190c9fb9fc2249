/* SPDX-License-Identifier: GPL-2.0 */
/* A loaded KVM, dio_kvm_test, and a socket: what tests of kvm-dio begin with. */
#ifndef DIO_TEST_KVMSTAGE_H
#define DIO_TEST_KVMSTAGE_H

#include "kmod.h"
#include "kvmnl.h"
#include "sysfs.h"

#define KMOD_KVM_TEST "dio_kvm_test"

#define KVM_STAGE_SETUP(nl) do {					\
	if (kmod_load("kvm_amd"))					\
		SKIP(return, "no KVM on this machine");			\
	ASSERT_EQ(0, kmod_load(KMOD_KVM_TEST));				\
	ASSERT_EQ(0, kvmnl_open(nl));					\
} while (0)

/* Times that @module is in use, or a negative errno. */
static inline int kmod_users(const char *module)
{
	char text[16];
	int rc = sysfs_read(text, sizeof(text), "/sys/module/%s/refcnt", module);

	return rc < 0 ? rc : atoi(text);
}

/* VMs in the table, or a negative errno. */
static inline int kvm_stage_vms(struct genl *nl)
{
	return kvmnl_vm_count(nl, NULL);
}

/* All rows of the feature that is in use for a VM are back to idle. */
static inline unsigned int kvm_stage_armed(struct genl *nl)
{
	static struct kvmnl_module m;
	unsigned int i, n = 0;

	if (kvmnl_module_get(nl, &m))
		return KVMNL_HOOKS;
	for (i = 0; i < m.hooks; i++)
		n += m.hook[i].state == DIO_KVM_HOOK_STATE_ARMED;
	return n;
}

#endif
