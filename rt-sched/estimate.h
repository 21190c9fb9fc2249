/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The estimator: from the times of interrupts and the CPU time of the thread that
 * serves them to a period and a runtime. Pure arithmetic, compiled into the module
 * and into its tests. Hard interrupts call dio_est_event(): no pass over all bins but
 * one in eight intervals.
 */
#ifndef DIO_ESTIMATE_H
#define DIO_ESTIMATE_H

#include <linux/types.h>

/* 16 bins for each octave from 2^14 to 2^30 ns. */
#define DIO_EST_OCTAVE_MIN	14
#define DIO_EST_OCTAVES		16
#define DIO_EST_BINS		(DIO_EST_OCTAVES * 16)
/* Fewer intervals say nothing. */
#define DIO_EST_INTERVALS_MIN	8

/* All three fade together; sum is in units of 256 ns. */
struct dio_est_bin {
	u32 weight, sum, count;
};

struct dio_est_hist {
	u64 weight;		/* of all bins */
	struct dio_est_bin bin[DIO_EST_BINS];
};

struct dio_est {
	u64 last, cpu;		/* of the interrupt before; last 0: there is none */
	u64 merge, merge_cpu;	/* since the last cost was kept */
	u64 period;		/* as estimated, 0: not yet */
	u32 intervals;		/* so far, up to its maximum */
	u32 since;		/* intervals since the period was computed */
	struct dio_est_hist interval;	/* weighed by time */
	struct dio_est_hist cost;	/* CPU time of one period, weighed by number */
};

/* Times in nanoseconds. */
struct dio_est_result {
	u64 period;
	u64 cost;		/* 95th percentile */
	u32 costs;		/* from so many periods */
};

/* What a runtime and a period may be. */
struct dio_est_bounds {
	u64 period_min, period_max;
	u64 runtime_min;
	u32 margin;		/* per cent of the cost, above it */
	u32 share_max;		/* per cent of a CPU */
};

void dio_est_init(struct dio_est *e);
void dio_est_event(struct dio_est *e, u64 now, u64 cpu);
bool dio_est_get(const struct dio_est *e, struct dio_est_result *r);
void dio_est_params(const struct dio_est_result *r, const struct dio_est_bounds *bounds,
		    u64 *runtime, u64 *period);
u64 dio_est_step(u64 have, u64 want);

#endif /* DIO_ESTIMATE_H */
