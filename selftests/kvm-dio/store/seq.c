// SPDX-License-Identifier: GPL-2.0
/* Random sequences: which stores, and what stands around them. */
#include <string.h>

#include "seq.h"

#define SEQ_ROOM	1200	/* bytes that one sequence is shorter than */

#define APIC_TPR	(VM_APIC + 0x80)
#define APIC_ICR	(VM_APIC + 0x300)
#define ICR_SELF	0x44000

uint64_t seq_rnd(struct seq *s)
{
	s->rng ^= s->rng << 13;
	s->rng ^= s->rng >> 7;
	s->rng ^= s->rng << 17;
	return s->rng >> 8;
}

void seq_bytes(struct seq *s, const void *bytes, unsigned int n)
{
	memcpy(s->code + s->at, bytes, n);
	s->at += n;
}

#define BYTES(s, ...) \
	seq_bytes(s, (const uint8_t []){ __VA_ARGS__ }, sizeof((const uint8_t []){ __VA_ARGS__ }))

/* In 16-bit code a prefix makes an operand of 32 bits. */
static void wide(struct seq *s)
{
	if (s->mode == VM_CODE16)
		BYTES(s, 0x66);
}

/* 32-bit address, in 16-bit code too. */
static void wide_address(struct seq *s)
{
	if (s->mode == VM_CODE16)
		BYTES(s, 0x67);
}

void seq_set(struct seq *s, unsigned int reg, uint64_t value)
{
	if (s->mode == VM_LONG) {
		BYTES(s, 0x48 | reg >> 3, 0xb8 | (reg & 7));
		seq_bytes(s, &value, 8);
		return;
	}
	wide(s);
	BYTES(s, 0xb8 | (reg & 7));
	seq_bytes(s, &value, 4);
}

/* A register holds the offset, in a segment of the mode, of a linear address. */
static void point(struct seq *s, unsigned int reg, uint32_t linear, uint32_t base16)
{
	seq_set(s, reg, s->mode == VM_CODE16 ? linear - base16 : linear);
}

/*
 * What the IOAPIC's index register may get: with another value its data register is
 * a redirection entry, and a random one of those is an NMI sooner or later.
 */
static uint32_t ioapic_index(struct seq *s)
{
	return seq_rnd(s) % 3;
}

static uint32_t device(struct seq *s)
{
	static const uint32_t where[] = {
		VM_IOAPIC, VM_IOAPIC + 0x10, VM_MMIO, VM_MMIO + 0x10, VM_MMIO + 0x20,
		VM_MMIO + 0x31, VM_MMIO + 0x40, VM_MMIO + 0x50, VM_COALESCED + 0x18,
		VM_MMIO + 0x800, VM_MMIO + 0x1000 - 2,
	};

	return where[seq_rnd(s) % (sizeof(where) / sizeof(*where))];
}

static void op_eoi(struct seq *s)
{
	seq_store(s, &(struct seq_store){
		.target = VM_EOI, .width = seq_rnd(s) % 8 ? 4 : 0, .value = seq_rnd(s) });
}

static void op_device(struct seq *s)
{
	struct seq_store want = { .target = device(s), .value = seq_rnd(s) };

	if (want.target == VM_IOAPIC) {
		want.value = ioapic_index(s);
		want.exact = true;
	} else if (want.target == VM_MMIO + 0x40 && seq_rnd(s) % 2) {
		want.value = 0x1234;
		want.exact = true;
	}
	if (want.exact)
		want.width = 4;
	seq_store(s, &want);
}

/* An interrupt to itself; of a vector in four the handler leaves the EOI to us. */
static void op_ipi(struct seq *s)
{
	seq_store(s, &(struct seq_store){
		.target = APIC_ICR, .width = 4, .exact = true,
		.value = ICR_SELF | (0x80 + seq_rnd(s) % 0x60) });
}

static void op_tpr(struct seq *s)
{
	seq_store(s, &(struct seq_store){
		.target = APIC_TPR, .width = 4, .exact = true,
		.value = seq_rnd(s) % 3 ? 0 : seq_rnd(s) % 0xf0 });
}

/* Another register of the APIC, or EOI's neighbours. */
static void op_register(struct seq *s)
{
	static const uint16_t where[] = { 0x20, 0x90, 0xac, 0xb4, 0xb8, 0xd0, 0x350, 0x2f0 };

	seq_store(s, &(struct seq_store){
		.target = VM_APIC + where[seq_rnd(s) % 8], .exact = true, .width = 4,
		.value = 0x10000 });
}

static void op_flags(struct seq *s)
{
	s->irqs = seq_rnd(s) % 3;
	BYTES(s, s->irqs ? 0xfb : 0xfa);
}

/* The shadow of sti is this store's, whatever was before. */
static void op_sti_store(struct seq *s)
{
	bool eoi = seq_rnd(s) % 2;

	BYTES(s, 0xfa);
	s->irqs = false;
	op_ipi(s);
	seq_set(s, 0, ioapic_index(s));
	point(s, 3, eoi ? VM_EOI : VM_IOAPIC, eoi ? VM_APIC - 0x100 : VM_IOAPIC - 0x20);
	BYTES(s, 0xfa, 0xfb);
	wide(s);
	wide_address(s);
	if (s->mode == VM_CODE16 && !eoi)
		BYTES(s, 0x26);
	BYTES(s, 0x89, 0x03, 0xfa);
	s->irqs = false;
}

/* The same behind a load of SS. */
static void op_ss_store(struct seq *s)
{
	BYTES(s, 0xfa);
	s->irqs = false;
	op_ipi(s);
	op_tpr(s);
	seq_set(s, 1, s->mode == VM_CODE16 ? 0x28 : 0x10);
	point(s, 3, VM_EOI, VM_APIC - 0x100);
	BYTES(s, 0xfb, 0x90, 0x8e, 0xd1);
	wide(s);
	wide_address(s);
	BYTES(s, 0x89, 0x03, 0xfa);
	s->irqs = false;
}

/* Single step over a store: three #DB at least. */
static void op_trap(struct seq *s)
{
	bool eoi = seq_rnd(s) % 2;

	BYTES(s, 0xfa);
	s->irqs = false;
	point(s, 3, eoi ? VM_EOI : VM_IOAPIC, eoi ? VM_APIC - 0x100 : VM_IOAPIC - 0x20);
	seq_set(s, 0, 1);
	seq_set(s, 4, (s->mode == VM_CODE16 ? 0 : VM_STACKS) + 0xf000);
	wide(s);
	BYTES(s, 0x9c);
	wide(s);
	wide_address(s);
	BYTES(s, 0x81, 0x0c, 0x24, 0x00, 0x01, 0x00, 0x00);
	wide(s);
	BYTES(s, 0x9d);
	wide(s);
	wide_address(s);
	if (s->mode == VM_CODE16 && !eoi)
		BYTES(s, 0x26);
	BYTES(s, 0x89, 0x03, 0x90);
	wide(s);
	BYTES(s, 0x9c);
	wide(s);
	wide_address(s);
	BYTES(s, 0x81, 0x24, 0x24, 0xff, 0xfe, 0xff, 0xff);
	wide(s);
	BYTES(s, 0x9d);
}

/* What is no plain mov: these keep their effects on registers and flags. */
static void op_other(struct seq *s)
{
	static const uint8_t ops[][2] = {
		{ 0x09, 0x03 }, { 0x21, 0x03 }, { 0x87, 0x03 }, { 0x01, 0x03 }, { 0xff, 0x03 },
		{ 0x8b, 0x03 }, { 0x8c, 0x0b }, { 0x39, 0x03 }, { 0x31, 0x03 },
	};
	unsigned int nr = seq_rnd(s) % (sizeof(ops) / 2);

	seq_set(s, 0, seq_rnd(s) & 0xff);
	point(s, 3, VM_EOI, VM_APIC - 0x100);
	wide(s);
	wide_address(s);
	seq_bytes(s, ops[nr], 2);
}

/* stos and movs to EOI, once or twice, up or down. ES must not be 16-bit code's. */
static void op_string(struct seq *s)
{
	uint8_t op = seq_rnd(s) % 2 ? 0xab : 0xa5;
	bool rep = seq_rnd(s) % 2;

	if (s->mode == VM_CODE16)
		return;
	seq_set(s, 7, VM_EOI);
	seq_set(s, 6, VM_DATA);
	seq_set(s, 1, 2);
	seq_set(s, 0, seq_rnd(s));
	BYTES(s, seq_rnd(s) % 4 ? 0xfc : 0xfd);
	if (rep)
		BYTES(s, 0xf3);
	BYTES(s, op, 0xfc);
}

/* A loop whose store is another instruction the second time, and the third. */
static void op_patch(struct seq *s)
{
	static const uint8_t forms[][4] = {
		{ 0x3e, 0x89, 0x03, 0x90 }, { 0x66, 0x89, 0x03, 0x90 }, { 0x90, 0x89, 0x03, 0x90 },
		{ 0x89, 0x03, 0x90, 0x90 }, { 0x3e, 0x88, 0x03, 0x90 }, { 0x3e, 0x09, 0x03, 0x90 },
		{ 0x3e, 0x87, 0x03, 0x90 }, { 0x89, 0x43, 0x00, 0x90 },
	};
	unsigned int loop, patch;
	uint32_t where, bytes;

	if (s->mode == VM_CODE16)
		return;
	seq_set(s, 3, seq_rnd(s) % 2 ? VM_EOI : VM_MMIO);
	seq_set(s, 0, seq_rnd(s));
	seq_set(s, 6, 3);
	loop = s->at;
	where = VM_CODE + loop;
	seq_bytes(s, forms[seq_rnd(s) % 8], 4);
	memcpy(&bytes, forms[seq_rnd(s) % 8], 4);
	BYTES(s, 0xba);			/* mov $bytes, %edx */
	seq_bytes(s, &bytes, 4);
	patch = s->at;
	BYTES(s, 0xbf);			/* mov $where, %edi */
	seq_bytes(s, &where, 4);
	BYTES(s, 0x89, 0x17, 0xff, 0xce, 0x75);	/* mov %edx, (%edi); dec %esi; jnz */
	BYTES(s, loop - (s->at + 1));
	(void)patch;
}

/* A store that ends at the end of a page, or goes over it. */
static void op_page_end(struct seq *s)
{
	unsigned int end = (s->at + 64 + 4095) & ~4095u, back = 1 + seq_rnd(s) % 12, gap;
	int32_t rel;

	if (s->mode == VM_CODE16 || end - s->at > SEQ_ROOM - 200)
		return;
	seq_set(s, 3, seq_rnd(s) % 2 ? VM_EOI : VM_IOAPIC);
	seq_set(s, 0, ioapic_index(s));
	gap = end - back;
	rel = gap - (s->at + 5);
	BYTES(s, 0xe9);
	seq_bytes(s, &rel, 4);
	s->at = gap;
	if (seq_rnd(s) % 2)
		BYTES(s, 0x89, 0x03);
	else
		BYTES(s, 0xc7, 0x03, 1, 0, 0, 0);
}

/* User space moves a pin: edge, or level that is still high at the EOI or not. */
static void op_pin(struct seq *s)
{
	uint32_t pin = seq_rnd(s) % 16, level = seq_rnd(s) % 2;

	if (s->mode == VM_LONG || !s->irqs)
		seq_set(s, 0, pin << 1 | level);
	else
		seq_set(s, 0, pin << 1);
	wide(s);
	BYTES(s, 0xe7, VM_PORT_CALL);
}

/* Another CR3, with tables of the same contents elsewhere. */
static void op_cr3(struct seq *s)
{
	if (s->mode != VM_LONG)
		return;
	seq_set(s, 0, VM_TABLES + (seq_rnd(s) % 2 ? 0x5000 : 0));
	BYTES(s, 0x0f, 0x22, 0xd8);
}

static void op_read(struct seq *s)
{
	if (s->mode == VM_CODE16)
		return;
	seq_set(s, 3, device(s));
	BYTES(s, 0x8b, 0x03);
}

static void (*const ops[])(struct seq *s) = {
	op_eoi, op_eoi, op_eoi, op_eoi, op_eoi, op_device, op_device, op_device, op_device,
	op_ipi, op_ipi, op_ipi, op_tpr, op_register, op_flags, op_flags, op_sti_store,
	op_ss_store, op_trap, op_other, op_string, op_patch, op_page_end, op_pin, op_cr3, op_read,
};

void seq_begin(struct seq *s, enum vm_mode mode, uint64_t seed, uint8_t *code)
{
	*s = (struct seq){ .mode = mode, .code = code };
	s->rng = seed * 0x9e3779b97f4a7c15ull | 1;
	memset(code, 0xf4, VM_CODE_SIZE);
	BYTES(s, 0xfa);
}

bool seq_add(struct seq *s)
{
	unsigned int i, n = 3 + seq_rnd(s) % 5;

	for (i = 0; i < n; i++) {
		if (s->at + SEQ_ROOM > VM_CODE_SIZE - 64)
			return false;
		ops[seq_rnd(s) % (sizeof(ops) / sizeof(*ops))](s);
	}
	return true;
}

void seq_end(struct seq *s)
{
	BYTES(s, 0xfa, 0xe6, VM_PORT_END, 0xf4);
}
