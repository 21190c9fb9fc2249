/* SPDX-License-Identifier: GPL-2.0 */
/* Random numbers that are the same in every run. */
#ifndef DIO_TEST_RANDOM_H
#define DIO_TEST_RANDOM_H

#include <linux/types.h>

struct random {
	u64 state;
};

static inline u64 random_next(struct random *r)
{
	r->state += 0x9e3779b97f4a7c15ULL;
	u64 z = r->state;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

/* From @low to @high, both included. */
static inline u64 random_range(struct random *r, u64 low, u64 high)
{
	return low + random_next(r) % (high - low + 1);
}

#endif
