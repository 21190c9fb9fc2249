// SPDX-License-Identifier: GPL-2.0
/* An instance of tracefs of our own, read and emptied by take(). */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sptetrace.h"

#define INSTANCE "/sys/kernel/tracing/instances/dio_spte"
#define EVENT INSTANCE "/events/kvmmmu/kvm_tdp_mmu_spte_changed/enable"
#define PRESENT 1ull
#define ADDRESS 0x000ffffffffff000ull
#define LARGE 0x80ull

static int put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	int rc = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		rc = -errno;
	close(fd);
	return rc;
}

int sptetrace_start(void)
{
	if (mkdir(INSTANCE, 0700) && errno != EEXIST)
		return -errno;
	put(INSTANCE "/buffer_size_kb", "4096");
	return put(EVENT, "1");
}

void sptetrace_stop(void)
{
	put(EVENT, "0");
	rmdir(INSTANCE);
}

static bool is_leaf(const struct sptetrace_event *e, uint64_t entry)
{
	return (entry & PRESENT) && (e->level == 1 || (entry & LARGE));
}

static void parse(struct sptetrace *t, const char *line)
{
	struct sptetrace_event e;
	const char *at = strstr(line, "kvm_tdp_mmu_spte_changed:");
	unsigned long long gfn, old, new;
	int as;

	if (!at || sscanf(at + 25, " as id %d gfn %llx level %d old_spte %llx new_spte %llx",
			  &as, &gfn, &e.level, &old, &new) != 5)
		return;
	e.gfn = gfn;
	e.old_spte = old;
	e.new_spte = new;
	if (t->n == SPTETRACE_EVENTS)
		t->lost = true;
	else
		t->event[t->n++] = e;
}

int sptetrace_take(struct sptetrace *t)
{
	FILE *f = fopen(INSTANCE "/trace", "r");
	char line[512];

	if (!f)
		return -errno;
	while (fgets(line, sizeof(line), f))
		parse(t, line);
	fclose(f);
	return put(INSTANCE "/trace", "");
}

uint64_t sptetrace_entry(const struct sptetrace *t, uint64_t gpa, int level)
{
	uint64_t pages = 1ull << (9 * (level - 1)), gfn = (gpa >> 12) & ~(pages - 1);
	int i;

	for (i = t->n - 1; i >= 0; i--)
		if (t->event[i].gfn == gfn && t->event[i].level == level)
			return is_leaf(&t->event[i], t->event[i].new_spte) ?
			       t->event[i].new_spte : 0;
	return 0;
}

int sptetrace_zaps(const struct sptetrace *t, uint64_t start, uint64_t end, bool inside)
{
	int i, n = 0;

	for (i = 0; i < t->n; i++) {
		const struct sptetrace_event *e = &t->event[i];
		uint64_t gpa = e->gfn << 12, size = 4096ull << (9 * (e->level - 1));

		if (!is_leaf(e, e->old_spte) || (e->new_spte & PRESENT))
			continue;
		if ((gpa < end && gpa + size > start) == inside)
			n++;
	}
	return n;
}
