// SPDX-License-Identifier: GPL-2.0
/*
 * The form of the command line's words: addresses, numbers, switches, times
 * and lists of methods. No limit is judged here, that is the kernel's.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"

const char *args_peek(const struct args *args)
{
	return args->argc ? args->argv[0] : NULL;
}

const char *args_next(struct args *args)
{
	if (!args->argc)
		return NULL;
	args->argc--;
	return *args->argv++;
}

bool arg_matches(const char *word, const char *name)
{
	size_t len = strlen(word);

	return len && !strncmp(word, name, len);
}

/* Read 1 to MAX hexadecimal digits; the end of them, or NULL. */
static const char *hex_field(const char *s, int max, unsigned long *value)
{
	int n = 0;

	*value = 0;
	while (isxdigit((unsigned char)s[n])) {
		char digit[2] = { s[n], '\0' };

		if (++n > max)
			return NULL;
		*value = *value << 4 | strtoul(digit, NULL, 16);
	}
	return n ? s + n : NULL;
}

int arg_addr(const char *word, char out[ADDR_SIZE])
{
	unsigned long domain = 0, bus, slot, fn;
	const char *first = strchr(word, ':');
	const char *s = word;
	int len;

	if (first && strchr(first + 1, ':')) {
		s = hex_field(s, 7, &domain);
		if (!s || *s++ != ':')
			return -1;
	}
	s = hex_field(s, 2, &bus);
	if (!s || *s++ != ':')
		return -1;
	s = hex_field(s, 2, &slot);
	if (!s || *s++ != '.' || slot > 0x1f)
		return -1;
	s = hex_field(s, 1, &fn);
	if (!s || *s || fn > 7)
		return -1;
	len = snprintf(out, ADDR_SIZE, "%04lx:%02lx:%02lx.%lx", domain, bus, slot, fn);
	return len < ADDR_SIZE ? 0 : -1;
}

/* Decimal, or hexadecimal after 0x; neither sign, space nor octal. */
int arg_u32(const char *word, uint32_t *out)
{
	bool hex = word[0] == '0' && (word[1] == 'x' || word[1] == 'X');
	const char *digits = hex ? word + 2 : word;
	unsigned long long value;
	char *end;

	if (!isxdigit((unsigned char)*digits))
		return -1;
	errno = 0;
	value = strtoull(digits, &end, hex ? 16 : 10);
	if (errno || end == digits || *end || value > UINT32_MAX)
		return -1;
	*out = (uint32_t)value;
	return 0;
}

int arg_bool(const char *word, bool *out)
{
	if (!strcmp(word, "on") || !strcmp(word, "1"))
		*out = true;
	else if (!strcmp(word, "off") || !strcmp(word, "0"))
		*out = false;
	else
		return -1;
	return 0;
}

int arg_holdoff(const char *word, uint32_t *us)
{
	size_t len = strlen(word);
	const char *unit = len > 2 ? word + len - 2 : "";
	bool ms = !strcmp(unit, "ms");
	char digits[24];

	if (!strcmp(word, "off")) {
		*us = 0;
		return 0;
	}
	if (ms || !strcmp(unit, "us"))
		len -= 2;
	if (len >= sizeof(digits))
		return -1;
	memcpy(digits, word, len);
	digits[len] = '\0';
	if (arg_u32(digits, us) || (ms && *us > UINT32_MAX / 1000))
		return -1;
	if (ms)
		*us *= 1000;
	return 0;
}

int arg_methods(const char *word, struct method_list *out)
{
	out->n = 0;
	for (;;) {
		size_t len = strcspn(word, ",");
		char name[24];

		if (out->n == METHODS_MAX || len >= sizeof(name))
			return -1;
		memcpy(name, word, len);
		name[len] = '\0';
		if (names_find(&names_method, name, &out->method[out->n++]))
			return -1;
		if (!word[len])
			return 0;
		word += len + 1;
	}
}
