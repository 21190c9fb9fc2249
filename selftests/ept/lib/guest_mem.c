// SPDX-License-Identifier: GPL-2.0
/* Memory of the guest of guest.h, and the page tables that it runs on. */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <linux/kvm.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guest.h"
#include "guest_priv.h"
#include "report.h"
#include "sysfs.h"

#define PTE_PRESENT 0x3ULL		/* and writable */
#define PTE_PWT 0x8ULL
#define PTE_PCD 0x10ULL
#define PTE_BIG 0x80ULL
#define PTE_PAT_4K 0x80ULL
#define PTE_PAT_2M 0x1000ULL
#define PTE_ADDRESS 0xffffffffff000ULL

static uint64_t *table(struct guest *g, uint64_t *entry)
{
	if (!*entry) {
		if (g->table_next + PAGE_4K > OWN_SIZE) {
			say("no room for the guest's page tables");
			abort();
		}
		*entry = (GUEST_RUN_GPA + g->table_next) | PTE_PRESENT;
		g->table_next += PAGE_4K;
	}
	return (uint64_t *)(g->own + (*entry & PTE_ADDRESS) - GUEST_RUN_GPA);
}

static void map_page(struct guest *g, uint64_t linear, uint64_t gpa, unsigned int pat, bool big)
{
	uint64_t bits = PTE_PRESENT | (pat & 1 ? PTE_PWT : 0) | (pat & 2 ? PTE_PCD : 0);
	uint64_t *level = (uint64_t *)(g->own + OWN_TABLES);

	level = table(g, &level[linear >> 39 & 511]);
	level = table(g, &level[linear >> 30 & 511]);
	if (big) {
		level[linear >> 21 & 511] = gpa | bits | PTE_BIG | (pat & 4 ? PTE_PAT_2M : 0);
		return;
	}
	level = table(g, &level[linear >> 21 & 511]);
	level[linear >> 12 & 511] = gpa | bits | (pat & 4 ? PTE_PAT_4K : 0);
}

static void map_aliases(struct guest *g, uint64_t gpa, uint64_t size)
{
	unsigned int pat;
	uint64_t at;

	for (pat = 0; pat < PAT_TYPES; pat++) {
		for (at = gpa; at < gpa + size; at += PAGE_4K)
			map_page(g, guest_linear(at, pat, false), at, pat, false);
		for (at = gpa & ~(PAGE_2M - 1); at < gpa + size; at += PAGE_2M)
			map_page(g, guest_linear(at, pat, true), at, pat, true);
	}
}

static void *small_pages(uint64_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			    -1, 0);

	if (memory != MAP_FAILED)
		madvise(memory, size, MADV_NOHUGEPAGE);
	return memory;
}

static void *huge_pages(uint64_t size)
{
	return mmap(NULL, size, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS | MAP_HUGETLB | MAP_POPULATE, -1, 0);
}

/* Memory of a display adapter that no driver uses: writing to it is harmless. */
void guest_find_mmio(struct guest *g)
{
	glob_t found;
	struct stat st;
	size_t i;

	g->mmio = -1;
	if (glob("/sys/bus/pci/devices/*/resource0", 0, NULL, &found))
		return;
	for (i = 0; i < found.gl_pathc && g->mmio < 0; i++) {
		char class[16];

		*strrchr(found.gl_pathv[i], '/') = 0;
		if (sysfs_read(class, sizeof(class), "%s/class", found.gl_pathv[i]) <= 0 ||
		    strncmp(class, "0x03", 4))
			continue;
		found.gl_pathv[i][strlen(found.gl_pathv[i])] = '/';
		g->mmio = open(found.gl_pathv[i], O_RDWR | O_CLOEXEC);
	}
	globfree(&found);
	if (g->mmio >= 0 && !fstat(g->mmio, &st))
		g->mmio_size = st.st_size;
}

static void *device_memory(struct guest *g, uint64_t size)
{
	uint64_t at = g->mmio_next;

	if (g->mmio < 0 || at + size > g->mmio_size) {
		errno = ENODEV;
		return MAP_FAILED;
	}
	g->mmio_next += size;
	return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, g->mmio, at);
}

static int set_slot(struct guest *g, int slot, uint32_t flags)
{
	struct kvm_userspace_memory_region region = {
		.slot = slot,
		.flags = flags,
		.guest_phys_addr = g->slot[slot].gpa,
		.memory_size = g->slot[slot].size,
		.userspace_addr = (uintptr_t)g->slot[slot].memory,
	};

	return ioctl(g->vm, KVM_SET_USER_MEMORY_REGION, &region) ? -errno : 0;
}

static int add_slot(struct guest *g, uint64_t gpa, uint64_t size, void *memory)
{
	int slot = g->slots, rc;

	if (memory == MAP_FAILED)
		return -errno;
	if (slot == GUEST_SLOTS)
		return -ENOSPC;
	g->slot[slot] = (struct guest_slot){ .gpa = gpa, .size = size, .memory = memory };
	g->slots++;
	rc = set_slot(g, slot, 0);
	return rc ? rc : slot;
}

int guest_memory(struct guest *g, uint64_t gpa, uint64_t size, enum guest_memory memory)
{
	int slot = add_slot(g, gpa, size, memory == MEM_MMIO ? device_memory(g, size) :
					  memory == MEM_2M ? huge_pages(size) :
					  small_pages(size));

	if (slot >= 0)
		map_aliases(g, gpa, size);
	return slot;
}

int guest_own_memory(struct guest *g)
{
	uint64_t at;
	int rc;

	g->table_next = OWN_TABLES + PAGE_4K;
	rc = add_slot(g, GUEST_RUN_GPA, OWN_SIZE, small_pages(OWN_SIZE));
	if (rc < 0)
		return rc;
	g->own = g->slot[rc].memory;
	for (at = 0; at < OWN_TABLES; at += PAGE_4K)
		map_page(g, OWN_LINEAR + at, GUEST_RUN_GPA + at, 0, false);
	memcpy(g->own + OWN_CODE, guest_code, guest_code_end - guest_code);
	return 0;
}

int guest_log_dirty(struct guest *g, int slot, bool on)
{
	return set_slot(g, slot, on ? KVM_MEM_LOG_DIRTY_PAGES : 0);
}

void guest_free_memory(struct guest *g)
{
	while (g->slots--)
		munmap(g->slot[g->slots].memory, g->slot[g->slots].size);
	if (g->mmio >= 0)
		close(g->mmio);
}
