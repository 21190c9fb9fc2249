// SPDX-License-Identifier: GPL-2.0
/* The one property of the kernel that changes how long things take. */
#include "clock.h"
#include "sysfs.h"

int clock_scale(void)
{
	return sysfs_exists("/sys/kernel/debug/kmemleak") ? 10 : 1;
}
