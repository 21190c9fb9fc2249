/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How a message has to be refused: errno, text, and the attribute that the
 * extended ack points to.
 */
#ifndef DIO_TEST_REFUSAL_H
#define DIO_TEST_REFUSAL_H

#include "ground.h"

#define A(attr)		DIO_VFIO_A_DEV_##attr

/*
 * What the extended ack must point to: nothing, the attribute added last, or
 * one that is not there.
 */
#define POINT_NONE		0u
#define POINT_LAST		1u
#define POINT_MISSING_OF(attr)	(256u + (attr))
#define POINT_MISSING		POINT_MISSING_OF(A(ADDR))

struct expect {
	int error;
	const char *text;	/* part of it; NULL: none is asked for */
	unsigned int point;
};

/* Send; 0 if the answer is as wanted, else 1 with the difference said. */
int refused(int fd, struct raw_msg *m, struct raw_answer *a,
	    const struct expect *want, const char *what, int number);

/* In a test whose fixture has a struct ground. */
#define EXPECT_UNTOUCHED() do {							\
		EXPECT_EQ(0, ground_changes(&self->ground));			\
		EXPECT_EQ(0, ground_events(&self->ground));			\
	} while (0)

#endif
