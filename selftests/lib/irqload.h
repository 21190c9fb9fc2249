/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Interrupts one by one: a device is told to raise its interrupt, a user-space
 * VFIO owner takes it by an eventfd, acknowledges it at the device and ends it.
 * This is a VMM's path without the VMM.  The rule for the figures: an interrupt
 * that is lost, late by a second or doubled fails the run, so that what is
 * counted is exactly @n deliveries.
 */
#ifndef DIO_TEST_IRQLOAD_H
#define DIO_TEST_IRQLOAD_H

#include <stdbool.h>
#include <stdint.h>
#include <x86intrin.h>

#include "owner.h"

/* How an interrupt ends.  An MSI needs none; with one it is a floor for INTx. */
enum irqload_end {
	IRQLOAD_NOTHING,
	IRQLOAD_IOCTL,		/* INTx is unmasked by VFIO_DEVICE_SET_IRQS */
	IRQLOAD_EVENTFD,	/* by an eventfd, which is KVM's resample path */
	IRQLOAD_NO_IOCTL,	/* an ioctl that VFIO does not know: no other costs less */
};

struct irqload_device;

struct irqload {
	struct owner owner;
	const struct irqload_device *device;
	bool msi;
	enum irqload_end end;
	int trigger, unmask;	/* eventfds */
	int patience_ms;	/* for one interrupt */
};

/* The device is one of the table in irqload.c, by its name in the machine. */
int irqload_open(struct irqload *l, const struct pcidev *d, bool msi, enum irqload_end end);
void irqload_close(struct irqload *l);
/*
 * Until the INTx is silent. A recheck policy that sees no level signals when it is
 * enabled, and some milliseconds after an EOI, for what it may have missed.
 */
void irqload_settle(const struct irqload *l);
/*
 * @n interrupts; with @cycles (room for @n) the TSC ticks of each, from the
 * raising to the end.  On a machine with icount a tick is an instruction.
 * 0, or -EIO with a diagnostic when the deliveries are not exactly @n.
 */
int irqload_run(struct irqload *l, int n, double *cycles);
/* An instruction is a tick on a machine with icount. */
static inline uint64_t irqload_ticks(void)
{
	return __rdtsc();
}

/* Is this one? */
bool irqload_counts_instructions(void);

#endif
