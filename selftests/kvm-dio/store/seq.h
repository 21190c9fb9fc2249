/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Random code for a VM: stores of every form to the APIC's EOI and to devices,
 * amid what makes them awkward. It is straight, ends by itself, and everything it
 * does depends on nothing but the seed.
 */
#ifndef DIO_TEST_SEQ_H
#define DIO_TEST_SEQ_H

#include <stdbool.h>
#include <stdint.h>

#include <kvm-dio/store_decode.h>

#include "storevm.h"

struct seq {
	enum vm_mode mode;
	uint64_t rng;
	uint8_t *code;		/* VM_CODE_SIZE bytes */
	unsigned int at;
	bool irqs;		/* interrupts may come */
};

void seq_begin(struct seq *s, enum vm_mode mode, uint64_t seed, uint8_t *code);
/* One sequence; false if it does not fit any more. */
bool seq_add(struct seq *s);
void seq_end(struct seq *s);

uint64_t seq_rnd(struct seq *s);
void seq_bytes(struct seq *s, const void *bytes, unsigned int n);
/* A general register gets a value. */
void seq_set(struct seq *s, unsigned int reg, uint64_t value);

/* A plain mov of a form that @s picks; @width 0: any; the value is for those who care. */
struct seq_store {
	uint32_t target;
	unsigned int width;
	bool exact;		/* the value matters */
	uint32_t value;
};

void seq_store(struct seq *s, const struct seq_store *want);

#endif
