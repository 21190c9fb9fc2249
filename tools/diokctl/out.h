/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Output: one call gives the JSON member and its text, so that the two can
 * not drift apart. KEY is NULL inside an array; FMT may be NULL where text
 * shows nothing. JSON is one value a document, closed by out_end().
 */
#ifndef DIOKCTL_OUT_H
#define DIOKCTL_OUT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define OUT_PRINTF(a, b)	__attribute__((format(printf, a, b)))

void out_init(FILE *file, bool json, bool pretty);
bool out_is_json(void);

void out_open_object(const char *key);
void out_close_object(void);
void out_open_array(const char *key);
void out_close_array(void);

/* Text alone, and the members; the format is for text. */
OUT_PRINTF(1, 2) void out_text(const char *fmt, ...);
OUT_PRINTF(3, 4) void out_str(const char *key, const char *value,
			      const char *fmt, ...);
OUT_PRINTF(3, 4) void out_int(const char *key, int64_t value,
			      const char *fmt, ...);
OUT_PRINTF(3, 4) void out_uint(const char *key, uint64_t value,
			       const char *fmt, ...);
/* A string in JSON: a reader's double would lose bits of a register. */
OUT_PRINTF(3, 4) void out_hex(const char *key, uint64_t value,
			      const char *fmt, ...);
/* The text is printed only if VALUE is true. */
OUT_PRINTF(3, 4) void out_bool(const char *key, bool value,
			       const char *fmt, ...);

/* End of the document: newline, flush. -1 if anything could not be written. */
int out_end(void);

#endif
