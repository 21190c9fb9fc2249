// SPDX-License-Identifier: GPL-2.0
/* Object counts of /proc/slabinfo and VmallocUsed of /proc/meminfo. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "memstat.h"
#include "report.h"
#include "sysfs.h"

static void shrink_caches(void)
{
	struct dirent *e;
	DIR *dir;

	sysfs_write("3", "/proc/sys/vm/drop_caches");
	dir = opendir("/sys/kernel/slab");
	if (!dir)
		return;
	while ((e = readdir(dir)))
		if (e->d_name[0] != '.' && e->d_type == DT_DIR)
			sysfs_write("1", "/sys/kernel/slab/%s/shrink", e->d_name);
	closedir(dir);
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

long memstat_growth(const struct memstat *before, const struct memstat *after, char *name,
		    int size, long *vmalloc_kb)
{
	long growth, most = 0;
	int i;

	snprintf(name, size, "none");
	for (i = 0; i < after->caches; i++) {
		/* Freed lazily, thousands at a time; VmallocUsed is exact. */
		if (!strcmp(after->cache[i].name, "vmap_area"))
			continue;
		growth = after->cache[i].objects - objects_of(before, after->cache[i].name);
		if (growth <= most)
			continue;
		most = growth;
		snprintf(name, size, "%s", after->cache[i].name);
	}
	*vmalloc_kb = after->vmalloc_kb - before->vmalloc_kb;
	return most;
}
