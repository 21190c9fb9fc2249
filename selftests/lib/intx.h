/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The INTx of a VFIO owner, driven step by step: raise, take, acknowledge at the
 * device, end (EOI).  irqload.h is for many of them in a row.
 */
#ifndef DIO_TEST_INTX_H
#define DIO_TEST_INTX_H

#include <stdint.h>

#include "owner.h"
#include "vectors.h"

struct intx_source {
	const char *prefix;	/* of the device's name in the machine's table */
	void (*ready)(const struct mmio *m);
	/* Each raise is a message in MSI mode; the level stands until ack(). */
	void (*raise)(const struct mmio *m, unsigned int n);
	void (*ack)(const struct mmio *m);
};

struct intx {
	struct owner owner;
	const struct intx_source *source;
	int fd;			/* eventfd, not blocking */
};

#define INTX_INIT { .owner = OWNER_INIT, .fd = -1 }

/* The device is opened and quiet, its INTx not yet enabled. 0 or -errno. */
int intx_open(struct intx *x, const struct pcidev *d);
void intx_close(struct intx *x);
int intx_enable(const struct intx *x);
static inline void intx_raise(const struct intx *x, unsigned int n)
{
	x->source->raise(&x->owner.mmio, n);
}

static inline void intx_ack(const struct intx *x)
{
	x->source->ack(&x->owner.mmio);
}

int intx_eoi(const struct intx *x);
/*
 * One interrupt from the raising to the EOI: 0; -ETIMEDOUT, or -EIO with a
 * diagnostic when it came more than once.
 */
int intx_one(const struct intx *x, int bound_ms);
/*
 * Acknowledge and end whatever is there, until nothing comes any more: a policy
 * that sees no level signals once too often rather than once too little.
 */
void intx_settle(const struct intx *x);

/* Runs of the handler "KIND(ADDR)" by /proc/interrupts; -1: there is none. */
long intx_runs(const char *kind, const struct pcidev *d);

#define INTX_HANDLER_MSI "dio-intx-msi"
#define INTX_HANDLER_LINE "dio-intx"
#define INTX_HANDLER_STOCK "vfio-intx"

#endif
