/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's view of a device's interrupts, by the module dio_irq_probe: a
 * client as another room's would be.  Rule: whoever attaches detaches, also when
 * the device was unbound meanwhile.
 */
#ifndef DIO_TEST_IRQPROBE_H
#define DIO_TEST_IRQPROBE_H

#include "pcidev.h"

/* What the client was told since it was attached. */
struct irqprobe_seen {
	unsigned long arrived, intx, msi, msix;
	unsigned int last;	/* vector */
	unsigned long wrong;	/* in another context, of another device, after gone */
	unsigned long gone;
};

/* All answer 0 or a negative errno. */
int irqprobe_load(void);
int irqprobe_attach(const struct pcidev *d);
int irqprobe_detach(void);
int irqprobe_unload(void);
int irqprobe_seen(struct irqprobe_seen *seen);
/* dio_vfio_irq_holdoff() of the device that is attached. */
int irqprobe_holdoff(int index, int vector, unsigned int us);

#endif
