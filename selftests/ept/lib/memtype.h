/* SPDX-License-Identifier: GPL-2.0 */
/* Memory types, and what the processor makes of two of them. */
#ifndef DIO_EPT_MEMTYPE_H
#define DIO_EPT_MEMTYPE_H

#include <stdint.h>

/* Encodings of MTRRs, PAT and EPT entries; UC- is one of PAT alone. */
enum memtype {
	MT_UC = 0,
	MT_WC = 1,
	MT_WT = 4,
	MT_WP = 5,
	MT_WB = 6,
	MT_UC_MINUS = 7,
	MT_COUNT = 8,
};

#define MTRR_TYPES 5
#define PAT_TYPES 6

extern const enum memtype mtrr_types[MTRR_TYPES];
extern const enum memtype pat_types[PAT_TYPES];

/* PAT entry i is pat_types[i], the last two repeat the first. */
uint64_t memtype_pat_msr(void);

/*
 * SDM volume 3, "Effective Page-Level Memory Types" (table 12-7 of the 2023
 * edition); an EPT entry's type stands in the MTRR's place (29.3.7.2).
 */
enum memtype memtype_effective(enum memtype mtrr, enum memtype pat);

const char *memtype_name(unsigned int type);

#endif
