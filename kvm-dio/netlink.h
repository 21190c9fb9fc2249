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

/* A VM that a request names, with what keeps it and KVM in place. */
struct dio_nl_vm {
	struct dio_core core;
	struct file *file;
	struct kvm *kvm;
};

int dio_nl_vm_get(struct dio_nl_vm *v, struct genl_info *info, int which);
void dio_nl_vm_put(struct dio_nl_vm *v);

#endif /* DIO_KVM_NETLINK_H */
