// SPDX-License-Identifier: GPL-2.0
/* A virtual machine in a line; with -s the counters of its features below. */
#include <linux/dio_kvm.h>
#include <netlink/genl/genl.h>

#include "diokctl.h"
#include "msg.h"
#include "out.h"
#include "vm_find.h"
#include "vm_show.h"

static struct nla_policy vm_policy[DIO_KVM_A_VM_MAX + 1] = {
	[DIO_KVM_A_VM_ID]	= { .type = NLA_U32 },
	[DIO_KVM_A_VM_PID]	= { .type = NLA_U32 },
	[DIO_KVM_A_VM_MEMTYPE]	= { .type = NLA_U32 },
	[DIO_KVM_A_VM_STORES]	= { .type = NLA_U32 },
	[DIO_KVM_A_VM_STORES_STAT] = { .type = NLA_NESTED },
	[DIO_KVM_A_VM_ROUTES]	= { .type = NLA_U32 },
	[DIO_KVM_A_VM_ROUTES_STAT] = { .type = NLA_NESTED },
};

#define STAT(name, key, text) { DIO_KVM_A_STORES_STAT_##name, key, text }

/* Stores that were done, and why others were left to KVM. */
static const struct {
	int attr;
	const char *key, *text;
} stores_stat[] = {
	STAT(EOI, "eoi", "eoi"),
	STAT(DEVICE, "device", "device"),
	STAT(SLOW_REGISTER, "slow_register", "slow: register"),
	STAT(SLOW_DEVICE, "slow_device", "slow: device"),
	STAT(SLOW_STATE, "slow_state", "slow: state"),
	STAT(SLOW_APIC, "slow_apic", "slow: apic"),
	STAT(SLOW_MEMORY, "slow_memory", "slow: memory"),
	STAT(SLOW_CODE, "slow_code", "slow: code"),
	STAT(SLOW_INSN, "slow_insn", "slow: insn"),
	STAT(SLOW_ADDRESS, "slow_address", "slow: address"),
	STAT(SLOW_DEBUG, "slow_debug", "slow: debug"),
	STAT(SLOW_SHADOW, "slow_shadow", "slow: shadow"),
	STAT(SLOW_PMU, "slow_pmu", "slow: pmu"),
};

static int vm_parse(struct nl_msg *msg, struct nlattr **tb)
{
	if (genlmsg_parse(nlmsg_hdr(msg), 0, tb, DIO_KVM_A_VM_MAX, vm_policy))
		return -1;
	return tb[DIO_KVM_A_VM_PID] ? 0 : -1;
}

bool show_vm_valid(struct nl_msg *msg)
{
	struct nlattr *tb[DIO_KVM_A_VM_MAX + 1];

	return !vm_parse(msg, tb);
}

static void show_who(struct nlattr **tb)
{
	uint32_t pid = tb_u32(tb, DIO_KVM_A_VM_PID);
	char name[VM_NAME_SIZE];

	vm_name((pid_t)pid, name);
	out_uint("pid", pid, "%u", pid);
	out_str("name", name, " (%s)", name);
	if (tb[DIO_KVM_A_VM_ID])
		out_uint("id", tb_u32(tb, DIO_KVM_A_VM_ID), NULL);
}

/* Counters that are zero are left out of the text. */
static void show_stores_stat(struct nlattr *nest)
{
	struct nlattr *tb[DIO_KVM_A_STORES_STAT_MAX + 1];
	size_t i;

	if (!opt.stats || nla_parse_nested(tb, DIO_KVM_A_STORES_STAT_MAX, nest, NULL))
		return;
	out_open_object("stores_stat");
	for (i = 0; i < sizeof(stores_stat) / sizeof(stores_stat[0]); i++) {
		uint64_t value = tb_u64(tb, stores_stat[i].attr);

		out_uint(stores_stat[i].key, value, NULL);
		if (value)
			out_text("    stores %s %llu\n", stores_stat[i].text,
				 (unsigned long long)value);
	}
	out_close_object();
}

static void show_routes_stat(struct nlattr *nest)
{
	struct nlattr *tb[DIO_KVM_A_ROUTES_STAT_MAX + 1];
	uint64_t skipped, passed;

	if (!opt.stats || nla_parse_nested(tb, DIO_KVM_A_ROUTES_STAT_MAX, nest, NULL))
		return;
	skipped = tb_u64(tb, DIO_KVM_A_ROUTES_STAT_SKIPPED);
	passed = tb_u64(tb, DIO_KVM_A_ROUTES_STAT_PASSED);
	out_open_object("routes_stat");
	out_uint("skipped", skipped, "    routes skipped %llu", (unsigned long long)skipped);
	out_uint("passed", passed, ", passed %llu\n", (unsigned long long)passed);
	out_close_object();
}

void show_vm(struct nl_msg *msg)
{
	struct nlattr *tb[DIO_KVM_A_VM_MAX + 1];
	const char *memtype, *stores, *routes;

	if (vm_parse(msg, tb))
		return;
	show_who(tb);
	memtype = names_get(&names_memtype, tb_u32(tb, DIO_KVM_A_VM_MEMTYPE));
	out_str("memtype", memtype, " memtype %s", memtype);
	stores = names_get(&names_stores, tb_u32(tb, DIO_KVM_A_VM_STORES));
	out_str("stores", stores, NULL);
	if (tb_u32(tb, DIO_KVM_A_VM_STORES))
		out_text(" stores %s", stores);
	routes = names_get(&names_routes, tb_u32(tb, DIO_KVM_A_VM_ROUTES));
	out_str("routes", routes, NULL);
	if (tb_u32(tb, DIO_KVM_A_VM_ROUTES))
		out_text(" routes %s", routes);
	out_text("\n");
	if (tb[DIO_KVM_A_VM_STORES_STAT])
		show_stores_stat(tb[DIO_KVM_A_VM_STORES_STAT]);
	if (tb[DIO_KVM_A_VM_ROUTES_STAT])
		show_routes_stat(tb[DIO_KVM_A_VM_ROUTES_STAT]);
}

void show_vm_gone(struct nl_msg *msg)
{
	struct nlattr *tb[DIO_KVM_A_VM_MAX + 1];

	if (vm_parse(msg, tb))
		return;
	show_who(tb);
	out_text(" has no feature on any more\n");
}
