// SPDX-License-Identifier: GPL-2.0-only
/* The events of the dio_sched family, for whoever listens. All of them sleep. */
#include <net/genetlink.h>

#include "dio_rt.h"
#include "netlink.h"
#include "netlink_gen.h"

static struct sk_buff *dio_rt_event_new(u8 cmd, void **hdr)
{
	struct sk_buff *msg;

	if (!genl_has_listeners(&dio_sched_nl_family, &init_net, DIO_SCHED_NLGRP_EVENTS))
		return NULL;
	msg = genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	if (!msg)
		return NULL;
	*hdr = genlmsg_put(msg, 0, 0, &dio_sched_nl_family, 0, cmd);
	if (*hdr)
		return msg;
	nlmsg_free(msg);
	return NULL;
}

static void dio_rt_event_send(struct sk_buff *msg, void *hdr, int err)
{
	if (err) {
		nlmsg_free(msg);
		return;
	}
	genlmsg_end(msg, hdr);
	genlmsg_multicast(&dio_sched_nl_family, msg, 0, DIO_SCHED_NLGRP_EVENTS, GFP_KERNEL);
}

/* A target is new, or its state or parameters changed. */
void dio_rt_told(struct dio_rt *t)
{
	void *hdr;
	struct sk_buff *msg = dio_rt_event_new(DIO_SCHED_CMD_TARGET_NTF, &hdr);

	if (msg)
		dio_rt_event_send(msg, hdr, dio_fill_rt(msg, t));
}

void dio_rt_told_end(struct dio_rt *t, const char *reason)
{
	void *hdr;
	struct sk_buff *msg = dio_rt_event_new(DIO_SCHED_CMD_TARGET_DEL_NTF, &hdr);

	if (msg)
		dio_rt_event_send(msg, hdr, dio_fill_rt_end(msg, t, reason));
}

void dio_rt_told_overrun(struct dio_rt *t)
{
	void *hdr;
	struct sk_buff *msg = dio_rt_event_new(DIO_SCHED_CMD_OVERRUN_NTF, &hdr);

	if (msg)
		dio_rt_event_send(msg, hdr, dio_fill_rt_overrun(msg, t));
}
