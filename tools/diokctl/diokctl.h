/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What all files of diokctl share: the options, the exit codes and the way
 * an error is said. A function that returns an exit code has already told
 * the user what went wrong.
 */
#ifndef DIOKCTL_H
#define DIOKCTL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "args.h"

enum exit_code {
	EXIT_OK = 0,
	EXIT_REFUSED = 1,	/* the kernel or the state of the machine says no */
	EXIT_USAGE = 2,		/* the command line cannot be understood */
};

struct options {
	bool json;
	bool pretty;
	bool stats;
	bool stamp;
};

extern struct options opt;

/* A verb of an object, or an object itself: first match wins for prefixes. */
struct command {
	const char *name;
	int (*run)(struct args *args);
	const char *help;
};

/* PREFIX is the command line so far, for messages; HELP what `help` prints. */
int command_run(const struct command *table, const char *prefix,
		struct args *args, const char *help);

__attribute__((format(printf, 1, 2))) int refuse(const char *fmt, ...);
__attribute__((format(printf, 1, 2))) int misuse(const char *fmt, ...);
__attribute__((format(printf, 1, 2))) void warning(const char *fmt, ...);

int dev_main(struct args *args);
int irq_main(struct args *args);
int monitor_main(struct args *args);
int rt_main(struct args *args);
int vm_main(struct args *args);
int version_main(struct args *args);

#endif
