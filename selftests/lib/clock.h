/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Time for the tests.  A test waits for a condition with a bound, never for a
 * fixed time; the bound is part of the assertion.
 */
#ifndef DIO_TEST_CLOCK_H
#define DIO_TEST_CLOCK_H

#include <stdbool.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define POLL_STEP_US 500

/*
 * How much longer things may take: 10 on a debug kernel (KASAN and lockdep
 * under emulation), else 1.  Limits of waits are multiplied by it and counts
 * of rounds divided; what a test promises is never scaled.
 */
int clock_scale(void);

/*
 * How many of @n rounds to run: all on 6.12 when the test was asked for by name, else a
 * fifth, and a tenth of that where clock_scale() says so. For volume, not for what is
 * covered.
 */
long clock_rounds(long n);

/* A second of this machine's clock passes with few instructions, see machines/kvm-slow. */
bool clock_is_cheap(void);

static inline double clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

/* True as soon as @cond holds, false if it does not within @bound_ms. */
#define wait_until(cond, bound_ms) ({					\
	double wait_end = clock_ms() + (bound_ms);			\
	int wait_met;							\
									\
	while (!(wait_met = !!(cond)) && clock_ms() < wait_end)		\
		usleep(POLL_STEP_US);					\
	wait_met;							\
})

static inline int clock_compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Sorts @v. */
static inline double clock_median(double *v, int n)
{
	qsort(v, n, sizeof(*v), clock_compare);
	return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

/* The most frequent one of @v, which is sorted; of several, the least. */
static inline double clock_mode(const double *v, int n)
{
	int i, from = 0, best = 0, most = 0;

	for (i = 0; i < n; i++) {
		if (v[i] != v[from])
			from = i;
		if (i + 1 - from > most) {
			most = i + 1 - from;
			best = from;
		}
	}
	return v[best];
}

#endif
