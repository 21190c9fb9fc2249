/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What KVM itself says of its page tables: the tracepoint kvm_tdp_mmu_spte_changed
 * of the stock kernel, which owes nothing to the module under test.  An entry is
 * what was written last, and a zap is a leaf that became nothing.
 */
#ifndef DIO_TEST_SPTETRACE_H
#define DIO_TEST_SPTETRACE_H

#include <stdbool.h>
#include <stdint.h>

#define SPTETRACE_EVENTS 8192

struct sptetrace_event {
	uint64_t gfn, old_spte, new_spte;
	int level;
};

struct sptetrace {
	int n;
	bool lost;		/* more than there is room for */
	struct sptetrace_event event[SPTETRACE_EVENTS];
};

/* -ENOENT: no tracepoint (kvm is not loaded). */
int sptetrace_start(void);
/* Append the events since the start or the last call. */
int sptetrace_take(struct sptetrace *t);
/* Forget what was taken. */
static inline void sptetrace_reset(struct sptetrace *t)
{
	t->n = 0;
	t->lost = false;
}

void sptetrace_stop(void);

/* The last entry written for the page at @gpa at @level; 0: none, or zapped. */
uint64_t sptetrace_entry(const struct sptetrace *t, uint64_t gpa, int level);
/* Leaves zapped whose first page is in or out of [start, end). */
int sptetrace_zaps(const struct sptetrace *t, uint64_t start, uint64_t end, bool inside);

#endif
