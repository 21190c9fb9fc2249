// SPDX-License-Identifier: GPL-2.0-only
/*
 * Targets: how one begins, is replaced and ends. Everything is with dio_rt_lock but
 * the look-up by thread, which probes do under RCU.
 */
#include <linux/hashtable.h>
#include <linux/slab.h>
#include <linux/tracepoint.h>

#include "dio_rt.h"
#include "netlink.h"

static DEFINE_HASHTABLE(dio_rt_hash, 6);

/* RCU, or dio_rt_lock. */
struct dio_rt *dio_rt_find_task(const struct task_struct *task)
{
	struct dio_rt *t;

	hash_for_each_possible_rcu(dio_rt_hash, t, hash, (unsigned long)task,
				   lockdep_is_held(&dio_rt_lock))
		if (t->task == task)
			return t;
	return NULL;
}

/* @fn for each target, which may come and go meanwhile; @fn does not sleep. */
void dio_rt_for_each(void (*fn)(struct dio_rt *t, unsigned int cpu), unsigned int cpu)
{
	struct dio_rt *t;
	int bucket;

	rcu_read_lock();
	hash_for_each_rcu(dio_rt_hash, bucket, t, hash)
		fn(t, cpu);
	rcu_read_unlock();
}

static void dio_rt_free(struct dio_rt *t)
{
	dio_vm_put(t->vm);
	pci_dev_put(t->config.pdev);
	put_task_struct(t->task);
	free_cpumask_var(t->still_cpus);
	free_cpumask_var(t->own_cpus);
	free_cpumask_var(t->cpus);
	mutex_destroy(&t->policy_lock);
	kfree(t);
}

/* Takes references of its own to all that it is given. */
static struct dio_rt *dio_rt_new(struct task_struct *task, const struct dio_rt_config *config,
				 struct dio_rt_vm *vm, unsigned int vcpu)
{
	struct dio_rt *t = kzalloc(sizeof(*t), GFP_KERNEL);

	if (!t)
		return NULL;
	t->task = get_task_struct(task);
	t->config = *config;
	pci_dev_get(t->config.pdev);
	t->vm = dio_vm_join(vm);
	t->vcpu = vcpu;
	t->bound = DIO_RT_NO_CPU;
	mutex_init(&t->policy_lock);
	raw_spin_lock_init(&t->fast_lock);
	dio_est_init(&t->fast.est);
	dio_boost_prepare(t);
	if (zalloc_cpumask_var(&t->cpus, GFP_KERNEL) &&
	    zalloc_cpumask_var(&t->still_cpus, GFP_KERNEL) &&
	    zalloc_cpumask_var(&t->own_cpus, GFP_KERNEL))
		return t;
	dio_rt_free(t);
	return NULL;
}

static int dio_rt_link(struct dio_rt *t)
{
	int ret = dio_rt_n ? 0 : dio_probe_start();

	if (ret)
		return ret;
	list_add_tail(&t->list, &dio_rt_list);
	hash_add_rcu(dio_rt_hash, &t->hash, (unsigned long)t->task);
	dio_rt_n++;
	return 0;
}

/* No probe knows the target when it returns. */
static void dio_rt_unlink(struct dio_rt *t)
{
	list_del(&t->list);
	hash_del_rcu(&t->hash);
	if (--dio_rt_n)
		tracepoint_synchronize_unregister();
	else
		dio_probe_stop();
}

/* Put a reservation in force, for which there is room. */
static int dio_rt_reserve(struct dio_rt *t, struct netlink_ext_ack *extack)
{
	int ret = dio_policy_reserve(t, t->config.runtime, t->config.period);

	if (ret == -EBUSY)
		DIO_RT_ERR(extack, "thread %d: the kernel's admission refused it",
			   task_pid_nr(t->task));
	else if (ret)
		DIO_RT_ERR(extack, "thread %d: the scheduler refused it (%d)",
			   task_pid_nr(t->task), ret);
	if (!ret)
		dio_vm_poll_off(t->vm);
	return ret;
}

/* Nothing is changed where there is no room or a step fails. */
int dio_rt_start(struct dio_rt *t, struct netlink_ext_ack *extack)
{
	int ret = 0;

	t->reason[0] = 0;
	t->state = DIO_SCHED_STATE_OBSERVING;
	if (t->config.mode == DIO_SCHED_MODE_AUTO && !t->config.runtime)
		dio_auto_learn(t);
	if (!t->config.runtime)
		return 0;
	ret = dio_room_enter(t, t->config.runtime, t->config.period, extack);
	if (ret)
		return ret;
	ret = dio_policy_pin(t);
	if (ret)
		DIO_RT_ERR(extack, "CPU %u: the thread cannot be pinned to it (%d)",
			   t->config.cpu, ret);
	else if (t->config.mode == DIO_SCHED_MODE_BOOST)
		dio_boost_arm(t, t->config.runtime, t->config.period);
	else
		ret = dio_rt_reserve(t, extack);
	if (ret) {
		dio_policy_unpin(t);
		t->bw = 0;
		return ret;
	}
	t->state = DIO_SCHED_STATE_ACTIVE;
	return 0;
}

/* Back to the thread's own policy and CPUs, from any state. */
void dio_rt_stop(struct dio_rt *t)
{
	dio_boost_disarm(t);
	mutex_lock(&t->policy_lock);
	dio_policy_own(t);
	mutex_unlock(&t->policy_lock);
	dio_policy_unpin(t);
	if (t->state == DIO_SCHED_STATE_ACTIVE && t->config.mode != DIO_SCHED_MODE_BOOST)
		dio_vm_poll_back(t->vm);
	t->bw = 0;
	t->state = DIO_SCHED_STATE_OBSERVING;
}

void dio_rt_suspend(struct dio_rt *t, const char *reason)
{
	dio_rt_stop(t);
	t->state = DIO_SCHED_STATE_SUSPENDED;
	strscpy(t->reason, reason, sizeof(t->reason));
	dio_rt_told(t);
}

/* The target is gone when it returns. */
void dio_rt_end(struct dio_rt *t, const char *reason)
{
	dio_source_detach(t);
	dio_rt_stop(t);
	dio_rt_unlink(t);
	dio_rt_told_end(t, reason);
	dio_rt_free(t);
}

/* Link @t, in the place of @old if there is one, and put it in force. */
static int dio_rt_replace(struct dio_rt *t, struct dio_rt *old, struct netlink_ext_ack *extack)
{
	int ret = dio_rt_link(t);

	if (ret) {
		DIO_RT_ERR(extack, "this kernel lacks a tracepoint of the scheduler");
		return ret;
	}
	if (old)
		dio_rt_stop(old);
	ret = dio_rt_start(t, extack);
	/* ended after it was found, and before a probe could tell? */
	if (!ret && t->task->flags & PF_EXITING) {
		dio_rt_stop(t);
		DIO_RT_ERR(extack, "thread %d: is ending", task_pid_nr(t->task));
		ret = -ESRCH;
	}
	if (!ret)
		return 0;
	dio_rt_unlink(t);
	/* there was room for it, and there is again */
	if (old && dio_rt_start(old, NULL))
		dio_rt_suspend(old, "could not be put in force again");
	return ret;
}

/* Serve @task as @config says. Either all of it is done or nothing has changed. */
int dio_rt_set(struct task_struct *task, const struct dio_rt_config *config,
	       struct dio_rt_vm *vm, unsigned int vcpu, struct netlink_ext_ack *extack)
{
	struct dio_rt *t, *old = dio_rt_find_task(task);
	int ret;

	if (dio_rt_closing)
		return -ESHUTDOWN;
	if (!old && dio_rt_n == DIO_SCHED_TARGETS_MAX) {
		DIO_RT_ERR(extack, "%u threads are served, more cannot be", dio_rt_n);
		return -ENOSPC;
	}
	t = dio_rt_new(task, config, vm, vcpu);
	if (!t)
		return -ENOMEM;
	ret = dio_source_attach(t, extack);
	if (!ret) {
		ret = dio_rt_replace(t, old, extack);
		if (ret)
			dio_source_detach(t);
	}
	if (ret) {
		dio_rt_free(t);
		return ret;
	}
	if (old) {
		dio_source_detach(old);
		dio_rt_unlink(old);
		dio_rt_free(old);
	}
	dio_rt_told(t);
	dio_rt_changed();
	return 0;
}
