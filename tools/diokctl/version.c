// SPDX-License-Identifier: GPL-2.0
/* Object version: diokctl's own and that of each loaded module of diok. */
#include <stdio.h>
#include <string.h>

#include <linux/dio_kvm.h>
#include <linux/dio_sched.h>
#include <linux/dio_vfio.h>
#include <netlink/genl/genl.h>

#include "diokctl.h"
#include "msg.h"
#include "nl.h"
#include "out.h"

#define ID_ANY	0xffff	/* a row for a class of devices */

static struct nla_policy module_policy[DIO_VFIO_A_MODULE_MAX + 1] = {
	[DIO_VFIO_A_MODULE_VERSION]	= { .type = NLA_NUL_STRING },
	[DIO_VFIO_A_MODULE_DEVICES]	= { .type = NLA_U32 },
};

static struct nla_policy row_policy[DIO_VFIO_A_ROW_MAX + 1] = {
	[DIO_VFIO_A_ROW_VENDOR]		= { .type = NLA_U16 },
	[DIO_VFIO_A_ROW_DEVICE]		= { .type = NLA_U16 },
	[DIO_VFIO_A_ROW_NAME]		= { .type = NLA_NUL_STRING },
	[DIO_VFIO_A_ROW_CANARIES]	= { .type = NLA_U32 },
	[DIO_VFIO_A_ROW_IDLE]		= { .type = NLA_FLAG },
	[DIO_VFIO_A_ROW_RESET]		= { .type = NLA_FLAG },
};

static void show_row(struct nlattr *nest)
{
	struct nlattr *tb[DIO_VFIO_A_ROW_MAX + 1];
	const char *name;
	uint32_t canaries;
	char id[12];

	if (nla_parse_nested(tb, DIO_VFIO_A_ROW_MAX, nest, row_policy))
		return;
	if (tb_u16(tb, DIO_VFIO_A_ROW_VENDOR) == ID_ANY)
		snprintf(id, sizeof(id), "class");
	else
		snprintf(id, sizeof(id), "%04x:%04x", tb_u16(tb, DIO_VFIO_A_ROW_VENDOR),
			 tb_u16(tb, DIO_VFIO_A_ROW_DEVICE));
	name = tb_str(tb, DIO_VFIO_A_ROW_NAME);
	canaries = tb_u32(tb, DIO_VFIO_A_ROW_CANARIES);
	out_open_object(NULL);
	out_str("id", id, "    %-9s", id);
	out_str("name", name, " %s", name);
	out_uint("canaries", canaries, ": %u canaries", canaries);
	out_bool("idle", tb[DIO_VFIO_A_ROW_IDLE], ", idle indication");
	out_bool("reset", tb[DIO_VFIO_A_ROW_RESET], ", own reset");
	out_text("\n");
	out_close_object();
}

static void show_module(struct nl_msg *msg)
{
	const struct genlmsghdr *genl = genlmsg_hdr(nlmsg_hdr(msg));
	struct nlattr *tb[DIO_VFIO_A_MODULE_MAX + 1], *attr;
	const char *version;
	uint32_t devices;
	int left;

	if (genlmsg_parse(nlmsg_hdr(msg), 0, tb, DIO_VFIO_A_MODULE_MAX, module_policy))
		return;
	version = tb_str(tb, DIO_VFIO_A_MODULE_VERSION);
	devices = tb_u32(tb, DIO_VFIO_A_MODULE_DEVICES);
	out_str("version", version, " %s", version);
	out_uint("devices", devices, ", %u devices bound\n", devices);
	out_open_array("rows");
	nla_for_each_attr(attr, genlmsg_attrdata(genl, 0), genlmsg_attrlen(genl, 0), left)
		if (nla_type(attr) == DIO_VFIO_A_MODULE_ROW)
			show_row(attr);
	out_close_array();
}

static struct nla_policy kvm_policy[DIO_KVM_A_MODULE_MAX + 1] = {
	[DIO_KVM_A_MODULE_VERSION]	= { .type = NLA_NUL_STRING },
	[DIO_KVM_A_MODULE_NODIO]	= { .type = NLA_FLAG },
	[DIO_KVM_A_MODULE_VMS]		= { .type = NLA_U32 },
};

static struct nla_policy hook_policy[DIO_KVM_A_HOOK_MAX + 1] = {
	[DIO_KVM_A_HOOK_FEATURE]	= { .type = NLA_NUL_STRING },
	[DIO_KVM_A_HOOK_MODULE]		= { .type = NLA_NUL_STRING },
	[DIO_KVM_A_HOOK_SYMBOL]		= { .type = NLA_NUL_STRING },
	[DIO_KVM_A_HOOK_STATE]		= { .type = NLA_U32 },
	[DIO_KVM_A_HOOK_REASON]		= { .type = NLA_NUL_STRING },
	[DIO_KVM_A_HOOK_CALLS]		= { .type = NLA_U64 },
};

static void show_hook(struct nlattr *nest)
{
	struct nlattr *tb[DIO_KVM_A_HOOK_MAX + 1];
	const char *feature, *module, *symbol, *state, *reason;
	uint64_t calls;

	if (nla_parse_nested(tb, DIO_KVM_A_HOOK_MAX, nest, hook_policy))
		return;
	feature = tb_str(tb, DIO_KVM_A_HOOK_FEATURE);
	module = tb_str(tb, DIO_KVM_A_HOOK_MODULE);
	symbol = tb_str(tb, DIO_KVM_A_HOOK_SYMBOL);
	state = names_get(&names_hook_state, tb_u32(tb, DIO_KVM_A_HOOK_STATE));
	reason = tb_str(tb, DIO_KVM_A_HOOK_REASON);
	calls = tb_u64(tb, DIO_KVM_A_HOOK_CALLS);
	out_open_object(NULL);
	out_str("feature", feature, "    %-8s", feature);
	out_str("module", module, " %s:", module);
	out_str("symbol", symbol, "%s", symbol);
	out_str("state", state, " %s", state);
	if (*reason)
		out_str("reason", reason, ": %s", reason);
	out_uint("calls", calls, calls ? ", %llu calls" : NULL, (unsigned long long)calls);
	out_text("\n");
	out_close_object();
}

static void show_kvm(struct nl_msg *msg)
{
	const struct genlmsghdr *genl = genlmsg_hdr(nlmsg_hdr(msg));
	struct nlattr *tb[DIO_KVM_A_MODULE_MAX + 1], *attr;
	const char *version;
	uint32_t vms;
	int left;

	if (genlmsg_parse(nlmsg_hdr(msg), 0, tb, DIO_KVM_A_MODULE_MAX, kvm_policy))
		return;
	version = tb_str(tb, DIO_KVM_A_MODULE_VERSION);
	vms = tb_u32(tb, DIO_KVM_A_MODULE_VMS);
	out_str("version", version, " %s", version);
	out_bool("nodio", tb[DIO_KVM_A_MODULE_NODIO],
		 ", switched off by nodio on the kernel command line");
	out_uint("vms", vms, ", %u VMs with a feature on\n", vms);
	out_open_array("hooks");
	nla_for_each_attr(attr, genlmsg_attrdata(genl, 0), genlmsg_attrlen(genl, 0), left)
		if (nla_type(attr) == DIO_KVM_A_MODULE_HOOK)
			show_hook(attr);
	out_close_array();
}

static struct nla_policy sched_policy[DIO_SCHED_A_MODULE_MAX + 1] = {
	[DIO_SCHED_A_MODULE_VERSION]	= { .type = NLA_NUL_STRING },
	[DIO_SCHED_A_MODULE_TARGETS]	= { .type = NLA_U32 },
};

static void show_sched(struct nl_msg *msg)
{
	struct nlattr *tb[DIO_SCHED_A_MODULE_MAX + 1];
	const char *version;
	uint32_t threads;

	if (genlmsg_parse(nlmsg_hdr(msg), 0, tb, DIO_SCHED_A_MODULE_MAX, sched_policy))
		return;
	version = tb_str(tb, DIO_SCHED_A_MODULE_VERSION);
	threads = tb_u32(tb, DIO_SCHED_A_MODULE_TARGETS);
	out_str("version", version, " %s", version);
	out_uint("threads", threads, ", %u threads served\n", threads);
}

/* A module, and how its answer to module-get is printed. */
static const struct module_row {
	const struct nl_family *family;
	int cmd;
	void (*show)(struct nl_msg *msg);
} modules[] = {
	{ &family_vfio, DIO_VFIO_CMD_MODULE_GET, show_module },
	{ &family_kvm, DIO_KVM_CMD_MODULE_GET, show_kvm },
	{ &family_sched, DIO_SCHED_CMD_MODULE_GET, show_sched },
};

static int ask_module(const struct module_row *row)
{
	struct nl_list reply = { 0 };
	struct nl_conn conn;
	int code = EXIT_OK;

	if (dio_nl_open_family(&conn, row->family))
		return EXIT_REFUSED;
	if (dio_nl_call(&conn, dio_nl_request(&conn, row->cmd, NULL), &reply))
		code = dio_nl_refused(&conn, row->family->module);
	else if (reply.n)
		row->show(reply.msg[0]);
	dio_nl_list_free(&reply);
	dio_nl_close(&conn);
	return code;
}

static int show_row_of(const struct module_row *row)
{
	bool loaded = family_loaded(row->family);
	int code = EXIT_OK;

	out_open_object(NULL);
	out_str("module", row->family->module, "%s", row->family->module);
	out_bool("loaded", loaded, NULL);
	if (loaded)
		code = ask_module(row);
	else
		out_text(" is not loaded\n");
	out_close_object();
	return code;
}

int version_main(struct args *args)
{
	const char *word = args_next(args);
	int code = EXIT_OK;
	size_t i;

	if (word && !arg_matches(word, "show"))
		return misuse("unexpected \"%s\"", word);
	out_open_object(NULL);
	out_str("diokctl", DIOKCTL_VERSION, "diokctl %s\n", DIOKCTL_VERSION);
	out_open_array("modules");
	for (i = 0; i < sizeof(modules) / sizeof(modules[0]); i++)
		code |= show_row_of(&modules[i]);
	out_close_array();
	out_close_object();
	out_end();
	return code;
}
