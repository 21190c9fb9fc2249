// SPDX-License-Identifier: GPL-2.0-only
/* The events of the dio_kvm family, for whoever listens. All of them sleep. */
#include <net/genetlink.h>

#include "netlink.h"
#include "netlink_gen.h"

static struct sk_buff *dio_nl_event_new(u8 cmd, void **hdr)
{
	struct sk_buff *msg;

	/* building a message for nobody would be waste */
	if (!genl_has_listeners(&dio_kvm_nl_family, &init_net, DIO_KVM_NLGRP_EVENTS))
		return NULL;
	msg = genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	if (!msg)
		return NULL;
	*hdr = genlmsg_put(msg, 0, 0, &dio_kvm_nl_family, 0, cmd);
	if (*hdr)
		return msg;
	nlmsg_free(msg);
	return NULL;
}

static void dio_nl_send(struct sk_buff *msg, void *hdr, int err)
{
	if (err) {
		nlmsg_free(msg);
		return;
	}
	genlmsg_end(msg, hdr);
	genlmsg_multicast(&dio_kvm_nl_family, msg, 0, DIO_KVM_NLGRP_EVENTS, GFP_KERNEL);
}

/* The features of a VM were set; @kvm is referenced. */
void dio_netlink_vm_event(struct dio_vm *vm, struct kvm *kvm)
{
	struct sk_buff *msg;
	void *hdr;

	msg = dio_nl_event_new(DIO_KVM_CMD_VM_NTF, &hdr);
	if (msg)
		dio_nl_send(msg, hdr, dio_fill_vm(msg, vm, kvm));
}

/* A VM left the table, or has ended. */
void dio_netlink_vm_gone(u32 id, pid_t pid)
{
	struct sk_buff *msg;
	void *hdr;

	msg = dio_nl_event_new(DIO_KVM_CMD_VM_DEL_NTF, &hdr);
	if (msg)
		dio_nl_send(msg, hdr, nla_put_u32(msg, DIO_KVM_A_VM_ID, id) ||
			    nla_put_u32(msg, DIO_KVM_A_VM_PID, pid) ? -EMSGSIZE : 0);
}
