/* SPDX-License-Identifier: GPL-2.0 */
/* A small guest whose pages are asked one by one which type they have. */
#ifndef DIO_EPT_PROBE_H
#define DIO_EPT_PROBE_H

#include "guest.h"
#include "memtype.h"
#include "mtrr.h"
#include "oracle.h"

#define FIXED_16K 0xa0000ULL		/* 4 pages in one granule */
#define FIXED_4K 0xc1000ULL		/* 2 pages */
#define SMALL 0x10000000ULL		/* SMALL_PAGES of 4 KiB */
#define SMALL_PAGES 16
#define HUGE 0x20000000ULL		/* two huge pages */
#define PROBE_HUGE 2

struct probe {
	struct guest guest;
	struct oracle oracle;
	int huge_slot;
	enum memtype pat[PAT_TYPES];	/* what the guest's PAT entries are now */
};

int probe_open(struct probe *p);
void probe_close(struct probe *p);

/* All fixed ranges and the default WB, E and FE on, no variable range. */
void probe_all_wb(struct mtrr_writer *w);

/*
 * Carry out what is on the guest's list, then touch the page @gpa by every PAT
 * entry and page size. Its MTRR type, by the entry that the processor used; or
 * -EIO if the guest failed, -ENODATA if there was no record of one access, -EBADE
 * if an entry ignores PAT, if they differ, or if an effective type is not the
 * table's.
 */
int probe_type(struct probe *p, uint64_t gpa);
/* The same of every page: their common type, or -EBADE. */
int probe_all(struct probe *p);
/* Level of the entry that maps @gpa, or a negative errno. */
int probe_level(struct probe *p, uint64_t gpa);

/* Page faults that the vCPU had fixed (KVM's pf_fixed). */
int64_t probe_faults(struct probe *p);

/* The PAT's six entries in another order: the next MSR value. */
uint64_t probe_rotate_pat(struct probe *p, uint64_t msr);

#endif
