/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which memory type the processor uses when a guest's MTRR, its PAT and the
 * hypervisor's page table entry meet, on Intel and on AMD; and what has to be
 * in the entry so that the result is the one the guest asked for. Pure, as
 * mtrr.h is.
 */
#ifndef DIO_MEMTYPE_RULES_H
#define DIO_MEMTYPE_RULES_H

#include "mtrr.h"

/* What AMD has beside: uncacheable as UC and as WC are, but caches are probed. */
#define DIO_MT_CD	8
#define DIO_MT_WCP	9

/* Bits of a nested page table entry; the PAT bit is bit 12 in a huge page. */
#define DIO_NPT_PWT	BIT_ULL(3)
#define DIO_NPT_PCD	BIT_ULL(4)
#define DIO_NPT_PAT_4K	BIT_ULL(7)

/**
 * struct dio_npt_code - how a memory type is written into a nested page table
 * @bits: for a page of 4 KiB
 * @huge: may be in a huge page too: without the PAT bit, which KVM would take for
 *	  a part of the address there
 * @exact: false: the host's PAT does not have the type, and UC stands for it
 */
struct dio_npt_code {
	u64 bits;
	bool huge;
	bool exact;
};

/* What decides whether a VM may have its memory types; see dio_memtype_refused(). */
struct dio_memtype_facts {
	bool tdp;		/* the host uses EPT or nested paging */
	bool confidential;	/* TDX, SEV, or private memory */
	bool non_wb;		/* RAM may become anything but WB by this mode */
	bool self_snoop;	/* the processor keeps aliases of one page coherent */
	bool force;		/* the administrator takes that on */
};

const char *dio_memtype_refused(const struct dio_memtype_facts *facts);
u8 dio_memtype_pat_entry(u64 pat, unsigned int n);
u8 dio_memtype_sdm(u8 mtrr, u8 pat);
u8 dio_memtype_amd(u8 mtrr, u8 pat);
u8 dio_memtype_npt(u8 guest_pat, u8 host_pat);
u8 dio_memtype_ept_effect(u64 entry, u8 guest_pat);
u8 dio_memtype_npt_effect(u64 entry, bool huge, u64 host_pat, u8 host_mtrr, u8 guest_pat);
struct dio_npt_code dio_memtype_npt_code(u64 host_pat, u8 mtrr);
u8 dio_memtype_npt_type(u64 entry, bool huge, u64 host_pat);

#endif /* DIO_MEMTYPE_RULES_H */
