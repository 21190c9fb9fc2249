/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The matrix: what gives a guest page its MTRR type x that type x what backs
 * the page x PAT entry x guest page size.  matrix_touch() has the guest touch
 * every cell and takes down what the processor found.
 */
#ifndef DIO_EPT_MATRIX_H
#define DIO_EPT_MATRIX_H

#include <stdbool.h>

#include "guest.h"
#include "memtype.h"
#include "oracle.h"

enum matrix_source { BY_FIX64, BY_FIX16, BY_FIX4, BY_VARIABLE, BY_DEFAULT };
enum matrix_how { WRMSR_IN_GUEST, KVM_SET_MSRS_BY_HOST };

/* Which rule the entries are to follow. */
enum matrix_rule { RULE_STOCK, RULE_PAT, RULE_FULL };

struct matrix_page {
	enum matrix_source source;
	enum guest_memory memory;
	enum memtype mtrr;
	uint64_t gpa;
};

#define MATRIX_PAGES (MTRR_TYPES * (3 * 2 + 3 + 3))
#define MATRIX_CELLS (MATRIX_PAGES * PAT_TYPES * 2)
#define MATRIX_HUGE (MTRR_TYPES + 1)	/* huge pages of one matrix */

struct matrix_seen {
	bool there;
	uint8_t type, ignore_pat, level, effective;
};

struct matrix {
	struct guest guest;
	struct oracle oracle;
	struct matrix_page pages[MATRIX_PAGES];
	struct matrix_seen seen[MATRIX_PAGES][PAT_TYPES][2];	/* the last: 2 MiB page? */
};

/* A new VM with all pages; 0 or a negative errno. */
int matrix_open(struct matrix *m);
void matrix_close(struct matrix *m);

/*
 * Program the guest's MTRRs and touch every cell, five times over for the five
 * default types.  0 or a negative errno; what was seen is in m->seen.
 */
int matrix_walk(struct matrix *m, enum matrix_how how);
/* Touch again, with the MTRRs as they are: the default type is the last, WB. */
int matrix_touch(struct matrix *m);

/* Cells that are not as @rule says, the first ten of them reported. */
int matrix_wrong(const struct matrix *m, enum matrix_rule rule);
/* The same without the cells that need another default type than WB. */
int matrix_wrong_now(const struct matrix *m, enum matrix_rule rule);
/* Cells in which two matrices differ. */
int matrix_differ(const struct matrix *a, const struct matrix *b);

#endif
