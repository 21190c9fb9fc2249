/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the emulated processor did: our Bochs keeps a record of each TLB entry
 * that it fills for a guest, with the EPT entry that it found and the type that
 * an access has.  Records are read from an I/O port of the emulator.
 */
#ifndef DIO_EPT_ORACLE_H
#define DIO_EPT_ORACLE_H

#include <stdbool.h>
#include <stdint.h>

enum oracle_level { LEVEL_4K, LEVEL_2M, LEVEL_1G };

struct oracle_fill {
	uint64_t linear;	/* of the guest; whole pages */
	uint64_t gpa;
	uint64_t entry;		/* the EPT entry that maps the page */
	uint8_t level;		/* of that entry, enum oracle_level */
	uint8_t pat;		/* type by the guest's page tables */
	uint8_t effective;
};

#define ORACLE_MAX 16384

struct oracle {
	struct oracle_fill *fills;
	unsigned int count;
};

/* 0, or -ENODEV: this processor keeps no records. */
int oracle_open(struct oracle *o);
void oracle_close(struct oracle *o);

/* Forget all records. */
void oracle_clear(void);

/* Fetch all records since oracle_clear(); -EOVERFLOW when some were lost. */
int oracle_read(struct oracle *o);

/* The last record of the page @linear, or NULL. */
const struct oracle_fill *oracle_find(const struct oracle *o, uint64_t linear);

static inline unsigned int fill_type(const struct oracle_fill *f)
{
	return f->entry >> 3 & 7;
}

static inline bool fill_ignores_pat(const struct oracle_fill *f)
{
	return f->entry >> 6 & 1;
}

#endif
