// SPDX-License-Identifier: GPL-2.0
/*
 * The command line: words of the form name=value, found through the PVH
 * start information. An absent line is an empty one.
 */
#include "guest.h"

#define PVH_MAGIC	0x336ec578

struct hvm_start_info {
	u32 magic, version, flags, nr_modules;
	u64 modlist_paddr, cmdline_paddr, rsdp_paddr;
};

static const char *line = "";

void args_init(u32 start_info)
{
	const struct hvm_start_info *info = (void *)start_info;

	if (info->magic == PVH_MAGIC && info->cmdline_paddr)
		line = (const char *)(u32)info->cmdline_paddr;
}

static int ends(char c)
{
	return !c || c == ' ';
}

const char *arg(const char *name)
{
	const char *word = line, *p, *n;

	while (*word) {
		for (p = word, n = name; *n && *p == *n; p++, n++)
			;
		if (!*n && *p == '=')
			return p + 1;
		while (!ends(*word))
			word++;
		while (*word == ' ')
			word++;
	}
	return NULL;
}

int arg_is(const char *name, const char *value)
{
	const char *p = arg(name);

	if (!p)
		return 0;
	while (*value && *p == *value) {
		p++;
		value++;
	}
	return !*value && ends(*p);
}

static int digit(char c, u32 base)
{
	int d = -1;

	if (c >= '0' && c <= '9')
		d = c - '0';
	else if (c >= 'a' && c <= 'f')
		d = c - 'a' + 10;
	return d < (int)base ? d : -1;
}

u32 number(const char **text)
{
	u32 base = 10, value = 0;

	if ((*text)[0] == '0' && (*text)[1] == 'x') {
		base = 16;
		*text += 2;
	}
	while (digit(**text, base) >= 0)
		value = value * base + digit(*(*text)++, base);
	return value;
}

u32 arg_number(const char *name, u32 otherwise)
{
	const char *p = arg(name);

	return p ? number(&p) : otherwise;
}
