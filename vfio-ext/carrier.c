// SPDX-License-Identifier: GPL-2.0-only
/*
 * What carries an owner's INTx on the host, and how it is made silent: an MSI
 * with a mask bit (by the irq core), an MSI without one (MSI Enable), or, after a
 * fall back, the line (Interrupt Disable; the irq core where there is none). All
 * with dio_intx.lock held, hard interrupt context included.
 */
#include "dio_dev.h"

bool dio_msi_maskable(struct pci_dev *pdev)
{
	u16 flags = 0;

	if (pdev->msi_cap)
		pci_read_config_word(pdev, pdev->msi_cap + PCI_MSI_FLAGS, &flags);
	return flags & PCI_MSI_FLAGS_MASKBIT;
}

void dio_msi_enable_bit(struct pci_dev *pdev, bool on)
{
	u16 flags;

	pci_read_config_word(pdev, pdev->msi_cap + PCI_MSI_FLAGS, &flags);
	if (flags == U16_MAX)	/* in the middle of a reset; RESET puts it right */
		return;
	flags &= ~PCI_MSI_FLAGS_ENABLE;
	if (on)
		flags |= PCI_MSI_FLAGS_ENABLE;
	pci_write_config_word(pdev, pdev->msi_cap + PCI_MSI_FLAGS, flags);
}

/* Silence the carrier until dio_carrier_unmask(). Idempotent. */
void dio_carrier_mask(struct dio_vfio_dev *d)
{
	struct dio_intx *ix = &d->irqs.intx;

	lockdep_assert_held(&ix->lock);
	if (ix->quiet)
		return;
	ix->quiet = true;
	if (ix->on_line && d->irqs.line_masks)
		pci_intx(d->core.pdev, 0);
	else if (ix->on_line || ix->maskable)
		disable_irq_nosync(ix->irq);
	else
		dio_msi_enable_bit(d->core.pdev, false);
}

/**
 * dio_carrier_unmask() - let the carrier speak again
 * @d: the device; dio_intx.lock is held
 *
 * Return: true if an interrupt may have been missed meanwhile, or is there: the
 * line is high (then it stays masked), or MSI was disabled for a time. A masked
 * MSI is kept by the device's pending bit and the irq core, and comes by itself.
 */
bool dio_carrier_unmask(struct dio_vfio_dev *d)
{
	struct dio_intx *ix = &d->irqs.intx;

	lockdep_assert_held(&ix->lock);
	if (!ix->quiet)
		return false;
	if (ix->on_line && d->irqs.line_masks && !pci_check_and_unmask_intx(d->core.pdev))
		return true;
	ix->quiet = false;
	if (ix->on_line && d->irqs.line_masks)
		return false;
	if (ix->on_line || ix->maskable) {
		enable_irq(ix->irq);
		return false;
	}
	dio_msi_enable_bit(d->core.pdev, true);
	return true;
}

/*
 * Put Interrupt Disable back to what the carrier needs: whoever writes COMMAND read
 * it before, or has it from another time. dio_intx.lock is held.
 */
void dio_carrier_intx_bit(struct dio_vfio_dev *d)
{
	struct dio_intx *ix = &d->irqs.intx;

	lockdep_assert_held(&ix->lock);
	if (ix->on_line && d->irqs.line_masks)
		pci_intx(d->core.pdev, !ix->quiet);
	else if (!ix->on_line && d->irqs.parks)
		pci_intx(d->core.pdev, 0);
}

/* After a reset the bits are those of its beginning. dio_intx.lock is held. */
void dio_carrier_restore(struct dio_vfio_dev *d)
{
	struct dio_intx *ix = &d->irqs.intx;

	if (!ix->on_line && !ix->maskable)
		dio_msi_enable_bit(d->core.pdev, !ix->quiet);
	dio_carrier_intx_bit(d);
}
