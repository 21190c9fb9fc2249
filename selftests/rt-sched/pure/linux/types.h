/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's types, for pure files of a room that tests compile in user space. */
#ifndef DIO_PURE_TYPES_H
#define DIO_PURE_TYPES_H

#include_next <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

typedef __u8 u8;
typedef __u32 u32;
typedef __s32 s32;
typedef __u64 u64;
typedef __s64 s64;

#endif
