// SPDX-License-Identifier: GPL-2.0
/* Reading and writing /dev/kmsg, one record a read. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kmsg.h"
#include "report.h"
#include "sysfs.h"

#define RECORD_MAX 8192

int kmsg_allow_dmar(void)
{
	return sysfs_write("dio-allow: DMAR\n", "/dev/kmsg");
}

int kmsg_mark(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd >= 0)
		lseek(fd, 0, SEEK_END);
	return fd;
}

int kmsg_count(int mark, const char *text)
{
	char record[RECORD_MAX];
	int n, count = 0;

	for (;;) {
		n = read(mark, record, sizeof(record) - 1);
		if (n < 0 && errno == EPIPE)
			continue;	/* overwritten before it was read */
		if (n <= 0)
			return count;
		record[n] = '\0';
		if (strstr(record, text))
			count++;
	}
}

int kmsg_ends_machine(const char *text)
{
	char line[256];

	snprintf(line, sizeof(line), "dio-ends: %s\n", text);
	return sysfs_write(line, "/dev/kmsg");
}
