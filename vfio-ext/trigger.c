// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where resets come from. Those of a VFIO user reach the PCI core through
 * vfio-pci-core and come back to us by reset_prepare() and reset_done(), with
 * the device's PCI lock held; those of open, close and an administrator start in
 * life.c. The rule: vfio-pci-core's own reset is kept wherever it can be checked,
 * so that a verified reset costs no second one.
 */
#include <linux/slab.h>

#include "dio_dev.h"

/* What this task does next, until dio_trigger_unmark(), resets for @trigger. */
void dio_trigger_mark(struct dio_vfio_dev *d, enum dio_vfio_trigger trigger)
{
	d->bracket_ran = false;
	d->trigger = trigger;
	WRITE_ONCE(d->trigger_task, current);
}

void dio_trigger_unmark(struct dio_vfio_dev *d)
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
	if (i < n && !run->silent)
		index = dio_method_kernel_index(pdev, order[i]);
	run->first = index ? order[i] : DIO_VFIO_METHOD_NONE;
	dio_kernel_narrow(pdev, index, run->kernel_methods);
	run->kernel_index = index;
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
	run->msi_held = (!dio_trigger_is_mine(d) || d->trigger == DIO_VFIO_TRIGGER_HOT_RESET) &&
			dio_irqs_hold(d);
	run->bridge_held = DIO_PCI_RESET_HOLDS_BRIDGE && !dio_trigger_is_mine(d);
	dio_trigger_choose(run);
	dio_run_plant(run, false);
	if (!run->silent)
		dio_command_end(run, false);
	d->run = run;
}

/* pci_error_handlers.reset_done(): configuration space is restored. Sleeps. */
void dio_trigger_done(struct pci_dev *pdev)
{
	struct dio_vfio_dev *d = dio_from_pdev(pdev);
	struct dio_run *run = d ? d->run : NULL;
	enum dio_vfio_result verdict;

	if (!run || !run->bracket) {
		if (d)
			dio_irqs_reset(d);
		return;
	}
	d->run = NULL;
	if (run->narrowed)
		dio_kernel_widen(pdev, run->kernel_index, run->kernel_methods);
	if (!run->silent)
		dio_master_off(pdev);
	if (run->first != DIO_VFIO_METHOD_NONE)
		dio_run_kernel_step(run);
	if (run->act)
		dio_run_escalate(run);
	if (!run->rec->nsteps)
		dio_run_fail(run, "no method is allowed");
	verdict = dio_run_end(run);
	if (run->msi_held)
		dio_irqs_unhold(d);
	kfree(run);
	if (dio_trigger_is_mine(d)) {
		d->bracket_ran = true;
		d->verdict = verdict;
	}
}

/*
 * VFIO_DEVICE_RESET where the PCI core has no method: ours if there is one, and
 * in any case what is under way comes to its end before the answer.
 */
static void dio_ioctl_unbracketed(struct dio_vfio_dev *d)
{
	down_write(&d->core.memory_lock);
	if (!dio_reset_lock(d)) {
		d->bracket_ran = !dio_reset_now(d, DIO_VFIO_TRIGGER_IOCTL, &d->verdict, NULL);
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
	if (hot) {
		ret = vfio_pci_core_ioctl(&d->core.vdev, cmd, arg);
	} else {
		/* COMMAND is restored: an INTx that is enabled meanwhile would be dead */
		mutex_lock(&d->irqs.msi_lock);
		ret = dio_ioctl_reset(d, arg);
		mutex_unlock(&d->irqs.msi_lock);
	}
	dio_trigger_unmark(d);
	mutex_unlock(&d->user_lock);
	return ret;
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
 * vfio_device_ops.write() of configuration space: a guest's own FLR is a reset like any
 * other, and a write to COMMAND that was under way when the quarantine began is undone.
 * Sleeps.
 */
ssize_t dio_trigger_write(struct dio_vfio_dev *d, const char __user *buf,
			  size_t count, loff_t *ppos)
{
	loff_t pos = *ppos & VFIO_PCI_OFFSET_MASK;
	ssize_t ret;

	if (dio_write_may_reset(d->core.pdev, pos, count)) {
		if (mutex_lock_killable(&d->user_lock))
			return -EINTR;
		dio_trigger_mark(d, DIO_VFIO_TRIGGER_GUEST_FLR);
		ret = dio_irqs_config_write(d, buf, count, ppos);
		dio_trigger_unmark(d);
		mutex_unlock(&d->user_lock);
	} else {
		ret = dio_irqs_config_write(d, buf, count, ppos);
	}
	if (dio_overlaps(pos, count, PCI_COMMAND, 2) && dio_dev_quarantined(d))
		dio_master_off(d->core.pdev);
	return ret;
}
