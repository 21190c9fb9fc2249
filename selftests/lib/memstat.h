/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Kernel memory before and after many rounds of the same thing.  The caches
 * are shrunk before each look, which makes SLUB's object counts exact; what
 * remains is the machine's own life, far below one object per round.
 */
#ifndef DIO_TEST_MEMSTAT_H
#define DIO_TEST_MEMSTAT_H

#define MEMSTAT_CACHES 512

struct memstat {
	int caches;
	struct {
		char name[48];
		long objects;
	} cache[MEMSTAT_CACHES];
	long vmalloc_kb;
};

/* 0, or -ENOTSUP where freed objects are held back (KASAN): kmemleak's turn. */
int memstat_take(struct memstat *m);
struct memstat_growth {
	char name[48];		/* of the cache that grew most */
	long objects, vmalloc_kb;
};

/*
 * Growth since @before.  What is freed after a grace period is given its
 * time: looks again until less than @objects, for a bounded time.
 */
int memstat_compare(const struct memstat *before, long objects, struct memstat_growth *g);

#endif
