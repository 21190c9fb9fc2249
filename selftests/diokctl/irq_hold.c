// SPDX-License-Identifier: GPL-2.0
/*
 * irq_hold BDF intx|msi|msix COUNT [RAISE]: be an owner with COUNT vectors
 * enabled, say "open" and stay so until killed. RAISE, for QEMU's edu: first
 * raise so many interrupts; each MSI is waited for, an INTx never gets its EOI.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "clock.h"
#include "kmod.h"
#include "owner.h"

#define VECTORS		32
#define BOUND_MS	3000

#define EDU_RAISE	0x60
#define EDU_ACK		0x64

static const char *const types[] = { "intx", "msi", "msix" };

static int find_type(const char *word)
{
	int i;

	for (i = 0; i < 3; i++)
		if (!strcmp(types[i], word))
			return i;
	return -1;
}

static int enable(const struct owner *o, int index, int count, int *fd)
{
	struct {
		struct vfio_irq_set set;
		int32_t fd[VECTORS];
	} irq = {
		.set = {
			.argsz = sizeof(irq.set) + count * sizeof(int32_t),
			.flags = VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER,
			.index = index,
			.count = count,
		},
	};
	int i;

	for (i = 0; i < count; i++) {
		fd[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		if (fd[i] < 0)
			return -errno;
		irq.fd[i] = fd[i];
	}
	i = ioctl(o->device, VFIO_DEVICE_SET_IRQS, &irq);
	return i < 0 ? -errno : i ? -ENOSPC : 0;
}

static int raise_one(const struct owner *o, bool wait, int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	eventfd_t n;

	mmio_write(&o->mmio, 0, EDU_RAISE, 4, 1);
	if (!wait)
		return 0;
	if (poll(&p, 1, BOUND_MS * clock_scale()) != 1 || eventfd_read(fd, &n))
		return -ETIMEDOUT;
	mmio_write(&o->mmio, 0, EDU_ACK, 4, 1);
	return 0;
}

static int hold(const struct pcidev *dev, int index, int count, int raise)
{
	struct owner owner = OWNER_INIT;
	int fd[VECTORS], i, rc;

	rc = owner_open(&owner, dev);
	if (rc)
		return rc;
	owner_enable(&owner, COMMAND_MEM | COMMAND_BME);
	rc = enable(&owner, index, count, fd);
	for (i = 0; !rc && i < raise; i++)
		rc = raise_one(&owner, index != VFIO_PCI_INTX_IRQ_INDEX, fd[0]);
	if (rc)
		return rc;
	puts("open");
	fflush(stdout);
	pause();
	return 0;
}

int main(int argc, char **argv)
{
	int index = argc > 3 ? find_type(argv[2]) : -1;
	int count = argc > 3 ? atoi(argv[3]) : 0;
	struct pcidev dev;
	int rc;

	if (index < 0 || count < 1 || count > VECTORS)
		return 2;
	rc = kmod_load(KMOD_TYPE1);
	if (!rc)
		rc = pcidev_at(&dev, argv[1], argv[1]);
	if (!rc)
		rc = hold(&dev, index, count, argc > 4 ? atoi(argv[4]) : 0);
	if (rc)
		fprintf(stderr, "irq_hold %s: %s\n", argv[1], strerror(-rc));
	return rc ? 1 : 0;
}
