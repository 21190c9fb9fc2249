/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Values planted by a test, as an owner would leave them, and what a reset
 * made of them.  The MSI and MSI-X ones are added from the capabilities.
 * Rule: MSI address and data are planted through sysfs, because VFIO only
 * virtualises them; a value counts as survived when it equals the one that
 * was read back after planting.
 */
#ifndef DIO_TEST_CANARY_H
#define DIO_TEST_CANARY_H

#include <stdint.h>

#include "mmio.h"
#include "pcidev.h"

#define CANARY_CONFIG (-1)	/* "BAR" of a value in configuration space */
#define CANARY_MAX 16

struct canary_reg {
	const char *name;
	int bar;
	uint32_t offset;
	int width;
	uint64_t value;
};

struct canary {
	struct canary_reg reg;
	uint64_t before, planted, after;
};

struct canary_set {
	const struct pcidev *pci;
	int count;		/* values of the table */
	int taken;		/* of these, the device let us change */
	int survived;
	struct canary value[CANARY_MAX];
};

/* A device model's registers; the last row has no name. */
extern const struct canary_reg canary_e1000e[];
extern const struct canary_reg canary_igb[];
extern const struct canary_reg canary_igbvf[];
extern const struct canary_reg canary_nvme[];
extern const struct canary_reg canary_edu[];
extern const struct canary_reg canary_virtio[];
extern const struct canary_reg canary_hda[];
extern const struct canary_reg canary_xhci[];

void canary_init(struct canary_set *s, const struct pcidev *d, const struct canary_reg *regs);
/* Memory decoding must be on. */
void canary_plant(struct canary_set *s, const struct mmio *m);
/* Fills after, taken and survived; returns survived. */
int canary_check(struct canary_set *s, const struct mmio *m);
/* BARs that the table needs, as a mask. */
unsigned int canary_bars(const struct canary_set *s);
/* One diagnostic line: who survived. */
void canary_say(const struct canary_set *s, const char *what);

#endif
