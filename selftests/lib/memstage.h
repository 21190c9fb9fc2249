/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What tests of memory types on AMD begin with, and what they expect: the bits of
 * an NPT entry for each type with the PAT that Linux gives to the host (WB WC UC-
 * UC WB WP UC- WT), and AMD's table of effective types.  Typed from the manual,
 * not taken from the module.
 */
#ifndef DIO_TEST_MEMSTAGE_H
#define DIO_TEST_MEMSTAGE_H

#include <errno.h>

#include "genl.h"
#include "kmod.h"
#include "memnl.h"
#include "memvm.h"
#include "report.h"

#define MT_UC 0
#define MT_WC 1
#define MT_WT 4
#define MT_WP 5
#define MT_WB 6
#define MT_UCM 7

#define NPT_PWT 0x08ull
#define NPT_PCD 0x10ull
#define NPT_PAT 0x80ull			/* at 4 KiB; above it says that the page is large */
#define NPT_LARGE_PAT 0x1000ull
#define NPT_TYPE (NPT_PWT | NPT_PCD)
#define NPT_SEEN 0x60ull		/* accessed, dirty */
#define NPT_ADDRESS 0x000ffffffffff000ull

struct memstage {
	struct genl nl;
	struct memvm vm;
	struct memnl_range range;
};

static inline void memstage_none(struct memstage *s)
{
	s->nl.fd = -1;
	memvm_none(&s->vm);
}

/* @module: dio_kvm or a test build of it; NULL: none.  -ENODEV: no KVM here. */
static inline int memstage_open(struct memstage *s, const char *module, int cpus)
{
	int rc;

	memstage_none(s);
	if (kmod_load("kvm_amd"))
		return -ENODEV;
	rc = module ? kmod_load(module) : 0;
	if (!rc && module)
		rc = genl_open(&s->nl, DIO_KVM_FAMILY_NAME, DIO_KVM_MCGRP_EVENTS);
	return rc ? rc : memvm_open(&s->vm, cpus);
}

static inline void memstage_close(struct memstage *s)
{
	memvm_close(&s->vm);
	if (s->nl.fd >= 0)
		genl_close(&s->nl);
	s->nl.fd = -1;
}

static inline const char *mt_name(unsigned int type)
{
	static const char *const names[] = { "UC", "WC", "?", "?", "WT", "WP", "WB", "UC-",
					     "CD", "WC+" };

	return type < 10 ? names[type] : "?";
}

/* May a page of 2 MiB have it?  WT and WP are in the half of the PAT that may not. */
static inline bool npt_huge(unsigned int type)
{
	return type != MT_WT && type != MT_WP;
}

/* Bits of the entry that make the type, at level 1 (4 KiB) or above. */
static inline uint64_t npt_bits(unsigned int type)
{
	switch (type) {
	case MT_UC:
		return NPT_PCD | NPT_PWT;
	case MT_WC:
		return NPT_PWT;
	case MT_WP:
		return NPT_PAT | NPT_PWT;
	case MT_WT:
		return NPT_PAT | NPT_PCD | NPT_PWT;
	}
	return 0;
}

/* The entry's type bits; those that must not be there count too. */
static inline uint64_t npt_type_bits(uint64_t entry, int level)
{
	return entry & (level == 1 ? NPT_TYPE | NPT_PAT : NPT_TYPE | NPT_LARGE_PAT);
}

/* AMD's table, MTRR x PAT; CD is UC to the guest, and WC+ is WC. */
static inline unsigned int amd_effect(unsigned int mtrr, unsigned int pat)
{
	if (pat == MT_UC || pat == MT_WC)
		return pat;
	if (pat == MT_UCM)
		return mtrr == MT_WC ? MT_WC : MT_UC;
	if (pat == MT_WB || mtrr == pat)
		return mtrr;
	return mtrr == MT_WB ? pat : MT_UC;
}

static inline unsigned int amd_seen(unsigned int type)
{
	return type == 8 ? MT_UC : type == 9 ? MT_WC : type;
}

#endif
