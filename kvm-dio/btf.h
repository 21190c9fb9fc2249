/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Prototypes out of BTF, the kernel's description of its types. Pure: nothing but
 * the bytes that it is given, each of which is looked at before it is believed.
 * Compiled into the module and into a test in user space.
 */
#ifndef DIO_BTF_H
#define DIO_BTF_H

#ifdef __KERNEL__
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/types.h>
#else
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <linux/types.h>
#ifndef ARRAY_SIZE
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#endif
#endif

#define DIO_BTF_TEXT	256	/* the longest prototype, with its NUL */

/**
 * struct dio_btf - BTF of the kernel or, on top of that, of a module
 * @types: type section
 * @type_len: its length
 * @strs: string section, which ends with a NUL
 * @str_len: its length
 * @base: what the numbers of types and strings go on from; NULL for the kernel
 * @first_id: number of its first type
 * @first_str: offset of its first string
 * @count: number of types
 * @index: offset of each type in @types, by the caller
 */
struct dio_btf {
	const __u8 *types;
	__u32 type_len;
	const char *strs;
	__u32 str_len;
	const struct dio_btf *base;
	__u32 first_id;
	__u32 first_str;
	__u32 count;
	__u32 *index;
};

int dio_btf_open(struct dio_btf *btf, const void *data, size_t size, const struct dio_btf *base);
void dio_btf_index(struct dio_btf *btf, __u32 *index);
int dio_btf_func(const struct dio_btf *btf, const char *name, char text[DIO_BTF_TEXT]);

#endif /* DIO_BTF_H */
