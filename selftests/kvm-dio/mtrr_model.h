/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a processor does with its MTRRs, written as the manuals say it and as
 * slowly: one address, bit by bit, no table.  It shares nothing with the module
 * but the struct of registers, so that a rule that one of them has wrong is seen.
 */
#ifndef DIO_TEST_MTRR_MODEL_H
#define DIO_TEST_MTRR_MODEL_H

#include "mtrr.h"

struct model_answer {
	unsigned int type;
	bool undefined;		/* an overlap that the SDM does not define */
	unsigned int pairs;	/* variable ranges that match */
};

struct model_answer model_lookup(const struct dio_mtrr_regs *regs, __u64 addr);

/* A random set of registers; overlaps, holes in masks and bad types are likely. */
void model_random(struct dio_mtrr_regs *regs);
/* Another value for one of the registers. */
void model_change(struct dio_mtrr_regs *regs);
/* An address that tells something: at an edge, below 1 MiB, or anywhere. */
__u64 model_address(const struct dio_mtrr_regs *regs);
__u64 model_rand(void);
void model_seed(__u64 seed);

#endif
