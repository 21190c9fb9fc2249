/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A guest in 64-bit mode that carries out a list of commands: touch a page,
 * write an MSR, write CR0.  Each guest-physical page is mapped many times, once
 * for every PAT entry and guest page size:
 *
 *	linear = alias << 32 | guest-physical, alias = guest_alias(pat, big)
 */
#ifndef DIO_EPT_GUEST_H
#define DIO_EPT_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "memtype.h"

#define PAGE_4K 0x1000ULL
#define PAGE_2M 0x200000ULL
#define GUEST_RUN_GPA 0x40000000ULL	/* code, command lists, page tables */
#define GUEST_LIMIT GUEST_RUN_GPA	/* pages of tests are below */
#define GUEST_VCPUS 2
#define GUEST_SLOTS 128

/* What backs guest memory: small pages, huge pages, a device of the host. */
enum guest_memory { MEM_4K, MEM_2M, MEM_MMIO };

struct guest_slot {
	uint64_t gpa, size;
	void *memory;
};

struct guest_vcpu {
	int fd;
	struct kvm_run *run;
	uint64_t *list;		/* in guest memory */
	uint64_t list_linear;
	unsigned int length;
};

struct guest {
	int kvm, vm;
	int slots;
	struct guest_slot slot[GUEST_SLOTS];
	uint8_t *own;			/* GUEST_RUN_GPA in this process */
	uint64_t table_next;		/* offset of the next free page table */
	int mmio;			/* the device's memory, or -1 */
	uint64_t mmio_next, mmio_size;
	unsigned int maxphyaddr;
	struct guest_vcpu vcpu[GUEST_VCPUS];
};

/* A VM with @vcpus processors in 64-bit mode and the PAT of memtype_pat_msr(). */
int guest_open(struct guest *g, int vcpus);
void guest_close(struct guest *g);

/*
 * Add a memory slot and map it by all aliases.  Its number, or a negative
 * errno: -ENODEV if no device of the host has memory that can be mapped.
 */
int guest_memory(struct guest *g, uint64_t gpa, uint64_t size, enum guest_memory memory);

/* Dirty page logging of a slot. */
int guest_log_dirty(struct guest *g, int slot, bool on);

static inline unsigned int guest_alias(unsigned int pat, bool big)
{
	return pat + (big ? 8 : 0);
}

static inline uint64_t guest_linear(uint64_t gpa, unsigned int pat, bool big)
{
	return (uint64_t)guest_alias(pat, big) << 32 | gpa;
}

/* Commands; they are carried out by guest_run(), in order. */
void guest_touch(struct guest_vcpu *v, uint64_t linear);
/* Without INVLPG: what the TLB has is used. */
void guest_touch_cached(struct guest_vcpu *v, uint64_t linear);
void guest_wrmsr(struct guest_vcpu *v, uint32_t msr, uint64_t value);
void guest_cr0(struct guest_vcpu *v, uint64_t value);
void guest_cr4(struct guest_vcpu *v, uint64_t value);
void guest_wbinvd(struct guest_vcpu *v);
void guest_reload_cr3(struct guest_vcpu *v);
/* Bochs' debugger gets control, if there is one. */
void guest_break(struct guest_vcpu *v);

/* 0 when the list came to its end, else a negative errno; empties the list. */
int guest_run(struct guest_vcpu *v);

/* From user space. */
int guest_set_msr(struct guest_vcpu *v, uint32_t msr, uint64_t value);
int guest_get_msr(struct guest_vcpu *v, uint32_t msr, uint64_t *value);

/* Statistic @name of the vCPU (KVM_GET_STATS_FD), or a negative errno. */
int64_t guest_stat(struct guest_vcpu *v, const char *name);

#define GUEST_CR0 0x80010033ULL		/* PG WP NE ET MP PE */
#define GUEST_CR0_CD 0x40000000ULL
#define GUEST_CR4 0xa0ULL		/* PAE PGE */
#define GUEST_CR4_PGE 0x80ULL

#endif
