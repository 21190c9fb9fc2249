// SPDX-License-Identifier: GPL-2.0-only
/*
 * The carrier of an owner's INTx comes and goes. core.irq_type stays "none" while
 * it is ours, so that vfio-pci-core never looks for a context of its own; that is
 * why MSI and MSI-X are refused here meanwhile (irqs.c). All with igate and msi_lock
 * held, and config_sem for writing as long as there is an owner. Sleeps.
 */
#include <linux/irq.h>

#include "dio_dev.h"

/* Is there another user of the line: a handler, or a function that may get one? */
static bool dio_line_shared(struct pci_dev *pdev)
{
	struct pci_dev *other = NULL;
	bool shared = irq_has_action(pdev->irq);

	for_each_pci_dev(other)
		shared |= other != pdev && other->irq == pdev->irq && other->pin &&
			  other->driver && !other->msi_enabled && !other->msix_enabled;
	return shared;
}

/* The line's number while MSI is off, 0 if the device has none that works. */
static int dio_line_irq(struct dio_vfio_dev *d)
{
	struct pci_dev *pdev = d->core.pdev;

	if (!pdev->pin || !pdev->irq || pdev->irq == IRQ_NOTCONNECTED || d->core.nointx)
		return 0;
	return pdev->irq;
}

/* What is to carry an INTx that the owner enables now? */
bool dio_intx_wants_msi(struct dio_vfio_dev *d)
{
	struct pci_dev *pdev = d->core.pdev;
	struct dio_cfg cfg;

	dio_dev_get_cfg(d, &cfg);
	if (cfg.intx == DIO_VFIO_INTX_LINE || !pdev->msi_cap || d->irqs.msi_dead)
		return false;
	if (cfg.intx == DIO_VFIO_INTX_MSI)
		return true;
	return !dio_line_irq(d) || dio_line_shared(pdev);
}

static irqreturn_t dio_intx_msi_handler(int irq, void *arg)
{
	struct dio_vfio_dev *d = arg;

	dio_notify_arrival(d, DIO_VFIO_IRQ_INDEX_INTX, 0);
	if (dio_intx_message(d))
		dio_intx_fire(d);
	return IRQ_HANDLED;
}

static irqreturn_t dio_intx_line_handler(int irq, void *arg)
{
	struct dio_vfio_dev *d = arg;
	struct dio_intx *ix = &d->irqs.intx;
	unsigned long flags;
	bool fire;

	spin_lock_irqsave(&ix->lock, flags);
	if (d->irqs.line_masks) {
		/* the line is shared; the bit may have been changed behind our back */
		if (ix->quiet)
			pci_intx(d->core.pdev, 0);
		if (ix->quiet || !pci_check_and_mask_intx(d->core.pdev)) {
			spin_unlock_irqrestore(&ix->lock, flags);
			return IRQ_NONE;
		}
		ix->quiet = true;
	} else if (!ix->active) {
		disable_irq_nosync(irq);	/* it is about to be freed */
	}
	fire = dio_intx_step(d, DIO_INTX_ARRIVE);
	spin_unlock_irqrestore(&ix->lock, flags);
	dio_notify_arrival(d, DIO_VFIO_IRQ_INDEX_INTX, 0);
	if (fire)
		dio_intx_fire(d);
	return IRQ_HANDLED;
}

static void dio_intx_begin(struct dio_vfio_dev *d)
{
	struct dio_intx *ix = &d->irqs.intx;
	struct dio_cfg cfg;

	dio_dev_get_cfg(d, &cfg);
	ix->on_line = false;
	ix->maskable = dio_msi_maskable(d->core.pdev);
	ix->line_irq = dio_line_irq(d);
	ix->disabled = d->core.virq_disabled;
	ix->policy = dio_recheck_first(d, cfg.recheck);
	ix->masked = false;
	ix->line = false;
	ix->due = false;
	ix->quiet = false;
	ix->samples = 0;
	ix->stuck = 0;
	ix->heard = false;
	ix->look = false;
	ix->burst = 0;
	ix->second = false;
	ix->second_planned = false;
	ix->master = dio_master_is_on(d);
	/*
	 * On the line until a moment ago: its level is not lost. What comes before
	 * MSI is on is seen by the recheck then, or, by a blind policy, assumed.
	 */
	ix->pending = dio_recheck_blind(ix) || dio_status_high(d->core.pdev);
	if (d->row && d->row->cause)
		ix->cause = pci_iomap_range(d->core.pdev, d->row->cause->bar, 0,
					    d->row->cause->span);
}

static void dio_intx_end(struct dio_vfio_dev *d)
{
	struct dio_intx *ix = &d->irqs.intx;

	if (ix->cause)
		pci_iounmap(d->core.pdev, ix->cause);
	ix->cause = NULL;
	dio_inject_trigger(d, NULL, -1);
}

/* Events count, or no more do: a reset does not ask for igate. */
static void dio_intx_activate(struct dio_intx *ix, bool active, bool quiet)
{
	spin_lock_irq(&ix->lock);
	ix->active = active;
	ix->quiet = quiet;
	spin_unlock_irq(&ix->lock);
}

static int dio_intx_request_msi(struct dio_vfio_dev *d)
{
	struct dio_intx *ix = &d->irqs.intx;
	struct pci_dev *pdev = d->core.pdev;
	u16 cmd = dio_memory_begin(d);
	int ret = pci_alloc_irq_vectors(pdev, 1, 1, PCI_IRQ_MSI);

	dio_memory_end(d, cmd);
	if (ret < 0)
		return ret;
	ix->irq = pci_irq_vector(pdev, 0);
	snprintf(ix->name, sizeof(ix->name), "dio-intx-msi(%s)", pci_name(pdev));
	ret = request_irq(ix->irq, dio_intx_msi_handler, IRQF_NO_AUTOEN, ix->name, d);
	if (ret) {
		cmd = dio_memory_begin(d);
		pci_free_irq_vectors(pdev);
		dio_memory_end(d, cmd);
		return ret;
	}
	irq_set_status_flags(ix->irq, IRQ_DISABLE_UNLAZY);
	return 0;
}

static void dio_intx_release_msi(struct dio_vfio_dev *d)
{
	u16 cmd;

	/* free_irq() leaves MSI on with an empty message: a write to address 0 */
	if (!d->irqs.intx.maskable)
		dio_msi_enable_bit(d->core.pdev, false);
	free_irq(d->irqs.intx.irq, d);
	cmd = dio_memory_begin(d);
	pci_free_irq_vectors(d->core.pdev);
	dio_memory_end(d, cmd);
}

/**
 * dio_intx_on() - give the owner an INTx that an MSI carries
 * @d: the device
 * @trigger: the owner's eventfd; its reference is ours on success
 * @fd: its number in this process
 *
 * Return: 0, -EINVAL if another type of interrupt is on, -ENOMEM, -EBUSY or what
 * the PCI core says of the MSI.
 */
int dio_intx_on(struct dio_vfio_dev *d, struct eventfd_ctx *trigger, int fd)
{
	struct dio_intx *ix = &d->irqs.intx;
	int ret;

	lockdep_assert_held(&d->core.igate);
	if (d->core.irq_type != VFIO_PCI_NUM_IRQS)
		return -EINVAL;
	dio_line_take(d);
	dio_intx_begin(d);
	dio_intx_hide_msi(d, true);
	ret = dio_intx_request_msi(d);
	if (ret) {
		dio_intx_hide_msi(d, false);
		dio_intx_end(d);
		return ret;
	}
	dio_inject_trigger(d, trigger, fd);
	dio_intx_activate(ix, true, false);
	enable_irq(ix->irq);
	if (dio_intx_event(d, DIO_INTX_RECHECK))
		dio_intx_fire(d);
	queue_delayed_work(system_wq, &ix->watch, DIO_INTX_WATCH);
	return 0;
}

static void dio_intx_release_line(struct dio_vfio_dev *d)
{
	struct dio_intx *ix = &d->irqs.intx;

	if (d->irqs.line_masks)
		pci_intx(d->core.pdev, 0);
	free_irq(ix->irq, d);
	if (!d->irqs.line_masks)
		irq_clear_status_flags(ix->irq, IRQ_DISABLE_UNLAZY);
}

/* The owner gives its INTx up, or is gone. Idempotent. */
void dio_intx_off(struct dio_vfio_dev *d)
{
	struct dio_intx *ix = &d->irqs.intx;
	struct eventfd_ctx *trigger = ix->trigger;

	lockdep_assert_held(&d->core.igate);
	if (!ix->active)
		return;
	cancel_delayed_work_sync(&ix->watch);
	vfio_virqfd_disable(&ix->unmask);
	dio_intx_activate(ix, false, false);
	cancel_delayed_work_sync(&ix->second_work);
	if (ix->on_line)
		dio_intx_release_line(d);
	else
		dio_intx_release_msi(d);
	/* the cause may have been looked at, and the watch asked for, until here */
	cancel_delayed_work_sync(&ix->watch);
	if (!ix->on_line)
		dio_intx_hide_msi(d, false);
	dio_intx_end(d);
	if (trigger)
		eventfd_ctx_put(trigger);
}

static int dio_intx_request_line(struct dio_vfio_dev *d)
{
	struct dio_intx *ix = &d->irqs.intx;
	unsigned long irqflags = IRQF_SHARED;
	int ret;

	ix->irq = ix->line_irq;
	snprintf(ix->name, sizeof(ix->name), "dio-intx(%s)", pci_name(d->core.pdev));
	if (!d->irqs.line_masks) {
		irqflags = IRQF_NO_AUTOEN;
		irq_set_status_flags(ix->irq, IRQ_DISABLE_UNLAZY);
	}
	ret = request_irq(ix->irq, dio_intx_line_handler, irqflags, ix->name, d);
	if (ret && !d->irqs.line_masks)
		irq_clear_status_flags(ix->irq, IRQ_DISABLE_UNLAZY);
	return ret;
}

/**
 * dio_intx_to_line() - fall back from the MSI to the device's interrupt line
 * @d: the device; its INTx is on an MSI
 *
 * The owner's eventfds stay; a level that is there is delivered.
 *
 * Return: 0; -ENODEV if there is no line, and nothing was changed; else what
 * request_irq() answered, and the INTx is dead until the owner enables it again.
 */
int dio_intx_to_line(struct dio_vfio_dev *d)
{
	struct dio_intx *ix = &d->irqs.intx;
	struct eventfd_ctx *trigger;
	int ret;

	lockdep_assert_held(&d->core.igate);
	if (!ix->line_irq)
		return -ENODEV;
	dio_intx_activate(ix, false, false);
	dio_intx_release_msi(d);
	dio_intx_hide_msi(d, false);
	ix->on_line = true;
	ix->pending = false;
	ret = dio_intx_request_line(d);
	if (ret) {
		cancel_delayed_work(&ix->watch);
		cancel_delayed_work_sync(&ix->second_work);
		vfio_virqfd_disable(&ix->unmask);
		trigger = ix->trigger;
		dio_intx_end(d);
		if (trigger)
			eventfd_ctx_put(trigger);
		return ret;
	}
	/* silent so far, whatever the handler has seen; what is there comes now */
	dio_intx_activate(ix, true, true);
	if (dio_intx_event(d, DIO_INTX_RECHECK))
		dio_intx_fire(d);
	return 0;
}
