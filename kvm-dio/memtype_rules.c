// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tables of the manuals, and nothing that is not in them. Intel: SDM volume 3,
 * "Effective Page-Level Memory Types for Pentium III and More Recent Processor
 * Families", which an EPT entry enters in place of the MTRR ("Memory Type Used for
 * Translated Guest-Physical Addresses"). AMD: APM volume 2, 15.25.8, "Combining
 * Guest and Host PAT Types" and "Combining PAT and MTRR Types".
 */
#include "memtype_rules.h"

#define UC	DIO_MT_UC
#define WC	DIO_MT_WC
#define WT	DIO_MT_WT
#define WP	DIO_MT_WP
#define WB	DIO_MT_WB
#define UCM	DIO_MT_UCM
#define CD	DIO_MT_CD
#define WCP	DIO_MT_WCP
#define __	UC		/* encodings that do not exist */

#define DIO_EPT_IPAT	BIT_ULL(6)

/* [MTRR][PAT]. UC- over WP, WT over WP and WP over WT were undefined once. */
static const u8 dio_sdm[8][8] = {
	/*	   UC  WC  2   3   WT  WP  WB  UC- */
	[UC] = { UC, WC, __, __, UC, UC, UC, UC },
	[WC] = { UC, WC, __, __, UC, UC, WC, WC },
	[WT] = { UC, WC, __, __, WT, WP, WT, UC },
	[WP] = { UC, WC, __, __, WT, WP, WP, WC },
	[WB] = { UC, WC, __, __, WT, WP, WB, UC },
};

/* [PAT][MTRR]; WC+ as a PAT type comes out of the other table. */
static const u8 dio_amd[10][8] = {
	/*	    UC  WC  2   3   WT   WP   WB   7 */
	[UC] =  { UC, CD, __, __, CD,  CD,  CD,  __ },
	[UCM] = { UC, WC, __, __, CD,  CD,  CD,  __ },
	[WC] =  { WC, WC, __, __, WC,  WC,  WC,  __ },
	[WCP] = { WC, WC, __, __, WCP, WCP, WCP, __ },
	[WP] =  { UC, CD, __, __, CD,  WP,  WP,  __ },
	[WT] =  { UC, CD, __, __, WT,  CD,  WT,  __ },
	[WB] =  { UC, WC, __, __, WT,  WP,  WB,  __ },
};

/* [guest PAT][host PAT] */
static const u8 dio_npt[8][8] = {
	/*	    UC  WC  2   3   WT   WP   WB   UC- */
	[UC] =  { UC, UC, __, __, UC,  UC,  UC,  UC },
	[UCM] = { UC, WC, __, __, UC,  UC,  UC,  UCM },
	[WC] =  { WC, WC, __, __, WCP, WCP, WCP, WC },
	[WP] =  { UC, UC, __, __, UC,  WP,  WP,  UC },
	[WT] =  { UC, UC, __, __, WT,  UC,  WT,  UC },
	[WB] =  { UC, WC, __, __, WT,  WP,  WB,  UC },
};

/**
 * dio_memtype_refused() - may a VM have its memory types?
 * @facts: about host, VM and mode
 *
 * Only the lack of self-snoop can be forced: the host's own mapping of guest
 * memory is WB, and without it a guest's uncached access may miss what the host's
 * cache holds.
 *
 * Return: NULL, or the reason why not
 */
const char *dio_memtype_refused(const struct dio_memtype_facts *facts)
{
	if (facts->confidential)
		return "memory of a confidential VM is not KVM's to type";
	if (!facts->tdp)
		return "the host uses shadow paging: load kvm_intel with ept=1, kvm_amd with npt=1";
	if (facts->non_wb && !facts->self_snoop && !facts->force)
		return "no self-snoop (ss): the host's WB alias may go stale; force to insist";
	return NULL;
}

/**
 * dio_memtype_pat_entry() - type of an entry of IA32_PAT
 * @pat: the MSR
 * @n: entry, 0 to 7
 *
 * Return: enum dio_mt
 */
u8 dio_memtype_pat_entry(u64 pat, unsigned int n)
{
	return (pat >> (8 * (n & 7))) & 7;
}

/**
 * dio_memtype_sdm() - what Intel's processors make of MTRR and PAT
 * @mtrr: enum dio_mt
 * @pat: enum dio_mt
 *
 * Return: enum dio_mt
 */
u8 dio_memtype_sdm(u8 mtrr, u8 pat)
{
	return dio_sdm[mtrr & 7][pat & 7];
}

/**
 * dio_memtype_amd() - what AMD's processors make of MTRR and PAT
 * @mtrr: enum dio_mt
 * @pat: enum dio_mt, or DIO_MT_WCP
 *
 * Return: enum dio_mt, DIO_MT_CD or DIO_MT_WCP
 */
u8 dio_memtype_amd(u8 mtrr, u8 pat)
{
	return dio_amd[pat < 10 ? pat : UC][mtrr & 7];
}

/**
 * dio_memtype_npt() - what AMD's processors make of two PATs
 * @guest_pat: enum dio_mt, by the guest's page table
 * @host_pat: enum dio_mt, by the nested page table
 *
 * Return: enum dio_mt or DIO_MT_WCP
 */
u8 dio_memtype_npt(u8 guest_pat, u8 host_pat)
{
	return dio_npt[guest_pat & 7][host_pat & 7];
}

/**
 * dio_memtype_ept_effect() - type of an access through an EPT entry
 * @entry: the leaf
 * @guest_pat: enum dio_mt, by the guest's page table
 *
 * Return: enum dio_mt
 */
u8 dio_memtype_ept_effect(u64 entry, u8 guest_pat)
{
	u8 type = (entry >> 3) & 7;

	return entry & DIO_EPT_IPAT ? type : dio_memtype_sdm(type, guest_pat);
}

/* PWT, PCD and PAT of a leaf are the number of a PAT entry. */
static unsigned int dio_npt_index(u64 entry, bool huge)
{
	return (entry & DIO_NPT_PWT ? 1 : 0) | (entry & DIO_NPT_PCD ? 2 : 0) |
	       (entry & (huge ? 1ULL << 12 : DIO_NPT_PAT_4K) ? 4 : 0);
}

/**
 * dio_memtype_npt_type() - host PAT type of a nested page table entry
 * @entry: the leaf
 * @huge: it maps more than 4 KiB
 * @host_pat: the host's IA32_PAT
 *
 * Return: enum dio_mt
 */
u8 dio_memtype_npt_type(u64 entry, bool huge, u64 host_pat)
{
	return dio_memtype_pat_entry(host_pat, dio_npt_index(entry, huge));
}

/**
 * dio_memtype_npt_effect() - type of an access through a nested page table entry
 * @entry: the leaf
 * @huge: it maps more than 4 KiB
 * @host_pat: the host's IA32_PAT
 * @host_mtrr: type of the page by the host's MTRRs
 * @guest_pat: enum dio_mt, by the guest's page table
 *
 * Return: enum dio_mt, DIO_MT_CD or DIO_MT_WCP
 */
u8 dio_memtype_npt_effect(u64 entry, bool huge, u64 host_pat, u8 host_mtrr, u8 guest_pat)
{
	u8 host = dio_memtype_npt_type(entry, huge, host_pat);

	return dio_memtype_amd(host_mtrr, dio_memtype_npt(guest_pat, host));
}

/**
 * dio_memtype_npt_code() - write a guest's MTRR type into a nested page table
 * @host_pat: the host's IA32_PAT
 * @mtrr: enum dio_mt that the guest's MTRRs give to the page
 *
 * The host's PAT type of the same name: combined with the guest's PAT it gives
 * what the guest's MTRR and PAT would, but for the probing of caches (CD where
 * the guest expects UC, WC+ where it expects WC). The unit test shows it for every
 * combination.
 *
 * Return: the bits; UC's if the host's PAT has no entry of that type.
 */
struct dio_npt_code dio_memtype_npt_code(u64 host_pat, u8 mtrr)
{
	unsigned int n;

	for (n = 0; n < 8; n++)
		if (dio_memtype_pat_entry(host_pat, n) == mtrr)
			return (struct dio_npt_code) {
				.bits = (n & 1 ? DIO_NPT_PWT : 0) | (n & 2 ? DIO_NPT_PCD : 0) |
					(n & 4 ? DIO_NPT_PAT_4K : 0),
				.huge = n < 4,
				.exact = true,
			};
	/* Linux has UC in entry 3, and so had every PAT since the reset value. */
	return (struct dio_npt_code) { .bits = DIO_NPT_PWT | DIO_NPT_PCD, .huge = true };
}
