// SPDX-License-Identifier: GPL-2.0
/*
 * Threads that dio_sched serves, the room that is left, estimates and events.
 * Bandwidths are per cent of one CPU in text, and units of 2^-32 in JSON.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <linux/dio_sched.h>
#include <netlink/genl/genl.h>

#include "diokctl.h"
#include "msg.h"
#include "names.h"
#include "out.h"
#include "rt.h"

static struct nla_policy target_policy[DIO_SCHED_A_TARGET_MAX + 1] = {
	[DIO_SCHED_A_TARGET_TID]	= { .type = NLA_U32 },
	[DIO_SCHED_A_TARGET_COMM]	= { .type = NLA_NUL_STRING },
	[DIO_SCHED_A_TARGET_VCPU]	= { .type = NLA_U32 },
	[DIO_SCHED_A_TARGET_MODE]	= { .type = NLA_U32 },
	[DIO_SCHED_A_TARGET_STATE]	= { .type = NLA_U32 },
	[DIO_SCHED_A_TARGET_REASON]	= { .type = NLA_NUL_STRING },
	[DIO_SCHED_A_TARGET_RUNTIME]	= { .type = NLA_U64 },
	[DIO_SCHED_A_TARGET_PERIOD]	= { .type = NLA_U64 },
	[DIO_SCHED_A_TARGET_RECLAIM]	= { .type = NLA_U8 },
	[DIO_SCHED_A_TARGET_CPU]	= { .type = NLA_U32 },
	[DIO_SCHED_A_TARGET_SOURCE]	= { .type = NLA_U32 },
	[DIO_SCHED_A_TARGET_ADDR]	= { .type = NLA_NUL_STRING },
	[DIO_SCHED_A_TARGET_IRQ]	= { .type = NLA_U32 },
	[DIO_SCHED_A_TARGET_SHARE]	= { .type = NLA_U32 },
	[DIO_SCHED_A_TARGET_MARGIN]	= { .type = NLA_U32 },
	[DIO_SCHED_A_TARGET_POLICY]	= { .type = NLA_U32 },
	[DIO_SCHED_A_TARGET_NICE]	= { .type = NLA_S32 },
	[DIO_SCHED_A_TARGET_CPUS]	= { .type = NLA_NUL_STRING },
	[DIO_SCHED_A_TARGET_BANDWIDTH]	= { .type = NLA_U64 },
	[DIO_SCHED_A_TARGET_EST_PERIOD]	= { .type = NLA_U64 },
	[DIO_SCHED_A_TARGET_EST_COST]	= { .type = NLA_U64 },
	[DIO_SCHED_A_TARGET_EST_RUNTIME] = { .type = NLA_U64 },
	[DIO_SCHED_A_TARGET_EST_N]	= { .type = NLA_U32 },
	[DIO_SCHED_A_TARGET_INTERRUPTS]	= { .type = NLA_U64 },
	[DIO_SCHED_A_TARGET_WINDOWS]	= { .type = NLA_U64 },
	[DIO_SCHED_A_TARGET_DENIED]	= { .type = NLA_U64 },
	[DIO_SCHED_A_TARGET_OVERRUNS]	= { .type = NLA_U64 },
	[DIO_SCHED_A_TARGET_MISSES]	= { .type = NLA_U64 },
	[DIO_SCHED_A_TARGET_DELAY_MAX]	= { .type = NLA_U64 },
	[DIO_SCHED_A_TARGET_CPU_TIME]	= { .type = NLA_U64 },
	[DIO_SCHED_A_TARGET_STEPS]	= { .type = NLA_U64 },
};

static struct nla_policy admit_policy[DIO_SCHED_A_ADMIT_MAX + 1] = {
	[DIO_SCHED_A_ADMIT_CPU]		= { .type = NLA_U32 },
	[DIO_SCHED_A_ADMIT_BANDWIDTH]	= { .type = NLA_U64 },
	[DIO_SCHED_A_ADMIT_USED]	= { .type = NLA_U64 },
	[DIO_SCHED_A_ADMIT_LIMIT]	= { .type = NLA_U64 },
	[DIO_SCHED_A_ADMIT_CPUS]	= { .type = NLA_U32 },
	[DIO_SCHED_A_ADMIT_FITS]	= { .type = NLA_FLAG },
};

static const struct {
	int attr;
	const char *key, *text;
} counters[] = {
	{ DIO_SCHED_A_TARGET_INTERRUPTS, "interrupts", "interrupts" },
	{ DIO_SCHED_A_TARGET_WINDOWS, "windows", "windows" },
	{ DIO_SCHED_A_TARGET_DENIED, "denied", "denied" },
	{ DIO_SCHED_A_TARGET_OVERRUNS, "overruns", "overruns" },
	{ DIO_SCHED_A_TARGET_MISSES, "misses", "misses" },
	{ DIO_SCHED_A_TARGET_STEPS, "steps", "steps" },
};

static double percent(uint64_t bw)
{
	return (double)bw * 100 / 4294967296.0;
}

static double ms(uint64_t ns)
{
	return (double)ns / 1e6;
}

static int target_parse(struct nl_msg *msg, struct nlattr **tb)
{
	if (genlmsg_parse(nlmsg_hdr(msg), 0, tb, DIO_SCHED_A_TARGET_MAX, target_policy))
		return -1;
	return tb[DIO_SCHED_A_TARGET_TID] ? 0 : -1;
}

static void show_time(const char *key, struct nlattr **tb, int attr, const char *fmt)
{
	uint64_t ns = tb_u64(tb, attr);

	if (tb[attr])
		out_uint(key, ns, NULL);
	if (fmt && ns)
		out_text(fmt, ms(ns));
}

static void show_who(struct nlattr **tb)
{
	uint32_t tid = tb_u32(tb, DIO_SCHED_A_TARGET_TID);
	const char *comm = tb_str(tb, DIO_SCHED_A_TARGET_COMM);
	uint32_t vcpu = tb_u32(tb, DIO_SCHED_A_TARGET_VCPU);

	out_uint("tid", tid, "%u", tid);
	out_str("comm", comm, " (%s)", comm);
	if (tb[DIO_SCHED_A_TARGET_VCPU])
		out_uint("vcpu", vcpu, " vcpu %u", vcpu);
}

static void show_source(struct nlattr **tb)
{
	const char *source = names_get(&names_rt_source, tb_u32(tb, DIO_SCHED_A_TARGET_SOURCE));
	uint32_t irq = tb_u32(tb, DIO_SCHED_A_TARGET_IRQ);
	const char *addr = tb_str(tb, DIO_SCHED_A_TARGET_ADDR);

	out_str("source", source, ", source %s", source);
	if (tb[DIO_SCHED_A_TARGET_IRQ])
		out_uint("irq", irq, " %u", irq);
	if (tb[DIO_SCHED_A_TARGET_ADDR])
		out_str("addr", addr, " %s", addr);
}

static void show_mode(struct nlattr **tb)
{
	const char *mode = names_get(&names_rt_mode, tb_u32(tb, DIO_SCHED_A_TARGET_MODE));
	const char *state = names_get(&names_rt_state, tb_u32(tb, DIO_SCHED_A_TARGET_STATE));
	const char *reason = tb_str(tb, DIO_SCHED_A_TARGET_REASON);
	uint64_t bw = tb_u64(tb, DIO_SCHED_A_TARGET_BANDWIDTH);

	out_str("mode", mode, ": %s", mode);
	show_time("runtime_ns", tb, DIO_SCHED_A_TARGET_RUNTIME, " %.3f ms");
	show_time("period_ns", tb, DIO_SCHED_A_TARGET_PERIOD, " of %.3f ms");
	out_uint("bandwidth", bw, " (%.1f %%)", percent(bw));
	out_str("state", state, ", %s", state);
	if (*reason)
		out_str("reason", reason, ": %s", reason);
	show_source(tb);
	out_text("\n");
}

static void show_own(struct nlattr **tb)
{
	static const char *const policies[] = {
		"other", "fifo", "rr", "batch", "", "idle", "deadline",
	};
	uint32_t policy = tb_u32(tb, DIO_SCHED_A_TARGET_POLICY);
	const char *name = policy < 7 ? policies[policy] : "ext";
	const char *cpus = tb_str(tb, DIO_SCHED_A_TARGET_CPUS);
	int nice = tb_s32(tb, DIO_SCHED_A_TARGET_NICE);

	out_str("policy", name, "    its own: %s", name);
	out_int("nice", nice, ", nice %d", nice);
	out_str("cpus", cpus, ", CPUs %s", cpus);
	if (tb[DIO_SCHED_A_TARGET_CPU])
		out_uint("cpu", tb_u32(tb, DIO_SCHED_A_TARGET_CPU), ", pinned to %u",
			 tb_u32(tb, DIO_SCHED_A_TARGET_CPU));
	out_bool("reclaim", tb_u8(tb, DIO_SCHED_A_TARGET_RECLAIM), ", reclaims");
	out_uint("share", tb_u32(tb, DIO_SCHED_A_TARGET_SHARE), NULL);
	out_uint("margin", tb_u32(tb, DIO_SCHED_A_TARGET_MARGIN), NULL);
	out_text("\n");
}

static void show_counters(struct nlattr **tb)
{
	const char *before = "    ";
	size_t i;

	for (i = 0; i < sizeof(counters) / sizeof(counters[0]); i++) {
		uint64_t value = tb_u64(tb, counters[i].attr);

		out_uint(counters[i].key, value, NULL);
		if (!value && !opt.stats)
			continue;
		out_text("%s%s %" PRIu64, before, counters[i].text, value);
		before = ", ";
	}
	if (tb_u64(tb, DIO_SCHED_A_TARGET_DELAY_MAX)) {
		out_text("%s", before);
		before = ", ";
	}
	show_time("delay_max_ns", tb, DIO_SCHED_A_TARGET_DELAY_MAX, "longest delay %.3f ms");
	if (tb[DIO_SCHED_A_TARGET_CPU_TIME])
		out_text("%s", before);
	show_time("cpu_time_ns", tb, DIO_SCHED_A_TARGET_CPU_TIME, "CPU time %.3f ms");
	out_text("\n");
}

static void show_estimate(struct nlattr **tb, const char *indent)
{
	uint32_t n = tb_u32(tb, DIO_SCHED_A_TARGET_EST_N);

	if (!tb[DIO_SCHED_A_TARGET_EST_PERIOD])
		return;
	out_text("%sestimated:", indent);
	show_time("est_period_ns", tb, DIO_SCHED_A_TARGET_EST_PERIOD, " an interrupt each %.3f ms");
	show_time("est_cost_ns", tb, DIO_SCHED_A_TARGET_EST_COST, ", CPU time %.3f ms");
	out_uint("est_n", n, " (%u periods)", n);
	show_time("est_runtime_ns", tb, DIO_SCHED_A_TARGET_EST_RUNTIME, ", auto would take %.3f ms");
	out_text("\n");
}

static void show_target(struct nlattr **tb)
{
	out_open_object(NULL);
	show_who(tb);
	show_mode(tb);
	show_own(tb);
	show_counters(tb);
	show_estimate(tb, "    ");
	out_close_object();
}

void rt_show_targets(const struct nl_list *targets)
{
	struct nlattr *tb[DIO_SCHED_A_TARGET_MAX + 1];
	size_t i;

	out_open_array(NULL);
	for (i = 0; i < targets->n; i++)
		if (!target_parse(targets->msg[i], tb))
			show_target(tb);
	out_close_array();
	out_end();
}

void rt_show_estimate(struct nl_msg *msg)
{
	struct nlattr *tb[DIO_SCHED_A_TARGET_MAX + 1];

	if (target_parse(msg, tb))
		return;
	out_open_object(NULL);
	show_who(tb);
	if (!tb[DIO_SCHED_A_TARGET_EST_PERIOD])
		out_text(": %" PRIu64 " interrupts are too few to say\n",
			 tb_u64(tb, DIO_SCHED_A_TARGET_INTERRUPTS));
	out_uint("interrupts", tb_u64(tb, DIO_SCHED_A_TARGET_INTERRUPTS), NULL);
	show_estimate(tb, ": ");
	out_close_object();
	out_end();
}

static void show_admit(struct nlattr **tb)
{
	uint32_t cpu = tb_u32(tb, DIO_SCHED_A_ADMIT_CPU);
	uint32_t cpus = tb_u32(tb, DIO_SCHED_A_ADMIT_CPUS);
	uint64_t used = tb_u64(tb, DIO_SCHED_A_ADMIT_USED);
	uint64_t limit = tb_u64(tb, DIO_SCHED_A_ADMIT_LIMIT);
	uint64_t bw = tb_u64(tb, DIO_SCHED_A_ADMIT_BANDWIDTH);

	out_open_object(NULL);
	out_uint("cpu", cpu, cpus == 1 ? "CPU %u" : "from CPU %u on", cpu);
	out_uint("cpus", cpus, cpus == 1 ? NULL : ", %u CPUs", cpus);
	out_uint("used", used, ": %.1f %%", percent(used));
	out_uint("limit", limit, " of %.1f %% taken", percent(limit));
	out_uint("bandwidth", bw, bw ? ", %.1f %% more" : NULL, percent(bw));
	out_bool("fits", tb[DIO_SCHED_A_ADMIT_FITS], bw ? " fits" : NULL);
	if (bw && !tb[DIO_SCHED_A_ADMIT_FITS])
		out_text(" does not fit");
	out_text("\n");
	out_close_object();
}

void rt_show_admits(const struct nl_list *admits)
{
	struct nlattr *tb[DIO_SCHED_A_ADMIT_MAX + 1];
	size_t i;

	out_open_array(NULL);
	for (i = 0; i < admits->n; i++)
		if (!genlmsg_parse(nlmsg_hdr(admits->msg[i]), 0, tb, DIO_SCHED_A_ADMIT_MAX,
				   admit_policy))
			show_admit(tb);
	out_close_array();
	out_end();
}

uint32_t rt_read_tid(struct nl_msg *msg)
{
	struct nlattr *tb[DIO_SCHED_A_TARGET_MAX + 1];

	return target_parse(msg, tb) ? 0 : tb_u32(tb, DIO_SCHED_A_TARGET_TID);
}

const char *rt_event_name(int cmd)
{
	switch (cmd) {
	case DIO_SCHED_CMD_TARGET_GET:	/* of a dump, when events were lost */
	case DIO_SCHED_CMD_TARGET_NTF:
		return "rt";
	case DIO_SCHED_CMD_TARGET_DEL_NTF:
		return "rt-del";
	case DIO_SCHED_CMD_OVERRUN_NTF:
		return "rt-overrun";
	default:
		return NULL;
	}
}

/* The members of an event, and its line of text. */
void rt_show_event(struct nl_msg *msg)
{
	struct nlattr *tb[DIO_SCHED_A_TARGET_MAX + 1];
	uint8_t cmd = genlmsg_hdr(nlmsg_hdr(msg))->cmd;
	const char *reason;

	if (target_parse(msg, tb))
		return;
	show_who(tb);
	reason = tb_str(tb, DIO_SCHED_A_TARGET_REASON);
	switch (cmd) {
	case DIO_SCHED_CMD_TARGET_GET:
	case DIO_SCHED_CMD_TARGET_NTF:
		show_mode(tb);
		break;
	case DIO_SCHED_CMD_TARGET_DEL_NTF:
		out_str("reason", reason, " is served no longer: %s\n", reason);
		break;
	case DIO_SCHED_CMD_OVERRUN_NTF:
		out_text(" overran:");
		show_time("runtime_ns", tb, DIO_SCHED_A_TARGET_RUNTIME, " %.3f ms");
		show_time("period_ns", tb, DIO_SCHED_A_TARGET_PERIOD, " of %.3f ms;");
		show_counters(tb);
		break;
	}
}
