// SPDX-License-Identifier: GPL-2.0
/* SET_IRQS, eventfds, and registers that make a device send a message. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "vectors.h"

/* 82576: extended causes 0 to 9 are the MSI-X vectors of the same number. */
#define IGB_GPIE 0x1514
#define IGB_EICS 0x1520
#define IGB_EIMS 0x1524
#define IGB_EIAC 0x152c
#define IGB_ICR 0xc0
#define IGB_ICS 0xc8
#define IGB_IMS 0xd0
#define GPIE_CLEAR_BY_READ 0x1
#define GPIE_MSIX 0x10
#define IGB_TXDW 0x1

#define EDU_RAISE 0x60
#define EDU_ACK 0x64

/* Cleared when the message is sent, so that each write to EICS is an event. */
static void igb_msix_ready(const struct mmio *m)
{
	mmio_write(m, 0, IGB_GPIE, 4, GPIE_MSIX);
	mmio_write(m, 0, IGB_EIAC, 4, (1u << VECTORS_MAX) - 1);
	mmio_write(m, 0, IGB_EIMS, 4, (1u << VECTORS_MAX) - 1);
}

static void igb_msix_raise(const struct mmio *m, int vector)
{
	mmio_write(m, 0, IGB_EICS, 4, 1u << vector);
}

static void igb_msi_ready(const struct mmio *m)
{
	mmio_write(m, 0, IGB_GPIE, 4, GPIE_CLEAR_BY_READ);
}

/* Acknowledged first, which may take the mask with it: each is a new event. */
static void igb_msi_raise(const struct mmio *m, int vector)
{
	(void)vector;
	mmio_read(m, 0, IGB_ICR, 4);
	mmio_write(m, 0, IGB_IMS, 4, IGB_TXDW);
	mmio_write(m, 0, IGB_ICS, 4, IGB_TXDW);
}

static void edu_ready(const struct mmio *m)
{
	mmio_write(m, 0, EDU_ACK, 4, ~0u);
}

static void edu_raise(const struct mmio *m, int vector)
{
	(void)vector;
	mmio_write(m, 0, EDU_RAISE, 4, 1);
}

const struct vectors_device vectors_igb_msix = {
	VFIO_PCI_MSIX_IRQ_INDEX, VECTORS_MAX, true, igb_msix_ready, igb_msix_raise
};

const struct vectors_device vectors_igb_msi = {
	VFIO_PCI_MSI_IRQ_INDEX, 1, true, igb_msi_ready, igb_msi_raise
};

const struct vectors_device vectors_edu_msi = {
	VFIO_PCI_MSI_IRQ_INDEX, 1, false, edu_ready, edu_raise
};

int vectors_set(const struct owner *o, int index, uint32_t flags, uint32_t start, uint32_t count,
		const void *data, uint32_t size)
{
	struct {
		struct vfio_irq_set set;
		int32_t data[4 * VECTORS_MAX];
	} irq = { .set = { .argsz = sizeof(irq.set) + size, .flags = flags, .index = index,
			   .start = start, .count = count } };
	int rc;

	if (size > sizeof(irq.data))
		return -E2BIG;
	if (size)
		memcpy(irq.data, data, size);
	rc = ioctl(o->device, VFIO_DEVICE_SET_IRQS, &irq);
	return rc < 0 ? -errno : rc;
}

int vectors_trigger(const struct owner *o, int index, uint32_t start, uint32_t count,
		    const int32_t *fd)
{
	return vectors_set(o, index, VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER,
			   start, count, fd, count * sizeof(*fd));
}

int vectors_act(const struct owner *o, int index, uint32_t action, uint32_t start, uint32_t count)
{
	return vectors_set(o, index, VFIO_IRQ_SET_DATA_NONE | action, start, count, NULL, 0);
}

int vectors_disable(const struct owner *o, int index)
{
	return vectors_act(o, index, VFIO_IRQ_SET_ACTION_TRIGGER, 0, 0);
}

int vectors_info(const struct owner *o, int index, struct vfio_irq_info *info)
{
	*info = (struct vfio_irq_info){ .argsz = sizeof(*info), .index = index };
	return ioctl(o->device, VFIO_DEVICE_GET_IRQ_INFO, info) ? -errno : 0;
}

uint64_t vectors_take(int fd)
{
	uint64_t n = 0;

	return read(fd, &n, sizeof(n)) == sizeof(n) ? n : 0;
}

uint64_t vectors_wait(int fd, int bound_ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, bound_ms) > 0 ? vectors_take(fd) : 0;
}
