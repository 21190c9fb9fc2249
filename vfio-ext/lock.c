// SPDX-License-Identifier: GPL-2.0-only
/*
 * The PCI locks of a device and its bridge. The order is the PCI core's, top
 * down; nobody here blocks on them.
 */
#include <linux/delay.h>

#include "dio_dev.h"

static bool dio_reset_trylock(struct dio_vfio_dev *d, struct pci_dev *bridge)
{
	if (bridge && !pci_dev_trylock(bridge))
		return false;
	if (pci_dev_trylock(d->core.pdev))
		return true;
	if (bridge)
		pci_dev_unlock(bridge);
	return false;
}

/**
 * dio_reset_lock() - take the PCI locks of a device and its bridge, top down
 * @d: the device
 *
 * remove() holds the device's lock while it waits for the last user to close;
 * close must not wait for it, so this never blocks on the lock itself. Sleeps.
 *
 * Return: 0, -ENODEV if the device is being removed, -EBUSY after 5 s.
 */
int dio_reset_lock(struct dio_vfio_dev *d)
{
	struct pci_dev *bridge = pci_upstream_bridge(d->core.pdev);
	ktime_t end = ktime_add_ms(ktime_get(), DIO_LOCK_TIMEOUT_MS);

	while (!dio_reset_trylock(d, bridge)) {
		if (READ_ONCE(d->removing))
			return -ENODEV;
		if (ktime_after(ktime_get(), end))
			return -EBUSY;
		usleep_range(1000, 2000);
	}
	if (!d->removing)
		return 0;
	dio_reset_unlock(d);
	return -ENODEV;
}

void dio_reset_unlock(struct dio_vfio_dev *d)
{
	struct pci_dev *bridge = pci_upstream_bridge(d->core.pdev);

	pci_dev_unlock(d->core.pdev);
	if (bridge)
		pci_dev_unlock(bridge);
}
