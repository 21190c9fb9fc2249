/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory types over the dio_kvm family: switch them, and ask for each page of a
 * range what is in the page tables.  0 or the kernel's errno, text in nl->text.
 */
#ifndef DIO_TEST_MEMNL_H
#define DIO_TEST_MEMNL_H

#include <stdbool.h>
#include <stdint.h>
#include <linux/dio_kvm.h>

#include "genl.h"

#define MEMNL_RUNS 512

struct memnl_run {
	uint64_t gpa, size, entry;
	uint32_t mtrr_type, source, pairs, in_force, level, entry_type;
	bool undefined, emulated, mmio, ipat, has_entry, has_force;
	uint8_t effect[8];
};

struct memnl_range {
	bool ept;
	uint64_t pat;
	unsigned int runs;
	struct memnl_run run[MEMNL_RUNS];
};

struct memnl_state {
	uint32_t memtype;
	bool force, started;
	uint32_t bsp, vcpus, differ, phys_bits, undefined;
	uint64_t deftype, pat, updates, zaps, frames;
	unsigned int pairs;
	uint64_t base[16], mask[16], fixed[11];
};

int memnl_set(struct genl *nl, int fd, uint32_t mode, bool force);
int memnl_state(struct genl *nl, int fd, struct memnl_state *s);
/* All of a range, however many requests that takes. */
int memnl_range(struct genl *nl, int fd, uint64_t gpa, uint64_t size, struct memnl_range *r);
/* The run that @gpa is in, or NULL. */
const struct memnl_run *memnl_at(const struct memnl_range *r, uint64_t gpa);

#endif
