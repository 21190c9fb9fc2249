/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which reset of each device was printed last. After a loss of events the
 * monitor reads the kernel's ring, and this tells what is new in it.
 */
#ifndef DIOKCTL_SEEN_H
#define DIOKCTL_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "args.h"

struct seen_entry {
	char addr[ADDR_SIZE];
	uint64_t id;
};

struct seen {
	struct seen_entry *entry;
	size_t n;
};

/* Is reset ID of ADDR new? Then it counts as printed. */
bool seen_new(struct seen *seen, const char *addr, uint64_t id);

/* The device's newest id is LAST: a smaller one means that it was rebound. */
void seen_rebase(struct seen *seen, const char *addr, uint64_t last);

void seen_set(struct seen *seen, const char *addr, uint64_t id);
void seen_free(struct seen *seen);

#endif
