// SPDX-License-Identifier: GPL-2.0
/*
 * diokctl: control of diok's kernel modules. This file is the table of
 * objects, the options and the way errors are said; each object has a file
 * of its own.
 */
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "diokctl.h"
#include "out.h"

struct options opt;

static const struct command objects[] = {
	{ "dev",	dev_main,	"devices bound to dio-vfio-pci and their resets" },
	{ "irq",	irq_main,	"interrupts of their owners, and hold-off" },
	{ "vm",		vm_main,	"virtual machines of KVM and their features" },
	{ "rt",		rt_main,	"CPU time of threads that serve devices" },
	{ "monitor",	monitor_main,	"print events as they come" },
	{ "version",	version_main,	"versions of diokctl and of the loaded modules" },
	{ NULL, NULL, NULL },
};

static void say(const char *kind, const char *fmt, va_list ap)
{
	fflush(stdout);
	fprintf(stderr, "diokctl: %s", kind);
	vfprintf(stderr, fmt, ap);
	putc('\n', stderr);
}

int refuse(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say("", fmt, ap);
	va_end(ap);
	return EXIT_REFUSED;
}

int misuse(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say("", fmt, ap);
	va_end(ap);
	return EXIT_USAGE;
}

void warning(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say("warning: ", fmt, ap);
	va_end(ap);
}

static void usage(FILE *file)
{
	const struct command *c;

	fputs("Usage: diokctl [OPTIONS] OBJECT [COMMAND]\n\nObjects:\n", file);
	for (c = objects; c->name; c++)
		fprintf(file, "  %-9s %s\n", c->name, c->help);
	fputs("\nOptions:\n"
	      "  -j, --json        output in JSON\n"
	      "  -p, --pretty      JSON in lines, indented\n"
	      "  -s, --statistics  more: the reset records of a device, all counters\n"
	      "  -t, --timestamp   the time of day of each event or record\n"
	      "  -V, --version     version of diokctl\n"
	      "  -h, --help        this text; `diokctl OBJECT help` for an object\n",
	      file);
}

static const struct command *find_command(const struct command *table,
					  const char *word, bool *several)
{
	const struct command *c, *found = NULL;

	*several = false;
	for (c = table; c->name; c++) {
		if (!strcmp(c->name, word))
			return c;
		if (!arg_matches(word, c->name))
			continue;
		if (found) {
			*several = true;
			return NULL;
		}
		found = c;
	}
	return found;
}

/* Run the command that the next word names; its beginning is enough. */
int command_run(const struct command *table, const char *prefix,
		struct args *args, const char *help)
{
	const char *word = args_next(args);
	const struct command *c;
	bool several;

	if (arg_matches(word, "help")) {
		fputs(help, stdout);
		return EXIT_OK;
	}
	c = find_command(table, word, &several);
	if (c)
		return c->run(args);
	return misuse("\"%s %s\" is %s, see `%s help`", prefix, word,
		      several ? "ambiguous" : "unknown", prefix);
}

static int run_object(struct args *args)
{
	const char *word = args_peek(args);
	int code;

	if (!word) {
		usage(stderr);
		return EXIT_USAGE;
	}
	if (arg_matches(word, "help")) {
		usage(stdout);
		return EXIT_OK;
	}
	code = command_run(objects, "diokctl", args, "");
	/* A full disk or a closed pipe must not look like success. */
	if (fflush(stdout) || ferror(stdout))
		return refuse("standard output: write error");
	return code;
}

int main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "pretty", no_argument, NULL, 'p' },
		{ "statistics", no_argument, NULL, 's' },
		{ "timestamp", no_argument, NULL, 't' },
		{ "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct args args;
	int c;

	while ((c = getopt_long(argc, argv, "+jpstVh", longs, NULL)) != -1) {
		switch (c) {
		case 'j':
			opt.json = true;
			break;
		case 'p':
			opt.pretty = true;
			break;
		case 's':
			opt.stats = true;
			break;
		case 't':
			opt.stamp = true;
			break;
		case 'V':
			printf("diokctl " DIOKCTL_VERSION "\n");
			return EXIT_OK;
		case 'h':
			usage(stdout);
			return EXIT_OK;
		default:
			return EXIT_USAGE;
		}
	}
	args.argc = argc - optind;
	args.argv = argv + optind;
	out_init(stdout, opt.json, opt.pretty);
	return run_object(&args);
}
