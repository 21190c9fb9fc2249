/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An owner in a process of its own that dies by SIGKILL.  It tells how far
 * it is in shared memory, and it can be told to wait at a point.
 */
#ifndef DIO_TEST_VICTIM_H
#define DIO_TEST_VICTIM_H

#include <stdint.h>
#include <sys/types.h>

struct victim_shared {
	int point;		/* last point reached, from 1 */
	int hold;		/* point to wait at for ever, 0 for none */
	double at[16];		/* clock_ms() of each point */
	int error;		/* negative errno of a step that failed */
};

struct victim {
	pid_t pid;
	volatile struct victim_shared *shared;
};

typedef void (*victim_fn)(volatile struct victim_shared *shared, void *arg);

/* Starts @fn in a child; when it returns the child waits to be killed. */
int victim_start(struct victim *v, int hold, victim_fn fn, void *arg);
/* In the child: tell, and wait if this is the point to wait at. */
void victim_reach(volatile struct victim_shared *shared, int point);
/* In the child: tell the error and wait to be killed. */
void victim_fail(volatile struct victim_shared *shared, int error);
/* In the parent: 0 when the point is reached, the child's error, -ETIMEDOUT. */
int victim_wait(const struct victim *v, int point, int bound_ms);
/* SIGKILL and reap: when it returns every file of the child is closed. */
void victim_kill(struct victim *v);
void victim_free(struct victim *v);

#endif
