// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reset methods as a table of {name, unavailable, run}. Whoever runs one holds
 * the PCI lock of the device and has saved its configuration; a method's return
 * value is what it believes, the canaries decide.
 */
#include <linux/delay.h>
#include <linux/slab.h>

#include "dio_dev.h"

#define DIO_FLR_MS		100	/* PCIe 6.0, 6.6.2 */
#define DIO_D3_MS		10	/* PCI PM 1.2, 5.6.1 */
#define DIO_NARROWED		0xff	/* no index of the PCI core's table */

/* Poll until configuration reads of @pdev are answered. 0 or -ETIMEDOUT. */
int dio_wait_ready(struct pci_dev *pdev, u32 timeout)
{
	ktime_t end = ktime_add_ms(ktime_get(), timeout);
	u32 id;

	for (;;) {
		/* not the vendor id: a VF's is all ones by definition */
		pci_read_config_dword(pdev, PCI_COMMAND, &id);
		if (!PCI_POSSIBLE_ERROR(id))
			return 0;
		if (ktime_after(ktime_get(), end))
			return -ETIMEDOUT;
		usleep_range(1000, 2000);
	}
}

/**
 * dio_kernel_narrow() - leave the PCI core one method, or none
 * @pdev: the device; its PCI lock is held
 * @index: of the method in the core's table, 0 for none
 * @saved: filled with what dio_kernel_widen() gives back
 *
 * The mark behind the end, where the core does not look, tells this list from
 * one that an administrator wrote: sysfs reset_method is stored without a lock.
 */
void dio_kernel_narrow(struct pci_dev *pdev, u8 index, u8 saved[PCI_NUM_RESET_METHODS])
{
	memcpy(saved, pdev->reset_methods, PCI_NUM_RESET_METHODS);
	pdev->reset_methods[2] = DIO_NARROWED;
	pdev->reset_methods[1] = DIO_PCI_RESET_END;
	pdev->reset_methods[0] = index;
}

/*
 * End dio_kernel_narrow(), unless an administrator has chosen methods meanwhile.
 * (That all are off, while there is none anyway, leaves no trace and is lost.)
 */
void dio_kernel_widen(struct pci_dev *pdev, u8 index, const u8 saved[PCI_NUM_RESET_METHODS])
{
	const u8 *now = pdev->reset_methods;

	if (now[0] == index && now[1] == DIO_PCI_RESET_END && now[2] == DIO_NARROWED)
		memcpy(pdev->reset_methods, saved, PCI_NUM_RESET_METHODS);
}

/* Run a method of the PCI core's table alone. */
int dio_kernel_method(struct pci_dev *pdev, u8 index)
{
	u8 saved[PCI_NUM_RESET_METHODS];
	int ret;

	dio_kernel_narrow(pdev, index, saved);
	ret = __pci_reset_function_locked(pdev);
	dio_kernel_widen(pdev, index, saved);
	return ret;
}

static bool dio_kernel_offers(const struct pci_dev *pdev, u8 index)
{
	int i;

	for (i = 0; i < PCI_NUM_RESET_METHODS && pdev->reset_methods[i]; i++)
		if (pdev->reset_methods[i] == index)
			return true;
	return false;
}

static const char *dio_device_unavailable(struct dio_vfio_dev *d, const struct dio_cfg *cfg,
					  char *text)
{
	if (d->row && d->row->reset)
		return NULL;
	if (dio_kernel_offers(d->core.pdev, DIO_PCI_RESET_DEVICE_SPECIFIC))
		return NULL;
	return "no device-specific reset is known";
}

static int dio_device_run(struct dio_run *run)
{
	if (run->d->row && run->d->row->reset) {
		dio_memory_on(run);
		return run->d->row->reset(run->d);
	}
	return dio_kernel_method(run->d->core.pdev, DIO_PCI_RESET_DEVICE_SPECIFIC);
}

static const char *dio_flr_unavailable(struct dio_vfio_dev *d, const struct dio_cfg *cfg,
				       char *text)
{
	struct pci_dev *pdev = d->core.pdev;

	if (!(pdev->devcap & PCI_EXP_DEVCAP_FLR))
		return "device has no FLR (FLReset-)";
	if (pdev->dev_flags & PCI_DEV_FLAGS_NO_FLR_RESET)
		return "FLR is known to be broken on this device";
	return NULL;
}

static int dio_flr_run(struct dio_run *run)
{
	struct pci_dev *pdev = run->d->core.pdev;

	pcie_capability_set_word(pdev, PCI_EXP_DEVCTL, PCI_EXP_DEVCTL_BCR_FLR);
	if (!pdev->imm_ready)
		msleep(DIO_FLR_MS);
	return dio_wait_ready(pdev, run->cfg.ready_timeout);
}

static const char *dio_af_flr_unavailable(struct dio_vfio_dev *d, const struct dio_cfg *cfg,
					  char *text)
{
	struct pci_dev *pdev = d->core.pdev;
	u8 pos = pci_find_capability(pdev, PCI_CAP_ID_AF), cap;

	if (!pos)
		return "device has no Advanced Features capability";
	pci_read_config_byte(pdev, pos + PCI_AF_CAP, &cap);
	if (!(cap & PCI_AF_CAP_TP) || !(cap & PCI_AF_CAP_FLR))
		return "Advanced Features capability has no FLR";
	if (pdev->dev_flags & PCI_DEV_FLAGS_NO_FLR_RESET)
		return "FLR is known to be broken on this device";
	return NULL;
}

static int dio_af_flr_run(struct dio_run *run)
{
	struct pci_dev *pdev = run->d->core.pdev;
	ktime_t end = ktime_add_ms(ktime_get(), run->cfg.idle_timeout);
	u8 pos = pci_find_capability(pdev, PCI_CAP_ID_AF), status;

	do {
		pci_read_config_byte(pdev, pos + PCI_AF_STATUS, &status);
		if (!(status & PCI_AF_STATUS_TP))
			break;
		usleep_range(500, 1000);
	} while (ktime_before(ktime_get(), end));
	pci_write_config_byte(pdev, pos + PCI_AF_CTRL, PCI_AF_CTRL_FLR);
	if (!pdev->imm_ready)
		msleep(DIO_FLR_MS);
	return dio_wait_ready(pdev, run->cfg.ready_timeout);
}

static const char *dio_d3_unavailable(struct dio_vfio_dev *d, const struct dio_cfg *cfg,
				      char *text)
{
	struct pci_dev *pdev = d->core.pdev;
	u16 csr;

	if (!pdev->pm_cap)
		return "device has no power management capability";
	if (pdev->dev_flags & PCI_DEV_FLAGS_NO_PM_RESET)
		return "D3hot is known not to reset this device";
	pci_read_config_word(pdev, pdev->pm_cap + PCI_PM_CTRL, &csr);
	if (csr == U16_MAX)
		return "device does not answer";
	if (csr & PCI_PM_CTRL_NO_SOFT_RESET && !cfg->d3_force)
		return "device keeps its state in D3hot (NoSoftRst+)";
	return NULL;
}

static int dio_d3_run(struct dio_run *run)
{
	struct pci_dev *pdev = run->d->core.pdev;
	unsigned int delay = max_t(unsigned int, pdev->d3hot_delay, DIO_D3_MS);
	u16 csr;

	pci_read_config_word(pdev, pdev->pm_cap + PCI_PM_CTRL, &csr);
	csr &= ~PCI_PM_CTRL_STATE_MASK;
	pci_write_config_word(pdev, pdev->pm_cap + PCI_PM_CTRL, csr | (__force u16)PCI_D3hot);
	msleep(delay);
	pci_write_config_word(pdev, pdev->pm_cap + PCI_PM_CTRL, csr | (__force u16)PCI_D0);
	msleep(delay);
	return dio_wait_ready(pdev, run->cfg.ready_timeout);
}

static const struct dio_method {
	const char *name;
	u8 kernel;	/* index in the PCI core's table */
	const char *(*unavailable)(struct dio_vfio_dev *d, const struct dio_cfg *cfg,
				   char *text);
	int (*run)(struct dio_run *run);
} dio_methods[DIO_NMETHODS] = {
	[DIO_VFIO_METHOD_DEVICE] = {
		"device", DIO_PCI_RESET_DEVICE_SPECIFIC, dio_device_unavailable, dio_device_run },
	[DIO_VFIO_METHOD_FLR] = {
		"flr", DIO_PCI_RESET_FLR, dio_flr_unavailable, dio_flr_run },
	[DIO_VFIO_METHOD_AF_FLR] = {
		"af-flr", DIO_PCI_RESET_AF_FLR, dio_af_flr_unavailable, dio_af_flr_run },
	[DIO_VFIO_METHOD_D3] = {
		"d3", DIO_PCI_RESET_PM, dio_d3_unavailable, dio_d3_run },
	[DIO_VFIO_METHOD_BUS] = {
		"bus", DIO_PCI_RESET_BUS, dio_bus_unavailable, dio_bus_run },
};

const char *dio_method_name(enum dio_vfio_method m)
{
	return m < DIO_NMETHODS ? dio_methods[m].name : "none";
}

/**
 * dio_method_unavailable() - why a method cannot be used for a device
 * @d: the device
 * @cfg: its settings
 * @m: the method
 * @text: DIO_REASON_LEN bytes, used if the reason has to name somebody
 *
 * May sleep.
 *
 * Return: the reason, in @text or constant; NULL if it can be used.
 */
const char *dio_method_unavailable(struct dio_vfio_dev *d, const struct dio_cfg *cfg,
				   enum dio_vfio_method m, char *text)
{
	return dio_methods[m].unavailable(d, cfg, text);
}

/* The method that the PCI core would run first, NONE if it has none. */
enum dio_vfio_method dio_method_of_kernel(const struct pci_dev *pdev)
{
	int m;

	if (pdev->reset_methods[0] == DIO_PCI_RESET_CXL_BUS)
		return DIO_VFIO_METHOD_BUS;
	if (pdev->reset_methods[0] == DIO_PCI_RESET_ACPI)
		return DIO_VFIO_METHOD_DEVICE;
	for (m = 0; m < DIO_NMETHODS; m++)
		if (pdev->reset_methods[0] == dio_methods[m].kernel)
			return m;
	return DIO_VFIO_METHOD_NONE;
}

/* Index of @m in the PCI core's table, 0 if the core would not run it. */
u8 dio_method_kernel_index(const struct pci_dev *pdev, enum dio_vfio_method m)
{
	if (m >= DIO_NMETHODS)
		return 0;
	return dio_kernel_offers(pdev, dio_methods[m].kernel) ? dio_methods[m].kernel : 0;
}

/**
 * dio_method_order() - the methods to try for a device, in order
 * @d: the device
 * @cfg: its settings
 * @order: filled; unavailable methods are among them
 *
 * Without an order of the administrator: the PCI core's own (what sysfs
 * reset_method says), then the rest. The device-specific sequence of the table
 * is used only when it is asked for.
 *
 * Return: how many.
 */
unsigned int dio_method_order(struct dio_vfio_dev *d, const struct dio_cfg *cfg,
			      u8 order[DIO_NMETHODS])
{
	enum dio_vfio_method first;
	unsigned int n = 0;
	int m;

	if (cfg->nmethods) {
		memcpy(order, cfg->method, cfg->nmethods);
		return cfg->nmethods;
	}
	first = dio_method_of_kernel(d->core.pdev);
	if (first != DIO_VFIO_METHOD_NONE)
		order[n++] = first;
	for (m = DIO_VFIO_METHOD_FLR; m < DIO_NMETHODS; m++)
		if (m != first)
			order[n++] = m;
	return n;
}

/* Run one method. Sleeps. 0 or a negative errno, which is only its opinion. */
int dio_method_run(struct dio_run *run, enum dio_vfio_method m)
{
	return dio_methods[m].run(run);
}
