// SPDX-License-Identifier: GPL-2.0
/* Register accesses by width, and BARs mapped through sysfs. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mmio.h"
#include "report.h"
#include "sysfs.h"

bool mmio_covers(const struct mmio *m, int bar, uint32_t offset, int width)
{
	if (bar >= 0 && bar < MMIO_BARS && m->bar[bar] && offset + width <= m->size[bar])
		return true;
	say("BAR %d is not mapped at 0x%x", bar, offset);
	return false;
}

uint64_t mmio_read(const struct mmio *m, int bar, uint32_t offset, int width)
{
	const volatile void *p;

	if (!mmio_covers(m, bar, offset, width))
		return ~0ull;
	p = (const volatile char *)m->bar[bar] + offset;
	switch (width) {
	case 1:
		return *(const volatile uint8_t *)p;
	case 2:
		return *(const volatile uint16_t *)p;
	case 4:
		return *(const volatile uint32_t *)p;
	default:
		return *(const volatile uint64_t *)p;
	}
}

void mmio_write(const struct mmio *m, int bar, uint32_t offset, int width, uint64_t value)
{
	volatile void *p;

	if (!mmio_covers(m, bar, offset, width))
		return;
	p = (volatile char *)m->bar[bar] + offset;
	switch (width) {
	case 1:
		*(volatile uint8_t *)p = value;
		break;
	case 2:
		*(volatile uint16_t *)p = value;
		break;
	case 4:
		*(volatile uint32_t *)p = value;
		break;
	default:
		*(volatile uint64_t *)p = value;
	}
}

static int map_resource(struct mmio *m, const struct pcidev *d, int bar)
{
	char path[PATH_MAX];
	struct stat st;
	void *map;
	int fd;

	snprintf(path, sizeof(path), PCI_SYSFS "/resource%d", d->addr, bar);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st)) {
		say("%s: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return -ENOENT;
	}
	map = mmap(NULL, st.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (map == MAP_FAILED) {
		say("%s: mmap: %s", path, strerror(errno));
		return -errno;
	}
	m->bar[bar] = map;
	m->size[bar] = st.st_size;
	return 0;
}

int mmio_map_sysfs(struct mmio *m, const struct pcidev *d, unsigned int mask)
{
	int bar, rc = 0;

	memset(m, 0, sizeof(*m));
	for (bar = 0; bar < MMIO_BARS && !rc; bar++)
		if (mask & (1u << bar))
			rc = map_resource(m, d, bar);
	if (rc)
		mmio_unmap(m);
	return rc;
}

void mmio_unmap(struct mmio *m)
{
	int bar;

	for (bar = 0; bar < MMIO_BARS; bar++)
		if (m->bar[bar])
			munmap(m->bar[bar], m->size[bar]);
	memset(m, 0, sizeof(*m));
}
