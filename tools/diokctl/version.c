// SPDX-License-Identifier: GPL-2.0
/* Object version: diokctl's own and that of each loaded module of diok. */
#include <stdio.h>
#include <string.h>

#include <linux/dio_vfio.h>
#include <netlink/genl/genl.h>

#include "diokctl.h"
#include "msg.h"
#include "nl.h"
#include "out.h"
#include "pci_sysfs.h"
#include "rt.h"

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

static int show_vfio(void)
{
	struct nl_list reply = { 0 };
	struct nl_conn conn;
	int code = EXIT_OK;

	if (dio_nl_open(&conn))
		return EXIT_REFUSED;
	if (dio_nl_call(&conn, dio_nl_request(&conn, DIO_VFIO_CMD_MODULE_GET, NULL), &reply))
		code = dio_nl_refused(&conn, DIO_MODULE);
	else if (reply.n)
		show_module(reply.msg[0]);
	dio_nl_list_free(&reply);
	dio_nl_close(&conn);
	return code;
}

int version_main(struct args *args)
{
	bool loaded = sysfs_driver_exists(DIO_DRIVER);
	const char *word = args_next(args);
	int code = EXIT_OK;

	if (word && !arg_matches(word, "show"))
		return misuse("unexpected \"%s\"", word);
	out_open_object(NULL);
	out_str("diokctl", DIOKCTL_VERSION, "diokctl %s\n", DIOKCTL_VERSION);
	out_open_array("modules");
	out_open_object(NULL);
	out_str("module", DIO_MODULE, DIO_MODULE);
	out_bool("loaded", loaded, NULL);
	if (loaded)
		code = show_vfio();
	else
		out_text(" is not loaded\n");
	out_close_object();
	rt_show_version();
	out_close_array();
	out_close_object();
	out_end();
	return code;
}
