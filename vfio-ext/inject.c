// SPDX-License-Identifier: GPL-2.0-only
/*
 * An INTx that reaches a guest of KVM by a thread of its own. KVM raises a pin whose EOI
 * comes back (an irqfd with resample) from a work of system_wq, which waits for its turn
 * among the host's ordinary tasks. This thread is one of SCHED_FIFO, as the kernel's own
 * for interrupts, which an administrator can see and place. Who can raise the pin
 * (kvm-dio) is asked for a reader of the eventfd; where it knows none, the eventfd is
 * signalled as always.
 *
 * Not the thread of request_threaded_irq(): what is due at an EOI is told from outside of
 * the interrupt, and irq_wake_thread() wakes another one where all handlers are threads.
 */
#include <linux/file.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/slab.h>

#include "compat/kthread.h"
#include "dio_dev.h"
#include "dio_vfio.h"

struct dio_inject {
	struct dio_vfio_dev *d;
	const struct dio_vfio_inject_ops *ops;
	void *handle;
	struct kthread_worker *worker;
	struct kthread_work work;
};

struct dio_wqh_poll {
	poll_table pt;
	wait_queue_head_t *wqh;
};

static void dio_wqh_seen(struct file *file, wait_queue_head_t *wqh, poll_table *pt)
{
	container_of(pt, struct dio_wqh_poll, pt)->wqh = wqh;
}

/* Where the readers of an eventfd wait, which lives as long as the eventfd. */
static wait_queue_head_t *dio_eventfd_readers(const struct eventfd_ctx *ctx, int fd)
{
	struct dio_wqh_poll poll = { };
	struct eventfd_ctx *now;
	struct file *file;

	file = eventfd_fget(fd);
	if (IS_ERR(file))
		return NULL;
	now = eventfd_ctx_fileget(file);
	init_poll_funcptr(&poll.pt, dio_wqh_seen);
	if (now == ctx)
		vfs_poll(file, &poll.pt);
	eventfd_ctx_put(now);
	fput(file);
	return poll.wqh;
}

/**
 * dio_inject_trigger() - the owner's INTx has this eventfd from now on
 * @d: the device; igate is held
 * @trigger: the eventfd, whose reference is the caller's, or NULL
 * @fd: its number in this process
 *
 * The thread sees the eventfd and its readers together, and the one before no more when
 * this returns. Sleeps.
 */
void dio_inject_trigger(struct dio_vfio_dev *d, struct eventfd_ctx *trigger, int fd)
{
	struct dio_intx *ix = &d->irqs.intx;
	wait_queue_head_t *readers = NULL;

	if (trigger && d->irqs.inject)
		readers = dio_eventfd_readers(trigger, fd);
	spin_lock_irq(&ix->lock);
	WRITE_ONCE(ix->trigger, trigger);
	ix->readers = readers;
	spin_unlock_irq(&ix->lock);
	dio_inject_sync(d);
}

/* Is the thread to tell the owner? Any context. */
bool dio_inject_by_thread(struct dio_vfio_dev *d)
{
	return d->irqs.inject && !READ_ONCE(d->irqs.inject_idle);
}

/* Have it do so. Any context. */
void dio_inject_fire(struct dio_vfio_dev *d)
{
	kthread_queue_work(d->irqs.inject->worker, &d->irqs.inject->work);
}

/* What it was asked for before is done when this returns. Sleeps. */
void dio_inject_sync(struct dio_vfio_dev *d)
{
	if (d->irqs.inject)
		kthread_flush_work(&d->irqs.inject->work);
}

static void dio_inject_run(struct kthread_work *work)
{
	struct dio_inject *inject = container_of(work, struct dio_inject, work);
	struct dio_intx *ix = &inject->d->irqs.intx;
	wait_queue_head_t *readers;
	struct eventfd_ctx *trigger;

	spin_lock_irq(&ix->lock);
	trigger = ix->trigger;
	readers = ix->readers;
	spin_unlock_irq(&ix->lock);
	if (readers && inject->ops->raise(inject->handle, readers))
		dio_count(ix->n.raised);
	else if (trigger)
		dio_eventfd_signal(trigger);
}

/* The setting may have changed. A device that was opened without stays so. Any context. */
void dio_inject_decide(struct dio_vfio_dev *d)
{
	struct dio_cfg cfg;

	dio_dev_get_cfg(d, &cfg);
	WRITE_ONCE(d->irqs.inject_idle, cfg.inject == DIO_VFIO_INJECT_WORK);
}

/* Who raises the pin now. Any context. */
enum dio_vfio_inject dio_inject_who(struct dio_vfio_dev *d)
{
	return dio_inject_by_thread(d) ? DIO_VFIO_INJECT_THREAD : DIO_VFIO_INJECT_WORK;
}

static const char *dio_inject_start(struct dio_inject *inject)
{
	inject->worker = dio_kthread_run_worker(0, "dio-intx/%s", pci_name(inject->d->core.pdev));
	if (IS_ERR(inject->worker))
		return "no thread to be had";
	sched_set_fifo(inject->worker->task);
	kthread_init_work(&inject->work, dio_inject_run);
	return NULL;
}

/* NULL, or why it stays with KVM's work. */
static const char *dio_inject_new(struct dio_vfio_dev *d, struct dio_inject *inject)
{
	const struct dio_vfio_offer *offer;
	const char *why = NULL;

	inject->d = d;
	if (!d->core.vdev.kvm)
		return "it has no VM of KVM";
	offer = dio_offer_get(DIO_VFIO_OFFER_INJECT);
	if (!offer)
		return "dio_kvm is not loaded";
	inject->ops = container_of(offer, struct dio_vfio_inject_ops, offer);
	inject->handle = inject->ops->open(&why);
	if (!inject->handle)
		goto err_ops;
	why = dio_inject_start(inject);
	if (!why)
		return NULL;
	inject->ops->close(inject->handle);
err_ops:
	module_put(offer->owner);
	return why;
}

/* An owner comes. Sleeps. */
void dio_inject_open(struct dio_vfio_dev *d)
{
	struct dio_inject *inject;
	const char *why;

	dio_inject_decide(d);
	if (d->irqs.inject_idle)
		return;
	inject = kzalloc(sizeof(*inject), GFP_KERNEL);
	why = inject ? dio_inject_new(d, inject) : "no memory";
	if (why) {
		pci_info(d->core.pdev, "INTx is left to KVM's work: %s\n", why);
		kfree(inject);
		return;
	}
	d->irqs.inject = inject;
}

/* The owner is gone, its INTx is off. Sleeps. */
void dio_inject_close(struct dio_vfio_dev *d)
{
	struct dio_inject *inject = d->irqs.inject;

	if (!inject)
		return;
	d->irqs.inject = NULL;
	kthread_destroy_worker(inject->worker);
	inject->ops->close(inject->handle);
	module_put(inject->ops->offer.owner);
	kfree(inject);
}
