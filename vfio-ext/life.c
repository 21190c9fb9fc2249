// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of a device under the driver: open, close, an administrator's reset
 * in between, removal. Open and close are called with dev_set->lock held; close
 * may run while remove() waits for it with the device's PCI lock in hand.
 */
#include <linux/pm_runtime.h>

#include "dio_dev.h"

/* Run @fn of vfio-pci-core with its own resets held back: ours has its place. */
static void dio_without_stock_reset(struct dio_vfio_dev *d, void (*fn)(struct dio_vfio_dev *))
{
	struct pci_dev *pdev = d->core.pdev;
	bool keep = pdev->dev_flags & PCI_DEV_FLAGS_NO_BUS_RESET;

	d->core.reset_works = false;
	pdev->dev_flags |= PCI_DEV_FLAGS_NO_BUS_RESET;
	fn(d);
	if (!keep)
		pdev->dev_flags &= ~PCI_DEV_FLAGS_NO_BUS_RESET;
}

static void dio_core_close(struct dio_vfio_dev *d)
{
	vfio_pci_core_close_device(&d->core.vdev);
}

static void dio_core_disable(struct dio_vfio_dev *d)
{
	vfio_pci_core_disable(&d->core);
}

/* The PCI core knows no reset for the device: no bracket ran. */
static int dio_open_unbracketed(struct dio_vfio_dev *d)
{
	int ret = dio_reset_lock(d);

	if (ret)
		return ret;
	ret = dio_reset_now(d, DIO_VFIO_TRIGGER_OPEN, &d->verdict, NULL);
	dio_reset_unlock(d);
	return ret;
}

/* VFIO users may ask for a reset where we have a method and the core had none. */
static void dio_open_offer_reset(struct dio_vfio_dev *d)
{
	u8 order[DIO_NMETHODS];
	char text[DIO_REASON_LEN];
	struct dio_cfg cfg;
	unsigned int i, n;

	dio_dev_get_cfg(d, &cfg);
	if (cfg.policy == DIO_VFIO_POLICY_OBSERVE)
		return;
	n = dio_method_order(d, &cfg, order);
	for (i = 0; i < n; i++)
		if (!dio_method_unavailable(d, &cfg, order[i], text))
			d->core.reset_works = true;
}

/* Why a new owner is kept out after the reset of its open, NULL if it is not. */
static const char *dio_open_refusal(struct dio_vfio_dev *d)
{
	struct dio_cfg cfg;

	if (dio_dev_quarantined(d))
		return "its reset did not verify";
	dio_dev_get_cfg(d, &cfg);
	if (cfg.policy == DIO_VFIO_POLICY_OBSERVE || !READ_ONCE(d->config_lost))
		return NULL;
	/* it may come back with the bus master bit of the owner before */
	return "it does not answer";
}

/**
 * dio_life_open() - enable a device for a new owner, after a judged reset
 * @d: the device; dev_set->lock is held
 *
 * Return: 0; -EIO in quarantine, or if the device is silent; what
 * vfio_pci_core_enable() answers. Sleeps.
 */
int dio_life_open(struct dio_vfio_dev *d)
{
	enum dio_vfio_state old;
	const char *why;
	int ret;

	if (dio_dev_quarantined(d)) {
		pci_err(d->core.pdev, "open refused: device is quarantined, its last reset did not verify\n");
		return -EIO;
	}
	old = dio_dev_open(d);
	dio_fence_stop(d);
	dio_trigger_mark(d, DIO_VFIO_TRIGGER_OPEN);
	ret = vfio_pci_core_enable(&d->core);
	dio_trigger_unmark(d);
	if (ret)
		goto out_undo;
	dio_dev_config_live(d, true);
	dio_line_open(d);
	if (!d->bracket_ran)
		ret = dio_open_unbracketed(d);
	why = ret ? NULL : dio_open_refusal(d);
	if (why) {
		pci_err(d->core.pdev, "open refused: %s\n", why);
		ret = -EIO;
	}
	if (ret)
		goto out_disable;
	dio_open_offer_reset(d);
	dio_irqs_open(d);
	vfio_pci_core_finish_enable(&d->core);
	return 0;

out_disable:
	dio_dev_config_live(d, false);
	dio_without_stock_reset(d, dio_core_disable);
	dio_line_close(d);
	dio_dev_close(d);
	dio_fence_start(d);
	return ret;

out_undo:
	if (d->bracket_ran)
		dio_dev_close(d);
	else
		dio_dev_open_undo(d, old);
	dio_fence_start(d);
	return ret;
}

/* Observe: the core resets as it always does; look before and after. */
static void dio_close_observe(struct dio_vfio_dev *d)
{
	int locked = dio_reset_lock(d);
	char text[DIO_REASON_LEN];
	struct dio_run run;

	if (locked || dio_run_begin(&run, d, DIO_VFIO_TRIGGER_CLOSE)) {
		if (!locked)
			dio_reset_unlock(d);
		dio_core_close(d);
		dio_dev_close(d);
		return;
	}
	if (d->core.reset_works)
		run.first = dio_method_of_kernel(d->core.pdev);
	else if (!dio_method_unavailable(d, &run.cfg, DIO_VFIO_METHOD_BUS, text))
		run.first = DIO_VFIO_METHOD_BUS;
	dio_run_plant(&run, false);
	d->run = &run;
	dio_reset_unlock(d);

	dio_core_close(d);
	dio_dev_close(d);

	locked = dio_reset_lock(d);
	d->run = NULL;
	dio_run_listen(&run, 0);
	if (!run.silent && d->config_lost)
		dio_config_repair(d);
	pci_read_config_word(d->core.pdev, PCI_COMMAND, &run.command);
	if (run.first != DIO_VFIO_METHOD_NONE)
		dio_run_kernel_step(&run);
	else
		dio_run_fail(&run, "the kernel has no reset for this device");
	dio_run_end(&run);
	if (!locked)
		dio_reset_unlock(d);
}

/* Permissive and strict: quiet first, then the core lets go, then our reset. */
static void dio_close_verified(struct dio_vfio_dev *d, bool bridge_held)
{
	struct dio_run run;
	int ret = dio_run_begin(&run, d, DIO_VFIO_TRIGGER_CLOSE);

	if (ret) {
		dio_core_close(d);
		dio_dev_close(d);
		dio_reset_missed(d, DIO_VFIO_TRIGGER_CLOSE, "no memory");
		return;
	}
	run.bridge_held = bridge_held;
	d->run = &run;
	dio_without_stock_reset(d, dio_core_close);
	dio_dev_close(d);
	if (dio_run_again(&run))
		dio_run_fail(&run, "no memory");
	else
		dio_run_escalate(&run);
	if (!run.rec->nsteps)
		dio_run_fail(&run, "no method is allowed");
	d->core.needs_reset = dio_run_end(&run) != DIO_VFIO_RESULT_VERIFIED;
	d->run = NULL;
}

/*
 * -ENODEV from dio_reset_lock(): remove() holds the lock and waits for this
 * close, so it is as good as ours; only configuration accesses of others have to
 * be kept out.
 */
static void dio_close_locked(struct dio_vfio_dev *d)
{
	int ret = dio_reset_lock(d);

	if (ret == -EBUSY) {
		dio_core_close(d);
		dio_dev_close(d);
		dio_reset_missed(d, DIO_VFIO_TRIGGER_CLOSE, "device lock held for 5000 ms");
		return;
	}
	if (ret)
		pci_cfg_access_lock(d->core.pdev);
	dio_close_verified(d, !ret);
	if (ret)
		pci_cfg_access_unlock(d->core.pdev);
	else
		dio_reset_unlock(d);
}

/* The owner goes, killed or not. dev_set->lock is held. Sleeps. */
void dio_life_close(struct dio_vfio_dev *d)
{
	struct device *dev = &d->core.pdev->dev;
	struct dio_cfg cfg;

	dio_dev_get_cfg(d, &cfg);
	pm_runtime_get_sync(dev);
	dio_irqs_close(d);
	dio_dev_config_live(d, false);
	if (cfg.policy == DIO_VFIO_POLICY_OBSERVE)
		dio_close_observe(d);
	else
		dio_close_locked(d);
	dio_line_close(d);
	pm_runtime_put(dev);
}

/**
 * dio_life_reset() - an administrator's reset of a closed device
 * @d: the device
 * @id: number of its record, filled on success
 *
 * Return: 0 if there is a record; -EBUSY if it is open or its PCI lock is held
 * by another; -ENODEV if it is going away; -EINTR; -ENOMEM. Sleeps.
 */
int dio_life_reset(struct dio_vfio_dev *d, u64 *id)
{
	struct device *dev = &d->core.pdev->dev;
	enum dio_vfio_result verdict;
	int ret;

	if (mutex_lock_killable(&d->core.vdev.dev_set->lock))
		return -EINTR;
	ret = d->opened ? -EBUSY : pm_runtime_resume_and_get(dev);
	if (ret < 0)
		goto out_unlock;
	ret = dio_reset_lock(d);
	if (!ret) {
		ret = dio_reset_now(d, DIO_VFIO_TRIGGER_NETLINK, &verdict, id);
		dio_reset_unlock(d);
	}
	pm_runtime_put(dev);
out_unlock:
	mutex_unlock(&d->core.vdev.dev_set->lock);
	return ret;
}

/* remove() comes, with the device's PCI lock held: nobody may wait for it. */
void dio_life_remove(struct dio_vfio_dev *d)
{
	WRITE_ONCE(d->removing, true);
	if (dio_dev_quarantined(d))
		pci_warn(d->core.pdev, "unbound in quarantine: the next driver gets it as it is\n");
}
