// SPDX-License-Identifier: GPL-2.0
/* Requests of the dio_kvm family. */
#include <errno.h>
#include <string.h>

#include "kvmnl.h"
#include "report.h"

int kvmnl_open(struct genl *nl)
{
	int rc = genl_open(nl, DIO_KVM_FAMILY_NAME, DIO_KVM_MCGRP_EVENTS);

	if (rc)
		say("netlink family %s: %s", DIO_KVM_FAMILY_NAME, strerror(-rc));
	return rc;
}

static void parse_hook(const struct nlattr *nest, struct kvmnl_hook *h)
{
	struct genl_walk w = genl_walk_nest(nest);
	const struct nlattr *a;

	memset(h, 0, sizeof(*h));
	while ((a = genl_next(&w))) {
		switch (genl_type(a)) {
		case DIO_KVM_A_HOOK_FEATURE:
			genl_text(a, h->feature, sizeof(h->feature));
			break;
		case DIO_KVM_A_HOOK_MODULE:
			genl_text(a, h->module, sizeof(h->module));
			break;
		case DIO_KVM_A_HOOK_SYMBOL:
			genl_text(a, h->symbol, sizeof(h->symbol));
			break;
		case DIO_KVM_A_HOOK_REASON:
			genl_text(a, h->reason, sizeof(h->reason));
			break;
		case DIO_KVM_A_HOOK_STATE:
			h->state = genl_number(a);
			break;
		case DIO_KVM_A_HOOK_CALLS:
			h->calls = genl_number(a);
			break;
		}
	}
}

static void parse_module(const struct nlmsghdr *reply, void *data)
{
	struct genl_walk w = genl_walk(reply);
	struct kvmnl_module *m = data;
	const struct nlattr *a;

	while ((a = genl_next(&w))) {
		switch (genl_type(a)) {
		case DIO_KVM_A_MODULE_VERSION:
			genl_text(a, m->version, sizeof(m->version));
			break;
		case DIO_KVM_A_MODULE_NODIO:
			m->nodio = true;
			break;
		case DIO_KVM_A_MODULE_VMS:
			m->vms = genl_number(a);
			break;
		case DIO_KVM_A_MODULE_HOOK:
			if (m->hooks < KVMNL_HOOKS)
				parse_hook(a, &m->hook[m->hooks++]);
			break;
		}
	}
}

int kvmnl_module_get(struct genl *nl, struct kvmnl_module *m)
{
	struct genl_request r;

	memset(m, 0, sizeof(*m));
	genl_request(nl, &r, DIO_KVM_CMD_MODULE_GET, 0);
	return genl_talk(nl, &r, parse_module, m);
}

static void parse_routes(const struct nlattr *nest, struct kvmnl_vm *vm)
{
	struct genl_walk w = genl_walk_nest(nest);
	const struct nlattr *a;

	while ((a = genl_next(&w))) {
		if (genl_type(a) == DIO_KVM_A_ROUTES_STAT_SKIPPED)
			vm->skipped = genl_number(a);
		else if (genl_type(a) == DIO_KVM_A_ROUTES_STAT_PASSED)
			vm->passed = genl_number(a);
	}
}

void kvmnl_vm_parse(const struct nlmsghdr *m, struct kvmnl_vm *vm)
{
	struct genl_walk w = genl_walk(m);
	const struct nlattr *a;

	memset(vm, 0, sizeof(*vm));
	while ((a = genl_next(&w))) {
		switch (genl_type(a)) {
		case DIO_KVM_A_VM_ID:
			vm->id = genl_number(a);
			break;
		case DIO_KVM_A_VM_PID:
			vm->pid = genl_number(a);
			break;
		case DIO_KVM_A_VM_MEMTYPE:
			vm->memtype = genl_number(a);
			break;
		case DIO_KVM_A_VM_ROUTES:
			vm->routes = genl_number(a);
			break;
		case DIO_KVM_A_VM_ROUTES_STAT:
			parse_routes(a, vm);
			break;
		}
	}
}

struct vms {
	int n;
	struct kvmnl_vm last;
};

static void parse_vm(const struct nlmsghdr *reply, void *data)
{
	struct vms *v = data;

	kvmnl_vm_parse(reply, &v->last);
	v->n++;
}

int kvmnl_vm_get(struct genl *nl, int fd, struct kvmnl_vm *vm)
{
	struct genl_request r;
	struct vms v = { 0 };
	int rc;

	genl_request(nl, &r, DIO_KVM_CMD_VM_GET, 0);
	genl_put(&r, DIO_KVM_A_VM_FD, &fd, sizeof(fd));
	rc = genl_talk(nl, &r, parse_vm, &v);
	*vm = v.last;
	return rc;
}

int kvmnl_vm_count(struct genl *nl, struct kvmnl_vm *vm)
{
	struct genl_request r;
	struct vms v = { 0 };
	int rc;

	genl_request(nl, &r, DIO_KVM_CMD_VM_GET, NLM_F_DUMP);
	rc = genl_talk(nl, &r, parse_vm, &v);
	if (vm)
		*vm = v.last;
	return rc ? rc : v.n;
}

int kvmnl_vm_set_to(struct genl *nl, int fd, int setting, uint32_t value)
{
	struct genl_request r;

	genl_request(nl, &r, DIO_KVM_CMD_VM_SET, 0);
	genl_put(&r, DIO_KVM_A_VM_FD, &fd, sizeof(fd));
	genl_put_u32(&r, setting, value);
	return genl_talk(nl, &r, NULL, NULL);
}

int kvmnl_vm_set(struct genl *nl, int fd, uint32_t memtype)
{
	return kvmnl_vm_set_to(nl, fd, DIO_KVM_A_VM_MEMTYPE, memtype);
}

const struct kvmnl_hook *kvmnl_hook(const struct kvmnl_module *m, const char *module,
				    const char *symbol)
{
	unsigned int i;

	for (i = 0; i < m->hooks; i++)
		if (!strcmp(m->hook[i].module, module) && !strcmp(m->hook[i].symbol, symbol))
			return &m->hook[i];
	return NULL;
}

const char *kvmnl_state_name(uint32_t state)
{
	static const char *const names[] = { "absent", "idle", "armed", "unsupported" };

	return state < sizeof(names) / sizeof(*names) ? names[state] : "?";
}

void kvmnl_say(const struct kvmnl_module *m)
{
	const struct kvmnl_hook *h;

	for (h = m->hook; h < m->hook + m->hooks; h++)
		say("%-6s %s:%s %s%s%s, %llu calls", h->feature, h->module, h->symbol,
		    kvmnl_state_name(h->state), *h->reason ? ": " : "", h->reason,
		    (unsigned long long)h->calls);
}
