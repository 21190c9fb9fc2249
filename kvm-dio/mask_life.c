// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of an MSI-X table whose masks the kernel keeps: from the device's open to
 * its close, with a reference to the VM. The rule: nothing of a VM ends in the thread
 * that closes a device.
 */
#include <linux/module.h>
#include <linux/slab.h>

#include "compat/kvm_mmu.h"
#include "mask_table.h"

static struct workqueue_struct *dio_mask_wq;

static void dio_table_free(struct dio_table *t)
{
	kvfree(t->host_vector);
	kvfree(t->told);
	kvfree(t);
}

/*
 * The reference to the VM may be the last one, and a VM that ends puts the VFIO files
 * that it knows, for which some kernels take a lock that is held while one is closed.
 */
static void dio_table_end(struct work_struct *work)
{
	struct dio_table *t = container_of(work, struct dio_table, end);

	dio_core_unhold(t->kvm);
	module_put(t->vendor);
	dio_hooks_put(&dio_mask_feature, t->held);
	dio_core_put(&t->core);
	dio_table_free(t);
}

static struct dio_table *dio_table_new(unsigned int count)
{
	struct dio_table *t = kvzalloc(struct_size(t, vector, count), GFP_KERNEL_ACCOUNT);

	if (!t)
		return NULL;
	t->count = count;
	spin_lock_init(&t->lock);
	INIT_WORK(&t->end, dio_table_end);
	t->told = kvcalloc(KVM_MAX_VCPUS, sizeof(*t->told), GFP_KERNEL_ACCOUNT);
	t->host_vector = kvcalloc(count, sizeof(*t->host_vector), GFP_KERNEL_ACCOUNT);
	if (t->told && t->host_vector)
		return t;
	dio_table_free(t);
	return NULL;
}

/* KVM loaded, its functions callable, and a reference to the VM. NULL, or why not. */
static const char *dio_table_attach(struct dio_table *t, struct kvm *kvm)
{
	const char *why = "a function of KVM is not to be had, see diokctl version";

	if (dio_core_get(&t->core, NULL))
		return why;
	if (dio_hooks_get(&dio_mask_feature, 1, &t->held, NULL))
		goto err_core;
	why = "the VM is at its end";
	if (!dio_core_hold(kvm))
		goto err_hooks;
	t->kvm = kvm;
	t->vendor = dio_module_get("kvm_intel");
	if (!t->vendor)
		t->vendor = dio_module_get("kvm_amd");
	return NULL;

err_hooks:
	dio_hooks_put(&dio_mask_feature, t->held);
err_core:
	dio_core_put(&t->core);
	return why;
}

static void *dio_mask_open(const struct dio_vfio_mask_host *host, struct dio_keep *keep,
			   struct kvm *kvm, unsigned int vectors, const char **why)
{
	struct dio_table *t;

	*why = "the state of the VM is protected";
	if (dio_kvm_is_confidential(kvm))
		return NULL;
	*why = "no memory";
	t = dio_table_new(vectors);
	if (!t)
		return NULL;
	t->host = host;
	t->keep = keep;
	*why = dio_table_attach(t, kvm);
	if (!*why)
		return t;
	dio_table_free(t);
	return NULL;
}

static void dio_mask_close(void *table)
{
	struct dio_table *t = table;

	dio_table_map(t, DIO_VFIO_UNMAPPED);
	queue_work(dio_mask_wq, &t->end);
}

const struct dio_vfio_mask_ops dio_mask_ops = {
	.offer.owner	= THIS_MODULE,
	.open		= dio_mask_open,
	.close		= dio_mask_close,
	.map		= dio_table_map,
	.control	= dio_table_control,
	.off		= dio_table_off,
	.forget		= dio_table_forget,
	.switched	= dio_table_switched,
};

int dio_mask_init(void)
{
	dio_mask_wq = alloc_workqueue("dio_kvm_mask", WQ_UNBOUND, 1);
	return dio_mask_wq ? 0 : -ENOMEM;
}

/* No table is there, but their works may: each table holds this module until it is closed. */
void dio_mask_exit(void)
{
	destroy_workqueue(dio_mask_wq);
}
