/* SPDX-License-Identifier: GPL-2.0-only */
/* What the commands of dio_vfio share; netlink.c has it, but for the events. */
#ifndef DIO_NETLINK_H
#define DIO_NETLINK_H

#include <linux/netlink.h>
#include <linux/skbuff.h>

#include "dio_dev.h"

/* A reset record with all its steps and lines of residue. */
#define DIO_RESET_MSG_SIZE	8192

struct genl_info;

struct dio_vfio_dev *dio_nl_dev(const struct nlattr *attr, struct netlink_ext_ack *extack);
struct dio_vfio_dev *dio_nl_dev_of(struct genl_info *info);
struct sk_buff *dio_nl_reply_new(struct genl_info *info, u8 cmd, size_t size, void **hdr);
int dio_nl_reply(struct sk_buff *msg, void *hdr, struct genl_info *info, int err);
void *dio_nl_dump_begin(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd);
int dio_nl_dump_end(struct sk_buff *skb, void *hdr, int err);

#endif /* DIO_NETLINK_H */
