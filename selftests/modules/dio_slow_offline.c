// SPDX-License-Identifier: GPL-2.0-only
/*
 * A CPU that takes its time to go offline: after the scheduler has let go of it
 * (sched_cpu_deactivate()) and before any later step, its interrupts go on for so
 * long that each timer of a period comes. For tests.
 *
 * Parameters in /sys/module/dio_slow_offline/parameters/:
 *   ms      how long; 0: not at all
 *   slowed  how often
 */
#include <linux/cpuhotplug.h>
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/tracepoint.h>

static unsigned int ms;
module_param(ms, uint, 0644);
static unsigned int slowed;
module_param(slowed, uint, 0444);

static bool going;	/* written by the hotplug's one CPU at a time */
static struct tracepoint *enter;

static void slow_probe(void *data, unsigned int cpu, int target, int idx,
		       int (*fn)(unsigned int cpu))
{
	if (idx == CPUHP_AP_ACTIVE) {
		going = target < idx;
	} else if (going && ms) {
		going = false;
		slowed++;
		mdelay(ms);
	}
}

static void slow_look(struct tracepoint *tp, void *data)
{
	if (!strcmp(tp->name, "cpuhp_enter"))
		enter = tp;
}

static int __init slow_init(void)
{
	for_each_kernel_tracepoint(slow_look, NULL);
	return enter ? tracepoint_probe_register(enter, slow_probe, NULL) : -ENOENT;
}
module_init(slow_init);

static void __exit slow_exit(void)
{
	tracepoint_probe_unregister(enter, slow_probe, NULL);
	tracepoint_synchronize_unregister();
}
module_exit(slow_exit);

MODULE_LICENSE("GPL");
MODULE_AUTHOR("The diok developers");
MODULE_DESCRIPTION("Test: CPUs that are slow to go offline");
