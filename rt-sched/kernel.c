// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's limits of real-time and deadline scheduling. It exports no variable of
 * them and they change at any time, so each command looks. Not at the files of
 * sched_rt_runtime_us and sched_rt_period_us: a mere read of these rebuilds the
 * scheduling domains, as a write does (6.12, 7.2), and that loses the bandwidth of
 * the fair servers and counts a thread that just left SCHED_DEADLINE twice (6.12).
 * The kernel has the last word anyway.
 */
#include <linux/fs.h>
#include <linux/kstrtox.h>

#include "compat/kallsyms.h"
#include "dio_rt.h"

#define SYSCTL	"/proc/sys/kernel/"

DEFINE_STATIC_CALL_RET0(dio_rt_lookup, kallsyms_lookup_name);

/* Variables of the kernel, or NULL; set once. */
static const int *dio_kernel_runtime, *dio_kernel_period;

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

/* The kernel's defaults are taken, and that is told, for what is not found. Sleeps. */
void dio_kernel_limits(struct dio_kernel_limits *k)
{
	int runtime, period;

	dio_kernel_periods(k);
	if (!dio_kernel_runtime || !dio_kernel_period) {
		k->assumed = true;
		return;
	}
	runtime = READ_ONCE(*dio_kernel_runtime);
	period = READ_ONCE(*dio_kernel_period);
	if (period <= 0 || runtime < -1 || runtime > period) {
		k->assumed = true;
		return;
	}
	k->rt_runtime_us = runtime;
	k->rt_period_us = period;
}

/* The names and the type, an int each, are those of 6.1 to 7.2. Sleeps. */
void __init dio_kernel_init(void)
{
	unsigned long lookup = dio_symbol_by_probe("kallsyms_lookup_name");

	if (lookup)
		static_call_update(dio_rt_lookup, (void *)lookup);
	dio_kernel_runtime = (void *)static_call(dio_rt_lookup)("sysctl_sched_rt_runtime");
	dio_kernel_period = (void *)static_call(dio_rt_lookup)("sysctl_sched_rt_period");
	if (!dio_kernel_runtime || !dio_kernel_period)
		pr_warn("the kernel's real-time limits are not found: its defaults are taken\n");
}
