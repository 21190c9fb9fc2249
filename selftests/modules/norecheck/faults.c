// SPDX-License-Identifier: GPL-2.0
/*
 * Falsehoods at the EOI of an INTx on an MSI: what came before it is forgotten, or
 * an interrupt is repeated that nothing asked for. Each parameter counts down to its
 * one falsehood and is 0 after it. Called with dio_intx.lock held; for one device
 * at a time.
 */
#include <linux/moduleparam.h>

static int forget = -1;
module_param(forget, int, 0644);
MODULE_PARM_DESC(forget, "forget the N-th interrupt that is due at an EOI; -1: each");

static int repeat;
module_param(repeat, int, 0644);
MODULE_PARM_DESC(repeat, "interrupt at the N-th EOI with nothing due");

/* True once, when @left has been counted down. */
static bool dio_fault_now(int *left)
{
	return *left > 0 && !--*left;
}

bool dio_fault_recheck(bool due)
{
	if (due)
		return forget >= 0 && !dio_fault_now(&forget);
	return dio_fault_now(&repeat);
}
