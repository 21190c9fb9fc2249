/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A VFIO owner of one device: container (type1), group, device, mapped BARs.
 * This is what a VMM is to the kernel.  VFIO opens a device with memory
 * decoding and bus master off: owner_enable() before any register access.
 */
#ifndef DIO_TEST_OWNER_H
#define DIO_TEST_OWNER_H

#include <stdbool.h>
#include <stdint.h>
#include <linux/vfio.h>

#include "mmio.h"
#include "pcidev.h"

struct owner {
	const struct pcidev *pci;
	int container, group, device;
	uint64_t config;	/* offset of configuration space in the device */
	struct mmio mmio;
	bool can_reset;		/* VFIO_DEVICE_FLAGS_RESET */
};

#define OWNER_INIT { .container = -1, .group = -1, .device = -1 }

/* 0 or the negative errno of the step that failed; nothing stays open then. */
int owner_open(struct owner *o, const struct pcidev *d);
void owner_close(struct owner *o);
/* owner_open() with the milliseconds that GET_DEVICE_FD took. */
int owner_open_timed(struct owner *o, const struct pcidev *d, double *ms);

/* VFIO_DEVICE_RESET: 0 or a negative errno. */
int owner_reset(const struct owner *o);
uint32_t owner_config_read(const struct owner *o, int offset, int width);
int owner_config_write(const struct owner *o, int offset, int width, uint32_t value);
/* Set bits of PCI_COMMAND through VFIO. */
void owner_enable(const struct owner *o, uint32_t bits);
void owner_disable(const struct owner *o, uint32_t bits);

int owner_map(const struct owner *o, void *va, uint64_t iova, uint64_t size);
int owner_unmap(const struct owner *o, uint64_t iova, uint64_t size);
/* Eventfd trigger of the first vector of @index; fd -1 takes it away. */
int owner_irq(const struct owner *o, int index, int fd);

#endif
