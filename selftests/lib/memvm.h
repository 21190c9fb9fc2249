/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A virtual machine for tests of memory types: no device, no firmware, up to two
 * vCPUs in long mode that run a list of commands each (touch, WRMSR, CR0) and
 * halt.  Guest memory, by what is behind it on the host:
 *
 *   0x0000000   2 MiB  a huge page; the fixed ranges are in it
 *   0x0400000   4 MiB  small pages; code, lists and page tables are at its start
 *   0x1000000   8 MiB  huge pages
 *   0x8000000   4 KiB  MMIO of a device (the chipset's AHCI controller)
 */
#ifndef DIO_TEST_MEMVM_H
#define DIO_TEST_MEMVM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MEMVM_CPUS 2
#define MEMVM_LOW 0x0ull
#define MEMVM_LOW_SIZE 0x200000ull
#define MEMVM_SMALL 0x600000ull		/* what tests use of the small pages */
#define MEMVM_SMALL_SIZE 0x200000ull
#define MEMVM_HUGE 0x1000000ull
#define MEMVM_HUGE_SIZE 0x800000ull
#define MEMVM_MMIO 0x8000000ull
#define MEMVM_HUGE_PAGE 0x200000ull

#define MSR_PAT 0x277
#define MSR_MTRR_BASE(n) (0x200 + 2 * (n))
#define MSR_MTRR_MASK(n) (0x201 + 2 * (n))
#define MSR_MTRR_DEFTYPE 0x2ff
#define MTRR_E 0x800
#define MTRR_FE 0x400
#define MTRR_V 0x800

/* MSRs of the eleven fixed registers. */
extern const unsigned int memvm_fixed_msr[11];
/* What the vCPUs run, and where their exceptions go. */
extern const char memvm_code[], memvm_fault[], memvm_code_end[];

struct kvm_run;

struct memvm {
	int kvm, vm, cpus;
	int cpu[MEMVM_CPUS];
	struct kvm_run *run[MEMVM_CPUS];
	size_t run_size;
	uint8_t *low, *small, *huge, *mmio;
	uint64_t mask;		/* of the guest's physical addresses */
	int commands[MEMVM_CPUS];
	long old_pool;		/* huge pages of the host before */
};

/* 0 or a negative errno, with a diagnostic. */
int memvm_open(struct memvm *v, int cpus);
void memvm_close(struct memvm *v);
/* One that is not open: may be closed. */
void memvm_none(struct memvm *v);

/* A list for a vCPU; memvm_go() runs and ends it.  All but the last cannot fail. */
void memvm_touch(struct memvm *v, int cpu, uint64_t gpa);
void memvm_read(struct memvm *v, int cpu, uint64_t gpa);
void memvm_wrmsr(struct memvm *v, int cpu, unsigned int msr, uint64_t value);
void memvm_cache_disable(struct memvm *v, int cpu, bool disable);
int memvm_go(struct memvm *v, int cpu);
/* The list that memvm_go() has run, again. */
int memvm_again(struct memvm *v, int cpu);

/* KVM_SET_MSRS: number of MSRs set (1 or 0), or a negative errno. */
int memvm_set_msr(struct memvm *v, int cpu, unsigned int msr, uint64_t value);
/* IA32_MTRR_PHYSMASK of a valid range of @size, a power of two. */
uint64_t memvm_mask(const struct memvm *v, uint64_t size);

#endif
