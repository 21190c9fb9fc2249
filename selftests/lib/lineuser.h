/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Another user of a device's interrupt line, by the module dio_line_user: what the
 * line's other users see of the device.  Rule: whoever shares a line leaves it.
 */
#ifndef DIO_TEST_LINEUSER_H
#define DIO_TEST_LINEUSER_H

#include "pcidev.h"

struct lineuser_seen {
	unsigned long runs;		/* of its handler */
	unsigned long raised;		/* of these, because of the device */
	int irq;
	unsigned long unhandled;	/* the kernel's count, within a tenth of a second */
};

/*
 * Share the line of @d, which its owner has open: its cause is the register
 * @status of @bar, acknowledged at @ack. 0 or a negative errno.
 */
int lineuser_share(const struct pcidev *d, int bar, int status, int ack);
int lineuser_leave(void);
int lineuser_seen(struct lineuser_seen *seen);

#endif
