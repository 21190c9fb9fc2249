// SPDX-License-Identifier: GPL-2.0-only
/*
 * A device that was silent to the end of a reset may come back with the bus
 * master bit of an owner that has left. While it is closed it is looked at until
 * it answers; then bus master goes off before anything else, and the configuration
 * of the time of binding is restored. The rule: the work only tries for the PCI
 * lock, so that whoever holds it, or dev_set->lock, may wait for the work.
 */
#include <linux/jiffies.h>
#include <linux/workqueue.h>

#include "dio_dev.h"

#define DIO_FENCE_POLL_MS	1000
#define DIO_FENCE_MS		60000

/* True if there is nothing left to do; false if it is silent. PCI lock is held. */
static bool dio_fence_locked(struct dio_vfio_dev *d)
{
	struct pci_dev *pdev = d->core.pdev;

	if (!d->config_lost)
		return true;
	if (dio_wait_ready(pdev, 0))
		return false;
	dio_master_off(pdev);
	pci_set_power_state(pdev, PCI_D0);
	dio_config_repair(d);
	return true;
}

/**
 * dio_fence_try() - bus master off, if a closed device answers again
 * @d: the device
 *
 * For whoever is about to look at the device without a reset. Nothing is done
 * to an open device, which is its owner's. May sleep.
 *
 * Return: false if the device is silent, or its lock is taken.
 */
bool dio_fence_try(struct dio_vfio_dev *d)
{
	bool done;

	if (!READ_ONCE(d->config_lost))
		return true;
	if (!pci_dev_trylock(d->core.pdev))
		return false;
	done = d->removing || READ_ONCE(d->opened) || dio_fence_locked(d);
	pci_dev_unlock(d->core.pdev);
	return done;
}

static void dio_fence_work(struct work_struct *work)
{
	struct dio_vfio_dev *d = container_of(to_delayed_work(work), struct dio_vfio_dev, fence);

	if (dio_fence_try(d) || READ_ONCE(d->removing))
		return;
	if (time_before(jiffies, READ_ONCE(d->fence_end)))
		schedule_delayed_work(&d->fence, msecs_to_jiffies(DIO_FENCE_POLL_MS));
	else
		pci_warn(d->core.pdev, "silent for %u ms: bus master goes off at its next use\n",
			 DIO_FENCE_MS);
}

void dio_fence_init(struct dio_vfio_dev *d)
{
	INIT_DELAYED_WORK(&d->fence, dio_fence_work);
}

/* A reset, or an open that failed, is over: wait for a silent device, if it is closed. */
void dio_fence_start(struct dio_vfio_dev *d)
{
	if (!READ_ONCE(d->config_lost) || READ_ONCE(d->opened) || READ_ONCE(d->removing))
		return;
	WRITE_ONCE(d->fence_end, jiffies + msecs_to_jiffies(DIO_FENCE_MS));
	schedule_delayed_work(&d->fence, msecs_to_jiffies(DIO_FENCE_POLL_MS));
}

/*
 * An owner comes; @opened is set. Work that is queued after this finds it set. The
 * core switches bus master off first of all, and the reset of the open repairs.
 */
void dio_fence_stop(struct dio_vfio_dev *d)
{
	cancel_delayed_work_sync(&d->fence);
}

/* remove(): the last owner has gone; the device's lock is held. */
void dio_fence_remove(struct dio_vfio_dev *d)
{
	struct pci_dev *pdev = d->core.pdev;

	cancel_delayed_work_sync(&d->fence);
	pci_cfg_access_lock(pdev);
	if (!dio_fence_locked(d)) {
		pci_warn(pdev, "unbound while it does not answer: its bus master may be on\n");
		dio_config_found(d);
	}
	pci_cfg_access_unlock(pdev);
}
