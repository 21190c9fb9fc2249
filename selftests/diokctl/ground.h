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
#define GROUND_SAID	4096

/* The attributes of an answer, byte for byte; a longer one is cut. */
struct ground_said {
	uint32_t messages, len;
	uint8_t data[GROUND_SAID];
};

struct ground {
	int fd;				/* raw socket of an administrator */
	int family;
	struct dionl nl;		/* well-formed requests */
	struct dionl events;
	struct pcidev dev[GROUND_DEVICES];
	struct dionl_dev before[GROUND_DEVICES];
	struct ground_said said[GROUND_DEVICES];	/* what dev-get answered then */
	const char *unbound;		/* a device of another driver or of none */
};

/* 0, 1 if the machine lacks a device (skip), or a negative errno. */
int ground_open(struct ground *g);
void ground_close(struct ground *g);

/* From here on changes and events are counted; 0 or a negative errno. */
int ground_mark(struct ground *g);

/* For genl_talk(): add the message to the struct ground_said at DATA. */
void ground_note(const struct nlmsghdr *reply, void *data);

/* How many things differ from what they were: settings, states, counts. */
int ground_changes(struct ground *g);

/* How many events of the devices came; nothing refused may tell of itself. */
int ground_events(struct ground *g);

/*
 * For FIXTURE_SETUP: skips where the machine lacks a device, fails where the
 * ground cannot be made.
 */
#define GROUND_SETUP(ground) GROUND_SETUP_BY(ground_open, ground_close, ground)

#define GROUND_SETUP_BY(open, close, ground) do {				\
	int ground_rc = open(ground);						\
										\
	if (ground_rc)								\
		close(ground);							\
	if (ground_rc > 0)							\
		SKIP(return, "the machine lacks a device");			\
	ASSERT_EQ(0, ground_rc);						\
} while (0)

#endif
