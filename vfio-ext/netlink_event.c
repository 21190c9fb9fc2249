// SPDX-License-Identifier: GPL-2.0-only
/* The events of the dio_vfio family, for whoever listens. All of them sleep. */
#include <net/genetlink.h>

#include "netlink.h"
#include "netlink_fill.h"
#include "netlink_gen.h"

/* Somebody listens; building a message for nobody would be waste. */
static bool dio_nl_heard(void)
{
	return genl_has_listeners(&dio_vfio_nl_family, &init_net, DIO_VFIO_NLGRP_EVENTS);
}

static void dio_nl_send(struct sk_buff *msg, void *hdr, int err)
{
	if (err) {
		nlmsg_free(msg);
		return;
	}
	genlmsg_end(msg, hdr);
	genlmsg_multicast(&dio_vfio_nl_family, msg, 0, DIO_VFIO_NLGRP_EVENTS, GFP_KERNEL);
}

static struct sk_buff *dio_nl_event_new(u8 cmd, size_t size, void **hdr)
{
	struct sk_buff *msg = dio_nl_heard() ? genlmsg_new(size, GFP_KERNEL) : NULL;

	if (!msg)
		return NULL;
	*hdr = genlmsg_put(msg, 0, 0, &dio_vfio_nl_family, 0, cmd);
	if (*hdr)
		return msg;
	nlmsg_free(msg);
	return NULL;
}

/* Tell listeners that a device was bound, set, unbound, or changed its state. */
void dio_netlink_dev_event(struct dio_vfio_dev *d, u8 cmd)
{
	struct sk_buff *msg;
	void *hdr;

	msg = dio_nl_event_new(cmd, NLMSG_GOODSIZE, &hdr);
	if (msg)
		dio_nl_send(msg, hdr, cmd == DIO_VFIO_CMD_DEV_DEL_NTF ? dio_fill_addr(msg, d) :
			    dio_fill_dev(msg, d));
}

/* Tell listeners what happened to the INTx of a device. */
void dio_netlink_irq_event(struct dio_vfio_dev *d, enum dio_vfio_irq_event event)
{
	struct sk_buff *msg;
	void *hdr;

	msg = dio_nl_event_new(DIO_VFIO_CMD_IRQ_NTF, NLMSG_GOODSIZE, &hdr);
	if (msg)
		dio_nl_send(msg, hdr, dio_fill_irq_event(msg, d, event));
}

/* Tell listeners of a reset. Sleeps. */
void dio_netlink_reset_event(struct dio_vfio_dev *d, const struct dio_record *rec)
{
	struct sk_buff *msg;
	void *hdr;

	msg = dio_nl_event_new(DIO_VFIO_CMD_RESET_NTF, DIO_RESET_MSG_SIZE, &hdr);
	if (msg)
		dio_nl_send(msg, hdr, dio_fill_reset(msg, d, rec));
}
