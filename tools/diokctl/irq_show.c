// SPDX-License-Identifier: GPL-2.0
/*
 * Interrupts as a table. Counters that are zero are left out of the text
 * unless statistics are asked for; JSON has them all. What the kernel does
 * not say of an interrupt (recheck of an MSI-X vector) is "-", and no member.
 */
#include <stdio.h>

#include <linux/dio_vfio.h>
#include <netlink/genl/genl.h>

#include "diokctl.h"
#include "irq_show.h"
#include "msg.h"
#include "names.h"
#include "out.h"

static struct nla_policy irq_policy[DIO_VFIO_A_IRQ_MAX + 1] = {
	[DIO_VFIO_A_IRQ_ADDR]		= { .type = NLA_NUL_STRING },
	[DIO_VFIO_A_IRQ_INDEX]		= { .type = NLA_U32 },
	[DIO_VFIO_A_IRQ_VECTOR]		= { .type = NLA_U32 },
	[DIO_VFIO_A_IRQ_VIA]		= { .type = NLA_U32 },
	[DIO_VFIO_A_IRQ_HOST_IRQ]	= { .type = NLA_U32 },
	[DIO_VFIO_A_IRQ_ENABLED]	= { .type = NLA_FLAG },
	[DIO_VFIO_A_IRQ_MASKED]		= { .type = NLA_FLAG },
	[DIO_VFIO_A_IRQ_BYPASS]		= { .type = NLA_FLAG },
	[DIO_VFIO_A_IRQ_RECHECK]	= { .type = NLA_U32 },
	[DIO_VFIO_A_IRQ_HOLDOFF]	= { .type = NLA_U32 },
	[DIO_VFIO_A_IRQ_INTERRUPTS]	= { .type = NLA_U64 },
	[DIO_VFIO_A_IRQ_DELIVERED]	= { .type = NLA_U64 },
	[DIO_VFIO_A_IRQ_WHILE_MASKED]	= { .type = NLA_U64 },
	[DIO_VFIO_A_IRQ_PENDING]	= { .type = NLA_U64 },
	[DIO_VFIO_A_IRQ_RECHECKS]	= { .type = NLA_U64 },
	[DIO_VFIO_A_IRQ_SPURIOUS]	= { .type = NLA_U64 },
	[DIO_VFIO_A_IRQ_MERGED]		= { .type = NLA_U64 },
	[DIO_VFIO_A_IRQ_SWAPS]		= { .type = NLA_U64 },
	[DIO_VFIO_A_IRQ_STORMS]		= { .type = NLA_U64 },
	[DIO_VFIO_A_IRQ_EVENT]		= { .type = NLA_U32 },
	[DIO_VFIO_A_IRQ_MASK]		= { .type = NLA_U32 },
	[DIO_VFIO_A_IRQ_KEPT]		= { .type = NLA_U64 },
	[DIO_VFIO_A_IRQ_INJECT]		= { .type = NLA_U32 },
	[DIO_VFIO_A_IRQ_RAISED]		= { .type = NLA_U64 },
};

/* Behind the two that have a column of their own. */
static const struct {
	int attr;
	const char *key, *text;
} counters[] = {
	{ DIO_VFIO_A_IRQ_WHILE_MASKED,	"while_masked",	"while masked" },
	{ DIO_VFIO_A_IRQ_PENDING,	"pending",	"pending" },
	{ DIO_VFIO_A_IRQ_RECHECKS,	"rechecks",	"rechecks" },
	{ DIO_VFIO_A_IRQ_SPURIOUS,	"spurious",	"spurious" },
	{ DIO_VFIO_A_IRQ_MERGED,	"merged",	"merged" },
	{ DIO_VFIO_A_IRQ_SWAPS,		"swaps",	"swaps" },
	{ DIO_VFIO_A_IRQ_STORMS,	"storms",	"storms" },
	{ DIO_VFIO_A_IRQ_KEPT,		"kept",		"masks kept" },
	{ DIO_VFIO_A_IRQ_RAISED,	"raised",	"raised by thread" },
};

#define COUNTERS	(sizeof(counters) / sizeof(counters[0]))

static int irq_parse(struct nl_msg *msg, struct nlattr **tb)
{
	if (genlmsg_parse(nlmsg_hdr(msg), 0, tb, DIO_VFIO_A_IRQ_MAX, irq_policy))
		return -1;
	return tb[DIO_VFIO_A_IRQ_ADDR] ? 0 : -1;
}

bool show_irq_valid(struct nl_msg *msg)
{
	struct nlattr *tb[DIO_VFIO_A_IRQ_MAX + 1];

	return !irq_parse(msg, tb);
}

static void show_name(const char *key, const struct names *names, struct nlattr *attr,
		      const char *fmt)
{
	const char *name = attr ? names_get(names, nla_get_u32(attr)) : "-";

	if (attr)
		out_str(key, name, fmt, name);
	else
		out_text(fmt, name);
}

/* One word: what decides whether a signal can reach the owner. */
static const char *state_word(struct nlattr **tb)
{
	if (!tb[DIO_VFIO_A_IRQ_ENABLED])
		return "off";
	if (tb[DIO_VFIO_A_IRQ_MASKED])
		return "masked";
	return tb[DIO_VFIO_A_IRQ_BYPASS] ? "posted" : "enabled";
}

static void show_state(struct nlattr **tb)
{
	const char *state = state_word(tb);

	out_str("state", state, " %-7s", state);
	out_bool("enabled", tb[DIO_VFIO_A_IRQ_ENABLED], NULL);
	out_bool("masked", tb[DIO_VFIO_A_IRQ_MASKED], NULL);
	out_bool("bypass", tb[DIO_VFIO_A_IRQ_BYPASS], NULL);
}

static void show_holdoff(struct nlattr *attr)
{
	uint32_t us = attr ? nla_get_u32(attr) : 0;
	char text[16] = "-";

	if (attr)
		out_uint("holdoff_us", us, NULL);
	if (us)
		snprintf(text, sizeof(text), "%u us", us);
	else if (attr)
		snprintf(text, sizeof(text), "off");
	out_text(" %8s", text);
}

static void show_counters(struct nlattr **tb)
{
	const char *before = opt.stats ? "\n    " : " ";
	size_t i;

	for (i = 0; i < COUNTERS; i++) {
		uint64_t value = tb_u64(tb, counters[i].attr);

		out_uint(counters[i].key, value, NULL);
		if (!value && !opt.stats)
			continue;
		out_text("%s%s %llu", before, counters[i].text, (unsigned long long)value);
		before = ", ";
	}
	out_text("\n");
}

static void show_irq(struct nlattr **tb)
{
	const char *addr = tb_str(tb, DIO_VFIO_A_IRQ_ADDR);
	uint32_t vector = tb_u32(tb, DIO_VFIO_A_IRQ_VECTOR);
	uint32_t host = tb_u32(tb, DIO_VFIO_A_IRQ_HOST_IRQ);
	uint64_t interrupts = tb_u64(tb, DIO_VFIO_A_IRQ_INTERRUPTS);
	uint64_t delivered = tb_u64(tb, DIO_VFIO_A_IRQ_DELIVERED);

	out_open_object(NULL);
	out_str("addr", addr, "%-12s", addr);
	show_name("type", &names_irq_index, tb[DIO_VFIO_A_IRQ_INDEX], " %-4s");
	out_uint("vector", vector, " %6u", vector);
	show_name("via", &names_irq_via, tb[DIO_VFIO_A_IRQ_VIA], " %-4s");
	out_uint("host_irq", host, " %4u", host);
	show_state(tb);
	show_name("recheck", &names_recheck, tb[DIO_VFIO_A_IRQ_RECHECK], " %-7s");
	show_holdoff(tb[DIO_VFIO_A_IRQ_HOLDOFF]);
	if (tb[DIO_VFIO_A_IRQ_MASK])
		out_str("mask", names_get(&names_mask, nla_get_u32(tb[DIO_VFIO_A_IRQ_MASK])), NULL);
	if (tb[DIO_VFIO_A_IRQ_INJECT])
		out_str("inject", names_get(&names_inject, nla_get_u32(tb[DIO_VFIO_A_IRQ_INJECT])),
			NULL);
	out_uint("interrupts", interrupts, " %10llu", (unsigned long long)interrupts);
	out_uint("delivered", delivered, " %10llu", (unsigned long long)delivered);
	show_counters(tb);
	out_close_object();
}

void show_irqs(const struct nl_list *irqs)
{
	struct nlattr *tb[DIO_VFIO_A_IRQ_MAX + 1];
	size_t i;

	if (irqs->n)
		out_text("%-12s %-4s %6s %-4s %4s %-7s %-7s %8s %10s %10s\n", "DEVICE",
			 "TYPE", "VECTOR", "VIA", "IRQ", "STATE", "RECHECK", "HOLDOFF",
			 "INTERRUPTS", "DELIVERED");
	out_open_array(NULL);
	for (i = 0; i < irqs->n; i++)
		if (!irq_parse(irqs->msg[i], tb))
			show_irq(tb);
	out_close_array();
	out_end();
}

/* The recheck belongs to an INTx: it is told where the kernel tells it. */
void show_irq_event(struct nl_msg *msg)
{
	struct nlattr *tb[DIO_VFIO_A_IRQ_MAX + 1];
	uint32_t vector;
	const char *addr;

	if (irq_parse(msg, tb))
		return;
	addr = tb_str(tb, DIO_VFIO_A_IRQ_ADDR);
	vector = tb_u32(tb, DIO_VFIO_A_IRQ_VECTOR);
	out_str("addr", addr, "%s", addr);
	show_name("type", &names_irq_index, tb[DIO_VFIO_A_IRQ_INDEX], " %s");
	out_uint("vector", vector, " %u:", vector);
	show_name("irq_event", &names_irq_event, tb[DIO_VFIO_A_IRQ_EVENT], " %s");
	show_name("via", &names_irq_via, tb[DIO_VFIO_A_IRQ_VIA], ", via %s");
	if (tb[DIO_VFIO_A_IRQ_RECHECK])
		show_name("recheck", &names_recheck, tb[DIO_VFIO_A_IRQ_RECHECK],
			  ", recheck %s");
	out_text("\n");
}
