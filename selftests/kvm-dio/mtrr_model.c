// SPDX-License-Identifier: GPL-2.0
/* See mtrr_model.h. */
#include "mtrr_model.h"

#define MIB (1ull << 20)

static __u64 state = 1;

void model_seed(__u64 seed)
{
	state = seed + !seed;
}

/* xorshift64*, by Vigna. */
__u64 model_rand(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return state * 2685821657736338717ull;
}

static unsigned int below(unsigned int n)
{
	return model_rand() % n;
}

static bool exists(unsigned int type)
{
	return type == 0 || type == 1 || type == 4 || type == 5 || type == 6;
}

static unsigned int or_uncached(unsigned int type)
{
	return exists(type) ? type : 0;
}

static unsigned int fixed(const struct dio_mtrr_regs *regs, __u64 addr)
{
	__u64 at = 0, size;
	int reg, byte;

	for (reg = 0; reg < 11; reg++) {
		size = reg == 0 ? 64 << 10 : reg < 3 ? 16 << 10 : 4 << 10;
		for (byte = 0; byte < 8; byte++, at += size)
			if (addr >= at && addr < at + size)
				return or_uncached(regs->fixed[reg] >> (8 * byte) & 0xff);
	}
	return ~0u;
}

static bool matches(const struct dio_mtrr_regs *regs, int pair, __u64 addr)
{
	int bit;

	if (!(regs->mask[pair] & 0x800))
		return false;
	for (bit = 12; bit < regs->phys_bits; bit++) {
		bool cares = regs->mask[pair] >> bit & 1;
		bool is = addr >> bit & 1, wants = regs->base[pair] >> bit & 1;

		if (cares && is != wants)
			return false;
	}
	return true;
}

struct model_answer model_lookup(const struct dio_mtrr_regs *regs, __u64 addr)
{
	struct model_answer a = { 0 };
	bool seen[7] = { false };
	unsigned int kinds = 0, t;
	int pair;

	if (!(regs->deftype & 0x800))
		return a;
	if ((regs->deftype & 0x400) && addr < MIB) {
		a.type = fixed(regs, addr);
		return a;
	}
	for (pair = 0; pair < regs->nvar; pair++) {
		if (!matches(regs, pair, addr))
			continue;
		a.pairs |= 1u << pair;
		seen[or_uncached(regs->base[pair] & 0xff)] = true;
	}
	for (t = 0; t < 7; t++) {
		kinds += seen[t];
		if (seen[t])
			a.type = t;
	}
	if (!kinds)
		a.type = or_uncached(regs->deftype & 0xff);
	else if (seen[0])
		a.type = 0;
	else if (kinds == 2 && seen[4] && seen[6])
		a.type = 4;
	else if (kinds > 1)
		a.undefined = true;
	if (a.undefined)
		a.type = 0;
	return a;
}

static unsigned int some_type(void)
{
	static const unsigned char good[] = { 0, 1, 4, 5, 6 };

	return below(64) ? good[below(5)] : below(256);
}

/* Sizes and places that meet each other, as those of real guests do. */
static __u64 some_mask(int bits)
{
	__u64 all = (1ull << bits) - 1, mask = all & ~((1ull << (12 + below(bits - 11))) - 1);

	if (!below(8))
		mask = all;		/* one page */
	if (!below(8))
		mask &= ~(1ull << (12 + below(bits - 12)));	/* a hole */
	if (!below(64))
		mask = model_rand();
	if (!below(16))
		mask |= ~all;		/* KVM of 6.1 keeps these bits set */
	return mask & ~0xfffull;
}

static void some_pair(struct dio_mtrr_regs *regs, int n)
{
	__u64 base = model_rand();

	if (n && below(2))
		base = regs->base[below(n)] ^ (1ull << (12 + below(regs->phys_bits - 12)));
	if (!below(8))
		base |= 0x1ff000;	/* the last page of a huge page */
	regs->base[n] = (base & ~0xfffull) | some_type();
	regs->mask[n] = some_mask(regs->phys_bits) | (below(4) ? 0x800 : 0);
}

static __u64 some_fixed(void)
{
	__u64 value = 0;
	int i;

	for (i = 0; i < 8; i++)
		value = value << 8 | some_type();
	return below(2) ? value : 0x0101010101010101ull * some_type();
}

static __u64 some_deftype(void)
{
	return some_type() | (below(16) ? 0x800 : 0) | (below(2) ? 0x400 : 0);
}

void model_random(struct dio_mtrr_regs *regs)
{
	int i;

	*regs = (struct dio_mtrr_regs) {
		.phys_bits = 36 + below(17), .nvar = below(17), .deftype = some_deftype(),
	};
	for (i = 0; i < DIO_MTRR_VARS; i++)
		some_pair(regs, i);
	for (i = 0; i < DIO_MTRR_FIXED; i++)
		regs->fixed[i] = some_fixed();
}

void model_change(struct dio_mtrr_regs *regs)
{
	switch (below(8)) {
	case 0:
		regs->deftype = some_deftype();
		break;
	case 1:
		regs->fixed[below(DIO_MTRR_FIXED)] = some_fixed();
		break;
	case 2:
		regs->base[below(DIO_MTRR_VARS)] ^= 1ull << (12 + below(regs->phys_bits - 12));
		break;
	case 3:
		regs->mask[below(DIO_MTRR_VARS)] ^= 0x800;
		break;
	default:
		some_pair(regs, below(DIO_MTRR_VARS));
	}
}

__u64 model_address(const struct dio_mtrr_regs *regs)
{
	__u64 all = (1ull << regs->phys_bits) - 1, addr = model_rand();
	int pair = below(DIO_MTRR_VARS);

	switch (below(4)) {
	case 0:		/* the first page of a range, or the one before */
		addr = (regs->base[pair] & regs->mask[pair]) - (below(2) ? 4096 : 0);
		break;
	case 1:		/* the last page of a range, or the one behind */
		addr = (regs->base[pair] | ~regs->mask[pair]) + (below(2) ? 4096 : 0);
		break;
	case 2:
		addr = below(MIB + 8192);
		break;
	}
	return addr & all & ~0xfffull;
}
