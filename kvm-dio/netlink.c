// SPDX-License-Identifier: GPL-2.0-only
/*
 * The dio_kvm family, and module-get. Policies are generated from
 * uapi/netlink/dio_kvm.yaml; what a policy cannot say is checked by the command,
 * and every refusal has extack text.
 */
#include <linux/module.h>
#include <net/genetlink.h>

#include "netlink.h"
#include "netlink_gen.h"

/* An answer with all hooks and their reasons. */
#define DIO_MODULE_MSG_SIZE	16384

/* A message with @hdr begun, NULL without memory. */
struct sk_buff *dio_nl_reply_new(struct genl_info *info, u8 cmd, size_t size, void **hdr)
{
	struct sk_buff *msg = genlmsg_new(size, GFP_KERNEL);

	if (!msg)
		return NULL;
	*hdr = genlmsg_put_reply(msg, info, &dio_kvm_nl_family, 0, cmd);
	if (*hdr)
		return msg;
	nlmsg_free(msg);
	return NULL;
}

/* Send @msg, or free it and pass on the error of filling it. */
int dio_nl_reply(struct sk_buff *msg, void *hdr, struct genl_info *info, int err)
{
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	genlmsg_end(msg, hdr);
	return genlmsg_reply(msg, info);
}

static int dio_fill_hook(struct sk_buff *msg, const struct dio_feature *f, struct dio_hook *hook)
{
	struct nlattr *nest = nla_nest_start(msg, DIO_KVM_A_MODULE_HOOK);
	struct dio_hook_report report;

	if (!nest)
		return -EMSGSIZE;
	dio_hook_report(hook, &report);
	if (nla_put_string(msg, DIO_KVM_A_HOOK_FEATURE, f->name) ||
	    nla_put_string(msg, DIO_KVM_A_HOOK_MODULE, hook->module) ||
	    nla_put_string(msg, DIO_KVM_A_HOOK_SYMBOL, hook->symbol) ||
	    nla_put_u32(msg, DIO_KVM_A_HOOK_STATE, report.state) ||
	    nla_put_u64_64bit(msg, DIO_KVM_A_HOOK_CALLS, report.calls, DIO_KVM_A_HOOK_PAD) ||
	    (*report.reason && nla_put_string(msg, DIO_KVM_A_HOOK_REASON, report.reason)))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

static int dio_fill_hooks(struct sk_buff *msg)
{
	unsigned int i, j;
	int ret = 0;

	for (i = 0; i < DIO_NR_FEATURES && !ret; i++) {
		const struct dio_feature *f = dio_features[i];

		for (j = 0; f && j < f->nhooks && !ret; j++)
			ret = dio_fill_hook(msg, f, f->hooks[j]);
	}
	dio_hooks_settle();
	return ret;
}

static int dio_fill_module(struct sk_buff *msg)
{
	if (nla_put_string(msg, DIO_KVM_A_MODULE_VERSION, THIS_MODULE->version) ||
	    (dio_off && nla_put_flag(msg, DIO_KVM_A_MODULE_NODIO)) ||
	    nla_put_u32(msg, DIO_KVM_A_MODULE_VMS, dio_vm_count()))
		return -EMSGSIZE;
	return dio_fill_hooks(msg);
}

int dio_kvm_nl_module_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sk_buff *msg;
	void *hdr;

	msg = dio_nl_reply_new(info, DIO_KVM_CMD_MODULE_GET, DIO_MODULE_MSG_SIZE, &hdr);
	if (!msg)
		return -ENOMEM;
	return dio_nl_reply(msg, hdr, info, dio_fill_module(msg));
}

/* As generated, but events name processes: not for everybody. */
static const struct genl_multicast_group dio_nl_groups[] = {
	[DIO_KVM_NLGRP_EVENTS] = { .name = "events", .flags = GENL_MCAST_CAP_NET_ADMIN },
};

/* VMs are not of a network namespace: the family is the initial one's alone. */
int __init dio_netlink_init(void)
{
	dio_kvm_nl_family.netnsok = false;
	dio_kvm_nl_family.mcgrps = dio_nl_groups;
	dio_kvm_nl_family.n_mcgrps = ARRAY_SIZE(dio_nl_groups);
	return dio_genl_register(&dio_kvm_nl_family);
}

void dio_netlink_exit(void)
{
	dio_genl_unregister(&dio_kvm_nl_family);
}
