// SPDX-License-Identifier: GPL-2.0-only
/*
 * The bus reset. It reaches every function of the bus, so it is ours to use only
 * if all of them are bound to this driver and closed, but for the one that is
 * being reset; they are locked, silenced, saved and restored around it.
 */
#include <linux/delay.h>

#include "dio_dev.h"

#define DIO_SBR_PULSE_MS	2	/* Trst 1 ms, PCI 3.0, 4.3.2 */
#define DIO_SBR_PCIE_MS		100	/* PCIe 6.0, 6.6.1 */
#define DIO_SBR_PCI_MS		1000	/* Trhfa 2^25 clocks, PCI 3.0, 4.3.2 */
#define DIO_BUS_MAX		32	/* functions on a bus that is reset */

/* Is @f bound to this driver? -ENODEV, or whether it is open. */
static int dio_bus_neighbour_open(struct pci_dev *f)
{
	struct dio_vfio_dev *d = dio_dev_get(f);
	int open;

	if (!d)
		return -ENODEV;
	open = READ_ONCE(d->opened);
	dio_dev_put(d);
	return open;
}

/* Why function @f stands in the way of a bus reset for @d, NULL if it does not. */
static const char *dio_bus_blocker(struct dio_vfio_dev *d, struct pci_dev *f)
{
	int open;

	if (f->subordinate || f->bus != d->core.pdev->bus)
		return "is behind a bridge on the same bus";
	if (f->dev_flags & PCI_DEV_FLAGS_NO_BUS_RESET)
		return "is known not to survive a bus reset";
	open = dio_bus_neighbour_open(f);
	if (open < 0)
		return "on the same bus is not bound to " DIO_DRIVER_NAME;
	return open ? "on the same bus is open" : NULL;
}

/* The other functions of a bus, locked for its reset. */
struct dio_bus {
	struct dio_vfio_dev *d;
	const char *why;	/* a function stands in the way */
	const char *who;	/* its address */
	bool take;
	int n;
	struct pci_dev *taken[DIO_BUS_MAX];
	bool saved[DIO_BUS_MAX];	/* false: it was silent */
};

/* pci_walk_bus() callback: look at a function, and lock it if asked to. */
static int dio_bus_visit(struct pci_dev *f, void *data)
{
	struct dio_bus *bus = data;

	if (f == bus->d->core.pdev)
		return 0;
	if (bus->take && (bus->n == DIO_BUS_MAX || !pci_dev_trylock(f))) {
		bus->why = "on the same bus is busy";
		bus->who = pci_name(f);
		return 1;
	}
	if (bus->take)
		bus->taken[bus->n++] = pci_dev_get(f);
	bus->why = dio_bus_blocker(bus->d, f);
	bus->who = pci_name(f);
	return !!bus->why;
}

/* As dio_method_unavailable(). */
const char *dio_bus_unavailable(struct dio_vfio_dev *d, const struct dio_cfg *cfg, char *text)
{
	struct pci_dev *pdev = d->core.pdev;
	struct dio_bus bus = { .d = d };

	if (pdev->is_virtfn)
		return "a bus reset would reset the physical function";
	if (pci_is_root_bus(pdev->bus) || !pdev->bus->self)
		return "device is on a root bus";
	if (pdev->dev_flags & PCI_DEV_FLAGS_NO_BUS_RESET ||
	    pdev->bus->self->dev_flags & PCI_DEV_FLAGS_NO_BUS_RESET)
		return "device is known not to survive a bus reset";
	pci_walk_bus(pdev->bus, dio_bus_visit, &bus);
	if (bus.why)
		snprintf(text, DIO_REASON_LEN, "%s %s", bus.who, bus.why);
	return bus.why ? text : NULL;
}

static void dio_bus_unlock(struct dio_bus *bus)
{
	while (bus->n--) {
		pci_dev_unlock(bus->taken[bus->n]);
		pci_dev_put(bus->taken[bus->n]);
	}
}

/* All ones must not be saved, and written back once the function answers. */
static bool dio_bus_save(struct pci_dev *f)
{
	pci_set_power_state(f, PCI_D0);
	if (dio_wait_ready(f, 0)) {
		dio_config_lose(dio_from_pdev(f));
		return false;
	}
	dio_master_off(f);
	pci_save_state(f);
	return true;
}

/* Lock, silence and save the other functions of the bus. 0 or -EBUSY. */
static int dio_bus_take(struct dio_bus *bus)
{
	int i;

	bus->take = true;
	pci_walk_bus(bus->d->core.pdev->bus, dio_bus_visit, bus);
	if (bus->why) {
		dio_bus_unlock(bus);
		return -EBUSY;
	}
	for (i = 0; i < bus->n; i++)
		bus->saved[i] = dio_bus_save(bus->taken[i]);
	return 0;
}

static void dio_bus_give_back(struct dio_bus *bus, u32 timeout)
{
	int i;

	for (i = 0; i < bus->n; i++) {
		if (!bus->saved[i])
			dio_fence_start(dio_from_pdev(bus->taken[i]));
		else if (!dio_wait_ready(bus->taken[i], timeout))
			pci_restore_state(bus->taken[i]);
		else
			dio_config_lose(dio_from_pdev(bus->taken[i]));
	}
	dio_bus_unlock(bus);
}

static bool dio_bus_is_pcie(struct pci_dev *bridge)
{
	int type = pci_is_pcie(bridge) ? pci_pcie_type(bridge) : -1;

	return type == PCI_EXP_TYPE_ROOT_PORT || type == PCI_EXP_TYPE_DOWNSTREAM;
}

/* Assert and release the reset line. Waits as the specification of the bus says. */
static void dio_bus_pulse(struct pci_dev *bridge)
{
	u16 ctrl;

	pci_read_config_word(bridge, PCI_BRIDGE_CONTROL, &ctrl);
	pci_write_config_word(bridge, PCI_BRIDGE_CONTROL, ctrl | PCI_BRIDGE_CTL_BUS_RESET);
	msleep(DIO_SBR_PULSE_MS);
	pci_write_config_word(bridge, PCI_BRIDGE_CONTROL, ctrl & ~PCI_BRIDGE_CTL_BUS_RESET);
	msleep(dio_bus_is_pcie(bridge) ? DIO_SBR_PCIE_MS : DIO_SBR_PCI_MS);
}

/*
 * A hot-plug slot has to hear of the reset, or it takes the device for removed:
 * the PCI core does that. Elsewhere the pulse is ours: the core's wait for a
 * link-active bit that some ports never set ends in a false -ENOTTY.
 */
static int dio_bus_run_locked(struct dio_run *run)
{
	struct pci_dev *pdev = run->d->core.pdev;
	struct dio_bus bus = { .d = run->d };
	int ret = dio_bus_take(&bus);

	if (ret)
		return ret;
	if (!bus.n && pdev->slot && !pci_probe_reset_slot(pdev->slot)) {
		ret = dio_kernel_method(pdev, DIO_PCI_RESET_BUS);
	} else {
		dio_bus_pulse(pdev->bus->self);
		ret = dio_wait_ready(pdev, run->cfg.ready_timeout);
	}
	dio_bus_give_back(&bus, run->cfg.ready_timeout);
	return ret;
}

/* The bridge's lock nests outside the device's: only try for it. */
int dio_bus_run(struct dio_run *run)
{
	struct pci_dev *bridge = run->d->core.pdev->bus->self;
	ktime_t end = ktime_add_ms(ktime_get(), DIO_LOCK_TIMEOUT_MS);
	int ret;

	if (run->bridge_held)
		return dio_bus_run_locked(run);
	while (!pci_dev_trylock(bridge)) {
		if (ktime_after(ktime_get(), end))
			return -EBUSY;
		usleep_range(1000, 2000);
	}
	ret = dio_bus_run_locked(run);
	pci_dev_unlock(bridge);
	return ret;
}
