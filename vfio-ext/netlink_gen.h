/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Do not edit directly, auto-generated from: */
/*	uapi/netlink/dio_vfio.yaml */
/* YNL-GEN kernel header */

#ifndef _LINUX_DIO_VFIO_GEN_H
#define _LINUX_DIO_VFIO_GEN_H

#include <net/netlink.h>
#include <net/genetlink.h>

#include <uapi/linux/dio_vfio.h>

int dio_vfio_nl_module_get_doit(struct sk_buff *skb, struct genl_info *info);
int dio_vfio_nl_dev_get_doit(struct sk_buff *skb, struct genl_info *info);
int dio_vfio_nl_dev_get_dumpit(struct sk_buff *skb,
			       struct netlink_callback *cb);
int dio_vfio_nl_dev_set_doit(struct sk_buff *skb, struct genl_info *info);
int dio_vfio_nl_dev_reset_doit(struct sk_buff *skb, struct genl_info *info);
int dio_vfio_nl_dev_release_doit(struct sk_buff *skb, struct genl_info *info);
int dio_vfio_nl_reset_get_dumpit(struct sk_buff *skb,
				 struct netlink_callback *cb);
int dio_vfio_nl_irq_get_dumpit(struct sk_buff *skb,
			       struct netlink_callback *cb);
int dio_vfio_nl_irq_set_doit(struct sk_buff *skb, struct genl_info *info);

enum {
	DIO_VFIO_NLGRP_EVENTS,
};

extern struct genl_family dio_vfio_nl_family;

#endif /* _LINUX_DIO_VFIO_GEN_H */
