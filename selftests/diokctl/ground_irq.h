/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The ground with an owner on it: one of its devices is open, MSI-X on, with
 * a hold-off that is not the default, so that each change of it shows.
 */
#ifndef DIO_TEST_GROUND_IRQ_H
#define DIO_TEST_GROUND_IRQ_H

#include "ground.h"
#include "owner.h"

#define Q(attr)		DIO_VFIO_A_IRQ_##attr

#define GROUND_CLOSED	0	/* index of the device that nobody has open */
#define GROUND_OWNED	1
#define GROUND_VECTORS	3	/* that the owner has enabled */
#define GROUND_HOLDOFF	222	/* of all vectors but the first, us */

struct ground_irq {
	struct ground ground;
	struct owner owner;
	int fd[GROUND_VECTORS];
	struct ground_said before;	/* all that irq-get said of the device */
};

/* As ground_open(), for which the whole is opened and closed here. */
int ground_irq_open(struct ground_irq *q);
void ground_irq_close(struct ground_irq *q);

/* As GROUND_SETUP(). */
#define GROUND_IRQ_SETUP(q) GROUND_SETUP_BY(ground_irq_open, ground_irq_close, q)

/* As ground_changes(), and 1 more if anything about the interrupts differs. */
int ground_irq_changes(struct ground_irq *q);

#endif
