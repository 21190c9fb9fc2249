/* SPDX-License-Identifier: GPL-2.0 */
/* What pure files use of <linux/math64.h>. */
#ifndef DIO_PURE_MATH64_H
#define DIO_PURE_MATH64_H

#include <linux/types.h>

static inline u64 div64_u64(u64 dividend, u64 divisor)
{
	return dividend / divisor;
}

#endif
