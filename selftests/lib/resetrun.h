/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Resets of one device, each with values planted before it: what an owner
 * leaves, what the reset returned, what is found after it.
 */
#ifndef DIO_TEST_RESETRUN_H
#define DIO_TEST_RESETRUN_H

#include "canary.h"
#include "owner.h"
#include "stage.h"

enum reset_how {
	HOW_IOCTL,	/* VFIO_DEVICE_RESET */
	HOW_SYSFS,	/* echo 1 > reset while the device is open */
	HOW_NEWOWNER,	/* the owner closes, another one opens */
	HOWS
};

#define RESET_RUN_EVENTS 4

struct reset_run {
	enum reset_how how;
	int rc;			/* of the reset; of the second open for HOW_NEWOWNER */
	double ms;
	bool can_reset;		/* VFIO_DEVICE_FLAGS_RESET of the first open */
	uint32_t command;	/* PCI_COMMAND right after the reset */
	struct canary_set canaries;
	int events;
	struct dionl_reset event[RESET_RUN_EVENTS];
};

/*
 * Open once, then @n resets from @first on (HOW_IOCTL, HOWS: all of them).
 * 0 when all the steps around the resets worked; a reset's own is run[].rc.
 */
int reset_run(struct stage *s, const struct canary_reg *regs, enum reset_how first, int n,
	      struct reset_run *run);
/* The event of that trigger, NULL when there is none. */
const struct dionl_reset *reset_run_event(const struct reset_run *run, uint32_t trigger);
const char *reset_how_name(enum reset_how how);
/* Trigger that the kernel records for it; the last one of HOW_NEWOWNER. */
uint32_t reset_how_trigger(enum reset_how how);

#endif
