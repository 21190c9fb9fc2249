/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Do not edit directly, auto-generated from: */
/*	uapi/netlink/dio_kvm.yaml */
/* YNL-GEN kernel header */

#ifndef _LINUX_DIO_KVM_GEN_H
#define _LINUX_DIO_KVM_GEN_H

#include <net/netlink.h>
#include <net/genetlink.h>

#include <uapi/linux/dio_kvm.h>

int dio_kvm_nl_module_get_doit(struct sk_buff *skb, struct genl_info *info);
int dio_kvm_nl_vm_get_doit(struct sk_buff *skb, struct genl_info *info);
int dio_kvm_nl_vm_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int dio_kvm_nl_vm_set_doit(struct sk_buff *skb, struct genl_info *info);
int dio_kvm_nl_vm_range_get_doit(struct sk_buff *skb, struct genl_info *info);

enum {
	DIO_KVM_NLGRP_EVENTS,
};

extern struct genl_family dio_kvm_nl_family;

#endif /* _LINUX_DIO_KVM_GEN_H */
