/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Stage of one case: a named device bound to the driver of the variant, with
 * its policy set, a netlink socket and an event socket.  The stock variant
 * is the negative control and has neither socket.
 */
#ifndef DIO_TEST_STAGE_H
#define DIO_TEST_STAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "dionl.h"
#include "pcidev.h"

struct mode {
	const char *driver;
	int policy;
};

#define MODE_STOCK { .driver = DRIVER_STOCK, .policy = DIONL_UNSET }
#define MODE_OBSERVE { .driver = DRIVER_DIO, .policy = DIO_VFIO_POLICY_OBSERVE }
#define MODE_PERMISSIVE { .driver = DRIVER_DIO, .policy = DIO_VFIO_POLICY_PERMISSIVE }
#define MODE_STRICT { .driver = DRIVER_DIO, .policy = DIO_VFIO_POLICY_STRICT }

struct stage {
	struct pcidev dev;
	struct mode mode;
	struct dionl nl, events;
};

/* Ours in permissive or strict: more than the stock reset is promised. */
static inline bool mode_engages(const struct mode *m)
{
	return m->policy == DIO_VFIO_POLICY_PERMISSIVE || m->policy == DIO_VFIO_POLICY_STRICT;
}

static inline bool mode_is_dio(const struct mode *m)
{
	return m->policy != DIONL_UNSET;
}

/* s->dev must be found (pcidev_find() or pcidev_at()). */
int stage_open(struct stage *s, const struct mode *m);
void stage_close(struct stage *s);
int stage_policy(struct stage *s, int policy);
/* Forget the events so far. */
void stage_drain(struct stage *s);
/* Events since stage_drain(), each said; 0 for the stock variant. */
int stage_events(struct stage *s, struct dionl_reset *rec, int max);
/* State as the kernel tells it, DIO_VFIO_STATE_*; -1 for the stock variant. */
int stage_state(struct stage *s);

/*
 * For FIXTURE_SETUP: skips where the machine has no such device, fails where
 * it cannot be bound.
 */
#define STAGE_SETUP(stage, device, mode) do {					\
	if (pcidev_find(&(stage)->dev, device))					\
		SKIP(return, "this machine has no device %s", device);		\
	ASSERT_EQ(0, stage_open(stage, mode))					\
		stage_close(stage);						\
} while (0)

#endif
