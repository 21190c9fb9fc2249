// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's limits of real-time and deadline scheduling. It exports no variable
 * of them and they change at any time, so they are read where an administrator
 * reads and writes them, for each command and no more often: a read of
 * sched_rt_runtime_us or sched_rt_period_us rebuilds the scheduling domains, as a
 * write does (6.12, 7.2). The kernel has the last word anyway.
 */
#include <linux/fs.h>
#include <linux/kstrtox.h>

#include "dio_rt.h"

#define SYSCTL	"/proc/sys/kernel/"

/* Sleeps. */
static int dio_kernel_read(const char *path, s64 *value)
{
	struct file *file = filp_open(path, O_RDONLY, 0);
	char text[24];
	loff_t pos = 0;
	ssize_t n;

	if (IS_ERR(file))
		return PTR_ERR(file);
	n = kernel_read(file, text, sizeof(text) - 1, &pos);
	filp_close(file, NULL);
	if (n <= 0)
		return -EIO;
	text[n] = 0;
	return kstrtos64(strim(text), 10, value);
}

/* What a period may be; of the rest the defaults. Reading it has no side effect. */
void dio_kernel_periods(struct dio_kernel_limits *k)
{
	s64 min, max;

	*k = (struct dio_kernel_limits) {
		.rt_runtime_us = 950000, .rt_period_us = USEC_PER_SEC,
		.period_min_us = 100, .period_max_us = 1 << 22, .assumed = true,
	};
	if (dio_kernel_read(SYSCTL "sched_deadline_period_min_us", &min) ||
	    dio_kernel_read(SYSCTL "sched_deadline_period_max_us", &max))
		return;
	k->period_min_us = min;
	/* what the arithmetic holds, the kernel's default and no less */
	k->period_max_us = min_t(s64, max, 1 << 22);
	k->assumed = false;
}

/* The kernel's defaults are taken, and that is told, for what cannot be read. */
void dio_kernel_limits(struct dio_kernel_limits *k)
{
	s64 runtime, period;

	dio_kernel_periods(k);
	if (dio_kernel_read(SYSCTL "sched_rt_runtime_us", &runtime) ||
	    dio_kernel_read(SYSCTL "sched_rt_period_us", &period)) {
		k->assumed = true;
		return;
	}
	k->rt_runtime_us = runtime;
	k->rt_period_us = period;
}
