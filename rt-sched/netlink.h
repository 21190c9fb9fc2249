/* SPDX-License-Identifier: GPL-2.0-only */
/* What the commands of dio_sched share; netlink.c and netlink_fill.c have it. */
#ifndef DIO_RT_NETLINK_H
#define DIO_RT_NETLINK_H

#include <linux/netlink.h>
#include <linux/skbuff.h>

struct dio_admit_answer;
struct dio_rt;
struct genl_info;

/* Text for an answer; @extack is NULL where nobody asked. */
#define DIO_RT_ERR(extack, fmt, args...) do {			\
	struct netlink_ext_ack *dio_extack = (extack);		\
								\
	if (dio_extack)						\
		DIO_NL_ERR(dio_extack, fmt, ##args);		\
} while (0)

/* netlink.c */
struct sk_buff *dio_rt_reply_new(struct genl_info *info, u8 cmd, void **hdr);
int dio_rt_reply(struct sk_buff *msg, void *hdr, struct genl_info *info, int err);
void *dio_rt_dump_begin(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd);
int dio_rt_dump_end(struct sk_buff *skb, void *hdr, int err);
struct task_struct *dio_rt_task_of(u32 tid, struct netlink_ext_ack *extack);

/* netlink_fill.c: 0 or -EMSGSIZE; with dio_rt_lock */
int dio_fill_rt(struct sk_buff *skb, struct dio_rt *t);
int dio_fill_rt_overrun(struct sk_buff *skb, struct dio_rt *t);
int dio_fill_rt_end(struct sk_buff *skb, struct dio_rt *t, const char *reason);
int dio_fill_admit(struct sk_buff *skb, u32 cpu, const struct dio_admit_answer *a);

#endif /* DIO_RT_NETLINK_H */
