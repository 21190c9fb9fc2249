// SPDX-License-Identifier: GPL-2.0-only
/*
 * A budget is refilled one period after its first use. Whatever the thread does,
 * its windows get B/P of a CPU in the long run, and at most 2B within one P. A
 * window that is closed late is paid from the next refill.
 */
#include <linux/math64.h>

#include "budget.h"

void dio_budget_init(struct dio_budget *b, u64 budget, u64 period)
{
	*b = (struct dio_budget) { .budget = budget, .period = period, .left = budget };
}

/* Add the budget of each period that has ended. */
static void dio_budget_refill(struct dio_budget *b, u64 now)
{
	u64 n, debts;

	if (!b->refill || now < b->refill)
		return;
	n = div64_u64(now - b->refill, b->period) + 1;
	debts = b->left < 0 ? div64_u64(-b->left, b->budget) + 1 : 1;
	b->left += (s64)((n < debts ? n : debts) * b->budget);
	if (b->left > (s64)b->budget)
		b->left = b->budget;
	b->refill += n * b->period;
	if (b->left == (s64)b->budget && !b->open)
		b->refill = 0;
}

static void dio_budget_charge(struct dio_budget *b, u64 cpu)
{
	b->left -= cpu - b->cpu;
	b->cpu = cpu;
}

/* An interrupt came: may a window open? One that is open goes on. */
bool dio_budget_open(struct dio_budget *b, u64 now, u64 cpu)
{
	if (b->open)
		return true;
	dio_budget_refill(b, now);
	if (b->left <= 0)
		return false;
	if (!b->refill)
		b->refill = now + b->period;
	b->cpu = cpu;
	b->open = true;
	return true;
}

/* How an open window stands; the next look is due @again from now. */
enum dio_budget_end dio_budget_look(struct dio_budget *b, u64 now, u64 cpu, bool asleep,
				    u64 *again)
{
	dio_budget_charge(b, cpu);
	dio_budget_refill(b, now);
	if (asleep)
		return DIO_BUDGET_ASLEEP;
	if (b->left <= 0)
		return DIO_BUDGET_SPENT;
	*again = b->left > DIO_BUDGET_LOOK_MIN ? b->left : DIO_BUDGET_LOOK_MIN;
	return DIO_BUDGET_RUNS;
}

/* The window has ended, at @cpu; what it used since the last look is charged. */
void dio_budget_close(struct dio_budget *b, u64 now, u64 cpu)
{
	if (!b->open)
		return;
	dio_budget_charge(b, cpu);
	b->open = false;
	dio_budget_refill(b, now);
}
