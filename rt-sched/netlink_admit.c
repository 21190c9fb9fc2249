// SPDX-License-Identifier: GPL-2.0-only
/* The command on admission: admit-get. */
#include <linux/sched/task.h>
#include <net/genetlink.h>

#include "dio_rt.h"
#include "netlink.h"
#include "netlink_gen.h"

/* What is asked for, 0 if nothing is; a negative errno with text. */
static int dio_admit_asked(struct genl_info *info, u64 *bw)
{
	struct nlattr *runtime = info->attrs[DIO_SCHED_A_ADMIT_RUNTIME];
	struct nlattr *period = info->attrs[DIO_SCHED_A_ADMIT_PERIOD];
	int ret;

	*bw = 0;
	if (!runtime && !period)
		return 0;
	if (!runtime || !period) {
		DIO_RT_ERR(info->extack, "runtime and period: one of them is missing");
		return -EINVAL;
	}
	ret = dio_room_check(nla_get_u64(runtime), nla_get_u64(period), info->extack);
	if (!ret)
		*bw = dio_admit_bw(nla_get_u64(runtime), nla_get_u64(period));
	return ret;
}

static int dio_admit_ask_cpu(struct genl_info *info, u64 bw, u32 *cpu,
			     struct dio_admit_answer *answer)
{
	*cpu = nla_get_u32(info->attrs[DIO_SCHED_A_ADMIT_CPU]);
	if (*cpu >= nr_cpu_ids || !cpu_active(*cpu)) {
		DIO_RT_ERR(info->extack, "CPU %u: is not online", *cpu);
		return -EINVAL;
	}
	mutex_lock(&dio_rt_lock);
	dio_room_look();
	dio_room_ask(NULL, cpumask_of(*cpu), bw, answer);
	mutex_unlock(&dio_rt_lock);
	return 0;
}

static int dio_admit_ask_task(struct genl_info *info, u64 bw, u32 *cpu,
			      struct dio_admit_answer *answer)
{
	struct task_struct *task;

	if (GENL_REQ_ATTR_CHECK(info, DIO_SCHED_A_ADMIT_TID)) {
		DIO_RT_ERR(info->extack, "a thread or a CPU is missing");
		return -EINVAL;
	}
	task = dio_rt_task_of(nla_get_u32(info->attrs[DIO_SCHED_A_ADMIT_TID]), info->extack);
	if (IS_ERR(task))
		return PTR_ERR(task);
	mutex_lock(&dio_rt_lock);
	dio_room_look();
	dio_room_ask(dio_rt_find_task(task), &task->cpus_mask, bw, answer);
	mutex_unlock(&dio_rt_lock);
	*cpu = answer->cpu;
	put_task_struct(task);
	return 0;
}

int dio_sched_nl_admit_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct dio_admit_answer answer;
	struct sk_buff *msg;
	void *hdr;
	u32 cpu;
	u64 bw;
	int ret;

	ret = dio_admit_asked(info, &bw);
	if (!ret)
		ret = info->attrs[DIO_SCHED_A_ADMIT_CPU] ?
		      dio_admit_ask_cpu(info, bw, &cpu, &answer) :
		      dio_admit_ask_task(info, bw, &cpu, &answer);
	if (ret)
		return ret;
	msg = dio_rt_reply_new(info, DIO_SCHED_CMD_ADMIT_GET, &hdr);
	if (!msg)
		return -ENOMEM;
	return dio_rt_reply(msg, hdr, info, dio_fill_admit(msg, cpu, &answer));
}

/* args[0]: CPU to go on at */
int dio_sched_nl_admit_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct dio_admit_answer answer;
	unsigned int cpu = cb->args[0];
	void *hdr;
	int ret = 0;

	mutex_lock(&dio_rt_lock);
	dio_room_look();
	for (; !ret && cpu < nr_cpu_ids; cpu++) {
		if (!cpu_active(cpu))
			continue;
		dio_room_ask(NULL, cpumask_of(cpu), 0, &answer);
		hdr = dio_rt_dump_begin(skb, cb, DIO_SCHED_CMD_ADMIT_GET);
		ret = hdr ? dio_rt_dump_end(skb, hdr, dio_fill_admit(skb, cpu, &answer)) :
		      -EMSGSIZE;
		if (ret)
			break;
	}
	mutex_unlock(&dio_rt_lock);
	cb->args[0] = cpu;
	return skb->len ? (int)skb->len : ret;
}
