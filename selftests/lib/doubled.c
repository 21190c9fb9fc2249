// SPDX-License-Identifier: GPL-2.0
/* Counted in an instance of tracefs. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "doubled.h"
#include "sysfs.h"

#define INSTANCE	"/sys/kernel/tracing/instances/dio_doubled"
#define EVENT		INSTANCE "/events/kvm/kvm_exit/"
#define BUFFER_KIB	"8192"

/* Bits of exit_int_info; of the types only an exception's has the lowest bit. */
#define INFO_VALID	0x80000000u
#define INFO_TYPE	0x700u
#define INFO_EXCEPTION	0x300u
#define INFO_VECTOR	0xffu
#define FILTER		"intr_info & 0x100"

static bool watched;

int doubled_watch(void)
{
	int ret;

	if (!sysfs_exists("/sys/module/kvm_amd"))
		return 0;
	if (mkdir(INSTANCE, 0700) && errno != EEXIST)
		return -errno;
	ret = sysfs_write(BUFFER_KIB, INSTANCE "/buffer_size_kb") ?:
	      sysfs_write(FILTER, EVENT "filter") ?: sysfs_write("1", EVENT "enable");
	watched = !ret;
	return ret;
}

void doubled_unwatch(void)
{
	if (!watched)
		return;
	sysfs_write("0", EVENT "enable");
	rmdir(INSTANCE);
	watched = false;
}

void doubled_forget(void)
{
	if (watched)
		sysfs_write("", INSTANCE "/trace");
}

static bool is_doubled(const char *line)
{
	const char *at = strstr(line, " intr_info 0x");
	unsigned int info;

	return at && sscanf(at, " intr_info 0x%x", &info) == 1 &&
	       (info & (INFO_VALID | INFO_TYPE)) == INFO_EXCEPTION &&
	       (info & INFO_VECTOR) >= 32;
}

int doubled_count(void)
{
	FILE *f = watched ? fopen(INSTANCE "/trace", "r") : NULL;
	char line[512];
	int n = 0;

	if (!f)
		return 0;
	while (fgets(line, sizeof(line), f))
		n += is_doubled(line);
	fclose(f);
	return n;
}
