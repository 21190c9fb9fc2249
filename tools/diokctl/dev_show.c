// SPDX-License-Identifier: GPL-2.0
/* A device and its settings: what dev-get answers, and events about it. */
#include <stdio.h>
#include <string.h>

#include <linux/dio_vfio.h>
#include <netlink/genl/genl.h>

#include "diokctl.h"
#include "msg.h"
#include "out.h"
#include "pci.h"
#include "pci_sysfs.h"
#include "show.h"

static struct nla_policy dev_policy[DIO_VFIO_A_DEV_MAX + 1] = {
	[DIO_VFIO_A_DEV_ADDR]		= { .type = NLA_NUL_STRING },
	[DIO_VFIO_A_DEV_VENDOR]		= { .type = NLA_U16 },
	[DIO_VFIO_A_DEV_DEVICE]		= { .type = NLA_U16 },
	[DIO_VFIO_A_DEV_STATE]		= { .type = NLA_U32 },
	[DIO_VFIO_A_DEV_POLICY]		= { .type = NLA_U32 },
	[DIO_VFIO_A_DEV_LEVEL]		= { .type = NLA_U32 },
	[DIO_VFIO_A_DEV_LEVEL_MAX]	= { .type = NLA_U32 },
	[DIO_VFIO_A_DEV_METHOD]		= { .type = NLA_U32 },
	[DIO_VFIO_A_DEV_AVAILABLE]	= { .type = NLA_U32 },
	[DIO_VFIO_A_DEV_D3_FORCE]	= { .type = NLA_U8 },
	[DIO_VFIO_A_DEV_READY_TIMEOUT]	= { .type = NLA_U32 },
	[DIO_VFIO_A_DEV_IDLE_TIMEOUT]	= { .type = NLA_U32 },
	[DIO_VFIO_A_DEV_DRAIN]		= { .type = NLA_U32 },
	[DIO_VFIO_A_DEV_RESETS]		= { .type = NLA_U64 },
	[DIO_VFIO_A_DEV_FAILURES]	= { .type = NLA_U64 },
	[DIO_VFIO_A_DEV_LAST_ID]	= { .type = NLA_U64 },
	[DIO_VFIO_A_DEV_RELEASED]	= { .type = NLA_FLAG },
	[DIO_VFIO_A_DEV_INTX]		= { .type = NLA_U32 },
	[DIO_VFIO_A_DEV_RECHECK]	= { .type = NLA_U32 },
	[DIO_VFIO_A_DEV_VECTORS]	= { .type = NLA_U32 },
};

static int dev_parse(struct nl_msg *msg, struct nlattr **tb)
{
	if (genlmsg_parse(nlmsg_hdr(msg), 0, tb, DIO_VFIO_A_DEV_MAX, dev_policy))
		return -1;
	return tb[DIO_VFIO_A_DEV_ADDR] ? 0 : -1;
}

int show_dev_read(struct nl_msg *msg, struct dev_summary *sum)
{
	struct nlattr *tb[DIO_VFIO_A_DEV_MAX + 1];
	int i;

	memset(sum, 0, sizeof(*sum));
	if (dev_parse(msg, tb))
		return -1;
	snprintf(sum->addr, sizeof(sum->addr), "%s", tb_str(tb, DIO_VFIO_A_DEV_ADDR));
	sum->state = tb_u32(tb, DIO_VFIO_A_DEV_STATE);
	sum->last_id = tb_u64(tb, DIO_VFIO_A_DEV_LAST_ID);
	for (i = 0; i <= DIO_VFIO_A_DEV_MAX; i++)
		if (tb[i])
			sum->has |= 1u << i;
	return 0;
}

/* The values of an attribute that may come several times, in order. */
static unsigned int collect(struct nl_msg *msg, int type,
			    uint32_t *value, unsigned int max)
{
	const struct genlmsghdr *genl = genlmsg_hdr(nlmsg_hdr(msg));
	struct nlattr *attr;
	unsigned int n = 0;
	int left;

	nla_for_each_attr(attr, genlmsg_attrdata(genl, 0), genlmsg_attrlen(genl, 0), left)
		if (nla_type(attr) == type && nla_len(attr) == sizeof(*value) && n < max)
			value[n++] = nla_get_u32(attr);
	return n;
}

static bool contains(const uint32_t *list, unsigned int n, uint32_t value)
{
	while (n)
		if (list[--n] == value)
			return true;
	return false;
}

struct methods {
	uint32_t use[METHODS_MAX], have[METHODS_MAX];
	unsigned int n_use, n_have;
};

/* In text the order is what would be tried; what cannot be is named apart. */
static void show_order(const struct methods *m)
{
	unsigned int i, none = 0;

	out_open_array("methods");
	for (i = 0; i < m->n_use; i++) {
		const char *name = names_get(&names_method, m->use[i]);

		out_str(NULL, name, NULL);
		if (contains(m->have, m->n_have, m->use[i]))
			out_text(" %s", name);
		else
			none++;
	}
	out_close_array();
	if (none == m->n_use)
		out_text(" none");
	if (none)
		out_text(", unavailable:");
	for (i = 0; none && i < m->n_use; i++)
		if (!contains(m->have, m->n_have, m->use[i]))
			out_text(" %s", names_get(&names_method, m->use[i]));
}

static void show_methods(struct nl_msg *msg)
{
	struct methods m;
	unsigned int i, unused = 0;

	m.n_use = collect(msg, DIO_VFIO_A_DEV_METHOD, m.use, METHODS_MAX);
	m.n_have = collect(msg, DIO_VFIO_A_DEV_AVAILABLE, m.have, METHODS_MAX);
	out_text("    methods");
	show_order(&m);
	out_open_array("available");
	for (i = 0; i < m.n_have; i++) {
		const char *name = names_get(&names_method, m.have[i]);

		out_str(NULL, name, NULL);
		if (!contains(m.use, m.n_use, m.have[i]))
			out_text("%s %s", unused++ ? "" : ", not used:", name);
	}
	out_close_array();
}

static void show_limits(struct nlattr **tb)
{
	uint32_t ready = tb_u32(tb, DIO_VFIO_A_DEV_READY_TIMEOUT);
	uint32_t idle = tb_u32(tb, DIO_VFIO_A_DEV_IDLE_TIMEOUT);
	uint32_t drain = tb_u32(tb, DIO_VFIO_A_DEV_DRAIN);

	out_bool("d3_force", tb_u8(tb, DIO_VFIO_A_DEV_D3_FORCE), ", d3-force on");
	out_uint("ready_timeout_ms", ready, "\n    ready-timeout %u ms", ready);
	out_uint("idle_timeout_ms", idle, ", idle-timeout %u ms", idle);
	out_uint("drain_ms", drain, ", drain %u ms\n", drain);
}

/* A module that is older than these says nothing of them. */
static void show_irq_settings(struct nlattr **tb)
{
	const char *intx = names_get(&names_intx, tb_u32(tb, DIO_VFIO_A_DEV_INTX));
	const char *recheck = names_get(&names_recheck, tb_u32(tb, DIO_VFIO_A_DEV_RECHECK));
	const char *vectors = names_get(&names_vectors, tb_u32(tb, DIO_VFIO_A_DEV_VECTORS));

	if (!tb[DIO_VFIO_A_DEV_INTX] || !tb[DIO_VFIO_A_DEV_RECHECK] ||
	    !tb[DIO_VFIO_A_DEV_VECTORS])
		return;
	out_str("intx", intx, "    intx %s", intx);
	out_str("recheck", recheck, ", recheck %s", recheck);
	out_str("vectors", vectors, ", vectors %s\n", vectors);
}

static void show_state(struct nlattr **tb)
{
	const char *state = names_get(&names_state, tb_u32(tb, DIO_VFIO_A_DEV_STATE));
	const char *policy = names_get(&names_policy, tb_u32(tb, DIO_VFIO_A_DEV_POLICY));
	const char *level = names_get(&names_level, tb_u32(tb, DIO_VFIO_A_DEV_LEVEL));
	const char *max = names_get(&names_level, tb_u32(tb, DIO_VFIO_A_DEV_LEVEL_MAX));

	out_str("state", state, " state %s", state);
	out_bool("released", tb[DIO_VFIO_A_DEV_RELEASED], " (released)");
	out_str("policy", policy, " policy %s", policy);
	out_str("level", level, " level %s", level);
	out_str("level_max", max, NULL);
	if (strcmp(max, level))
		out_text(" (%s at most)", max);
}

static void show_counts(struct nlattr **tb, struct nl_msg *last)
{
	uint64_t resets = tb_u64(tb, DIO_VFIO_A_DEV_RESETS);
	uint64_t failures = tb_u64(tb, DIO_VFIO_A_DEV_FAILURES);

	out_uint("resets", resets, "    resets %llu", (unsigned long long)resets);
	out_uint("failures", failures, ", failed %llu", (unsigned long long)failures);
	out_uint("last_id", tb_u64(tb, DIO_VFIO_A_DEV_LAST_ID), NULL);
	if (last)
		show_reset_verdict(last);
	out_text("\n");
}

void show_dev(struct nl_msg *msg, struct nl_msg *last)
{
	struct nlattr *tb[DIO_VFIO_A_DEV_MAX + 1];
	const char *addr, *name;
	uint16_t vendor, device;
	char id[12];

	if (dev_parse(msg, tb))
		return;
	addr = tb_str(tb, DIO_VFIO_A_DEV_ADDR);
	vendor = tb_u16(tb, DIO_VFIO_A_DEV_VENDOR);
	device = tb_u16(tb, DIO_VFIO_A_DEV_DEVICE);
	name = pci_name(vendor, device);
	snprintf(id, sizeof(id), "%04x:%04x", vendor, device);

	out_str("addr", addr, "%s", addr);
	out_str("name", name, "%s%s", *name ? " " : "", name);
	out_str("id", id, " [%s]\n", id);
	out_str("driver", DIO_DRIVER, "    driver %s", DIO_DRIVER);
	show_state(tb);
	out_text("\n");
	show_methods(msg);
	show_limits(tb);
	show_irq_settings(tb);
	show_counts(tb, last);
}

void show_dev_line(struct nl_msg *msg)
{
	struct nlattr *tb[DIO_VFIO_A_DEV_MAX + 1];
	const char *addr;

	if (dev_parse(msg, tb))
		return;
	addr = tb_str(tb, DIO_VFIO_A_DEV_ADDR);
	out_str("addr", addr, "%s", addr);
	show_state(tb);
	out_text("\n");
}
