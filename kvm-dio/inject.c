// SPDX-License-Identifier: GPL-2.0-only
/*
 * An INTx that a thread of dio_vfio_pci raises in a VM. What KVM does
 * when the eventfd of an irqfd with resample is signalled is to queue irqfd->inject;
 * that function is called here, by whoever asks, in its own context and priority. An
 * irqfd is found among the readers of the eventfd, by the function that wakes it.
 */
#include <linux/kvm_host.h>
#include <linux/kvm_irqfd.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "inject.h"

typedef int dio_irqfd_wakeup_t(wait_queue_entry_t *wait, unsigned int mode, int sync, void *key);

/* Never called: who it is that waits. */
DIO_CALL(dio_irqfd_wakeup, dio_irqfd_wakeup_t, "kvm", "irqfd_wakeup",
	 "int (wait_queue_entry_t *, unsigned int, int, void *)", NULL);

static struct dio_hook *const dio_inject_hooks[] = { &dio_irqfd_wakeup_hook };

/* No mode of a VM: a device that is open has it. */
const struct dio_feature dio_inject_feature = {
	.name = "inject",
	.hooks = dio_inject_hooks,
	.nhooks = ARRAY_SIZE(dio_inject_hooks),
};

struct dio_injector {
	struct dio_core core;
	u32 held;
	wait_queue_func_t wakeup;
};

/*
 * The only reader, if it is an irqfd with resample: another reader wants the signal, and
 * an irqfd without is raised by KVM where it is signalled. The lock of @readers is held.
 */
static struct kvm_kernel_irqfd *dio_inject_irqfd(const struct dio_injector *in,
						 wait_queue_head_t *readers)
{
	struct kvm_kernel_irqfd *irqfd;
	wait_queue_entry_t *wait;

	if (!list_is_singular(&readers->head))
		return NULL;
	wait = list_first_entry(&readers->head, wait_queue_entry_t, entry);
	if (wait->func != in->wakeup)
		return NULL;
	irqfd = container_of(wait, struct kvm_kernel_irqfd, wait);
	return irqfd->resampler ? irqfd : NULL;
}

/*
 * An irqfd that ends leaves @readers first, under their lock, and waits for irq_srcu
 * before it lowers its pin for the last time and is freed (irqfd_shutdown()). So one
 * that was there when irq_srcu was taken stays, and its VM with it.
 */
static bool dio_inject_raise(void *handle, wait_queue_head_t *readers)
{
	struct kvm_kernel_irqfd *irqfd;
	unsigned long flags;
	struct kvm *kvm;
	int idx;

	spin_lock_irqsave(&readers->lock, flags);
	irqfd = dio_inject_irqfd(handle, readers);
	if (!irqfd) {
		spin_unlock_irqrestore(&readers->lock, flags);
		return false;
	}
	kvm = irqfd->kvm;
	idx = srcu_read_lock(&kvm->irq_srcu);
	spin_unlock_irqrestore(&readers->lock, flags);
	irqfd->inject.func(&irqfd->inject);
	srcu_read_unlock(&kvm->irq_srcu, idx);
	return true;
}

static const char *dio_inject_attach(struct dio_injector *in)
{
	if (dio_core_get(&in->core, NULL))
		return "a function of KVM is not to be had, see diokctl version";
	if (!dio_hooks_get(&dio_inject_feature, 1, &in->held, NULL)) {
		in->wakeup = (wait_queue_func_t)dio_irqfd_wakeup_hook.addr;
		return NULL;
	}
	dio_core_put(&in->core);
	return "irqfd_wakeup() of KVM is not found, see diokctl version";
}

static void *dio_inject_open(const char **why)
{
	struct dio_injector *in = kzalloc(sizeof(*in), GFP_KERNEL);

	*why = in ? dio_inject_attach(in) : "no memory";
	if (!*why)
		return in;
	kfree(in);
	return NULL;
}

static void dio_inject_close(void *handle)
{
	struct dio_injector *in = handle;

	dio_hooks_put(&dio_inject_feature, in->held);
	dio_core_put(&in->core);
	kfree(in);
}

const struct dio_vfio_inject_ops dio_inject_ops = {
	.offer.owner	= THIS_MODULE,
	.open		= dio_inject_open,
	.close		= dio_inject_close,
	.raise		= dio_inject_raise,
};
