// SPDX-License-Identifier: GPL-2.0-only
/*
 * Configuration space as an owner sees it whose INTx is on an MSI: the MSI
 * capability is memory (vfio-pci-core would clear MSI Enable in the device at any
 * write), Interrupt Status is that of the emulated level, Interrupt Disable moves
 * the state machine. config_sem is held for reading around the owner's accesses.
 */
#include "dio_dev.h"

/* Keep the owner's accesses to the capability in vconfig, or undo it. */
void dio_intx_hide_msi(struct dio_vfio_dev *d, bool hide)
{
	struct dio_intx *ix = &d->irqs.intx;
	u8 cap = d->core.pdev->msi_cap, *map = d->core.pci_config_map + cap;
	unsigned int i;

	if (!hide) {
		memcpy(map, ix->msi_map, ix->msi_len);
		return;
	}
	for (i = 0; i < sizeof(ix->msi_map) && map[i] == PCI_CAP_ID_MSI; i++)
		ix->msi_map[i] = map[i];
	ix->msi_len = i;
	memcpy(ix->msi_shadow, d->core.vconfig + cap, ix->msi_len);
	memset(map, DIO_CONFIG_VIRTUAL, ix->msi_len);
}

/* What the owner cannot change in a real capability, and MSI Enable as stock. */
static void dio_intx_fix_msi(struct dio_vfio_dev *d)
{
	struct dio_intx *ix = &d->irqs.intx;
	u8 *cap = d->core.vconfig + d->core.pdev->msi_cap;
	const u16 writable = PCI_MSI_FLAGS_QSIZE;
	u16 flags, was;

	memcpy(cap, ix->msi_shadow, PCI_MSI_FLAGS);
	flags = le16_to_cpup((__le16 *)(cap + PCI_MSI_FLAGS));
	was = le16_to_cpup((__le16 *)(ix->msi_shadow + PCI_MSI_FLAGS));
	flags = (flags & writable) | (was & ~(writable | PCI_MSI_FLAGS_ENABLE));
	if ((flags & PCI_MSI_FLAGS_QSIZE) >> 4 > d->core.msi_qmax)
		flags = (flags & ~PCI_MSI_FLAGS_QSIZE) | d->core.msi_qmax << 4;
	*(__le16 *)(cap + PCI_MSI_FLAGS) = cpu_to_le16(flags);
}

/* An INTx on an MSI needs no line: show the pin where vfio-pci-core hides it. */
void dio_intx_show_pin(struct dio_vfio_dev *d)
{
	struct dio_cfg cfg;

	dio_dev_get_cfg(d, &cfg);
	if (cfg.intx == DIO_VFIO_INTX_LINE || !d->core.pdev->msi_cap || d->irqs.msi_dead ||
	    d->core.vconfig[PCI_INTERRUPT_PIN])
		return;
	d->core.vconfig[PCI_INTERRUPT_PIN] = d->core.pdev->pin;
	/* vfio-pci-core has set Interrupt Disable where it hides the pin */
	d->core.vconfig[PCI_COMMAND + 1] &= ~(PCI_COMMAND_INTX_DISABLE >> 8);
	d->core.virq_disabled = false;
}

/* Put the level into a Status register that was read to @buf from @pos on. */
static int dio_status_patch(struct dio_vfio_dev *d, char __user *buf, loff_t pos)
{
	u8 __user *at = (u8 __user *)buf + (PCI_STATUS - pos);
	u8 status;

	if (get_user(status, at))
		return -EFAULT;
	if (dio_recheck_status(d, status & PCI_STATUS_INTERRUPT))
		status |= PCI_STATUS_INTERRUPT;
	else
		status &= ~PCI_STATUS_INTERRUPT;
	return put_user(status, at) ? -EFAULT : 0;
}

/* vfio_device_ops.read() of configuration space. Sleeps. */
ssize_t dio_irqs_config_read(struct dio_vfio_dev *d, char __user *buf, size_t count,
			     loff_t *ppos)
{
	loff_t pos = *ppos & VFIO_PCI_OFFSET_MASK;
	ssize_t ret;

	if (down_read_killable(&d->irqs.config_sem))
		return -EINTR;
	ret = vfio_pci_core_read(&d->core.vdev, buf, count, ppos);
	if (ret > 0 && d->irqs.intx.active && dio_overlaps(pos, ret, PCI_STATUS, 1) &&
	    dio_status_patch(d, buf, pos))
		ret = -EFAULT;
	up_read(&d->irqs.config_sem);
	return ret;
}

static void dio_intx_command_written(struct dio_vfio_dev *d)
{
	struct dio_intx *ix = &d->irqs.intx;
	bool disabled, master = dio_master_is_on(d), fire = false;

	/* of two writers at once the last one must be the last one here, too */
	spin_lock_irq(&ix->lock);
	disabled = READ_ONCE(d->core.virq_disabled);
	/* messages of the time without bus master were lost */
	if (master && !ix->master && dio_recheck_blind(ix))
		ix->pending = true;
	ix->master = master;
	if (disabled != ix->disabled)
		fire = dio_intx_step(d, disabled ? DIO_INTX_DISABLE : DIO_INTX_ENABLE);
	dio_carrier_intx_bit(d);
	spin_unlock_irq(&ix->lock);
	if (fire)
		dio_intx_fire(d);
}

/* Back from D3hot the registers are those of the way into it. */
static void dio_intx_power_written(struct dio_vfio_dev *d)
{
	struct dio_intx *ix = &d->irqs.intx;

	spin_lock_irq(&ix->lock);
	dio_carrier_restore(d);
	spin_unlock_irq(&ix->lock);
}

/*
 * The owner wrote to its configuration space. Memory decoding or power that came
 * back: what was done to a mask meanwhile is done again.
 */
static void dio_irqs_config_written(struct dio_vfio_dev *d, loff_t pos, size_t count)
{
	struct pci_dev *pdev = d->core.pdev;
	bool command = dio_overlaps(pos, count, PCI_COMMAND, 2);
	bool power = pdev->pm_cap && dio_overlaps(pos, count, pdev->pm_cap + PCI_PM_CTRL, 2);

	if ((command || power) && READ_ONCE(d->irqs.vectors_on)) {
		mutex_lock(&d->core.igate);
		dio_vectors_resync(d);
		mutex_unlock(&d->core.igate);
	}
	if (command || power)
		dio_line_check(d);
	if (!d->irqs.intx.active)
		return;
	if (!d->irqs.intx.on_line && dio_overlaps(pos, count, pdev->msi_cap, d->irqs.intx.msi_len))
		dio_intx_fix_msi(d);
	if (power)
		dio_intx_power_written(d);
	if (command)
		dio_intx_command_written(d);
	if ((command || power) && dio_intx_event(d, DIO_INTX_RECHECK))
		dio_intx_fire(d);
}

/*
 * vfio-pci-core reads COMMAND, changes it and writes it back, and its handler of a
 * line sets Interrupt Disable in between: the bit is lost, and the line dead for
 * all its users ("nobody cared"). Keep the handler out. What to enable_irq().
 */
static int dio_command_guard(struct dio_vfio_dev *d, loff_t pos, size_t count)
{
	struct pci_dev *pdev = d->core.pdev;

	if (d->core.irq_type != VFIO_PCI_INTX_IRQ_INDEX ||
	    !dio_overlaps(pos, count, PCI_COMMAND, 2))
		return 0;
	disable_irq(pdev->irq);
	return pdev->irq;
}

/* A write to configuration space, for dio_trigger_write(). Sleeps. */
ssize_t dio_irqs_config_write(struct dio_vfio_dev *d, const char __user *buf, size_t count,
			      loff_t *ppos)
{
	loff_t pos = *ppos & VFIO_PCI_OFFSET_MASK;
	ssize_t ret;
	int line;

	if (down_read_killable(&d->irqs.config_sem))
		return -EINTR;
	dio_keep_config_begin(d, pos, count);
	line = dio_command_guard(d, pos, count);
	ret = vfio_pci_core_write(&d->core.vdev, buf, count, ppos);
	if (line)
		enable_irq(line);
	if (ret > 0)
		dio_irqs_config_written(d, pos, ret);
	dio_keep_config_end(d, pos, count);
	up_read(&d->irqs.config_sem);
	return ret;
}
