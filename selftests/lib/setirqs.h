/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Random calls of VFIO_DEVICE_SET_IRQS, right and wrong, and what an owner may do to
 * its device between them.  A sequence depends on its seed alone, never on answers:
 * the same seed gives two drivers the same sequence.
 */
#ifndef DIO_TEST_SETIRQS_H
#define DIO_TEST_SETIRQS_H

#include <stdbool.h>
#include <stdint.h>

#include "owner.h"

#define SETIRQS_MAX 16		/* vectors in one call that has its data */
#define SETIRQS_FDS (2 * SETIRQS_MAX)	/* eventfds: two for each vector */

enum setirqs_what {
	SETIRQS_CALL,
	SETIRQS_COMMAND,	/* a write to configuration space: COMMAND, */
	SETIRQS_MSI,		/* the control word of MSI, */
	SETIRQS_MSIX,		/* of MSI-X, */
	SETIRQS_POWER,		/* the power state */
	SETIRQS_RESET,		/* VFIO_DEVICE_RESET */
	SETIRQS_REOPEN,
	SETIRQS_WHATS,
};

/* Where the memory of the call ends too soon. */
enum setirqs_memory {
	SETIRQS_WHOLE,
	SETIRQS_NO_DATA,	/* the data is not mapped */
	SETIRQS_NO_HEADER,	/* neither is the header */
};

struct setirqs_step {
	enum setirqs_what what;
	uint32_t value;		/* written to configuration space */
	enum setirqs_memory memory;
	struct vfio_irq_set call;
	int32_t data[SETIRQS_MAX];
};

/* The eventfds, a file that is none, a number without a file, and the memory. */
struct setirqs {
	uint64_t random;
	int vectors;		/* the device's, which the calls are around */
	int32_t fd[SETIRQS_FDS], file, closed;
	uint8_t *page;		/* followed by one that is not mapped */
	int pm, msi, msix;	/* offsets of the capabilities, 0: none */
};

/* What the owner sees of its device. */
struct setirqs_view {
	uint32_t command, power, msi, msix;
};

int setirqs_open(struct setirqs *s, const struct pcidev *d, int vectors, uint64_t seed);
void setirqs_close(struct setirqs *s);
void setirqs_next(struct setirqs *s, struct setirqs_step *step);
/* Do it: 0, a positive count, or -errno. All but SETIRQS_REOPEN. */
int setirqs_do(struct setirqs *s, const struct owner *o, const struct setirqs_step *step);
void setirqs_look(const struct setirqs *s, const struct owner *o, struct setirqs_view *view);
/* Signals of all eventfds since the last time. */
uint64_t setirqs_signals(const struct setirqs *s);
void setirqs_say(const struct setirqs_step *step);

#endif
