/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The command line's words: a cursor, and the checks of their form. Limits
 * are the kernel's; here a number is only a number.
 */
#ifndef DIOKCTL_ARGS_H
#define DIOKCTL_ARGS_H

#include <stdbool.h>
#include <stdint.h>

#include "names.h"

#define ADDR_SIZE	16	/* dddd:bb:dd.f, a domain of up to 7 digits, NUL */
#define METHODS_MAX	8

struct args {
	int argc;
	char **argv;
};

struct method_list {
	unsigned int n;
	uint32_t method[METHODS_MAX];
};

const char *args_peek(const struct args *args);
const char *args_next(struct args *args);

/* Is WORD NAME, or a beginning of it? */
bool arg_matches(const char *word, const char *name);

/* These return 0, or -1 with nothing printed and *out unspecified. */
int arg_addr(const char *word, char out[ADDR_SIZE]);
int arg_u32(const char *word, uint32_t *out);
int arg_bool(const char *word, bool *out);
/* "off", or a number of microseconds, with the unit us or ms behind it. */
int arg_holdoff(const char *word, uint32_t *us);
int arg_methods(const char *word, struct method_list *out);

#endif
