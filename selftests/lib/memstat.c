// SPDX-License-Identifier: GPL-2.0
/* Object counts of /proc/slabinfo and VmallocUsed of /proc/meminfo. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "memstat.h"
#include "report.h"
#include "sysfs.h"

#define SETTLE_BOUND_MS 20000

/*
 * Each cache's file, open from the first look on: opening them anew makes as many
 * directory entries again as there are files, while the last ones wait to be freed.
 */
static int shrinkers[MEMSTAT_CACHES], shrinker_count;

static void open_shrinkers(void)
{
	DIR *dir = opendir("/sys/kernel/slab");
	char path[128];
	struct dirent *e;
	int fd;

	if (!dir)
		return;
	while ((e = readdir(dir)) && shrinker_count < MEMSTAT_CACHES) {
		if (e->d_name[0] == '.' || e->d_type != DT_DIR)
			continue;
		snprintf(path, sizeof(path), "/sys/kernel/slab/%.64s/shrink", e->d_name);
		fd = open(path, O_WRONLY | O_CLOEXEC);
		if (fd >= 0)
			shrinkers[shrinker_count++] = fd;
	}
	closedir(dir);
}

static void shrink_caches(void)
{
	int i;

	if (!shrinker_count)
		open_shrinkers();
	sysfs_write("3", "/proc/sys/vm/drop_caches");
	/* ENODEV: the cache has gone. */
	for (i = 0; i < shrinker_count; i++)
		if (pwrite(shrinkers[i], "1", 1, 0) != 1 && errno != ENODEV)
			say("memory: a cache could not be shrunk: %s", strerror(errno));
}

static int read_caches(struct memstat *m)
{
	FILE *f = fopen("/proc/slabinfo", "r");
	char line[256];

	if (!f)
		return -errno;
	m->caches = 0;
	while (fgets(line, sizeof(line), f) && m->caches < MEMSTAT_CACHES)
		if (sscanf(line, "%47s %ld", m->cache[m->caches].name,
			   &m->cache[m->caches].objects) == 2)
			m->caches++;
	fclose(f);
	return 0;
}

static int read_vmalloc(struct memstat *m)
{
	FILE *f = fopen("/proc/meminfo", "r");
	char line[256];

	if (!f)
		return -errno;
	m->vmalloc_kb = -1;
	while (fgets(line, sizeof(line), f))
		sscanf(line, "VmallocUsed: %ld kB", &m->vmalloc_kb);
	fclose(f);
	return m->vmalloc_kb < 0 ? -ENODATA : 0;
}

int memstat_take(struct memstat *m)
{
	int rc;

	if (sysfs_exists("/sys/kernel/debug/kmemleak"))
		return -ENOTSUP;
	shrink_caches();
	rc = read_caches(m);
	return rc ? rc : read_vmalloc(m);
}

static long objects_of(const struct memstat *m, const char *name)
{
	int i;

	for (i = 0; i < m->caches; i++)
		if (!strcmp(m->cache[i].name, name))
			return m->cache[i].objects;
	return 0;
}

static void compare(const struct memstat *before, const struct memstat *after,
		    struct memstat_growth *g)
{
	long growth;
	int i;

	memset(g, 0, sizeof(*g));
	snprintf(g->name, sizeof(g->name), "none");
	for (i = 0; i < after->caches; i++) {
		/* Freed lazily, thousands at a time; VmallocUsed is exact. */
		if (!strcmp(after->cache[i].name, "vmap_area"))
			continue;
		growth = after->cache[i].objects - objects_of(before, after->cache[i].name);
		if (growth <= g->objects)
			continue;
		g->objects = growth;
		snprintf(g->name, sizeof(g->name), "%s", after->cache[i].name);
	}
	g->vmalloc_kb = after->vmalloc_kb - before->vmalloc_kb;
}

int memstat_compare(const struct memstat *before, long objects, struct memstat_growth *g)
{
	struct memstat *after = calloc(1, sizeof(*after));
	double end = clock_ms() + SETTLE_BOUND_MS;
	int rc;

	if (!after)
		return -ENOMEM;
	do {
		rc = memstat_take(after);
		if (!rc)
			compare(before, after, g);
	} while (!rc && g->objects >= objects && clock_ms() < end);
	say("memory: most grown cache %s by %ld objects, vmalloc by %ld kB", g->name,
	    g->objects, g->vmalloc_kb);
	free(after);
	return rc;
}
