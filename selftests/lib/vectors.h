/* SPDX-License-Identifier: GPL-2.0 */
/*
 * MSI and MSI-X of a VFIO owner: VFIO_DEVICE_SET_IRQS in every form, and the
 * devices that send a message when they are told to.
 */
#ifndef DIO_TEST_VECTORS_H
#define DIO_TEST_VECTORS_H

#include <stdint.h>

#include "owner.h"

#define VECTORS_MAX 10

/* A device and the interrupt type that it is driven with. */
struct vectors_device {
	int index;		/* VFIO_PCI_MSI_IRQ_INDEX or VFIO_PCI_MSIX_IRQ_INDEX */
	int count;		/* vectors that it has and raise() knows */
	bool pends;		/* a masked vector has a pending bit */
	/* Registers as raise() needs them; the interrupt type is on. */
	void (*ready)(const struct mmio *m);
	/* One message, or the pending bit where the vector is masked. */
	void (*raise)(const struct mmio *m, int vector);
};

extern const struct vectors_device vectors_igb_msix;
extern const struct vectors_device vectors_igb_msi;	/* with a mask bit */
extern const struct vectors_device vectors_edu_msi;	/* without */

/* VFIO_DEVICE_SET_IRQS; @size bytes of @data.  0, a positive count, or -errno. */
int vectors_set(const struct owner *o, int index, uint32_t flags, uint32_t start, uint32_t count,
		const void *data, uint32_t size);
/* The eventfds of @count vectors; -1 takes one away. */
int vectors_trigger(const struct owner *o, int index, uint32_t start, uint32_t count,
		    const int32_t *fd);
/* @action of VFIO_IRQ_SET_ACTION_*, without data. */
int vectors_act(const struct owner *o, int index, uint32_t action, uint32_t start,
		uint32_t count);
int vectors_disable(const struct owner *o, int index);
/* Flags and count of VFIO_DEVICE_GET_IRQ_INFO. */
int vectors_info(const struct owner *o, int index, struct vfio_irq_info *info);

/* Signals since the last call; the eventfd is not blocking. */
uint64_t vectors_take(int fd);
/* The same, when the first has come; 0 if none does. */
uint64_t vectors_wait(int fd, int bound_ms);

#endif
