/* SPDX-License-Identifier: GPL-2.0 */
/* Object monitor in parts: the loop that listens, and what each family says. */
#ifndef DIOKCTL_MONITOR_H
#define DIOKCTL_MONITOR_H

#include <stdbool.h>

#include "nl.h"
#include "seen.h"

/* The objects that are asked for. */
enum {
	MONITOR_DEV = 1,
	MONITOR_IRQ = 2,
	MONITOR_VM = 4,
	MONITOR_RT = 8,
	MONITOR_ALL = 15,
};

/* A family, if one of its objects is asked for. */
struct source {
	struct nl_conn events;
	struct nl_conn query;	/* a second socket: a dump in the first would */
	bool open;		/* be mixed with events */
};

enum { FEEDS = 3 };

struct monitor {
	struct source source[FEEDS];	/* in the order of feeds */
	struct seen seen;
	unsigned int objects;
	const char *unloaded;	/* name of a module */
	bool broken;		/* standard output takes no more */
};

/* What a family tells: a row each. Functions return an exit code. */
struct feed {
	const struct nl_family *family;
	unsigned int objects;
	void (*event)(struct monitor *mon, struct nl_msg *msg, int cmd);
	/* Once, before the first event; may be NULL. */
	int (*start)(struct monitor *mon, struct nl_conn *query);
	/* Events were lost: print what the kernel still knows. */
	int (*recover)(struct monitor *mon, struct nl_conn *query);
};

extern const struct feed feeds[FEEDS];

void event_begin(const char *event);
void event_end(struct monitor *mon);

#endif
