// SPDX-License-Identifier: GPL-2.0
/* The tables of memtype.h, typed from the manual and from nothing else. */
#include "memtype.h"

const enum memtype mtrr_types[MTRR_TYPES] = { MT_UC, MT_WC, MT_WT, MT_WP, MT_WB };
const enum memtype pat_types[PAT_TYPES] = {
	MT_WB, MT_WT, MT_WC, MT_WP, MT_UC_MINUS, MT_UC,
};

static const uint8_t effective[MT_COUNT][MT_COUNT] = {
	[MT_UC] = {
		[MT_UC] = MT_UC, [MT_UC_MINUS] = MT_UC, [MT_WC] = MT_WC,
		[MT_WT] = MT_UC, [MT_WB] = MT_UC, [MT_WP] = MT_UC,
	},
	[MT_WC] = {
		[MT_UC] = MT_UC, [MT_UC_MINUS] = MT_WC, [MT_WC] = MT_WC,
		[MT_WT] = MT_UC, [MT_WB] = MT_WC, [MT_WP] = MT_UC,
	},
	[MT_WT] = {
		[MT_UC] = MT_UC, [MT_UC_MINUS] = MT_UC, [MT_WC] = MT_WC,
		[MT_WT] = MT_WT, [MT_WB] = MT_WT, [MT_WP] = MT_WP,
	},
	[MT_WB] = {
		[MT_UC] = MT_UC, [MT_UC_MINUS] = MT_UC, [MT_WC] = MT_WC,
		[MT_WT] = MT_WT, [MT_WB] = MT_WB, [MT_WP] = MT_WP,
	},
	[MT_WP] = {
		[MT_UC] = MT_UC, [MT_UC_MINUS] = MT_WC, [MT_WC] = MT_WC,
		[MT_WT] = MT_WT, [MT_WB] = MT_WP, [MT_WP] = MT_WP,
	},
};

enum memtype memtype_effective(enum memtype mtrr, enum memtype pat)
{
	return effective[mtrr][pat];
}

uint64_t memtype_pat_msr(void)
{
	uint64_t msr = 0;
	int i;

	for (i = 0; i < 8; i++)
		msr |= (uint64_t)pat_types[i % PAT_TYPES] << (8 * i);
	return msr;
}

const char *memtype_name(unsigned int type)
{
	static const char * const names[MT_COUNT] = {
		"UC", "WC", "2", "3", "WT", "WP", "WB", "UC-",
	};

	return type < MT_COUNT ? names[type] : "?";
}
