/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Do not edit directly, auto-generated from: */
/*	uapi/netlink/dio_sched.yaml */
/* YNL-GEN kernel header */

#ifndef _LINUX_DIO_SCHED_GEN_H
#define _LINUX_DIO_SCHED_GEN_H

#include <net/netlink.h>
#include <net/genetlink.h>

#include <uapi/linux/dio_sched.h>

int dio_sched_nl_module_get_doit(struct sk_buff *skb, struct genl_info *info);
int dio_sched_nl_target_get_doit(struct sk_buff *skb, struct genl_info *info);
int dio_sched_nl_target_get_dumpit(struct sk_buff *skb,
				   struct netlink_callback *cb);
int dio_sched_nl_target_set_doit(struct sk_buff *skb, struct genl_info *info);
int dio_sched_nl_target_del_doit(struct sk_buff *skb, struct genl_info *info);
int dio_sched_nl_admit_get_doit(struct sk_buff *skb, struct genl_info *info);
int dio_sched_nl_admit_get_dumpit(struct sk_buff *skb,
				  struct netlink_callback *cb);

enum {
	DIO_SCHED_NLGRP_EVENTS,
};

extern struct genl_family dio_sched_nl_family;

#endif /* _LINUX_DIO_SCHED_GEN_H */
