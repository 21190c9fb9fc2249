// SPDX-License-Identifier: GPL-2.0-only
/*
 * The dio_sched family and what its commands share. Policies are generated from
 * uapi/netlink/dio_sched.yaml; every refusal has text that names the thread or the
 * CPU, the value and the limit.
 */
#include <linux/module.h>
#include <linux/sched/task.h>
#include <net/genetlink.h>

#include "dio_rt.h"
#include "netlink.h"
#include "netlink_gen.h"

/* The thread @tid of the caller's PID namespace, with a reference, or ERR_PTR. */
struct task_struct *dio_rt_task_of(u32 tid, struct netlink_ext_ack *extack)
{
	struct pid *pid = tid <= PID_MAX_LIMIT ? find_get_pid(tid) : NULL;
	struct task_struct *task = pid ? get_pid_task(pid, PIDTYPE_PID) : NULL;

	put_pid(pid);
	if (task)
		return task;
	DIO_RT_ERR(extack, "thread %u: there is none", tid);
	return ERR_PTR(-ESRCH);
}

struct sk_buff *dio_rt_reply_new(struct genl_info *info, u8 cmd, void **hdr)
{
	struct sk_buff *msg = genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);

	if (!msg)
		return NULL;
	*hdr = genlmsg_put_reply(msg, info, &dio_sched_nl_family, 0, cmd);
	if (*hdr)
		return msg;
	nlmsg_free(msg);
	return NULL;
}

/* Send @msg, or free it and pass on the error of filling it. */
int dio_rt_reply(struct sk_buff *msg, void *hdr, struct genl_info *info, int err)
{
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	genlmsg_end(msg, hdr);
	return genlmsg_reply(msg, info);
}

/* One object of a dump; NULL if @skb is full. */
void *dio_rt_dump_begin(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd)
{
	return genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			   &dio_sched_nl_family, NLM_F_MULTI, cmd);
}

/* Keep the object, or take it back if it did not fit: 0 or -EMSGSIZE. */
int dio_rt_dump_end(struct sk_buff *skb, void *hdr, int err)
{
	if (err) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

static int dio_fill_module(struct sk_buff *skb)
{
	struct dio_kernel_limits k;
	struct dio_admit_limits l;

	dio_kernel_limits(&k);
	dio_room_limits(&k, &l);
	if (nla_put_string(skb, DIO_SCHED_A_MODULE_VERSION, THIS_MODULE->version) ||
	    nla_put_u32(skb, DIO_SCHED_A_MODULE_TARGETS, READ_ONCE(dio_rt_n)) ||
	    nla_put_s32(skb, DIO_SCHED_A_MODULE_RT_RUNTIME, k.rt_runtime_us) ||
	    nla_put_u32(skb, DIO_SCHED_A_MODULE_RT_PERIOD, k.rt_period_us) ||
	    nla_put_u32(skb, DIO_SCHED_A_MODULE_SERVERS, DIO_DL_SERVERS) ||
	    nla_put_u64_64bit(skb, DIO_SCHED_A_MODULE_LIMIT, l.cpu, DIO_SCHED_A_MODULE_PAD) ||
	    nla_put_u64_64bit(skb, DIO_SCHED_A_MODULE_PERIOD_MIN, l.period_min,
			      DIO_SCHED_A_MODULE_PAD) ||
	    nla_put_u64_64bit(skb, DIO_SCHED_A_MODULE_PERIOD_MAX, l.period_max,
			      DIO_SCHED_A_MODULE_PAD))
		return -EMSGSIZE;
	return k.assumed ? nla_put_flag(skb, DIO_SCHED_A_MODULE_ASSUMED) : 0;
}

int dio_sched_nl_module_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sk_buff *msg;
	void *hdr;

	msg = dio_rt_reply_new(info, DIO_SCHED_CMD_MODULE_GET, &hdr);
	if (!msg)
		return -ENOMEM;
	return dio_rt_reply(msg, hdr, info, dio_fill_module(msg));
}

/* As generated, but who may hear them is who may ask. */
static const struct genl_multicast_group dio_rt_groups[] = {
	[DIO_SCHED_NLGRP_EVENTS] = { .name = "events", .flags = GENL_MCAST_CAP_NET_ADMIN },
};

/* Threads and CPUs are not of a network namespace: the initial one's alone. */
int __init dio_rt_netlink_init(void)
{
	dio_sched_nl_family.netnsok = false;
	dio_sched_nl_family.mcgrps = dio_rt_groups;
	dio_sched_nl_family.n_mcgrps = ARRAY_SIZE(dio_rt_groups);
	return dio_genl_register(&dio_sched_nl_family);
}

void dio_rt_netlink_exit(void)
{
	dio_genl_unregister(&dio_sched_nl_family);
}
