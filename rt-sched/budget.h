/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The budget of a boost: B of CPU time in windows, for each period P. Pure logic,
 * compiled into the module and into its tests. Times are nanoseconds: `now` of a
 * clock that does not go back, `cpu` the CPU time that the thread has had.
 */
#ifndef DIO_BUDGET_H
#define DIO_BUDGET_H

#include <linux/types.h>

/* A running window is looked at no sooner than this. */
#define DIO_BUDGET_LOOK_MIN	50000

struct dio_budget {
	u64 budget, period;
	s64 left;	/* below 0: used beyond the budget, which later periods pay */
	u64 refill;	/* when the budget is added; 0: it is whole */
	u64 cpu;	/* of the thread, up to which it is charged */
	bool open;
};

enum dio_budget_end {
	DIO_BUDGET_RUNS,	/* look again */
	DIO_BUDGET_ASLEEP,	/* the thread had what it wanted */
	DIO_BUDGET_SPENT,	/* it wants more: back to fair */
};

void dio_budget_init(struct dio_budget *b, u64 budget, u64 period);
bool dio_budget_open(struct dio_budget *b, u64 now, u64 cpu);
enum dio_budget_end dio_budget_look(struct dio_budget *b, u64 now, u64 cpu, bool asleep,
				    u64 *again);
void dio_budget_close(struct dio_budget *b, u64 now, u64 cpu);

#endif /* DIO_BUDGET_H */
