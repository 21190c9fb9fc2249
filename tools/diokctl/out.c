// SPDX-License-Identifier: GPL-2.0
/*
 * Text and JSON from the same calls, see out.h. Strings are not trusted:
 * quotes, controls and bytes that are not UTF-8 never reach JSON unescaped,
 * and never reach a terminal as controls.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "out.h"

#define OUT_DEPTH	8

static struct {
	FILE *file;
	bool json;
	bool pretty;
	int depth;
	bool filled[OUT_DEPTH + 1];	/* this level has a member already */
} out;

void out_init(FILE *file, bool json, bool pretty)
{
	memset(&out, 0, sizeof(out));
	out.file = file;
	out.json = json;
	out.pretty = pretty;
}

bool out_is_json(void)
{
	return out.json;
}

/* Length of the UTF-8 sequence at S (1 to 4), 0 if it is not one. */
static int utf8_length(const unsigned char *s)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint32_t c;
	int n, i;

	if (s[0] < 0x80)
		return 1;
	if (s[0] >= 0xc2 && s[0] <= 0xdf)
		n = 2;
	else if ((s[0] & 0xf0) == 0xe0)
		n = 3;
	else if (s[0] >= 0xf0 && s[0] <= 0xf4)
		n = 4;
	else
		return 0;
	c = s[0] & (0x7f >> n);
	for (i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	return n;
}

static void put_escape(unsigned char c)
{
	static const char plain[] = "\b\f\n\r\t\"\\";
	static const char letter[] = "bfnrt\"\\";
	const char *at = strchr(plain, c);

	if (c && at)
		fprintf(out.file, "\\%c", letter[at - plain]);
	else
		fprintf(out.file, "\\u%04x", c);
}

static void put_string(const char *value)
{
	const unsigned char *s = (const unsigned char *)value;

	putc('"', out.file);
	while (*s) {
		int n = utf8_length(s);

		if (!n) {
			fputs("\\ufffd", out.file);
			n = 1;
		} else if (*s < 0x20 || *s == '"' || *s == '\\' || *s == 0x7f) {
			put_escape(*s);
		} else {
			fwrite(s, 1, (size_t)n, out.file);
		}
		s += n;
	}
	putc('"', out.file);
}

static void put_line(void)
{
	int i;

	if (!out.pretty)
		return;
	putc('\n', out.file);
	for (i = 0; i < out.depth; i++)
		fputs("    ", out.file);
}

/* The comma, the line break and the key that come before a value. */
static void put_key(const char *key)
{
	if (out.filled[out.depth])
		putc(',', out.file);
	out.filled[out.depth] = true;
	if (out.depth)
		put_line();
	if (!key)
		return;
	put_string(key);
	fputs(out.pretty ? ": " : ":", out.file);
}

static void open_level(const char *key, char bracket)
{
	if (!out.json)
		return;
	put_key(key);
	putc(bracket, out.file);
	if (out.depth < OUT_DEPTH)
		out.depth++;
	out.filled[out.depth] = false;
}

static void close_level(char bracket)
{
	bool filled = out.filled[out.depth];

	if (!out.json)
		return;
	if (out.depth)
		out.depth--;
	if (filled)
		put_line();
	putc(bracket, out.file);
}

void out_open_object(const char *key)
{
	open_level(key, '{');
}

void out_close_object(void)
{
	close_level('}');
}

void out_open_array(const char *key)
{
	open_level(key, '[');
}

void out_close_array(void)
{
	close_level(']');
}

/* Text with its controls shown as '?': names come from outside. */
static void put_text(const char *fmt, va_list ap)
{
	char line[1024];
	char *s;

	vsnprintf(line, sizeof(line), fmt, ap);
	for (s = line; *s; s++)
		if (((unsigned char)*s < 0x20 && *s != '\n' && *s != '\t') || *s == 0x7f)
			*s = '?';
	fputs(line, out.file);
}

#define OUT_TEXT(fmt)					\
	do {						\
		va_list ap;				\
							\
		if (out.json || !(fmt))			\
			break;				\
		va_start(ap, fmt);			\
		put_text(fmt, ap);			\
		va_end(ap);				\
	} while (0)

void out_text(const char *fmt, ...)
{
	OUT_TEXT(fmt);
}

void out_str(const char *key, const char *value, const char *fmt, ...)
{
	if (out.json) {
		put_key(key);
		put_string(value);
	}
	OUT_TEXT(fmt);
}

void out_int(const char *key, int64_t value, const char *fmt, ...)
{
	if (out.json) {
		put_key(key);
		fprintf(out.file, "%" PRId64, value);
	}
	OUT_TEXT(fmt);
}

void out_uint(const char *key, uint64_t value, const char *fmt, ...)
{
	if (out.json) {
		put_key(key);
		fprintf(out.file, "%" PRIu64, value);
	}
	OUT_TEXT(fmt);
}

void out_hex(const char *key, uint64_t value, const char *fmt, ...)
{
	if (out.json) {
		put_key(key);
		fprintf(out.file, "\"0x%" PRIx64 "\"", value);
	}
	OUT_TEXT(fmt);
}

void out_bool(const char *key, bool value, const char *fmt, ...)
{
	if (out.json) {
		put_key(key);
		fputs(value ? "true" : "false", out.file);
	}
	if (value)
		OUT_TEXT(fmt);
}

int out_end(void)
{
	if (out.json)
		putc('\n', out.file);
	out.filled[0] = false;
	return fflush(out.file) || ferror(out.file) ? -1 : 0;
}
