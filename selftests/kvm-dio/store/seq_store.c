// SPDX-License-Identifier: GPL-2.0
/*
 * A plain mov of a random form that stores to a given address: random bytes first,
 * then the registers and the displacement that make them point there. Whether they
 * do is not this file's word but the processor's: a wrong address is another exit.
 */
#include <string.h>

#include "seq.h"

#define TRIES 200

struct form {
	uint8_t bytes[16];
	unsigned int disp, imm;		/* where they are */
	struct dio_store_insn insn;
};

static enum dio_store_mode decode_mode(const struct seq *s)
{
	return s->mode == VM_LONG ? DIO_STORE_64 :
	       s->mode == VM_CODE16 ? DIO_STORE_16 : DIO_STORE_32;
}

/* Base of a segment as storevm.c sets it. */
static uint64_t seg_base(const struct seq *s, unsigned int seg)
{
	static const uint32_t code16[] = { VM_IOAPIC - 0x20, VM_CODE, VM_STACKS, VM_APIC - 0x100,
					   VM_MMIO, VM_DATA };

	if (s->mode == VM_CODE16)
		return code16[seg];
	return seg == DIO_SEG_FS ? VM_MMIO - 0x1230 : seg == DIO_SEG_GS ? 0x4560 : 0;
}

static bool one_in(struct seq *s, unsigned int n)
{
	return seq_rnd(s) % n == 0;
}

static unsigned int form_prefixes(struct seq *s, uint8_t *p)
{
	static const uint8_t segs[] = { 0x26, 0x36, 0x3e, 0x64, 0x65 };
	unsigned int n = 0;

	if (one_in(s, 4))
		p[n++] = 0x66;
	if (one_in(s, 4))
		p[n++] = segs[seq_rnd(s) % sizeof(segs)];
	if (one_in(s, 5))
		p[n++] = 0x67;
	if (s->mode == VM_LONG && one_in(s, 2))
		p[n++] = 0x40 | (seq_rnd(s) & 15);
	return n;
}

/* Random, but for what must hold: a store, of the width, from a register that is free. */
static bool form_pick(struct seq *s, const struct seq_store *want, struct form *f)
{
	static const uint8_t opcodes[] = { 0x88, 0x89, 0x89, 0xc6, 0xc7, 0xc7, 0xa2, 0xa3 };
	uint64_t noise[2] = { seq_rnd(s), seq_rnd(s) };
	struct dio_store_insn *i = &f->insn;
	unsigned int n;

	memcpy(f->bytes, noise, sizeof(noise));
	n = form_prefixes(s, f->bytes);
	f->bytes[n] = opcodes[seq_rnd(s) % sizeof(opcodes)];
	if ((f->bytes[n] & 0xfe) == 0xc6)
		f->bytes[n + 1] &= 0xc7;
	if (!dio_store_decode(f->bytes, 15, decode_mode(s), i))
		return false;
	f->imm = i->source == DIO_REG_NONE ? i->len - (i->width < 4 ? i->width : 4) : i->len;
	f->disp = (f->bytes[n] & 0xfe) == 0xa2 ? n + 1 : f->imm - (i->addr_size < 4 ? 2 : 4);
	return (!want->width || i->width == want->width) && i->seg != DIO_SEG_CS;
}

/* The stack pointer is anybody's where interrupts have a stack of their own. */
static bool form_stack(const struct seq *s, const struct dio_store_insn *i)
{
	bool used = i->base == DIO_REG_SP || i->source == DIO_REG_SP;

	return !used || s->mode == VM_LONG || !s->irqs;
}

static void put(struct form *f, unsigned int at, uint64_t value, unsigned int n)
{
	memcpy(f->bytes + at, &value, n);
}

/* No register: the displacement is all of the address, or relative to RIP. */
static bool solve_disp(struct seq *s, struct form *f, uint64_t offset, uint32_t target)
{
	const struct dio_store_insn *i = &f->insn;
	unsigned int n = f->bytes[f->disp - 1] == 0xa2 || f->bytes[f->disp - 1] == 0xa3 ?
			 i->addr_size : i->addr_size < 4 ? 2 : 4;
	unsigned long none[17] = {};
	uint64_t base = i->seg < 6 ? seg_base(s, i->seg) : 0, ip = VM_CODE + s->at, linear;
	struct dio_store_insn again;

	if (i->base == DIO_REG_IP)
		offset -= ip + i->len;
	put(f, f->disp, offset, n);
	if (!dio_store_decode(f->bytes, 15, decode_mode(s), &again))
		return false;
	linear = dio_store_linear(&again, none, ip, base);
	return linear == target || linear == (target | 0xffffffffull << 32);
}

/* Values of base and index; false if there are none. */
static bool solve_regs(struct seq *s, const struct dio_store_insn *i, uint64_t offset,
		       uint64_t *base, uint64_t *index)
{
	uint64_t rest = offset - i->disp, unit = 1ull << i->shift;

	if (i->base == DIO_REG_NONE) {
		*index = rest >> i->shift;
		return !(rest & (unit - 1)) && !(*index >> 32);
	}
	if (i->index == i->base) {
		*index = rest / (unit + 1);
		*base = *index;
		return rest % (unit + 1) == 0;
	}
	if (i->index != DIO_REG_NONE)
		*index = seq_rnd(s) & 0xfff;
	*base = rest - (*index << i->shift);
	return true;
}

/* Bits that the address does not use are noise. */
static uint64_t dirty(struct seq *s, const struct dio_store_insn *i, uint64_t value)
{
	uint64_t mask = i->addr_size == 2 ? 0xffff : 0xffffffff;

	return i->addr_size == 8 ? value : (value & mask) | (seq_rnd(s) & ~mask);
}

static bool solve(struct seq *s, const struct seq_store *want, struct form *f)
{
	const struct dio_store_insn *i = &f->insn;
	uint64_t offset = want->target - (i->seg < 6 ? seg_base(s, i->seg) : 0);
	uint64_t base = 0, index = 0;
	bool same = i->source == i->base || i->source == i->index;
	unsigned int at = s->at;

	if (i->addr_size == 2 && offset > 0xffff)
		return false;
	if (i->source == DIO_REG_NONE)
		put(f, f->imm, want->value, f->insn.len - f->imm);
	else if (same && want->exact)
		return false;
	/* RIP-relative after the registers would be elsewhere: the value first */
	if (i->source != DIO_REG_NONE && !same)
		seq_set(s, i->source, i->high ? (uint64_t)want->value << 8 : want->value);
	if ((i->base == DIO_REG_NONE || i->base == DIO_REG_IP) && i->index == DIO_REG_NONE) {
		if (solve_disp(s, f, offset, want->target))
			return true;
	} else if (solve_regs(s, i, offset, &base, &index)) {
		if (i->index != DIO_REG_NONE)
			seq_set(s, i->index, dirty(s, i, index));
		if (i->base != DIO_REG_NONE)
			seq_set(s, i->base, i->base == i->index ? index : dirty(s, i, base));
		return true;
	}
	s->at = at;
	return false;
}

void seq_store(struct seq *s, const struct seq_store *want)
{
	struct form f;
	unsigned int n;

	for (n = 0; n < TRIES; n++) {
		if (!form_pick(s, want, &f) || !form_stack(s, &f.insn) || !solve(s, want, &f))
			continue;
		seq_bytes(s, f.bytes, f.insn.len);
		if (f.insn.base == DIO_REG_SP || f.insn.source == DIO_REG_SP)
			seq_set(s, DIO_REG_SP, (s->mode == VM_CODE16 ? 0 : VM_STACKS) + 0xf000);
		return;
	}
}
