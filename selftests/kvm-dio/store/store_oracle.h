/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a store does, said by two that do not know of each other: a decoder
 * (ours, or a faulty copy of it) and Capstone. Both answers are brought to what
 * a guest can see: how long, where to, how much, what.
 */
#ifndef DIO_TEST_STORE_ORACLE_H
#define DIO_TEST_STORE_ORACLE_H

#include <stdbool.h>
#include <stdint.h>

#include <kvm-dio/store_decode.h>

#define FORM_MAX 15

struct machine {
	unsigned long regs[16];
	uint64_t base[6];	/* of the segments */
	uint64_t ip;
	enum dio_store_mode mode;
};

struct effect {
	bool store;		/* it is a plain mov to memory */
	unsigned int len;
	unsigned int width;
	uint64_t value;
	uint64_t linear;
};

struct decoder {
	const char *name;
	bool (*decode)(const __u8 *bytes, unsigned int n, enum dio_store_mode mode,
		       struct dio_store_insn *insn);
	__u64 (*value)(const struct dio_store_insn *insn, const unsigned long *regs);
	__u64 (*linear)(const struct dio_store_insn *insn, const unsigned long *regs,
			__u64 ip, __u64 seg_base);
};

/* Ours first, then those with a fault; the last has no name. */
extern const struct decoder decoders[];

struct effect effect_decoder(const struct decoder *d, const struct machine *m,
			     const uint8_t *bytes, unsigned int n);
struct effect effect_oracle(const struct machine *m, const uint8_t *bytes, unsigned int n);
bool effect_equal(const struct effect *a, const struct effect *b);

#endif
