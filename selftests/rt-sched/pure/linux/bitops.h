/* SPDX-License-Identifier: GPL-2.0 */
/* What pure files use of <linux/bitops.h>. */
#ifndef DIO_PURE_BITOPS_H
#define DIO_PURE_BITOPS_H

#define __ffs(word)		((unsigned int)__builtin_ctzl(word))
#define hweight_long(word)	((unsigned int)__builtin_popcountl(word))
#define fls64(x)		((x) ? 64 - __builtin_clzll(x) : 0)

#endif
