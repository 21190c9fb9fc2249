// SPDX-License-Identifier: GPL-2.0-only
/*
 * VFIO_DEVICE_SET_IRQS of an INTx that is ours: the answers are those of
 * vfio-pci-core. The EOI comes here as ACTION_UNMASK, or as the eventfd that KVM
 * signals (resample), which is called with that eventfd's lock held: it must not
 * signal an eventfd itself, so what is to be delivered then is left to a work, or to
 * the thread that raises the INTx.
 */
#include <linux/vfio.h>

#include "dio_dev.h"

static int dio_intx_resample(void *opaque, void *unused)
{
	struct dio_vfio_dev *d = opaque;
	struct dio_intx *ix = &d->irqs.intx;
	bool thread = dio_inject_by_thread(d);
	unsigned long flags;
	bool fire;

	spin_lock_irqsave(&ix->lock, flags);
	fire = dio_intx_step(d, DIO_INTX_UNMASK);
	ix->due |= fire && !thread;
	spin_unlock_irqrestore(&ix->lock, flags);
	/* not as is set by now: a signal must not come from here */
	if (fire && thread)
		dio_intx_fire_by(d, true);
	return fire && !thread;
}

/* The work. A mask that came before it keeps the signal. */
static void dio_intx_resample_fire(void *opaque, void *unused)
{
	struct dio_vfio_dev *d = opaque;
	struct dio_intx *ix = &d->irqs.intx;
	bool due;

	spin_lock_irq(&ix->lock);
	due = ix->due;
	ix->due = false;
	spin_unlock_irq(&ix->lock);
	if (due)
		dio_intx_fire(d);
}

/* DATA_NONE stands for yes, DATA_BOOL says it. */
static bool dio_intx_chosen(const struct dio_irq_req *req)
{
	return req->type == VFIO_IRQ_SET_DATA_NONE || req->yes[0];
}

static long dio_intx_set_unmask(struct dio_vfio_dev *d, const struct dio_irq_req *req)
{
	struct dio_intx *ix = &d->irqs.intx;

	if (req->start || req->count != 1)
		return -EINVAL;
	if (req->type == VFIO_IRQ_SET_DATA_EVENTFD) {
		if (req->fd[0] >= 0)
			return vfio_virqfd_enable(d, dio_intx_resample, dio_intx_resample_fire,
						  NULL, &ix->unmask, req->fd[0]);
		vfio_virqfd_disable(&ix->unmask);
	} else if (dio_intx_chosen(req) && dio_intx_event(d, DIO_INTX_UNMASK)) {
		dio_intx_fire(d);
	}
	return 0;
}

static long dio_intx_set_mask(struct dio_vfio_dev *d, const struct dio_irq_req *req)
{
	if (req->start || req->count != 1)
		return -EINVAL;
	if (req->type == VFIO_IRQ_SET_DATA_EVENTFD)
		return -ENOTTY;
	if (dio_intx_chosen(req))
		dio_intx_event(d, DIO_INTX_MASK);
	/* whoever has decided to signal before has done so */
	synchronize_irq(d->irqs.intx.irq);
	vfio_virqfd_flush_thread(&d->irqs.intx.unmask);
	flush_work(&d->irqs.intx.second_work.work);
	dio_inject_sync(d);
	return 0;
}

/* Another eventfd; the old one gets no signal after this. */
static long dio_intx_swap(struct dio_vfio_dev *d, s32 fd)
{
	struct dio_intx *ix = &d->irqs.intx;
	struct eventfd_ctx *old = ix->trigger, *trigger = NULL;

	if (fd >= 0)
		trigger = eventfd_ctx_fdget(fd);
	if (IS_ERR(trigger))
		return PTR_ERR(trigger);
	dio_inject_trigger(d, trigger, fd);
	if (old) {
		dio_count(ix->n.swaps);
		synchronize_irq(ix->irq);
		vfio_virqfd_flush_thread(&ix->unmask);
		flush_work(&ix->second_work.work);
		eventfd_ctx_put(old);
	}
	return 0;
}

static long dio_intx_set_trigger(struct dio_vfio_dev *d, const struct dio_irq_req *req)
{
	if (!req->count && req->type == VFIO_IRQ_SET_DATA_NONE) {
		dio_intx_off(d);
		return 0;
	}
	if (req->start || req->count != 1)
		return -EINVAL;
	if (req->type == VFIO_IRQ_SET_DATA_EVENTFD)
		return dio_intx_swap(d, req->fd[0]);
	/* a loopback test of the eventfd, as stock: the mask does not matter */
	if (dio_intx_chosen(req) && !d->core.virq_disabled)
		dio_intx_fire(d);
	return 0;
}

/**
 * dio_intx_set() - a SET_IRQS for the INTx index while it is ours
 * @d: the device; igate and config_sem are held
 * @req: validated by the VFIO core's rules
 *
 * Return: what VFIO_DEVICE_SET_IRQS answers. Sleeps.
 */
long dio_intx_set(struct dio_vfio_dev *d, const struct dio_irq_req *req)
{
	switch (req->action) {
	case VFIO_IRQ_SET_ACTION_TRIGGER:
		return dio_intx_set_trigger(d, req);
	case VFIO_IRQ_SET_ACTION_MASK:
		return dio_intx_set_mask(d, req);
	case VFIO_IRQ_SET_ACTION_UNMASK:
		return dio_intx_set_unmask(d, req);
	default:
		return -ENOTTY;
	}
}
