/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Faults in the configuration space of one device, by the module
 * dio_cfg_inject.  Rule: whoever takes a device releases it before the test
 * ends, after the device's driver has let go of it.
 */
#ifndef DIO_TEST_INJECT_H
#define DIO_TEST_INJECT_H

#include <stdint.h>

#include "pcidev.h"

/* When a fault begins, and when it ends: also after MS, in decimal. */
#define INJECT_NOW "now"
#define INJECT_FOR_EVER "-1"
#define INJECT_BME_OFF "bme-off"	/* bus master is switched off */
#define INJECT_FLR "flr"
#define INJECT_D3 "d3"			/* back from D3hot */
#define INJECT_BUS "bus"		/* a reset of the bus has ended */

/* How often each of these happened since inject_take(). */
struct inject_seen {
	unsigned int bme_off, flr, d3, bus;
};

/* All answer 0 or a negative errno, with a diagnostic. */
int inject_take(const struct pcidev *d);
int inject_release(void);
/* Reads of the bits of @mask at @offset return @value. */
int inject_rule(int offset, int width, uint32_t mask, uint32_t value, const char *when,
		const char *until);
/* Reads return all ones and writes are lost. */
int inject_unready(const char *when, const char *until);
/* An Advanced Features capability, at a free place; @how: "honest" or "lie". */
int inject_af(int offset, const char *how);
/* The bits of @mask at @offset have no effect; reads return them as written. */
int inject_deaf(int offset, int width, uint32_t mask);
/*
 * Interrupt Status mirrors the level while MSI is disabled: @status of the BAR,
 * under @mask.
 */
int inject_level(int bar, int status, uint32_t mask);
int inject_seen(struct inject_seen *seen);
/* Let the kernel forget the device and find it anew, as it looks now. */
int inject_rediscover(const struct pcidev *d);

#endif
