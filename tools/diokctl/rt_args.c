// SPDX-License-Identifier: GPL-2.0
/* Words of `rt set`, `rt admit` and `rt estimate`; limits are the kernel's. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <linux/dio_sched.h>

#include "bind.h"
#include "diokctl.h"
#include "rt.h"

int arg_time(const char *word, uint64_t *ns)
{
	static const struct { const char *name; uint64_t ns; } units[] = {
		{ "ns", 1 }, { "us", 1000 }, { "ms", 1000000 }, { "s", 1000000000 },
	};
	unsigned long long value;
	char *unit;
	size_t i;

	if (!isdigit((unsigned char)word[0]))
		return -1;
	errno = 0;
	value = strtoull(word, &unit, 10);
	if (errno)
		return -1;
	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (!strcmp(unit, units[i].name))
			return __builtin_mul_overflow(value, units[i].ns, ns) ? -1 : 0;
	return -1;
}

static int parse_time(struct args *args, const char *name, uint64_t *ns)
{
	const char *word = args_next(args);

	if (!word)
		return misuse("%s: its value is missing", name);
	if (arg_time(word, ns))
		return misuse("%s \"%s\": expected a time in ns, us, ms or s", name, word);
	return EXIT_OK;
}

static int parse_number(struct args *args, const char *name, uint32_t *value)
{
	const char *word = args_next(args);

	if (!word)
		return misuse("%s: its value is missing", name);
	if (arg_u32(word, value))
		return misuse("%s \"%s\": expected a number", name, word);
	return EXIT_OK;
}

static int parse_bool(struct args *args, const char *name, bool *value)
{
	const char *word = args_next(args);

	if (!word)
		return misuse("%s: its value is missing", name);
	if (arg_bool(word, value))
		return misuse("%s \"%s\": expected on or off", name, word);
	return EXIT_OK;
}

static int parse_source(struct args *args, const char *word, struct rt_settings *set)
{
	if (set->source)
		return misuse("%s: another source is given already", word);
	if (!strcmp(word, "wake")) {
		set->source = DIO_SCHED_SOURCE_WAKE;
		return EXIT_OK;
	}
	if (!strcmp(word, "irq")) {
		set->source = DIO_SCHED_SOURCE_IRQ;
		return parse_number(args, word, &set->irq);
	}
	set->source = DIO_SCHED_SOURCE_DEVICE;
	return dev_addr(args, set->addr);
}

/* One setting, whose name is WORD. */
int rt_parse_word(struct args *args, const char *word, struct rt_settings *set)
{
	if (!strcmp(word, "runtime") || !strcmp(word, "budget")) {
		set->has_runtime = true;
		return parse_time(args, word, &set->runtime);
	}
	if (!strcmp(word, "period")) {
		set->has_period = true;
		return parse_time(args, word, &set->period);
	}
	if (!strcmp(word, "cpu")) {
		set->has_cpu = true;
		return parse_number(args, word, &set->cpu);
	}
	if (!strcmp(word, "share")) {
		set->has_share = true;
		return parse_number(args, word, &set->share);
	}
	if (!strcmp(word, "margin")) {
		set->has_margin = true;
		return parse_number(args, word, &set->margin);
	}
	if (!strcmp(word, "for"))
		return parse_time(args, word, &set->wait);
	if (!strcmp(word, "reclaim"))
		return parse_bool(args, word, &set->reclaim);
	if (!strcmp(word, "force"))
		return parse_bool(args, word, &set->force);
	if (!strcmp(word, "dev") || !strcmp(word, "irq") || !strcmp(word, "wake"))
		return parse_source(args, word, set);
	return misuse("\"%s\" is not a setting, see `diokctl rt help`", word);
}

/* MODE and its settings, up to the end of the line. */
int rt_parse_settings(struct args *args, struct rt_settings *set)
{
	const char *word = args_next(args);
	int code = EXIT_OK;

	if (!word)
		return misuse("a mode is missing (reserve, boost, auto, observe or off)");
	set->off = !strcmp(word, "off");
	if (!set->off && names_find(&names_rt_mode, word, &set->mode))
		return misuse("\"%s\" is not a mode (reserve, boost, auto, observe or off)", word);
	while (!code && (word = args_next(args)))
		code = set->off ? misuse("unexpected \"%s\" behind off", word) :
		       rt_parse_word(args, word, set);
	return code;
}
