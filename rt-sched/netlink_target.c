// SPDX-License-Identifier: GPL-2.0-only
/* The commands on threads: target-get, target-set, target-del. */
#include <linux/sched/task.h>
#include <net/genetlink.h>

#include "dio_rt.h"
#include "netlink.h"
#include "netlink_gen.h"

#define DIO_AUTO_SHARE		50
#define DIO_AUTO_MARGIN		25

static struct task_struct *dio_rt_task_attr(struct genl_info *info)
{
	struct task_struct *task;

	if (GENL_REQ_ATTR_CHECK(info, DIO_SCHED_A_TARGET_TID)) {
		DIO_RT_ERR(info->extack, "tid: the number of a thread is missing");
		return ERR_PTR(-EINVAL);
	}
	task = dio_rt_task_of(nla_get_u32(info->attrs[DIO_SCHED_A_TARGET_TID]), info->extack);
	if (IS_ERR(task))
		NL_SET_BAD_ATTR(info->extack, info->attrs[DIO_SCHED_A_TARGET_TID]);
	return task;
}

/*
 * The VM, if it is named by one, and the thread of a request, both with references;
 * 0, or a negative errno with text.
 */
static int dio_rt_who(struct genl_info *info, struct dio_rt_vm **vm, struct task_struct **task)
{
	struct nlattr *fd = info->attrs[DIO_SCHED_A_TARGET_VM_FD];
	struct nlattr *vcpu = info->attrs[DIO_SCHED_A_TARGET_VCPU];

	*vm = NULL;
	if (!fd) {
		*task = dio_rt_task_attr(info);
		return PTR_ERR_OR_ZERO(*task);
	}
	*vm = dio_vm_get(nla_get_u32(fd), info->extack);
	if (IS_ERR(*vm))
		return PTR_ERR(*vm);
	*task = dio_vm_task(*vm, vcpu ? nla_get_u32(vcpu) : 0, info->extack);
	if (!IS_ERR(*task))
		return 0;
	dio_vm_put(*vm);
	return PTR_ERR(*task);
}

/* The target of a request, with dio_rt_lock, or ERR_PTR with text. */
static struct dio_rt *dio_rt_of(struct genl_info *info)
{
	struct task_struct *task;
	struct dio_rt_vm *vm;
	struct dio_rt *t;
	int ret;

	ret = dio_rt_who(info, &vm, &task);
	if (ret)
		return ERR_PTR(ret);
	t = dio_rt_find_task(task);
	if (!t)
		DIO_RT_ERR(info->extack, "thread %d: is not served", task_pid_nr(task));
	put_task_struct(task);
	dio_vm_put(vm);
	return t ? t : ERR_PTR(-ENOENT);
}

int dio_sched_nl_target_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sk_buff *msg;
	struct dio_rt *t;
	void *hdr;
	int ret;

	msg = dio_rt_reply_new(info, DIO_SCHED_CMD_TARGET_GET, &hdr);
	if (!msg)
		return -ENOMEM;
	mutex_lock(&dio_rt_lock);
	t = dio_rt_of(info);
	ret = IS_ERR(t) ? PTR_ERR(t) : dio_fill_rt(msg, t);
	mutex_unlock(&dio_rt_lock);
	return dio_rt_reply(msg, hdr, info, ret);
}

/* args[0]: how many were sent; a list that changes meanwhile may lose one. */
int dio_sched_nl_target_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct dio_rt *t;
	long n = 0;
	void *hdr;
	int ret = 0;

	mutex_lock(&dio_rt_lock);
	list_for_each_entry(t, &dio_rt_list, list) {
		if (n++ < cb->args[0])
			continue;
		hdr = dio_rt_dump_begin(skb, cb, DIO_SCHED_CMD_TARGET_GET);
		ret = hdr ? dio_rt_dump_end(skb, hdr, dio_fill_rt(skb, t)) : -EMSGSIZE;
		if (ret)
			break;
		cb->args[0]++;
	}
	mutex_unlock(&dio_rt_lock);
	return skb->len ? (int)skb->len : ret;
}

/* Threads of the kernel are its own, but for vhost's, which belong to a VM. */
static int dio_rt_task_allowed(struct task_struct *task, const struct dio_rt_config *c,
			       struct netlink_ext_ack *extack)
{
	unsigned int policy = READ_ONCE(task->policy);
	const struct dio_rt *t = dio_rt_find_task(task);
	int tid = task_pid_nr(task);

	if (task->flags & PF_KTHREAD && strncmp(task->comm, "vhost-", 6)) {
		DIO_RT_ERR(extack, "thread %d (%s): belongs to the kernel", tid, task->comm);
		return -EPERM;
	}
	if (t && t->in_force == policy)
		return 0;
	if (policy == SCHED_DEADLINE && c->mode != DIO_SCHED_MODE_OBSERVE) {
		DIO_RT_ERR(extack, "thread %d: is SCHED_DEADLINE already, by somebody else", tid);
		return -EBUSY;
	}
	if ((policy == SCHED_FIFO || policy == SCHED_RR) && c->mode == DIO_SCHED_MODE_BOOST) {
		DIO_RT_ERR(extack, "thread %d: is real-time already, a boost is none", tid);
		return -EBUSY;
	}
	return 0;
}

static int dio_rt_cpu_allowed(struct task_struct *task, struct dio_rt_config *c,
			      struct netlink_ext_ack *extack)
{
	const struct dio_rt *t = dio_rt_find_task(task);
	const struct cpumask *own = t && t->pinned ? t->own_cpus : &task->cpus_mask;

	if (c->cpu == DIO_RT_NO_CPU)
		return 0;
	if (c->cpu >= nr_cpu_ids || !cpu_active(c->cpu)) {
		DIO_RT_ERR(extack, "CPU %u: is not online", c->cpu);
		return -EINVAL;
	}
	if (cpumask_test_cpu(c->cpu, own))
		return 0;
	DIO_RT_ERR(extack, "CPU %u: the thread may use %*pbl", c->cpu, cpumask_pr_args(own));
	return -EINVAL;
}

static int dio_rt_config_times(struct nlattr **attrs, struct dio_rt_config *c,
			       struct netlink_ext_ack *extack)
{
	struct nlattr *runtime = attrs[DIO_SCHED_A_TARGET_RUNTIME];
	struct nlattr *period = attrs[DIO_SCHED_A_TARGET_PERIOD];
	bool needed = c->mode == DIO_SCHED_MODE_RESERVE || c->mode == DIO_SCHED_MODE_BOOST;

	if (!needed && (runtime || period)) {
		DIO_RT_ERR(extack, "runtime and period are for reserve and boost");
		return -EINVAL;
	}
	if (!needed)
		return 0;
	if (!runtime || !period) {
		DIO_RT_ERR(extack, "runtime and period are needed");
		return -EINVAL;
	}
	c->runtime = nla_get_u64(runtime);
	c->period = nla_get_u64(period);
	return dio_room_check(c->runtime, c->period, extack);
}

static int dio_rt_config_device(struct nlattr *addr, struct dio_rt_config *c,
				struct netlink_ext_ack *extack)
{
	unsigned int domain, bus, slot, fn;
	const char *text;
	char end;

	if (!addr) {
		DIO_RT_ERR(extack, "addr: the PCI address of the device is missing");
		return -EINVAL;
	}
	text = nla_data(addr);
	if (sscanf(text, "%x:%2x:%2x.%1x%c", &domain, &bus, &slot, &fn, &end) != 4 ||
	    slot > 31 || fn > 7) {
		DIO_RT_ERR(extack, "%s: not a PCI address (dddd:bb:dd.f)", text);
		return -EINVAL;
	}
	c->pdev = pci_get_domain_bus_and_slot(domain, bus, PCI_DEVFN(slot, fn));
	if (c->pdev)
		return 0;
	DIO_RT_ERR(extack, "%s: no such PCI device", text);
	return -ENODEV;
}

static int dio_rt_config_source(struct nlattr **attrs, struct dio_rt_config *c,
				struct netlink_ext_ack *extack)
{
	if (attrs[DIO_SCHED_A_TARGET_SOURCE])
		c->source = nla_get_u32(attrs[DIO_SCHED_A_TARGET_SOURCE]);
	switch (c->source) {
	case DIO_SCHED_SOURCE_DEVICE:
		return dio_rt_config_device(attrs[DIO_SCHED_A_TARGET_ADDR], c, extack);
	case DIO_SCHED_SOURCE_IRQ:
		if (attrs[DIO_SCHED_A_TARGET_IRQ]) {
			c->irq = nla_get_u32(attrs[DIO_SCHED_A_TARGET_IRQ]);
			return 0;
		}
		DIO_RT_ERR(extack, "irq: the number of the interrupt is missing");
		return -EINVAL;
	case DIO_SCHED_SOURCE_NONE:
		if (c->mode == DIO_SCHED_MODE_RESERVE)
			return 0;
		DIO_RT_ERR(extack, "source: only a reserve does without one");
		return -EINVAL;
	default:
		return 0;
	}
}

/* On success @c may have a reference to a device. */
static int dio_rt_config_parse(struct genl_info *info, struct dio_rt_config *c)
{
	struct nlattr **attrs = info->attrs;
	int ret;

	*c = (struct dio_rt_config) {
		.cpu = DIO_RT_NO_CPU, .share = DIO_AUTO_SHARE, .margin = DIO_AUTO_MARGIN,
	};
	if (GENL_REQ_ATTR_CHECK(info, DIO_SCHED_A_TARGET_MODE)) {
		DIO_RT_ERR(info->extack, "mode: is missing");
		return -EINVAL;
	}
	c->mode = nla_get_u32(attrs[DIO_SCHED_A_TARGET_MODE]);
	if (c->mode == DIO_SCHED_MODE_BOOST && !dio_lend_known()) {
		DIO_RT_ERR(info->extack, "boost: this kernel's rt_mutex_setprio() is not found");
		return -EOPNOTSUPP;
	}
	if (attrs[DIO_SCHED_A_TARGET_RECLAIM])
		c->reclaim = nla_get_u8(attrs[DIO_SCHED_A_TARGET_RECLAIM]);
	if (attrs[DIO_SCHED_A_TARGET_FORCE])
		c->force = nla_get_u8(attrs[DIO_SCHED_A_TARGET_FORCE]);
	if (attrs[DIO_SCHED_A_TARGET_CPU])
		c->cpu = nla_get_u32(attrs[DIO_SCHED_A_TARGET_CPU]);
	if (attrs[DIO_SCHED_A_TARGET_SHARE])
		c->share = nla_get_u32(attrs[DIO_SCHED_A_TARGET_SHARE]);
	if (attrs[DIO_SCHED_A_TARGET_MARGIN])
		c->margin = nla_get_u32(attrs[DIO_SCHED_A_TARGET_MARGIN]);
	ret = dio_rt_config_times(attrs, c, info->extack);
	return ret ? ret : dio_rt_config_source(attrs, c, info->extack);
}

/* With dio_rt_lock. The thread's number, or a negative errno with text. */
static int dio_rt_set_locked(struct genl_info *info, struct dio_rt_config *c)
{
	struct nlattr *vcpu = info->attrs[DIO_SCHED_A_TARGET_VCPU];
	struct task_struct *task;
	struct dio_rt_vm *vm;
	int ret, tid;

	ret = dio_rt_who(info, &vm, &task);
	if (ret)
		return ret;
	tid = task_pid_nr(task);
	ret = dio_rt_task_allowed(task, c, info->extack);
	if (!ret && vm && !c->force)
		ret = dio_vm_guard(vm, info->extack);
	if (!ret)
		ret = dio_rt_cpu_allowed(task, c, info->extack);
	if (!ret)
		ret = dio_rt_set(task, c, vm, vcpu ? nla_get_u32(vcpu) : 0, info->extack);
	put_task_struct(task);
	dio_vm_put(vm);
	return ret ? ret : tid;
}

int dio_sched_nl_target_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct dio_rt_config c;
	struct sk_buff *msg;
	void *hdr;
	int ret;

	if (!capable(CAP_SYS_NICE)) {
		DIO_RT_ERR(info->extack, "CAP_SYS_NICE is needed too");
		return -EPERM;
	}
	msg = dio_rt_reply_new(info, DIO_SCHED_CMD_TARGET_SET, &hdr);
	if (!msg)
		return -ENOMEM;
	ret = dio_rt_config_parse(info, &c);
	if (!ret) {
		mutex_lock(&dio_rt_lock);
		dio_room_look();
		ret = dio_rt_set_locked(info, &c);
		mutex_unlock(&dio_rt_lock);
	}
	pci_dev_put(c.pdev);
	if (ret > 0)
		ret = nla_put_u32(msg, DIO_SCHED_A_TARGET_TID, ret);
	return dio_rt_reply(msg, hdr, info, ret);
}

int dio_sched_nl_target_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct dio_rt *t;

	mutex_lock(&dio_rt_lock);
	t = dio_rt_of(info);
	if (!IS_ERR(t))
		dio_rt_end(t, "ended by an administrator");
	mutex_unlock(&dio_rt_lock);
	return PTR_ERR_OR_ZERO(t);
}
