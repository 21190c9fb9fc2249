/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The ground of the malformed-message tests: two devices bound, with settings
 * that are not the defaults, so that a change back to defaults shows as well.
 */
#ifndef DIO_TEST_GROUND_H
#define DIO_TEST_GROUND_H

#include "dionl.h"
#include "pcidev.h"
#include "raw.h"

#define GROUND_DEVICES	2

struct ground {
	int fd;				/* raw socket of an administrator */
	int family;
	struct dionl nl;		/* well-formed requests */
	struct dionl events;
	struct pcidev dev[GROUND_DEVICES];
	struct dionl_dev before[GROUND_DEVICES];
	const char *unbound;		/* a device of another driver or of none */
};

/* 0, 1 if the machine lacks a device (skip), or a negative errno. */
int ground_open(struct ground *g);
void ground_close(struct ground *g);

/* How many things differ from what they were: settings, states, counts. */
int ground_changes(struct ground *g);

/* How many events of the devices came; nothing refused may tell of itself. */
int ground_events(struct ground *g);

/*
 * For FIXTURE_SETUP: skips where the machine lacks a device, fails where the
 * ground cannot be made.
 */
#define GROUND_SETUP(ground) do {						\
	int ground_rc = ground_open(ground);					\
										\
	if (ground_rc)								\
		ground_close(ground);						\
	if (ground_rc > 0)							\
		SKIP(return, "the machine lacks a device");			\
	ASSERT_EQ(0, ground_rc);						\
} while (0)

#endif
