// SPDX-License-Identifier: GPL-2.0
/* A VFIO owner through the legacy group interface, the one that Debian has. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <linux/pci_regs.h>

#include "clock.h"
#include "owner.h"
#include "report.h"
#include "sysfs.h"

static int group_open(struct owner *o)
{
	char number[16], path[32];

	if (sysfs_link(number, sizeof(number), PCI_SYSFS "/iommu_group", o->pci->addr) < 0)
		return -ENODEV;
	snprintf(path, sizeof(path), "/dev/vfio/%s", number);
	o->container = open("/dev/vfio/vfio", O_RDWR | O_CLOEXEC);
	if (o->container < 0)
		return -errno;
	o->group = open(path, O_RDWR | O_CLOEXEC);
	if (o->group < 0)
		return -errno;
	if (ioctl(o->group, VFIO_GROUP_SET_CONTAINER, &o->container))
		return -errno;
	return ioctl(o->container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU) ? -errno : 0;
}

static void map_bar(struct owner *o, int bar)
{
	struct vfio_region_info info = { .argsz = sizeof(info), .index = bar };
	void *map;

	if (ioctl(o->device, VFIO_DEVICE_GET_REGION_INFO, &info) || !info.size)
		return;
	if (!(info.flags & VFIO_REGION_INFO_FLAG_MMAP))
		return;
	map = mmap(NULL, info.size, PROT_READ | PROT_WRITE, MAP_SHARED, o->device, info.offset);
	if (map == MAP_FAILED)
		return;
	o->mmio.bar[bar] = map;
	o->mmio.size[bar] = info.size;
}

static int device_setup(struct owner *o)
{
	struct vfio_region_info region = { .argsz = sizeof(region),
					   .index = VFIO_PCI_CONFIG_REGION_INDEX };
	struct vfio_device_info info = { .argsz = sizeof(info) };
	int bar;

	if (ioctl(o->device, VFIO_DEVICE_GET_INFO, &info))
		return -errno;
	o->can_reset = info.flags & VFIO_DEVICE_FLAGS_RESET;
	if (ioctl(o->device, VFIO_DEVICE_GET_REGION_INFO, &region))
		return -errno;
	o->config = region.offset;
	for (bar = 0; bar < MMIO_BARS; bar++)
		map_bar(o, bar);
	return 0;
}

int owner_open_timed(struct owner *o, const struct pcidev *d, double *ms)
{
	double start;
	int rc;

	*o = (struct owner)OWNER_INIT;
	o->pci = d;
	rc = group_open(o);
	start = clock_ms();
	if (!rc) {
		o->device = ioctl(o->group, VFIO_GROUP_GET_DEVICE_FD, d->addr);
		if (o->device < 0)
			rc = -errno;
	}
	*ms = clock_ms() - start;
	if (!rc)
		rc = device_setup(o);
	if (rc)
		owner_close(o);
	return rc;
}

int owner_open(struct owner *o, const struct pcidev *d)
{
	double ms;

	return owner_open_timed(o, d, &ms);
}

void owner_close(struct owner *o)
{
	mmio_unmap(&o->mmio);
	if (o->device >= 0)
		close(o->device);
	if (o->group >= 0)
		close(o->group);
	if (o->container >= 0)
		close(o->container);
	o->container = -1;
	o->group = -1;
	o->device = -1;
}

int owner_reset(const struct owner *o)
{
	return ioctl(o->device, VFIO_DEVICE_RESET) ? -errno : 0;
}

uint32_t owner_config_read(const struct owner *o, int offset, int width)
{
	uint32_t value = 0;

	if (pread(o->device, &value, width, o->config + offset) != width) {
		say("%s (%s): VFIO config read at 0x%x: %s", o->pci->name, o->pci->addr,
		    offset, strerror(errno));
		return ~0u;
	}
	return value;
}

int owner_config_write(const struct owner *o, int offset, int width, uint32_t value)
{
	if (pwrite(o->device, &value, width, o->config + offset) == width)
		return 0;
	say("%s (%s): VFIO config write at 0x%x: %s", o->pci->name, o->pci->addr,
	    offset, strerror(errno));
	return -EIO;
}

void owner_enable(const struct owner *o, uint32_t bits)
{
	owner_config_write(o, PCI_COMMAND, 2, owner_config_read(o, PCI_COMMAND, 2) | bits);
}

void owner_disable(const struct owner *o, uint32_t bits)
{
	owner_config_write(o, PCI_COMMAND, 2, owner_config_read(o, PCI_COMMAND, 2) & ~bits);
}

int owner_map(const struct owner *o, void *va, uint64_t iova, uint64_t size)
{
	struct vfio_iommu_type1_dma_map map = {
		.argsz = sizeof(map),
		.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
		.vaddr = (uintptr_t)va,
		.iova = iova,
		.size = size,
	};

	return ioctl(o->container, VFIO_IOMMU_MAP_DMA, &map) ? -errno : 0;
}

int owner_unmap(const struct owner *o, uint64_t iova, uint64_t size)
{
	struct vfio_iommu_type1_dma_unmap unmap = {
		.argsz = sizeof(unmap),
		.iova = iova,
		.size = size,
	};

	return ioctl(o->container, VFIO_IOMMU_UNMAP_DMA, &unmap) ? -errno : 0;
}

int owner_irq(const struct owner *o, int index, int fd)
{
	struct {
		struct vfio_irq_set set;
		int32_t fd;
	} irq = {
		.set = {
			.argsz = sizeof(irq),
			.flags = VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER,
			.index = index,
			.count = 1,
		},
		.fd = fd,
	};

	if (fd < 0) {
		irq.set.flags = VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_TRIGGER;
		irq.set.count = 0;
		irq.set.argsz = sizeof(irq.set);
	}
	return ioctl(o->device, VFIO_DEVICE_SET_IRQS, &irq) ? -errno : 0;
}
