/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Mapped BARs of a device, whoever mapped them: a VFIO owner (owner.c) or,
 * for a closed device, sysfs (mmio.c).  Accesses have the width asked for.
 */
#ifndef DIO_TEST_MMIO_H
#define DIO_TEST_MMIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pcidev.h"

#define MMIO_BARS 6

struct mmio {
	void *bar[MMIO_BARS];
	size_t size[MMIO_BARS];
};

uint64_t mmio_read(const struct mmio *m, int bar, uint32_t offset, int width);
void mmio_write(const struct mmio *m, int bar, uint32_t offset, int width, uint64_t value);
/* False, with a diagnostic, where the BAR is not mapped or too small. */
bool mmio_covers(const struct mmio *m, int bar, uint32_t offset, int width);
/* Map the BARs of @mask through sysfs; the device must be closed and in D0. */
int mmio_map_sysfs(struct mmio *m, const struct pcidev *d, unsigned int mask);
void mmio_unmap(struct mmio *m);

#endif
