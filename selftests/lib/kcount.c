// SPDX-License-Identifier: GPL-2.0
/* kprobe events of the group "diotest" and their hit counts. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "kcount.h"
#include "report.h"
#include "sysfs.h"

#define TRACEFS "/sys/kernel/tracing/"
#define GROUP "diotest"

int kcount_start(const char *const *functions, int n)
{
	char event[128];
	int i, rc;

	kcount_stop();
	for (i = 0; i < n; i++) {
		snprintf(event, sizeof(event), "p:" GROUP "/%s %s\n", functions[i], functions[i]);
		rc = sysfs_append(event, TRACEFS "kprobe_events");
		if (rc) {
			say("kprobe on %s: %s", functions[i], strerror(-rc));
			kcount_stop();
			return rc;
		}
	}
	sysfs_write("0", TRACEFS "tracing_on");
	return sysfs_write("1", TRACEFS "events/" GROUP "/enable");
}

long kcount_total(void)
{
	unsigned long hits, missed;
	char line[256], name[128];
	long total = 0;
	FILE *f = fopen(TRACEFS "kprobe_profile", "r");

	if (!f)
		return -1;
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "%127s %lu %lu", name, &hits, &missed) == 3)
			total += hits + missed;
	fclose(f);
	return total;
}

/* Events NAME__FUNCTION for what there is of one counter. */
static int add_counter(const struct kcounter *c)
{
	char functions[256], event[192], *function, *rest;
	int rc, found = 0;

	snprintf(functions, sizeof(functions), "%s", c->functions);
	for (function = strtok_r(functions, " ", &rest); function;
	     function = strtok_r(NULL, " ", &rest)) {
		snprintf(event, sizeof(event), "p:" GROUP "/%s__%s %s\n", c->name, function,
			 function);
		rc = sysfs_append(event, TRACEFS "kprobe_events");
		/* no such function: one or the other, by kernel version */
		if (rc && rc != -ENOENT && rc != -EINVAL) {
			say("kprobe on %s: %s", function, strerror(-rc));
			return rc;
		}
		found += !rc;
	}
	if (found)
		return 0;
	say("counter %s: none of '%s' in this kernel", c->name, c->functions);
	return -ENOENT;
}

int kcount_start_named(const struct kcounter *counters, int n)
{
	int i, rc = 0;

	kcount_stop();
	for (i = 0; i < n && !rc; i++)
		rc = add_counter(&counters[i]);
	if (rc) {
		kcount_stop();
		return rc;
	}
	sysfs_write("0", TRACEFS "tracing_on");
	return sysfs_write("1", TRACEFS "events/" GROUP "/enable");
}

long kcount_named(const char *name)
{
	unsigned long hits, missed;
	char line[256], event[128];
	size_t length = strlen(name);
	long total = -1;
	FILE *f = fopen(TRACEFS "kprobe_profile", "r");

	if (!f)
		return -1;
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%127s %lu %lu", event, &hits, &missed) != 3)
			continue;
		if (strncmp(event, name, length) || strncmp(event + length, "__", 2))
			continue;
		total = (total < 0 ? 0 : total) + hits + missed;
	}
	fclose(f);
	return total;
}

void kcount_stop(void)
{
	if (!sysfs_exists(TRACEFS "events/" GROUP))
		return;
	sysfs_write("0", TRACEFS "events/" GROUP "/enable");
	sysfs_append("-:" GROUP "/\n", TRACEFS "kprobe_events");
	sysfs_write("1", TRACEFS "tracing_on");
}
