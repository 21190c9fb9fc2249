// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where resets come from. Those of a VFIO user reach the PCI core through
 * vfio-pci-core and come back to us by reset_prepare() and reset_done(), with
 * the device's PCI lock held; close and the administrator's start here. The
 * rule: vfio-pci-core's own reset is kept wherever it can be checked, so that a
 * verified reset costs no second one.
 */
#include <linux/pm_runtime.h>
#include <linux/slab.h>

#include "dio_dev.h"

static void dio_trigger_mark(struct dio_vfio_dev *d, enum dio_vfio_trigger trigger)
{
	d->bracket_ran = false;
	d->trigger = trigger;
	WRITE_ONCE(d->trigger_task, current);
}

static void dio_trigger_unmark(struct dio_vfio_dev *d)
{
	WRITE_ONCE(d->trigger_task, NULL);
}

static bool dio_trigger_is_mine(struct dio_vfio_dev *d)
{
	return READ_ONCE(d->trigger_task) == current;
}

/*
 * Let the PCI core run the first method of our order, and only that. A method
 * that it cannot run is left to dio_run_escalate(). A reset from outside VFIO is
 * the kernel's business: it stays as sysfs reset_method says.
 */
static void dio_trigger_choose(struct dio_run *run)
{
	struct pci_dev *pdev = run->d->core.pdev;
	u8 order[DIO_NMETHODS], index = 0;
	char text[DIO_REASON_LEN];
	unsigned int i, n;

	run->first = dio_method_of_kernel(pdev);
	if (run->rec->trigger == DIO_VFIO_TRIGGER_HOT_RESET)
		run->first = DIO_VFIO_METHOD_BUS;
	if (!run->act || run->rec->trigger == DIO_VFIO_TRIGGER_HOT_RESET ||
	    run->rec->trigger == DIO_VFIO_TRIGGER_SYSFS)
		return;
	n = dio_method_order(run->d, &run->cfg, order);
	for (i = 0; i < n; i++)
		if (!dio_method_unavailable(run->d, &run->cfg, order[i], text))
			break;
	if (i < n)
		index = dio_method_kernel_index(pdev, order[i]);
	run->first = index ? order[i] : DIO_VFIO_METHOD_NONE;
	memcpy(run->kernel_methods, pdev->reset_methods, sizeof(run->kernel_methods));
	pdev->reset_methods[0] = index;
	pdev->reset_methods[1] = DIO_PCI_RESET_END;
	run->narrowed = true;
}

/**
 * dio_trigger_prepare() - pci_error_handlers.reset_prepare()
 * @pdev: the device; its PCI lock is held
 *
 * Configuration space is saved after this returns, so what is cleared here (bus
 * master) stays off when it is restored. Sleeps.
 */
void dio_trigger_prepare(struct pci_dev *pdev)
{
	struct dio_vfio_dev *d = dio_from_pdev(pdev);
	struct dio_run *run;

	if (!d || d->run)
		return;
	run = kzalloc(sizeof(*run), GFP_KERNEL);
	pci_set_power_state(pdev, PCI_D0);
	if (!run || dio_run_begin(run, d, dio_trigger_is_mine(d) ? d->trigger :
				  DIO_VFIO_TRIGGER_SYSFS)) {
		pci_warn(pdev, "no memory to verify this reset\n");
		kfree(run);
		return;
	}
	run->bracket = true;
	run->bridge_held = DIO_PCI_RESET_HOLDS_BRIDGE && !dio_trigger_is_mine(d);
	dio_trigger_choose(run);
	dio_run_plant(run, false);
	dio_command_end(run, false);
	d->run = run;
}

/* pci_error_handlers.reset_done(): configuration space is restored. Sleeps. */
void dio_trigger_done(struct pci_dev *pdev)
{
	struct dio_vfio_dev *d = dio_from_pdev(pdev);
	struct dio_run *run = d ? d->run : NULL;
	enum dio_vfio_result verdict;

	if (!run || !run->bracket)
		return;
	d->run = NULL;
	if (run->narrowed)
		memcpy(pdev->reset_methods, run->kernel_methods, sizeof(run->kernel_methods));
	dio_master_off(pdev);
	if (run->first != DIO_VFIO_METHOD_NONE)
		dio_run_kernel_step(run);
	if (run->act)
		dio_run_escalate(run);
	if (!run->rec->nsteps)
		dio_run_fail(run, "no method is allowed");
	verdict = dio_run_end(run);
	kfree(run);
	if (dio_trigger_is_mine(d)) {
		d->bracket_ran = true;
		d->verdict = verdict;
	}
}

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
	ret = dio_reset_now(d, DIO_VFIO_TRIGGER_OPEN, &d->verdict);
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

/**
 * dio_trigger_open() - enable a device for a new owner, after a judged reset
 * @d: the device; dev_set->lock is held
 *
 * Return: 0; -EIO in quarantine; what vfio_pci_core_enable() answers. Sleeps.
 */
int dio_trigger_open(struct dio_vfio_dev *d)
{
	enum dio_vfio_state old;
	int ret;

	if (dio_dev_quarantined(d)) {
		pci_err(d->core.pdev, "open refused: device is quarantined, its last reset did not verify\n");
		return -EIO;
	}
	old = dio_dev_open(d);
	dio_trigger_mark(d, DIO_VFIO_TRIGGER_OPEN);
	ret = vfio_pci_core_enable(&d->core);
	dio_trigger_unmark(d);
	if (ret)
		goto out_undo;
	dio_dev_config_live(d, true);
	if (!d->bracket_ran)
		ret = dio_open_unbracketed(d);
	if (!ret && dio_dev_quarantined(d)) {
		pci_err(d->core.pdev, "open refused: its reset did not verify\n");
		ret = -EIO;
	}
	if (ret)
		goto out_disable;
	dio_open_offer_reset(d);
	vfio_pci_core_finish_enable(&d->core);
	return 0;

out_disable:
	dio_dev_config_live(d, false);
	dio_without_stock_reset(d, dio_core_disable);
	dio_dev_close(d);
	return ret;

out_undo:
	if (d->bracket_ran)
		dio_dev_close(d);
	else
		dio_dev_open_undo(d, old);
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
void dio_trigger_close(struct dio_vfio_dev *d)
{
	struct device *dev = &d->core.pdev->dev;
	struct dio_cfg cfg;

	dio_dev_get_cfg(d, &cfg);
	dio_dev_config_live(d, false);
	pm_runtime_get_sync(dev);
	if (cfg.policy == DIO_VFIO_POLICY_OBSERVE)
		dio_close_observe(d);
	else
		dio_close_locked(d);
	pm_runtime_put(dev);
}

/*
 * VFIO_DEVICE_RESET where the PCI core has no method: ours if there is one, and
 * in any case what is under way comes to its end before the answer.
 */
static void dio_ioctl_unbracketed(struct dio_vfio_dev *d)
{
	down_write(&d->core.memory_lock);
	if (!dio_reset_lock(d)) {
		d->bracket_ran = !dio_reset_now(d, DIO_VFIO_TRIGGER_IOCTL, &d->verdict);
		dio_reset_unlock(d);
	}
	up_write(&d->core.memory_lock);
}

/* What the user of VFIO_DEVICE_RESET is told: the verdict, where there is one. */
static long dio_ioctl_reset(struct dio_vfio_dev *d, unsigned long arg)
{
	long ret = vfio_pci_core_ioctl(&d->core.vdev, VFIO_DEVICE_RESET, arg);
	struct dio_cfg cfg;

	dio_dev_get_cfg(d, &cfg);
	if (cfg.policy == DIO_VFIO_POLICY_OBSERVE || ret == -EAGAIN)
		return ret;
	if (!d->bracket_ran)
		dio_ioctl_unbracketed(d);
	if (!d->bracket_ran)
		return ret;
	if (d->verdict == DIO_VFIO_RESULT_VERIFIED)
		return 0;
	return cfg.policy == DIO_VFIO_POLICY_STRICT ? -EIO : ret;
}

/* VFIO_DEVICE_RESET and VFIO_DEVICE_PCI_HOT_RESET. Sleeps. */
long dio_trigger_ioctl(struct dio_vfio_dev *d, unsigned int cmd, unsigned long arg)
{
	bool hot = cmd == VFIO_DEVICE_PCI_HOT_RESET;
	long ret;

	if (mutex_lock_killable(&d->user_lock))
		return -EINTR;
	dio_trigger_mark(d, hot ? DIO_VFIO_TRIGGER_HOT_RESET : DIO_VFIO_TRIGGER_IOCTL);
	ret = hot ? vfio_pci_core_ioctl(&d->core.vdev, cmd, arg) : dio_ioctl_reset(d, arg);
	dio_trigger_unmark(d);
	mutex_unlock(&d->user_lock);
	return ret;
}

static bool dio_overlaps(loff_t pos, size_t count, unsigned int at, unsigned int len)
{
	return pos < at + len && pos + count > at;
}

/* Does a write to configuration space reach a register that starts an FLR? */
static bool dio_write_may_reset(struct pci_dev *pdev, loff_t pos, size_t count)
{
	u8 af = pci_find_capability(pdev, PCI_CAP_ID_AF);

	if (pdev->pcie_cap && dio_overlaps(pos, count, pdev->pcie_cap + PCI_EXP_DEVCTL, 2))
		return true;
	return af && dio_overlaps(pos, count, af + PCI_AF_CTRL, 1);
}

/*
 * vfio_device_ops.write(): a guest's own FLR is a reset like any other, and a
 * write to COMMAND that was under way when the quarantine began is undone.
 */
ssize_t dio_trigger_write(struct dio_vfio_dev *d, const char __user *buf,
			  size_t count, loff_t *ppos)
{
	loff_t pos = *ppos & VFIO_PCI_OFFSET_MASK;
	ssize_t ret;

	if (VFIO_PCI_OFFSET_TO_INDEX(*ppos) != VFIO_PCI_CONFIG_REGION_INDEX)
		return vfio_pci_core_write(&d->core.vdev, buf, count, ppos);
	if (dio_write_may_reset(d->core.pdev, pos, count)) {
		if (mutex_lock_killable(&d->user_lock))
			return -EINTR;
		dio_trigger_mark(d, DIO_VFIO_TRIGGER_GUEST_FLR);
		ret = vfio_pci_core_write(&d->core.vdev, buf, count, ppos);
		dio_trigger_unmark(d);
		mutex_unlock(&d->user_lock);
	} else {
		ret = vfio_pci_core_write(&d->core.vdev, buf, count, ppos);
	}
	if (dio_overlaps(pos, count, PCI_COMMAND, 2) && dio_dev_quarantined(d))
		dio_master_off(d->core.pdev);
	return ret;
}

/**
 * dio_trigger_demand() - an administrator's reset of a closed device
 * @d: the device
 * @id: number of its record, filled on success
 *
 * Return: 0 if there is a record; -EBUSY if it is open or its PCI lock is held
 * by another; -ENODEV if it is going away; -EINTR; -ENOMEM. Sleeps.
 */
int dio_trigger_demand(struct dio_vfio_dev *d, u64 *id)
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
		ret = dio_reset_now(d, DIO_VFIO_TRIGGER_NETLINK, &verdict);
		*id = d->last_id;
		dio_reset_unlock(d);
	}
	pm_runtime_put(dev);
out_unlock:
	mutex_unlock(&d->core.vdev.dev_set->lock);
	return ret;
}

/* remove() comes, with the device's PCI lock held: nobody may wait for it. */
void dio_trigger_remove(struct dio_vfio_dev *d)
{
	WRITE_ONCE(d->removing, true);
}
