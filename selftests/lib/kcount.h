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

#endif
