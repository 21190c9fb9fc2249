// SPDX-License-Identifier: GPL-2.0-only
/*
 * Quiesce: after it returns, the device sends nothing, or the record says that
 * it could not be made to stop. The order matters: bus master off first (it also
 * stops MSI and MSI-X, which are memory writes), a read to flush posted writes,
 * INTx off, then the device's own stop, then the wait.
 */
#include <linux/delay.h>

#include "dio_dev.h"

#define DIO_POLL_US	500

/*
 * Take over PCI_COMMAND for a reset: bus master off, and INTx too, except under
 * observe, where the PCI core does that when stock does.
 */
void dio_command_begin(struct dio_run *run)
{
	struct pci_dev *pdev = run->d->core.pdev;

	pci_read_config_word(pdev, PCI_COMMAND, &run->command);
	dio_master_off(pdev);
	if (run->act && !(run->command & PCI_COMMAND_INTX_DISABLE))
		pci_write_config_word(pdev, PCI_COMMAND, (run->command & ~PCI_COMMAND_MASTER) |
				      PCI_COMMAND_INTX_DISABLE);
}

/* Let the driver reach the registers; the VFIO user's mapping is not involved. */
void dio_memory_on(struct dio_run *run)
{
	struct pci_dev *pdev = run->d->core.pdev;
	u16 cmd;

	pci_read_config_word(pdev, PCI_COMMAND, &cmd);
	if (!(cmd & PCI_COMMAND_MEMORY))
		pci_write_config_word(pdev, PCI_COMMAND, cmd | PCI_COMMAND_MEMORY);
}

/* Give PCI_COMMAND back as it was, with bus master only if @master. */
void dio_command_end(struct dio_run *run, bool master)
{
	u16 cmd = run->command;

	if (!master)
		cmd &= ~PCI_COMMAND_MASTER;
	pci_write_config_word(run->d->core.pdev, PCI_COMMAND, cmd);
}

/*
 * Bus master off at the device, whatever the PCI core believes, and flushed: a
 * read completion pushes the posted writes before it (PCI 3.0, 3.2.5).
 */
void dio_master_off(struct pci_dev *pdev)
{
	u16 cmd;

	pci_read_config_word(pdev, PCI_COMMAND, &cmd);
	if (!(cmd & PCI_COMMAND_MASTER))
		return;
	pci_write_config_word(pdev, PCI_COMMAND, cmd & ~PCI_COMMAND_MASTER);
	pci_read_config_word(pdev, PCI_COMMAND, &cmd);
}

static bool dio_transactions_pending(struct pci_dev *pdev)
{
	u16 status;

	if (!pci_is_pcie(pdev))
		return false;
	pcie_capability_read_word(pdev, PCI_EXP_DEVSTA, &status);
	return status != U16_MAX && status & PCI_EXP_DEVSTA_TRPND;
}

/* The device's idle row with offsets made absolute; false if it has none. */
static bool dio_idle_row(struct dio_vfio_dev *d, struct dio_idle *idle)
{
	u32 base = 0;
	u8 bar = 0;

	if (!d->row || !d->row->idle)
		return false;
	if (d->row->base && d->row->base(d, &bar, &base))
		return false;
	*idle = *d->row->idle;
	idle->space += bar;
	idle->stop += base;
	idle->offset += base;
	return dio_mmio(d, idle->space, idle->offset, idle->width);
}

static void dio_idle_stop(struct dio_vfio_dev *d, const struct dio_idle *idle)
{
	u64 v;

	if (!idle->clear && !idle->set)
		return;
	v = dio_reg_read(d, idle->space, idle->stop, idle->width);
	dio_reg_write(d, idle->space, idle->stop, idle->width, (v & ~idle->clear) | idle->set);
}

static bool dio_idle_now(struct dio_vfio_dev *d, const struct dio_idle *idle)
{
	return (dio_reg_read(d, idle->space, idle->offset, idle->width) & idle->mask) ==
	       idle->value;
}

/* Does the device look as if its owner has set it to work? Changes nothing. */
bool dio_device_works(struct dio_vfio_dev *d)
{
	struct dio_idle idle;

	if (!dio_idle_row(d, &idle) || idle.set)
		return false;
	if (idle.clear)
		return dio_reg_read(d, idle.space, idle.stop, idle.width) & idle.clear;
	return !dio_idle_now(d, &idle);
}

/* By the clock: msleep() counts ticks, which may run ahead of it in a guest. */
static void dio_drain(unsigned int ms)
{
	unsigned long us = ms * USEC_PER_MSEC;

	if (us)
		usleep_range(us, us + USEC_PER_MSEC);
}

/**
 * dio_quiesce() - wait until the device has no DMA under way
 * @run: the reset; bus master is off, memory decoding is on
 *
 * The device's own indication (table row) and Transactions Pending are waited
 * for up to idle_timeout; a device that has neither gets the drain time. Sleeps.
 *
 * Return: how the wait ended; the record gets the milliseconds as well.
 */
enum dio_vfio_idle dio_quiesce(struct dio_run *run)
{
	struct dio_vfio_dev *d = run->d;
	ktime_t start = ktime_get(), end = ktime_add_ms(start, run->cfg.idle_timeout);
	enum dio_vfio_idle how = DIO_VFIO_IDLE_IDLE;
	struct dio_idle idle;
	bool row = dio_idle_row(d, &idle);

	if (!row && !pci_is_pcie(d->core.pdev)) {
		dio_drain(run->cfg.drain);
		how = DIO_VFIO_IDLE_DRAINED;
		goto out;
	}
	if (row && !run->stopped) {
		dio_idle_stop(d, &idle);
		run->stopped = true;
	}
	while (dio_transactions_pending(d->core.pdev) || (row && !dio_idle_now(d, &idle))) {
		if (ktime_after(ktime_get(), end)) {
			how = DIO_VFIO_IDLE_TIMEOUT;
			break;
		}
		usleep_range(DIO_POLL_US, 2 * DIO_POLL_US);
	}
out:
	run->rec->idle_time += ktime_ms_delta(ktime_get(), start);
	return how;
}

/* Take back a stop bit that no method cleared, so that a driver can start. */
void dio_quiesce_undo(struct dio_run *run)
{
	struct dio_idle idle;
	u64 v;

	if (!run->stopped || !dio_idle_row(run->d, &idle) || !idle.set)
		return;
	v = dio_reg_read(run->d, idle.space, idle.stop, idle.width);
	if (v & idle.set)
		dio_reg_write(run->d, idle.space, idle.stop, idle.width, v & ~idle.set);
}
