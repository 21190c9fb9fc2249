// SPDX-License-Identifier: GPL-2.0
/*
 * Print the frequency in kHz of this machine's time-stamp counter, which is
 * also the one that QEMU's emulation shows to its guest.
 *
 * A guest that calibrates for itself while the host is busy is wrong by any
 * factor, and all of its clocks with it.
 */
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <x86intrin.h>

#define SPAN_NS		100000000ULL
#define TRIES		64

struct sample {
	uint64_t ns, ticks, spread;
};

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC_RAW, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

/* The tightest of many pairs: one that no interruption came between. */
static struct sample take(void)
{
	struct sample best = { .spread = UINT64_MAX };
	int i;

	for (i = 0; i < TRIES; i++) {
		uint64_t before = __rdtsc(), ns = now_ns(), after = __rdtsc();

		if (after - before < best.spread) {
			best.spread = after - before;
			best.ticks = before + best.spread / 2;
			best.ns = ns;
		}
	}
	return best;
}

int main(void)
{
	struct timespec span = { .tv_nsec = SPAN_NS };
	struct sample a = take(), b;

	nanosleep(&span, NULL);
	b = take();
	printf("%llu\n", (unsigned long long)((b.ticks - a.ticks) * 1000000 / (b.ns - a.ns)));
	return 0;
}
