/* SPDX-License-Identifier: GPL-2.0 */
/* Writing a guest's MTRRs, from inside by WRMSR or from outside by KVM_SET_MSRS. */
#ifndef DIO_EPT_MTRR_H
#define DIO_EPT_MTRR_H

#include <stdbool.h>
#include <stdint.h>

#include "guest.h"

#define MSR_VARIABLE 0x200
#define MSR_FIX64 0x250
#define MSR_FIX16 0x258
#define MSR_FIX4 0x268
#define MSR_PAT 0x277
#define MSR_DEFTYPE 0x2ff
#define MTRR_E 0x800ULL
#define MTRR_FE 0x400ULL
#define MTRR_VALID 0x800ULL
#define ALL_WB 0x0606060606060606ULL

struct mtrr_writer {
	struct guest_vcpu *vcpu;
	bool in_guest;		/* a command of its list, for the next guest_run() */
	int error;		/* the first one, of KVM_SET_MSRS */
};

void mtrr_write(struct mtrr_writer *w, uint32_t msr, uint64_t value);

/* Variable range @n: base, then mask. @size is a power of two. */
void mtrr_range(struct mtrr_writer *w, const struct guest *g, int n, uint64_t base,
		uint64_t size, enum memtype type);
void mtrr_range_off(struct mtrr_writer *w, int n);

/*
 * SDM volume 3, "MTRR considerations in MP systems": caches off, flushed, TLB
 * flushed, MTRRs off; and back.  What is in between is to be written by @w. From
 * user space it is the MTRRs off and on alone.
 */
void mtrr_sequence_begin(struct mtrr_writer *w, uint64_t deftype);
void mtrr_sequence_end(struct mtrr_writer *w, uint64_t deftype);

#endif
