/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * KVM's public headers, which only the files that need them include: the thread
 * of a virtual CPU, whose PID got a lock of its own in 6.15.
 */
#ifndef DIO_COMPAT_KVM_H
#define DIO_COMPAT_KVM_H

#include <linux/kvm_host.h>
#include <linux/pid.h>

/* The thread that ran @vcpu last, with a reference; NULL: it has not run yet. */
static inline struct task_struct *dio_vcpu_task(struct kvm_vcpu *vcpu)
{
	struct task_struct *task;

#ifdef DIO_HAVE_VCPU_PID_LOCK
	read_lock(&vcpu->pid_lock);
	task = vcpu->pid ? get_pid_task(vcpu->pid, PIDTYPE_PID) : NULL;
	read_unlock(&vcpu->pid_lock);
#else
	struct pid *pid;

	rcu_read_lock();
	pid = rcu_dereference(vcpu->pid);
	task = pid ? get_pid_task(pid, PIDTYPE_PID) : NULL;
	rcu_read_unlock();
#endif
	return task;
}

#endif /* DIO_COMPAT_KVM_H */
