// SPDX-License-Identifier: GPL-2.0-only
/*
 * The period is the median of the intervals by time, not by count: half of the
 * last second was spent in intervals at least as long. A burst of interrupts has
 * the weight of the few milliseconds that it lasts, a lost interrupt that of one
 * interval. The cost is a percentile, so that a few dear periods do not set it.
 * Both remember about one second.
 */
#include <linux/bitops.h>
#include <linux/math64.h>
#include <linux/string.h>

#include "estimate.h"

#define UNIT_SHIFT	8
#define COUNT_ONE	256
#define WEIGHT_MAX	((1000000000ULL >> UNIT_SHIFT))		/* then all fades by half */
#define WEIGHT_ONE_MAX	(WEIGHT_MAX / 8)			/* of a single interval */
#define PAUSE		(1ULL << (DIO_EST_OCTAVE_MIN + DIO_EST_OCTAVES))
#define COSTS_PART	20	/* the dearest twentieth is not heeded */

void dio_est_init(struct dio_est *e)
{
	memset(e, 0, sizeof(*e));
}

static unsigned int dio_est_index(u64 d)
{
	unsigned int octave;

	if (d < (1ULL << DIO_EST_OCTAVE_MIN))
		return 0;
	octave = fls64(d) - 1;
	return (octave - DIO_EST_OCTAVE_MIN) * 16 + ((d >> (octave - 4)) & 15);
}

static void dio_est_fade(struct dio_est_hist *h)
{
	struct dio_est_bin *bin;

	h->weight = 0;
	for (bin = h->bin; bin < h->bin + DIO_EST_BINS; bin++) {
		bin->count /= 2;
		bin->sum = bin->count ? bin->sum / 2 : 0;
		bin->weight = bin->count ? bin->weight / 2 : 0;
		h->weight += bin->weight;
	}
}

/* The mean of the bin in which 1/@part of the weight is reached, from above. */
static u64 dio_est_quantile(const struct dio_est_hist *h, unsigned int part)
{
	const struct dio_est_bin *bin = h->bin + DIO_EST_BINS;
	u64 above = 0;

	while (bin > h->bin && above * part < h->weight)
		above += (--bin)->weight;
	if (bin == h->bin + DIO_EST_BINS || !bin->count)
		return 0;
	return div64_u64((u64)bin->sum * COUNT_ONE, bin->count) << UNIT_SHIFT;
}

static void dio_est_add(struct dio_est_hist *h, u64 value, u32 weight)
{
	struct dio_est_bin *bin = &h->bin[dio_est_index(value)];

	bin->count += COUNT_ONE;
	bin->sum += value >> UNIT_SHIFT;
	bin->weight += weight;
	h->weight += weight;
}

static void dio_est_interval(struct dio_est *e, u64 d)
{
	u64 units = d >> UNIT_SHIFT;

	dio_est_add(&e->interval, d, units < WEIGHT_ONE_MAX ? units : WEIGHT_ONE_MAX);
	if (e->intervals < ~0U)
		e->intervals++;
	if (e->interval.weight > WEIGHT_MAX) {
		dio_est_fade(&e->interval);
		dio_est_fade(&e->cost);
	}
	/* at most one pass over the bins in 8 intervals */
	if (++e->since >= DIO_EST_INTERVALS_MIN || e->intervals == DIO_EST_INTERVALS_MIN) {
		e->period = dio_est_quantile(&e->interval, 2);
		e->since = 0;
	}
}

/* Interrupts of one period are one cost; one of several periods is shared out. */
static void dio_est_cost(struct dio_est *e, u64 d, u64 cpu)
{
	e->merge += d;
	e->merge_cpu += cpu;
	if (!e->period || e->merge < e->period - e->period / 4)
		return;
	if (e->merge > e->period + e->period / 4)
		e->merge_cpu = div64_u64(e->merge_cpu * (e->period >> UNIT_SHIFT),
					 e->merge >> UNIT_SHIFT);
	dio_est_add(&e->cost, e->merge_cpu < PAUSE ? e->merge_cpu : PAUSE - 1, COUNT_ONE);
	e->merge = 0;
	e->merge_cpu = 0;
}

/* An interrupt at @now; its thread has had @cpu so far. Calls are one by one. */
void dio_est_event(struct dio_est *e, u64 now, u64 cpu)
{
	u64 d = now - e->last;

	if (e->last && now > e->last && d < PAUSE) {
		dio_est_interval(e, d);
		dio_est_cost(e, d, cpu - e->cpu);
	} else {
		e->merge = 0;
		e->merge_cpu = 0;
	}
	e->last = now;
	e->cpu = cpu;
}

/* False: not enough was seen. */
bool dio_est_get(const struct dio_est *e, struct dio_est_result *r)
{
	u64 costs = e->cost.weight / COUNT_ONE;

	if (!e->period || e->intervals < 2 * DIO_EST_INTERVALS_MIN || !costs)
		return false;
	*r = (struct dio_est_result) {
		.period = e->period, .costs = costs,
		.cost = dio_est_quantile(&e->cost, COSTS_PART),
	};
	return true;
}

/* Runtime and period for a thread that costs @r; always within @bounds. */
void dio_est_params(const struct dio_est_result *r, const struct dio_est_bounds *bounds,
		    u64 *runtime, u64 *period)
{
	u64 most;

	*period = r->period;
	if (*period < bounds->period_min)
		*period = bounds->period_min;
	if (*period > bounds->period_max)
		*period = bounds->period_max;
	*runtime = r->cost + div64_u64(r->cost * bounds->margin, 100);
	/* several interrupts may fall into a period that was made longer */
	if (*period > r->period)
		*runtime = div64_u64(*runtime * (*period >> UNIT_SHIFT),
				     (r->period >> UNIT_SHIFT) + 1);
	if (*runtime < bounds->runtime_min)
		*runtime = bounds->runtime_min;
	most = div64_u64(*period * bounds->share_max, 100);
	if (*runtime > most)
		*runtime = most;
}

/* Slow adaptation: one step from @have to @want, of a quarter at most, none within 10 %. */
u64 dio_est_step(u64 have, u64 want)
{
	u64 quarter = have / 4;

	if (want + have / 10 >= have && want <= have + have / 10)
		return have;
	if (want > have + quarter)
		return have + quarter;
	return want + quarter < have ? have - quarter : want;
}
