/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A model of what VFIO promises of MSI and MSI-X vectors, beside the real ones:
 * every operation is done to both, and then every eventfd must have exactly the
 * signals that the model gave it.  A vector that cannot deliver (masked, or
 * without an eventfd) remembers one event, however many came.
 */
#ifndef DIO_TEST_VECMODEL_H
#define DIO_TEST_VECMODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "vectors.h"

#define VECMODEL_SLOTS 2	/* eventfds that a vector is switched between */

/* What a wrong model believes; the real vectors must prove it wrong. */
enum vecmodel_mistake {
	VECMODEL_RIGHT,
	VECMODEL_FORGETS,	/* an event of a masked vector is lost */
	VECMODEL_LEAKS,		/* a mask does nothing */
	VECMODEL_REPEATS,	/* every event of a masked vector comes later */
	VECMODEL_STAYS,		/* the first eventfd stays for ever */
	VECMODEL_MISTAKES,
};

struct vecmodel_vector {
	int fd[VECMODEL_SLOTS];
	int slot;		/* the eventfd in use, -1: none */
	bool masked;
	int device, host;	/* events that wait: in the device, or in the kernel */
	uint64_t delivered, pending, swaps;
};

struct vecmodel {
	const struct owner *owner;
	const struct vectors_device *dev;
	enum vecmodel_mistake mistake;
	bool on;
	bool resizes;		/* vectors can be added while it is on */
	unsigned int allocated;
	struct vecmodel_vector v[VECTORS_MAX];
	int expect[VECTORS_MAX][VECMODEL_SLOTS];	/* signals of this operation */
	int bound_ms;		/* for a signal to come */
	unsigned int seed;
	long operations, refused, signals;
};

/* The device of @owner is open, with memory and bus master on. */
int vecmodel_init(struct vecmodel *m, const struct owner *owner,
		  const struct vectors_device *dev, unsigned int seed);
void vecmodel_free(struct vecmodel *m);
/* @n random operations; the number done before the two differ. */
long vecmodel_run(struct vecmodel *m, long n);
/* No signal that the model does not know of comes within @ms. */
bool vecmodel_quiet(struct vecmodel *m, int ms);

#endif
