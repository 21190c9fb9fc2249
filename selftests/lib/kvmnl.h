/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Client of the dio_kvm netlink family: plain structures, each call answers 0 or
 * the kernel's negative errno, the text of a refusal is in nl->text.
 */
#ifndef DIO_TEST_KVMNL_H
#define DIO_TEST_KVMNL_H

#include <stdbool.h>
#include <stdint.h>
#include <linux/dio_kvm.h>

#include "genl.h"

#define KVMNL_HOOKS 64

struct kvmnl_hook {
	char feature[32], module[64], symbol[64], reason[256];
	uint32_t state;
	uint64_t calls;
};

struct kvmnl_module {
	char version[16];
	bool nodio;
	uint32_t vms;
	unsigned int hooks;
	struct kvmnl_hook hook[KVMNL_HOOKS];
};

struct kvmnl_vm {
	uint32_t id, pid, memtype, routes;
	uint64_t skipped, passed;	/* commits of routes */
};

int kvmnl_open(struct genl *nl);
int kvmnl_module_get(struct genl *nl, struct kvmnl_module *m);
int kvmnl_vm_get(struct genl *nl, int fd, struct kvmnl_vm *vm);
int kvmnl_vm_set(struct genl *nl, int fd, uint32_t memtype);
/* One setting, DIO_KVM_A_VM_*. */
int kvmnl_vm_set_to(struct genl *nl, int fd, int setting, uint32_t value);
/* Number of VMs in the dump; the last one in *vm. Or a negative errno. */
int kvmnl_vm_count(struct genl *nl, struct kvmnl_vm *vm);
void kvmnl_vm_parse(const struct nlmsghdr *m, struct kvmnl_vm *vm);
/* NULL if the module has no such row. */
const struct kvmnl_hook *kvmnl_hook(const struct kvmnl_module *m, const char *module,
				    const char *symbol);
const char *kvmnl_state_name(uint32_t state);
void kvmnl_say(const struct kvmnl_module *m);

#endif
