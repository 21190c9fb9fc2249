// SPDX-License-Identifier: GPL-2.0
/* The properties of the kernel that change how long things take. */
#include <string.h>
#include <sys/utsname.h>

#include "clock.h"
#include "sysfs.h"

int clock_scale(void)
{
	return sysfs_exists("/sys/kernel/debug/kmemleak") ? 10 : 1;
}

long clock_rounds(long n)
{
	struct utsname u;
	bool all = sysfs_exists("/etc/dio/volume") && !uname(&u) &&
		   !strncmp(u.release, "6.12.", 5);

	return n / (all ? 1 : 5) / clock_scale();
}

bool clock_is_cheap(void)
{
	char text[1024];

	return sysfs_read(text, sizeof(text), "/proc/cmdline") > 0 &&
	       strstr(text, "dio.cheapclock");
}
