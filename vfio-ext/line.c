// SPDX-License-Identifier: GPL-2.0-only
/*
 * The interrupt line of a device while its owner has no INTx there. Nobody handles
 * it then, and one interrupt that no handler takes away takes the line from all of
 * its users ("nobody cared"). So where the INTx is not left to stock, Interrupt
 * Disable is set in the device from the open to the close, but for the time of an
 * INTx on the line. The owner's own bit is virtual, and not touched.
 *
 * Two others would clear it for a moment, which an owner can repeat at will:
 * vfio-pci-core as the owner writes COMMAND, where core.pci_2_3 keeps it from that,
 * and the PCI core as it ends MSI or MSI-X, where the flag of the devices whose MSI
 * dies of Interrupt Disable does. Such devices themselves are left alone.
 */
#include "dio_dev.h"

/**
 * dio_line_take() - the line is silent from now on, until the close
 * @d: the device; no INTx of its owner is on. config_sem is held for writing, or
 *	it is being opened
 *
 * Idempotent. Does nothing where Interrupt Disable cannot be used.
 */
void dio_line_take(struct dio_vfio_dev *d)
{
	struct pci_dev *pdev = d->core.pdev;

	if (d->irqs.parks || !(d->irqs.line_masks || d->core.nointx) ||
	    pdev->dev_flags & PCI_DEV_FLAGS_MSI_INTX_DISABLE_BUG)
		return;
	pdev->dev_flags |= PCI_DEV_FLAGS_MSI_INTX_DISABLE_BUG;
	d->irqs.parks = true;
	dio_line_park(d);
}

/* vfio-pci-core has enabled the device: @d->core.pci_2_3 is what it has found out. */
void dio_line_open(struct dio_vfio_dev *d)
{
	struct dio_cfg cfg;

	dio_dev_get_cfg(d, &cfg);
	d->irqs.line_masks = d->core.pci_2_3;
	if (cfg.intx != DIO_VFIO_INTX_LINE)
		dio_line_take(d);
}

/* The owner is gone, and its device was reset. */
void dio_line_close(struct dio_vfio_dev *d)
{
	if (!d->irqs.parks)
		return;
	d->irqs.parks = false;
	d->core.pci_2_3 = d->irqs.line_masks;
	d->core.pdev->dev_flags &= ~PCI_DEV_FLAGS_MSI_INTX_DISABLE_BUG;
}

/* The owner's INTx has left the line. config_sem is held for writing. */
void dio_line_park(struct dio_vfio_dev *d)
{
	if (!d->irqs.parks)
		return;
	d->core.pci_2_3 = false;
	pci_intx(d->core.pdev, 0);
}

/* vfio-pci-core may use the line until dio_line_park(). The same. */
void dio_line_lend(struct dio_vfio_dev *d)
{
	if (d->irqs.parks)
		d->core.pci_2_3 = d->irqs.line_masks;
}

/*
 * COMMAND was restored from a time when an INTx was on: silent again, if none is.
 * Whoever calls keeps SET_IRQS out, by config_sem or by msi_lock.
 */
void dio_line_check(struct dio_vfio_dev *d)
{
	if (d->irqs.parks && !READ_ONCE(d->irqs.intx.active) &&
	    d->core.irq_type != VFIO_PCI_INTX_IRQ_INDEX)
		pci_intx(d->core.pdev, 0);
}
