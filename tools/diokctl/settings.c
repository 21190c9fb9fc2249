// SPDX-License-Identifier: GPL-2.0
/*
 * Settings of a device, see settings.h. To add one: a row in the table, a
 * line in settings_put().
 */
#include <stdio.h>
#include <string.h>

#include <linux/dio_vfio.h>
#include <netlink/attr.h>

#include "diokctl.h"
#include "settings.h"

enum form { FORM_NAME, FORM_NUMBER, FORM_SWITCH, FORM_METHODS };

struct setting {
	const char *name;
	int attr;
	enum form form;
	const struct names *names;	/* of FORM_NAME */
	size_t offset;			/* in struct settings */
};

#define FIELD(field)	offsetof(struct settings, field)

static const struct setting settings[] = {
	{ "policy", DIO_VFIO_A_DEV_POLICY, FORM_NAME, &names_policy, FIELD(policy) },
	{ "level", DIO_VFIO_A_DEV_LEVEL, FORM_NAME, &names_level, FIELD(level) },
	{ "methods", DIO_VFIO_A_DEV_METHOD, FORM_METHODS, NULL, FIELD(methods) },
	{ "d3-force", DIO_VFIO_A_DEV_D3_FORCE, FORM_SWITCH, NULL, FIELD(d3_force) },
	{ "ready-timeout", DIO_VFIO_A_DEV_READY_TIMEOUT, FORM_NUMBER, NULL,
	  FIELD(ready_timeout) },
	{ "idle-timeout", DIO_VFIO_A_DEV_IDLE_TIMEOUT, FORM_NUMBER, NULL,
	  FIELD(idle_timeout) },
	{ "drain", DIO_VFIO_A_DEV_DRAIN, FORM_NUMBER, NULL, FIELD(drain) },
	{ "intx", DIO_VFIO_A_DEV_INTX, FORM_NAME, &names_intx, FIELD(intx) },
	{ "recheck", DIO_VFIO_A_DEV_RECHECK, FORM_NAME, &names_recheck, FIELD(recheck) },
	{ "vectors", DIO_VFIO_A_DEV_VECTORS, FORM_NAME, &names_vectors, FIELD(vectors) },
};

#define SETTINGS	(sizeof(settings) / sizeof(settings[0]))

static const struct setting *find_setting(const char *word)
{
	const struct setting *found = NULL;
	size_t i;

	for (i = 0; i < SETTINGS; i++) {
		if (!strcmp(settings[i].name, word))
			return &settings[i];
		if (!arg_matches(word, settings[i].name))
			continue;
		if (found)
			return NULL;
		found = &settings[i];
	}
	return found;
}

/* "default" is said to the kernel as the single method none. */
static int parse_methods(const char *word, struct method_list *list)
{
	if (!strcmp(word, "default")) {
		list->n = 1;
		list->method[0] = DIO_VFIO_METHOD_NONE;
		return 0;
	}
	if (!arg_methods(word, list))
		return 0;
	misuse("methods \"%s\": expected \"default\" or a list, comma between, of %s",
	       word, names_list(&names_method));
	return -1;
}

static int parse_value(const struct setting *s, const char *word, void *field)
{
	switch (s->form) {
	case FORM_NAME:
		if (!names_find(s->names, word, field))
			return 0;
		misuse("%s \"%s\": expected %s", s->name, word, names_list(s->names));
		return -1;
	case FORM_NUMBER:
		if (!arg_u32(word, field))
			return 0;
		misuse("%s \"%s\": expected a number of milliseconds", s->name, word);
		return -1;
	case FORM_SWITCH:
		if (!arg_bool(word, field))
			return 0;
		misuse("%s \"%s\": expected on or off", s->name, word);
		return -1;
	case FORM_METHODS:
		return parse_methods(word, field);
	}
	return -1;
}

int settings_parse(struct args *args, struct settings *set)
{
	const char *word, *value;

	memset(set, 0, sizeof(*set));
	while ((word = args_next(args))) {
		const struct setting *s = find_setting(word);

		if (!s)
			return misuse("\"%s\" is not a setting, see `diokctl dev help`", word);
		if (set->given & 1u << s->attr)
			return misuse("%s is given twice", s->name);
		value = args_next(args);
		if (!value)
			return misuse("%s: its value is missing", s->name);
		if (parse_value(s, value, (char *)set + s->offset))
			return EXIT_USAGE;
		set->given |= 1u << s->attr;
	}
	return EXIT_OK;
}

static int put_u32(struct nl_msg *msg, const struct settings *set,
		   int attr, uint32_t value)
{
	return set->given & 1u << attr ? nla_put_u32(msg, attr, value) : 0;
}

int settings_put(struct nl_msg *msg, const struct settings *set)
{
	unsigned int i;

	if (put_u32(msg, set, DIO_VFIO_A_DEV_POLICY, set->policy) ||
	    put_u32(msg, set, DIO_VFIO_A_DEV_LEVEL, set->level) ||
	    put_u32(msg, set, DIO_VFIO_A_DEV_READY_TIMEOUT, set->ready_timeout) ||
	    put_u32(msg, set, DIO_VFIO_A_DEV_IDLE_TIMEOUT, set->idle_timeout) ||
	    put_u32(msg, set, DIO_VFIO_A_DEV_DRAIN, set->drain) ||
	    put_u32(msg, set, DIO_VFIO_A_DEV_INTX, set->intx) ||
	    put_u32(msg, set, DIO_VFIO_A_DEV_RECHECK, set->recheck) ||
	    put_u32(msg, set, DIO_VFIO_A_DEV_VECTORS, set->vectors))
		return -1;
	if (set->given & 1u << DIO_VFIO_A_DEV_D3_FORCE &&
	    nla_put_u8(msg, DIO_VFIO_A_DEV_D3_FORCE, set->d3_force))
		return -1;
	for (i = 0; set->given & 1u << DIO_VFIO_A_DEV_METHOD && i < set->methods.n; i++)
		if (nla_put_u32(msg, DIO_VFIO_A_DEV_METHOD, set->methods.method[i]))
			return -1;
	return 0;
}
