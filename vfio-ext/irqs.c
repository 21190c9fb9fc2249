// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who serves which interrupt of an owner: vfio-pci-core, unless a setting says
 * otherwise when it is enabled. Whoever enabled one serves it until it is
 * disabled.
 */
#include <linux/delay.h>
#include <linux/slab.h>

#include "dio_dev.h"

/* Not ours: vfio-pci-core answers. Never seen by user space. */
#define DIO_IRQS_CORE	-ENOIOCTLCMD

#define DIO_IRQS_HOLD_MS	1000

static void dio_irqs_resync(struct work_struct *work)
{
	struct dio_irqs *irqs = container_of(work, struct dio_irqs, resync);
	struct dio_vfio_dev *d = container_of(irqs, struct dio_vfio_dev, irqs);

	mutex_lock(&d->core.igate);
	if (irqs->vectors_on)
		dio_vectors_resync(d);
	mutex_unlock(&d->core.igate);
}

void dio_irqs_init(struct dio_vfio_dev *d)
{
	struct dio_intx *ix = &d->irqs.intx;

	init_rwsem(&d->irqs.config_sem);
	mutex_init(&d->irqs.msi_lock);
	xa_init(&d->irqs.vecs);
	INIT_WORK(&d->irqs.resync, dio_irqs_resync);
	ATOMIC_INIT_NOTIFIER_HEAD(&d->irqs.clients);
	ix->d = d;
	spin_lock_init(&ix->lock);
	INIT_DELAYED_WORK(&ix->watch, dio_intx_watch);
	INIT_WORK(&ix->news_work, dio_intx_news_work);
	INIT_DELAYED_WORK(&ix->second_work, dio_second_work);
}

/* An owner comes: vfio-pci-core has enabled the device. */
void dio_irqs_open(struct dio_vfio_dev *d)
{
	int n = pci_msi_vec_count(d->core.pdev);

	d->irqs.nmsi = max(n, 0);
	n = pci_msix_vec_count(d->core.pdev);
	d->irqs.nmsix = max(n, 0);
	memset(&d->irqs.intx.n, 0, sizeof(d->irqs.intx.n));
	dio_intx_show_pin(d);
	dio_keep_open(d);
	dio_inject_open(d);
}

/*
 * The owner is gone: nothing of ours is on when vfio-pci-core disables the device.
 * Nobody is left who accesses configuration space, and dev_set->lock, which is held,
 * does not nest outside config_sem.
 */
void dio_irqs_close(struct dio_vfio_dev *d)
{
	dio_keep_close(d);
	cancel_work_sync(&d->irqs.resync);
	mutex_lock(&d->irqs.msi_lock);
	mutex_lock(&d->core.igate);
	dio_intx_off(d);
	dio_vectors_disable(d);
	dio_vectors_free(d);
	mutex_unlock(&d->core.igate);
	mutex_unlock(&d->irqs.msi_lock);
	dio_inject_close(d);
	/* a reset from outside may have asked for it until the vectors were off */
	cancel_work_sync(&d->irqs.resync);
	cancel_work_sync(&d->irqs.intx.news_work);
}

/*
 * The device was reset while it is open. The caller may hold memory_lock, so that
 * igate cannot be taken: the masks are put right by a work.
 */
void dio_irqs_reset(struct dio_vfio_dev *d)
{
	dio_intx_event(d, DIO_INTX_RESET);
	dio_line_check(d);
	dio_keep_forget(d);
	if (READ_ONCE(d->irqs.vectors_on))
		schedule_work(&d->irqs.resync);
}

/**
 * dio_irqs_hold() - keep the interrupts as they are while the PCI core resets the device
 * @d: the device; its PCI lock is held
 *
 * For resets from outside VFIO and for hot resets: pci_restore_msi_state() of a
 * device whose MSI is just being set up or torn down writes an empty message, or
 * follows a NULL pointer, and an INTx that is being enabled would be disabled again.
 * Whoever has msi_lock may wait for the memory_lock that a hot reset holds, so the
 * wait is bounded. Sleeps.
 *
 * Return: true if dio_irqs_unhold() has to follow.
 */
bool dio_irqs_hold(struct dio_vfio_dev *d)
{
	ktime_t end = ktime_add_ms(ktime_get(), DIO_IRQS_HOLD_MS);

	while (!mutex_trylock(&d->irqs.msi_lock)) {
		if (ktime_after(ktime_get(), end))
			return false;
		usleep_range(500, 1000);
	}
	return true;
}

void dio_irqs_unhold(struct dio_vfio_dev *d)
{
	mutex_unlock(&d->irqs.msi_lock);
}

static unsigned int dio_irqs_count(struct dio_vfio_dev *d, u32 index)
{
	switch (index) {
	case VFIO_PCI_INTX_IRQ_INDEX:
		return d->core.vconfig[PCI_INTERRUPT_PIN] ? 1 : 0;
	case VFIO_PCI_MSI_IRQ_INDEX:
		return d->irqs.nmsi;
	case VFIO_PCI_MSIX_IRQ_INDEX:
		return d->irqs.nmsix;
	case VFIO_PCI_ERR_IRQ_INDEX:
		return pci_is_pcie(d->core.pdev);
	default:
		return index == VFIO_PCI_REQ_IRQ_INDEX;
	}
}

static bool dio_vectors_wanted(struct dio_vfio_dev *d)
{
	struct dio_cfg cfg;

	dio_dev_get_cfg(d, &cfg);
	return cfg.vectors == DIO_VFIO_VECTORS_OWN;
}

/* Enable the INTx by an MSI; what cannot be is left to the line. */
static long dio_irqs_enable_intx(struct dio_vfio_dev *d, const struct dio_irq_req *req)
{
	struct eventfd_ctx *trigger;
	int ret;

	if (req->action != VFIO_IRQ_SET_ACTION_TRIGGER || req->count != 1 || req->start ||
	    req->type != VFIO_IRQ_SET_DATA_EVENTFD || req->fd[0] < 0 ||
	    d->core.irq_type != VFIO_PCI_NUM_IRQS || !dio_intx_wants_msi(d))
		return DIO_IRQS_CORE;
	trigger = eventfd_ctx_fdget(req->fd[0]);
	if (IS_ERR(trigger))
		return PTR_ERR(trigger);
	ret = dio_intx_on(d, trigger, req->fd[0]);
	if (!ret)
		return 0;
	eventfd_ctx_put(trigger);
	dev_warn_ratelimited(&d->core.pdev->dev,
			     "INTx: no MSI to be had (error %d), left on the line\n", ret);
	return DIO_IRQS_CORE;
}

/* Another type is on: what vfio-pci-core answers then. */
static long dio_irqs_other_on(const struct dio_irq_req *req)
{
	bool masks = req->index == VFIO_PCI_INTX_IRQ_INDEX &&
		     (req->action == VFIO_IRQ_SET_ACTION_MASK ||
		      req->action == VFIO_IRQ_SET_ACTION_UNMASK);

	return masks || req->action == VFIO_IRQ_SET_ACTION_TRIGGER ? -EINVAL : -ENOTTY;
}

static long dio_irqs_route(struct dio_vfio_dev *d, const struct dio_irq_req *req)
{
	struct dio_irqs *irqs = &d->irqs;
	bool intx = req->index == VFIO_PCI_INTX_IRQ_INDEX;

	if (req->index > VFIO_PCI_MSIX_IRQ_INDEX)
		return irqs->vectors_on || irqs->intx.active ? dio_notice_set(d, req) :
		       DIO_IRQS_CORE;
	if (irqs->intx.active)
		return intx ? dio_intx_set(d, req) : dio_irqs_other_on(req);
	if (intx)
		return irqs->vectors_on ? dio_irqs_other_on(req) : dio_irqs_enable_intx(d, req);
	if (irqs->vectors_on || (d->core.irq_type == VFIO_PCI_NUM_IRQS && dio_vectors_wanted(d)))
		return dio_vectors_set(d, req->index == VFIO_PCI_MSIX_IRQ_INDEX, req);
	return DIO_IRQS_CORE;
}

static long dio_irqs_core_ioctl(struct dio_vfio_dev *d, void __user *arg)
{
	return vfio_pci_core_ioctl(&d->core.vdev, VFIO_DEVICE_SET_IRQS, (unsigned long)arg);
}

/* vfio-pci-core answers for the INTx: the line is its, as long as it has one on. */
static long dio_irqs_core_intx(struct dio_vfio_dev *d, const struct dio_irq_req *req,
			       void __user *arg)
{
	bool on = d->core.irq_type == VFIO_PCI_INTX_IRQ_INDEX;
	long ret;

	if (!on)
		dio_line_lend(d);
	else if (d->irqs.parks && req->action == VFIO_IRQ_SET_ACTION_TRIGGER && !req->count)
		pci_intx(d->core.pdev, 0);	/* no handler from here on */
	ret = dio_irqs_core_ioctl(d, arg);
	if (d->core.irq_type != VFIO_PCI_INTX_IRQ_INDEX)
		dio_line_park(d);
	return ret;
}

/*
 * vfio-pci-core answers, and reads the request once more from the owner's memory,
 * where it may have become another one. So it is never asked while anything is ours:
 * it would find MSI-X on, and free or request what our handlers are on.
 */
static long dio_irqs_core(struct dio_vfio_dev *d, const struct dio_irq_req *req, void __user *arg)
{
	if (WARN_ON_ONCE(d->irqs.vectors_on || d->irqs.intx.active))
		return -EINVAL;
	if (req->index == VFIO_PCI_INTX_IRQ_INDEX)
		return dio_irqs_core_intx(d, req, arg);
	return dio_irqs_core_ioctl(d, arg);
}

/* Read and validate a request, as vfio-pci-core does. */
static long dio_irqs_request(struct dio_vfio_dev *d, struct vfio_irq_set __user *arg,
			     struct dio_irq_req *req)
{
	struct vfio_irq_set hdr;
	size_t size;
	long ret;

	if (copy_from_user(&hdr, arg, offsetofend(struct vfio_irq_set, count)))
		return -EFAULT;
	ret = vfio_set_irqs_validate_and_prepare(&hdr, dio_irqs_count(d, hdr.index),
						 VFIO_PCI_NUM_IRQS, &size);
	if (ret)
		return ret;
	req->index = hdr.index;
	req->action = hdr.flags & VFIO_IRQ_SET_ACTION_TYPE_MASK;
	req->type = hdr.flags & VFIO_IRQ_SET_DATA_TYPE_MASK;
	req->start = hdr.start;
	req->count = hdr.count;
	req->data = size ? memdup_user(&arg->data, size) : NULL;
	return PTR_ERR_OR_ZERO(req->data);
}

/* VFIO_DEVICE_SET_IRQS. Sleeps. */
long dio_irqs_set(struct dio_vfio_dev *d, void __user *arg)
{
	struct dio_irq_req req = {};
	long ret = dio_irqs_request(d, arg, &req);

	if (ret)
		return ret;
	if (down_write_killable(&d->irqs.config_sem)) {
		kfree(req.data);
		return -EINTR;
	}
	mutex_lock(&d->irqs.msi_lock);
	mutex_lock(&d->core.igate);
	ret = dio_irqs_route(d, &req);
	mutex_unlock(&d->core.igate);
	if (ret == DIO_IRQS_CORE)
		ret = dio_irqs_core(d, &req, arg);
	mutex_unlock(&d->irqs.msi_lock);
	up_write(&d->irqs.config_sem);
	kfree(req.data);
	return ret;
}

/* VFIO_DEVICE_GET_IRQ_INFO: vectors that are ours can be masked. */
long dio_irqs_info(struct dio_vfio_dev *d, void __user *arg)
{
	struct vfio_irq_info __user *info = arg;
	u32 index, flags;
	long ret;

	ret = vfio_pci_core_ioctl(&d->core.vdev, VFIO_DEVICE_GET_IRQ_INFO, (unsigned long)arg);
	if (ret)
		return ret;
	if (get_user(index, &info->index) || get_user(flags, &info->flags))
		return -EFAULT;
	if (index != VFIO_PCI_MSI_IRQ_INDEX && index != VFIO_PCI_MSIX_IRQ_INDEX)
		return 0;
	if (!READ_ONCE(d->irqs.vectors_on) && !dio_vectors_wanted(d))
		return 0;
	return put_user(flags | VFIO_IRQ_INFO_MASKABLE, &info->flags) ? -EFAULT : 0;
}
