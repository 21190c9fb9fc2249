/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Calls of kernel functions, counted by kprobe events.  The counts are exact
 * (kprobe_profile), they do not need the trace buffer.
 */
#ifndef DIO_TEST_KCOUNT_H
#define DIO_TEST_KCOUNT_H

/* Every way to configuration space that an x86 kernel has. */
#define KCOUNT_CONFIG "pci_conf1_read", "pci_conf1_write", "pci_mmcfg_read", "pci_mmcfg_write"

/* Probe @n functions; 0 or a negative errno. */
int kcount_start(const char *const *functions, int n);
/* Calls of all probed functions so far. */
long kcount_total(void);
void kcount_stop(void);

/*
 * A counter with a name: the calls of all of @functions, separated by spaces,
 * that the kernel has.  So one counter serves several kernels and drivers.
 */
struct kcounter {
	const char *name;
	const char *functions;
};

/* -ENOENT, with a diagnostic, if a counter has no function at all. */
int kcount_start_named(const struct kcounter *counters, int n);
/* Calls so far of one counter; -1: no such counter. */
long kcount_named(const char *name);

#endif
