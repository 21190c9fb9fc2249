// SPDX-License-Identifier: GPL-2.0
/* The dio_sched family: names of its attributes, requests, dumps. */
#include <unistd.h>

#include <linux/dio_sched.h>
#include <netlink/genl/genl.h>

#include "names.h"
#include "rt.h"

#define MODULE_PATH	"/sys/module/dio_sched"

#define NAMES(array)	{ array, sizeof(array) / sizeof(array[0]) }

static const char *const modes[] = { "observe", "reserve", "boost", "auto" };
static const char *const states[] = { "observing", "active", "suspended" };
static const char *const sources[] = { "none", "device", "irq", "wake" };

const struct names names_rt_mode = NAMES(modes);
const struct names names_rt_state = NAMES(states);
const struct names names_rt_source = NAMES(sources);

static const char *const target_attrs[] = {
	[DIO_SCHED_A_TARGET_TID] = "thread",
	[DIO_SCHED_A_TARGET_VM_FD] = "vm",
	[DIO_SCHED_A_TARGET_VCPU] = "vcpu",
	[DIO_SCHED_A_TARGET_MODE] = "mode",
	[DIO_SCHED_A_TARGET_RUNTIME] = "runtime",
	[DIO_SCHED_A_TARGET_PERIOD] = "period",
	[DIO_SCHED_A_TARGET_RECLAIM] = "reclaim",
	[DIO_SCHED_A_TARGET_CPU] = "cpu",
	[DIO_SCHED_A_TARGET_SOURCE] = "source",
	[DIO_SCHED_A_TARGET_ADDR] = "addr",
	[DIO_SCHED_A_TARGET_IRQ] = "irq",
	[DIO_SCHED_A_TARGET_SHARE] = "share",
	[DIO_SCHED_A_TARGET_MARGIN] = "margin",
	[DIO_SCHED_A_TARGET_FORCE] = "force",
};

static const char *const admit_attrs[] = {
	[DIO_SCHED_A_ADMIT_CPU] = "cpu",
	[DIO_SCHED_A_ADMIT_TID] = "thread",
	[DIO_SCHED_A_ADMIT_RUNTIME] = "runtime",
	[DIO_SCHED_A_ADMIT_PERIOD] = "period",
};

static const struct names names_target = NAMES(target_attrs);
static const struct names names_admit = NAMES(admit_attrs);

static const struct names *attr_names(uint8_t cmd)
{
	return cmd == DIO_SCHED_CMD_ADMIT_GET ? &names_admit : &names_target;
}

static const struct nl_family dio_sched = {
	.name = DIO_SCHED_FAMILY_NAME,
	.module = "dio_sched",
	.path = MODULE_PATH,
	.names = attr_names,
};

bool rt_loaded(void)
{
	return !access(MODULE_PATH, F_OK);
}

int rt_open(struct nl_conn *conn)
{
	return dio_nl_open_family(conn, &dio_sched);
}

struct nl_msg *rt_request(struct nl_conn *conn, int cmd)
{
	struct nl_msg *msg = nlmsg_alloc();

	if (msg && genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, conn->family, 0, 0,
			       (uint8_t)cmd, DIO_SCHED_FAMILY_VERSION))
		return msg;
	nlmsg_free(msg);
	return NULL;
}

int rt_dump(struct nl_conn *conn, int cmd, struct nl_list *reply)
{
	struct nl_msg *msg = rt_request(conn, cmd);

	if (msg)
		nlmsg_hdr(msg)->nlmsg_flags |= NLM_F_DUMP;
	return dio_nl_call(conn, msg, reply);
}
