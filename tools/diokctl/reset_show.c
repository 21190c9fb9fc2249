// SPDX-License-Identifier: GPL-2.0
/*
 * A reset record: the verdict in one line, then each method that was tried
 * and each canary that survived. The record is the kernel's, nothing is
 * judged again here.
 */
#include <stdio.h>
#include <string.h>

#include <linux/dio_vfio.h>
#include <netlink/genl/genl.h>

#include "diokctl.h"
#include "msg.h"
#include "out.h"
#include "show.h"

#define BAR_CONFIG	255	/* residue in configuration space */

static struct nla_policy reset_policy[DIO_VFIO_A_RESET_MAX + 1] = {
	[DIO_VFIO_A_RESET_ADDR]		= { .type = NLA_NUL_STRING },
	[DIO_VFIO_A_RESET_ID]		= { .type = NLA_U64 },
	[DIO_VFIO_A_RESET_TRIGGER]	= { .type = NLA_U32 },
	[DIO_VFIO_A_RESET_POLICY]	= { .type = NLA_U32 },
	[DIO_VFIO_A_RESET_RESULT]	= { .type = NLA_U32 },
	[DIO_VFIO_A_RESET_LEVEL]	= { .type = NLA_U32 },
	[DIO_VFIO_A_RESET_STATE]	= { .type = NLA_U32 },
	[DIO_VFIO_A_RESET_TIME]		= { .type = NLA_U64 },
	[DIO_VFIO_A_RESET_DURATION]	= { .type = NLA_U32 },
	[DIO_VFIO_A_RESET_IDLE]		= { .type = NLA_U32 },
	[DIO_VFIO_A_RESET_IDLE_TIME]	= { .type = NLA_U32 },
	[DIO_VFIO_A_RESET_DRY_RUN]	= { .type = NLA_FLAG },
};

static struct nla_policy step_policy[DIO_VFIO_A_STEP_MAX + 1] = {
	[DIO_VFIO_A_STEP_METHOD]	= { .type = NLA_U32 },
	[DIO_VFIO_A_STEP_RESULT]	= { .type = NLA_U32 },
	[DIO_VFIO_A_STEP_LEVEL]		= { .type = NLA_U32 },
	[DIO_VFIO_A_STEP_ERROR]		= { .type = NLA_U32 },
	[DIO_VFIO_A_STEP_DURATION]	= { .type = NLA_U32 },
	[DIO_VFIO_A_STEP_PLANTED]	= { .type = NLA_U32 },
	[DIO_VFIO_A_STEP_SURVIVED]	= { .type = NLA_U32 },
	[DIO_VFIO_A_STEP_SCRUBBED]	= { .type = NLA_U32 },
	[DIO_VFIO_A_STEP_REASON]	= { .type = NLA_NUL_STRING },
};

static struct nla_policy residue_policy[DIO_VFIO_A_RESIDUE_MAX + 1] = {
	[DIO_VFIO_A_RESIDUE_NAME]	= { .type = NLA_NUL_STRING },
	[DIO_VFIO_A_RESIDUE_BAR]	= { .type = NLA_U8 },
	[DIO_VFIO_A_RESIDUE_OFFSET]	= { .type = NLA_U32 },
	[DIO_VFIO_A_RESIDUE_COUNT]	= { .type = NLA_U32 },
	[DIO_VFIO_A_RESIDUE_PLANTED]	= { .type = NLA_U64 },
	[DIO_VFIO_A_RESIDUE_FOUND]	= { .type = NLA_U64 },
	[DIO_VFIO_A_RESIDUE_KNOWN]	= { .type = NLA_FLAG },
	[DIO_VFIO_A_RESIDUE_SCRUBBED]	= { .type = NLA_FLAG },
};

static int reset_parse(struct nl_msg *msg, struct nlattr **tb)
{
	if (genlmsg_parse(nlmsg_hdr(msg), 0, tb, DIO_VFIO_A_RESET_MAX, reset_policy))
		return -1;
	return tb[DIO_VFIO_A_RESET_ADDR] ? 0 : -1;
}

int show_reset_read(struct nl_msg *msg, struct reset_summary *sum)
{
	struct nlattr *tb[DIO_VFIO_A_RESET_MAX + 1];

	memset(sum, 0, sizeof(*sum));
	if (reset_parse(msg, tb))
		return -1;
	snprintf(sum->addr, sizeof(sum->addr), "%s", tb_str(tb, DIO_VFIO_A_RESET_ADDR));
	sum->id = tb_u64(tb, DIO_VFIO_A_RESET_ID);
	sum->result = tb_u32(tb, DIO_VFIO_A_RESET_RESULT);
	sum->level = tb_u32(tb, DIO_VFIO_A_RESET_LEVEL);
	sum->dry_run = tb[DIO_VFIO_A_RESET_DRY_RUN];
	return 0;
}

/* A plan judges nothing: what is not unavailable would be tried. */
static const char *step_result(struct nlattr **tb, bool dry_run)
{
	uint32_t result = tb_u32(tb, DIO_VFIO_A_STEP_RESULT);

	if (dry_run && result != DIO_VFIO_RESULT_UNAVAILABLE)
		return "planned";
	return names_get(&names_result, result);
}

/* The kernel's reason says it better than the numbers where there is one. */
static void show_step_counts(struct nlattr **tb, const char *reason)
{
	uint32_t planted = tb_u32(tb, DIO_VFIO_A_STEP_PLANTED);
	uint32_t survived = tb_u32(tb, DIO_VFIO_A_STEP_SURVIVED);
	uint32_t scrubbed = tb_u32(tb, DIO_VFIO_A_STEP_SCRUBBED);

	out_str("reason", reason, "%s%s", *reason ? ": " : "", reason);
	out_uint("planted", planted, NULL);
	out_uint("survived", survived, NULL);
	if (planted && !*reason)
		out_text(", %u of %u canaries survived", survived, planted);
	out_uint("scrubbed", scrubbed, NULL);
	if (scrubbed)
		out_text(", %u scrubbed", scrubbed);
}

static void show_step_end(struct nlattr **tb, bool dry_run)
{
	uint32_t result = tb_u32(tb, DIO_VFIO_A_STEP_RESULT);
	uint32_t ms = tb_u32(tb, DIO_VFIO_A_STEP_DURATION);
	int error = tb_s32(tb, DIO_VFIO_A_STEP_ERROR);

	out_int("error", error, NULL);
	if (error)
		out_text(", error %d (%s)", error, strerror(-error));
	out_uint("duration_ms", ms, NULL);
	if (!dry_run && result != DIO_VFIO_RESULT_UNAVAILABLE)
		out_text(", %u ms", ms);
	out_text("\n");
}

static void show_level(uint32_t value)
{
	const char *level = names_get(&names_level, value);

	out_str("level", level, NULL);
	if (value != DIO_VFIO_LEVEL_NONE)
		out_text(" (%s)", level);
}

static void show_step(struct nlattr *nest, bool dry_run, const char *indent)
{
	struct nlattr *tb[DIO_VFIO_A_STEP_MAX + 1];
	const char *method, *result;

	if (nla_parse_nested(tb, DIO_VFIO_A_STEP_MAX, nest, step_policy))
		return;
	method = names_get(&names_method, tb_u32(tb, DIO_VFIO_A_STEP_METHOD));
	result = step_result(tb, dry_run);

	out_open_object(NULL);
	out_str("method", method, "%s  %-6s ", indent, method);
	out_str("result", result, "%s", result);
	show_level(tb_u32(tb, DIO_VFIO_A_STEP_LEVEL));
	show_step_counts(tb, tb_str(tb, DIO_VFIO_A_STEP_REASON));
	show_step_end(tb, dry_run);
	out_close_object();
}

static void show_residue_place(struct nlattr **tb)
{
	uint8_t bar = tb_u8(tb, DIO_VFIO_A_RESIDUE_BAR);
	uint32_t offset = tb_u32(tb, DIO_VFIO_A_RESIDUE_OFFSET);

	if (bar == BAR_CONFIG)
		out_str("space", "config", " config");
	else
		out_str("space", "bar", " BAR%u", bar);
	if (bar != BAR_CONFIG)
		out_uint("bar", bar, NULL);
	out_uint("offset", offset, "+0x%x", offset);
}

static void show_residue(struct nlattr *nest, const char *indent)
{
	struct nlattr *tb[DIO_VFIO_A_RESIDUE_MAX + 1];
	uint64_t planted, found;
	const char *name;
	uint32_t count;

	if (nla_parse_nested(tb, DIO_VFIO_A_RESIDUE_MAX, nest, residue_policy))
		return;
	name = tb_str(tb, DIO_VFIO_A_RESIDUE_NAME);
	count = tb_u32(tb, DIO_VFIO_A_RESIDUE_COUNT);
	planted = tb_u64(tb, DIO_VFIO_A_RESIDUE_PLANTED);
	found = tb_u64(tb, DIO_VFIO_A_RESIDUE_FOUND);

	out_open_object(NULL);
	out_str("name", name, "%s  residue %s", indent, name);
	show_residue_place(tb);
	out_uint("count", count, " x%u", count);
	out_hex("planted", planted, ": planted 0x%llx", (unsigned long long)planted);
	out_hex("found", found, " found 0x%llx", (unsigned long long)found);
	out_bool("known", tb[DIO_VFIO_A_RESIDUE_KNOWN], ", known");
	out_bool("scrubbed", tb[DIO_VFIO_A_RESIDUE_SCRUBBED], ", scrubbed");
	out_text("\n");
	out_close_object();
}

static void show_lists(struct nl_msg *msg, bool dry_run, const char *indent)
{
	const struct genlmsghdr *genl = genlmsg_hdr(nlmsg_hdr(msg));
	struct nlattr *head = genlmsg_attrdata(genl, 0), *attr;
	int len = genlmsg_attrlen(genl, 0), left;

	out_open_array("steps");
	nla_for_each_attr(attr, head, len, left)
		if (nla_type(attr) == DIO_VFIO_A_RESET_STEP)
			show_step(attr, dry_run, indent);
	out_close_array();
	out_open_array("residue");
	nla_for_each_attr(attr, head, len, left)
		if (nla_type(attr) == DIO_VFIO_A_RESET_RESIDUE)
			show_residue(attr, indent);
	out_close_array();
}

static void verdict(struct nlattr **tb)
{
	const char *result = names_get(&names_result, tb_u32(tb, DIO_VFIO_A_RESET_RESULT));
	uint32_t ms = tb_u32(tb, DIO_VFIO_A_RESET_DURATION);

	out_str("result", result, "%s", result);
	show_level(tb_u32(tb, DIO_VFIO_A_RESET_LEVEL));
	out_uint("duration_ms", ms, ", %u ms", ms);
}

static void show_wait(struct nlattr **tb)
{
	uint32_t value = tb_u32(tb, DIO_VFIO_A_RESET_IDLE);
	const char *idle = names_get(&names_idle, value);
	uint32_t ms = tb_u32(tb, DIO_VFIO_A_RESET_IDLE_TIME);

	out_str("idle", idle, NULL);
	out_uint("idle_ms", ms, NULL);
	if (value != DIO_VFIO_IDLE_NOT_WAITED)
		out_text(", DMA %s after %u ms", idle, ms);
}

static void show_head(struct nlattr **tb, bool dry_run)
{
	const char *addr = tb_str(tb, DIO_VFIO_A_RESET_ADDR);
	const char *trigger = names_get(&names_trigger, tb_u32(tb, DIO_VFIO_A_RESET_TRIGGER));
	const char *policy = names_get(&names_policy, tb_u32(tb, DIO_VFIO_A_RESET_POLICY));
	uint64_t id = tb_u64(tb, DIO_VFIO_A_RESET_ID);

	out_str("addr", addr, "%s", addr);
	out_bool("dry_run", dry_run, " dry run");
	if (dry_run) {
		out_str("policy", policy, ", policy %s: would try", policy);
		return;
	}
	out_uint("id", id, " reset %llu", (unsigned long long)id);
	out_str("trigger", trigger, " by %s", trigger);
	out_str("policy", policy, ", policy %s: ", policy);
}

static void show_time(struct nlattr **tb)
{
	uint64_t ns = tb_u64(tb, DIO_VFIO_A_RESET_TIME);
	char stamp[STAMP_SIZE];

	out_uint("time_ns", ns, NULL);
	if (!opt.stamp)
		return;
	stamp_boottime(ns, stamp);
	out_str("time", stamp, ", began %s", stamp);
}

void show_reset(struct nl_msg *msg, bool full, const char *indent)
{
	struct nlattr *tb[DIO_VFIO_A_RESET_MAX + 1];
	const char *state;
	bool dry_run;

	if (reset_parse(msg, tb))
		return;
	dry_run = tb[DIO_VFIO_A_RESET_DRY_RUN];
	out_text("%s", indent);
	show_head(tb, dry_run);
	if (!dry_run) {
		state = names_get(&names_state, tb_u32(tb, DIO_VFIO_A_RESET_STATE));
		verdict(tb);
		show_wait(tb);
		out_str("state", state, ", state %s", state);
		show_time(tb);
	}
	out_text("\n");
	if (full || out_is_json())
		show_lists(msg, dry_run, indent);
}

/* For a device's own lines: the newest verdict without the steps. */
void show_reset_verdict(struct nl_msg *msg)
{
	struct nlattr *tb[DIO_VFIO_A_RESET_MAX + 1];
	const char *trigger;
	uint64_t id;

	if (reset_parse(msg, tb))
		return;
	id = tb_u64(tb, DIO_VFIO_A_RESET_ID);
	trigger = names_get(&names_trigger, tb_u32(tb, DIO_VFIO_A_RESET_TRIGGER));
	out_open_object("last");
	out_uint("id", id, ", last: ");
	verdict(tb);
	out_str("trigger", trigger, " by %s", trigger);
	out_close_object();
}
