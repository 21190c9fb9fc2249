// SPDX-License-Identifier: GPL-2.0
/* The guest of guest.h: the VM, its processors, their state and figures. */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "guest.h"
#include "guest_priv.h"
#include "mtrr.h"
#include "report.h"

#define TSS_ADDRESS 0xfffbd000UL
#define EFER_LME_LMA 0x500
#define MAX_CPUID 100

struct cpuid {
	struct kvm_cpuid2 head;
	struct kvm_cpuid_entry2 entries[MAX_CPUID];
};

static int set_cpuid(struct guest *g, struct guest_vcpu *v)
{
	struct cpuid *c = calloc(1, sizeof(*c));
	int rc = 0;
	unsigned int i;

	if (!c)
		return -ENOMEM;
	c->head.nent = MAX_CPUID;
	if (ioctl(g->kvm, KVM_GET_SUPPORTED_CPUID, c) || ioctl(v->fd, KVM_SET_CPUID2, c))
		rc = -errno;
	g->maxphyaddr = 36;
	for (i = 0; !rc && i < c->head.nent; i++)
		if (c->entries[i].function == 0x80000008)
			g->maxphyaddr = c->entries[i].eax & 0xff;
	free(c);
	return rc;
}

static int set_long_mode(struct guest_vcpu *v)
{
	struct kvm_segment code = {
		.limit = 0xffffffff, .selector = 8, .present = 1, .type = 11,
		.s = 1, .l = 1, .g = 1,
	};
	struct kvm_segment data = {
		.limit = 0xffffffff, .selector = 16, .present = 1, .type = 3,
		.s = 1, .db = 1, .g = 1,
	};
	struct kvm_sregs s;

	if (ioctl(v->fd, KVM_GET_SREGS, &s))
		return -errno;
	s.cr0 = GUEST_CR0;
	s.cr3 = GUEST_RUN_GPA + OWN_TABLES;
	s.cr4 = GUEST_CR4;
	s.efer = EFER_LME_LMA;
	s.cs = code;
	s.ds = data;
	s.es = data;
	s.fs = data;
	s.gs = data;
	s.ss = data;
	return ioctl(v->fd, KVM_SET_SREGS, &s) ? -errno : 0;
}

static int vcpu_open(struct guest *g, int i, long run_size)
{
	struct guest_vcpu *v = &g->vcpu[i];
	uint64_t list = OWN_LISTS + i * OWN_LIST_SIZE;
	int rc;

	v->fd = ioctl(g->vm, KVM_CREATE_VCPU, (long)i);
	if (v->fd < 0)
		return -errno;
	v->run = mmap(NULL, run_size, PROT_READ | PROT_WRITE, MAP_SHARED, v->fd, 0);
	if (v->run == MAP_FAILED)
		return -errno;
	v->list = (uint64_t *)(g->own + list);
	v->list_linear = OWN_LINEAR + list;
	rc = set_cpuid(g, v);
	if (!rc)
		rc = set_long_mode(v);
	return rc ? rc : guest_set_msr(v, MSR_PAT, memtype_pat_msr());
}

int guest_open(struct guest *g, int vcpus)
{
	long run_size;
	int i, rc;

	memset(g, 0, sizeof(*g));
	guest_find_mmio(g);
	for (i = 0; i < GUEST_VCPUS; i++)
		g->vcpu[i].fd = -1;
	g->kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	g->vm = g->kvm < 0 ? -1 : ioctl(g->kvm, KVM_CREATE_VM, 0);
	if (g->vm < 0 || ioctl(g->vm, KVM_SET_TSS_ADDR, TSS_ADDRESS))
		return -errno;
	run_size = ioctl(g->kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	rc = guest_own_memory(g);
	for (i = 0; !rc && i < vcpus; i++)
		rc = vcpu_open(g, i, run_size);
	return rc;
}

void guest_close(struct guest *g)
{
	long run_size = g->kvm < 0 ? 0 : ioctl(g->kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	int i;

	for (i = 0; i < GUEST_VCPUS; i++) {
		if (g->vcpu[i].fd < 0)
			continue;
		munmap(g->vcpu[i].run, run_size);
		close(g->vcpu[i].fd);
	}
	close(g->vm);
	close(g->kvm);
	guest_free_memory(g);
}

struct one_msr {
	struct kvm_msrs head;
	struct kvm_msr_entry entry;
};

int guest_set_msr(struct guest_vcpu *v, uint32_t msr, uint64_t value)
{
	struct one_msr m = { .head.nmsrs = 1, .entry = { .index = msr, .data = value } };
	int n = ioctl(v->fd, KVM_SET_MSRS, &m);

	return n < 0 ? -errno : n ? 0 : -EINVAL;
}

int guest_get_msr(struct guest_vcpu *v, uint32_t msr, uint64_t *value)
{
	struct one_msr m = { .head.nmsrs = 1, .entry = { .index = msr } };
	int n = ioctl(v->fd, KVM_GET_MSRS, &m);

	*value = m.entry.data;
	return n < 0 ? -errno : n ? 0 : -EINVAL;
}

/* The binary statistics of virt/kvm/binary_stats.c: header, names, values. */
static int64_t find_stat(int fd, const char *name)
{
	struct kvm_stats_header head;
	struct {
		struct kvm_stats_desc desc;
		char name[256];
	} row;
	uint64_t value;
	uint32_t i;

	if (pread(fd, &head, sizeof(head), 0) != sizeof(head) ||
	    head.name_size > sizeof(row.name))
		return -EIO;
	for (i = 0; i < head.num_desc; i++) {
		size_t size = sizeof(row.desc) + head.name_size;

		if (pread(fd, &row, size, head.desc_offset + i * size) != (ssize_t)size)
			return -EIO;
		if (strcmp(row.desc.name, name))
			continue;
		if (pread(fd, &value, sizeof(value), head.data_offset + row.desc.offset) !=
		    sizeof(value))
			return -EIO;
		return value;
	}
	return -ENOENT;
}

int64_t guest_stat(struct guest_vcpu *v, const char *name)
{
	int fd = ioctl(v->fd, KVM_GET_STATS_FD, NULL);
	int64_t value;

	if (fd < 0)
		return -errno;
	value = find_stat(fd, name);
	close(fd);
	return value;
}
