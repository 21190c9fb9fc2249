// SPDX-License-Identifier: GPL-2.0-only
/*
 * Virtual machines: the thread of a virtual CPU, halt polling, and the guard. A VM
 * is a file descriptor of KVM; its file keeps it, and this module never is the last
 * to hold it for long. Only fields of KVM's public headers are looked at, and
 * kvm.ko is asked by symbol_get(): no VM, no dependency. With dio_rt_lock.
 */
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "compat/kvm.h"
#include "dio_rt.h"
#include "netlink.h"

struct dio_rt_vm {
	struct file *file;	/* reference */
	struct kvm *kvm;
	unsigned int users;
	unsigned int quiet;	/* targets that want no halt polling */
	bool override;		/* the VM's own setting, before the first of them */
	unsigned int max;
};

static bool dio_vm_is(struct file *file)
{
	bool (*is)(struct file *file) = symbol_get(file_is_kvm);
	bool vm = is && is(file);

	if (is)
		symbol_put(file_is_kvm);
	return vm;
}

/* One object for one VM, whichever descriptor names it. */
static struct dio_rt_vm *dio_vm_find(const struct kvm *kvm)
{
	struct dio_rt *t;

	list_for_each_entry(t, &dio_rt_list, list)
		if (t->vm && t->vm->kvm == kvm)
			return dio_vm_join(t->vm);
	return NULL;
}

struct dio_rt_vm *dio_vm_join(struct dio_rt_vm *vm)
{
	if (vm)
		vm->users++;
	return vm;
}

/* The VM that is descriptor @fd of the caller, or ERR_PTR with text. */
struct dio_rt_vm *dio_vm_get(unsigned int fd, struct netlink_ext_ack *extack)
{
	struct file *file = fget(fd);
	struct dio_rt_vm *vm;

	if (!file || !dio_vm_is(file)) {
		DIO_RT_ERR(extack, "vm-fd %u: not a virtual machine of KVM", fd);
		if (file)
			fput(file);
		return ERR_PTR(-EINVAL);
	}
	vm = dio_vm_find(file->private_data);
	if (vm) {
		fput(file);
		return vm;
	}
	vm = kzalloc(sizeof(*vm), GFP_KERNEL);
	if (!vm) {
		fput(file);
		return ERR_PTR(-ENOMEM);
	}
	vm->file = file;
	vm->kvm = file->private_data;
	vm->users = 1;
	return vm;
}

void dio_vm_put(struct dio_rt_vm *vm)
{
	if (!vm || --vm->users)
		return;
	fput(vm->file);
	kfree(vm);
}

/* The thread of a virtual CPU with a reference, or ERR_PTR with text. */
struct task_struct *dio_vm_task(struct dio_rt_vm *vm, unsigned int nr,
				struct netlink_ext_ack *extack)
{
	unsigned int n = atomic_read(&vm->kvm->online_vcpus);
	struct task_struct *task;

	if (nr >= n) {
		DIO_RT_ERR(extack, "vcpu %u: the VM has %u", nr, n);
		return ERR_PTR(-EINVAL);
	}
	task = dio_vcpu_task(kvm_get_vcpu(vm->kvm, nr));
	if (!task) {
		DIO_RT_ERR(extack, "vcpu %u: has not run yet", nr);
		return ERR_PTR(-EAGAIN);
	}
	return task;
}

/* Its files are all closed but ours: the monitor has let go of it. */
bool dio_vm_ended(struct dio_rt_vm *vm)
{
	return vm && file_count(vm->file) == 1;
}

/* A configuration in which no scheduling helps, whatever the device does. */
int dio_vm_guard(struct dio_rt_vm *vm, struct netlink_ext_ack *extack)
{
	if (READ_ONCE(vm->kvm->arch.irqchip_mode) != KVM_IRQCHIP_NONE)
		return 0;
	DIO_RT_ERR(extack, "the VM has no irqchip in KVM: its monitor delivers interrupts (force)");
	return -EOPNOTSUPP;
}

/*
 * The same by what has been seen: the device's interrupts reach the host, but end
 * in the monitor's main loop, which no reservation of a virtual CPU covers.
 */
const char *dio_vm_defeated(struct dio_rt_vm *vm, u64 interrupts, bool intx)
{
	if (!vm || !interrupts)
		return NULL;
	if (list_empty(&vm->kvm->irqfds.items))
		return "guard: the VM has no irqfd, its monitor's main loop delivers interrupts";
	if (intx && READ_ONCE(vm->kvm->arch.irqchip_mode) == KVM_IRQCHIP_SPLIT)
		return "guard: split irqchip, the EOI of an INTx goes through the monitor";
	return NULL;
}

/* Polling of a halted virtual CPU would burn its reservation. */
void dio_vm_poll_off(struct dio_rt_vm *vm)
{
	if (!vm || vm->quiet++)
		return;
	vm->override = vm->kvm->override_halt_poll_ns;
	vm->max = vm->kvm->max_halt_poll_ns;
	WRITE_ONCE(vm->kvm->max_halt_poll_ns, 0);
	/* as kvm_vm_ioctl_enable_cap(): the value before the flag */
	smp_wmb();
	WRITE_ONCE(vm->kvm->override_halt_poll_ns, true);
}

/* As it was, unless the monitor set another value meanwhile. */
void dio_vm_poll_back(struct dio_rt_vm *vm)
{
	if (!vm || --vm->quiet || READ_ONCE(vm->kvm->max_halt_poll_ns))
		return;
	WRITE_ONCE(vm->kvm->override_halt_poll_ns, vm->override);
	/* the other way round: the flag before the value */
	smp_wmb();
	WRITE_ONCE(vm->kvm->max_halt_poll_ns, vm->max);
}
