/* SPDX-License-Identifier: GPL-2.0-only */
/* What the commands of dio_kvm share. */
#ifndef DIO_KVM_NETLINK_H
#define DIO_KVM_NETLINK_H

#include <linux/netlink.h>
#include <linux/skbuff.h>

#include "dio_kvm.h"

struct genl_info;

struct sk_buff *dio_nl_reply_new(struct genl_info *info, u8 cmd, size_t size, void **hdr);
int dio_nl_reply(struct sk_buff *msg, void *hdr, struct genl_info *info, int err);

#endif /* DIO_KVM_NETLINK_H */
