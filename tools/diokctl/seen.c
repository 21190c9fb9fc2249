// SPDX-License-Identifier: GPL-2.0
/* The last printed reset of each device, see seen.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "seen.h"

/* NULL only without memory: then every reset is new, none is hidden. */
static struct seen_entry *find(struct seen *seen, const char *addr)
{
	struct seen_entry *more;
	size_t i;

	for (i = 0; i < seen->n; i++)
		if (!strcmp(seen->entry[i].addr, addr))
			return &seen->entry[i];
	more = realloc(seen->entry, (seen->n + 1) * sizeof(*more));
	if (!more)
		return NULL;
	seen->entry = more;
	more += seen->n++;
	snprintf(more->addr, sizeof(more->addr), "%s", addr);
	more->id = 0;
	return more;
}

bool seen_new(struct seen *seen, const char *addr, uint64_t id)
{
	struct seen_entry *entry = find(seen, addr);

	if (!entry)
		return true;
	if (id <= entry->id)
		return false;
	entry->id = id;
	return true;
}

void seen_rebase(struct seen *seen, const char *addr, uint64_t last)
{
	struct seen_entry *entry = find(seen, addr);

	if (entry && last < entry->id)
		entry->id = 0;
}

void seen_set(struct seen *seen, const char *addr, uint64_t id)
{
	struct seen_entry *entry = find(seen, addr);

	if (entry)
		entry->id = id;
}

void seen_free(struct seen *seen)
{
	free(seen->entry);
	seen->entry = NULL;
	seen->n = 0;
}
