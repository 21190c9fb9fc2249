// SPDX-License-Identifier: GPL-2.0-only
/*
 * A device that did not answer while its configuration space was saved or
 * restored comes back without BARs. The copy of the time of binding, when it was
 * known to be good, brings them back; it is never taken from a silent device.
 */
#include <linux/pm_runtime.h>
#include <linux/slab.h>

#include "dio_dev.h"

/* Keep a copy, without bus master. 0 or -ENOMEM. Called by probe(). */
int dio_config_keep(struct dio_vfio_dev *d)
{
	struct pci_dev *pdev = d->core.pdev;

	pci_save_state(pdev);
	pdev->saved_config_space[PCI_COMMAND / 4] &= ~(u32)PCI_COMMAND_MASTER;
	d->good_config = pci_store_saved_state(pdev);
	pdev->state_saved = false;
	return d->good_config ? 0 : -ENOMEM;
}

void dio_config_release(struct dio_vfio_dev *d)
{
	kfree(d->good_config);
	d->good_config = NULL;
}

/*
 * The device did not answer when its configuration should have been saved or
 * restored; it is in D0, its PCI lock is held. Until it is repaired it must not be
 * suspended: the PCI core would save all ones, and restore them, bus master and all.
 */
void dio_config_lose(struct dio_vfio_dev *d)
{
	if (d->config_lost)
		return;
	pm_runtime_get_noresume(&d->core.pdev->dev);
	WRITE_ONCE(d->config_lost, true);
}

/* The end of dio_config_lose(). */
void dio_config_found(struct dio_vfio_dev *d)
{
	if (!d->config_lost)
		return;
	WRITE_ONCE(d->config_lost, false);
	pm_runtime_put(&d->core.pdev->dev);
}

/* Do the BARs read what the kernel assigned? Those of a VF are in its PF. */
bool dio_config_sane(struct pci_dev *pdev)
{
	u32 v, want, mask;
	int i;

	for (i = 0; i < PCI_STD_NUM_BARS && !pdev->is_virtfn; i++) {
		unsigned long flags = pci_resource_flags(pdev, i);

		if (!(flags & (IORESOURCE_MEM | IORESOURCE_IO)) || flags & IORESOURCE_UNSET)
			continue;
		mask = flags & IORESOURCE_IO ? (u32)PCI_BASE_ADDRESS_IO_MASK :
		       (u32)PCI_BASE_ADDRESS_MEM_MASK;
		want = lower_32_bits(pci_bus_address(pdev, i));
		pci_read_config_dword(pdev, PCI_BASE_ADDRESS_0 + 4 * i, &v);
		if ((v ^ want) & mask)
			return false;
	}
	return true;
}

/*
 * Bring the kept copy back if a restore was missed or the BARs are wrong. The device
 * answers; its PCI lock is held. Bus master goes off first, and stays off. Sleeps.
 */
void dio_config_repair(struct dio_vfio_dev *d)
{
	struct pci_dev *pdev = d->core.pdev;

	if (!d->config_lost && dio_config_sane(pdev))
		return;
	dio_master_off(pdev);
	if (pci_load_saved_state(pdev, d->good_config))
		return;
	pci_info(pdev, "configuration space was lost, restoring that of the time of binding\n");
	pci_restore_state(pdev);
	dio_master_off(pdev);
	dio_config_found(d);
}
