// SPDX-License-Identifier: GPL-2.0-only
/*
 * Decoder of plain mov stores: 88 and 89 (register), C6 and C7 (immediate), A2
 * and A3 (accumulator to an offset), in 16-, 32- and 64-bit code, with every form
 * of address. Anything else, LOCK and REP prefixes among it, is "no". So is what
 * processors read differently: two segment prefixes that disagree, and a REX
 * prefix that is not the last one.
 *
 * Source: Intel SDM volume 2, chapter 2 and appendix A.
 */
#include "store_decode.h"

struct dio_bytes {
	const __u8 *p;
	unsigned int n;
	unsigned int at;
};

struct dio_prefix {
	enum dio_store_mode mode;
	bool opsize;
	bool addrsize;
	__u8 rex;
	__u8 seg;	/* DIO_SEG_FLAT: none was given */
};

enum {
	DIO_REX_B = 1,
	DIO_REX_X = 2,
	DIO_REX_R = 4,
	DIO_REX_W = 8,
};

/* The next @n bytes as a number, sign-extended. */
static bool dio_take(struct dio_bytes *b, unsigned int n, __s64 *value)
{
	__u64 v = 0;
	unsigned int i;

	if (n > b->n - b->at)
		return false;
	for (i = 0; i < n; i++)
		v |= (__u64)b->p[b->at + i] << (8 * i);
	b->at += n;
	if (n && n < 8 && v >> (8 * n - 1))
		v |= ~0ULL << (8 * n);
	*value = (__s64)v;
	return true;
}

static bool dio_take_byte(struct dio_bytes *b, __u8 *value)
{
	if (b->at >= b->n)
		return false;
	*value = b->p[b->at++];
	return true;
}

/* Segment that prefix @c asks for, DIO_SEG_FLAT if it is no such prefix. */
static __u8 dio_prefix_seg(__u8 c)
{
	if ((c & 0xe7) == 0x26)
		return (c >> 3) & 3;
	if (c == 0x64 || c == 0x65)
		return c - 0x60;
	return DIO_SEG_FLAT;
}

/* Take the prefixes; @opcode is the first byte that is none. */
static bool dio_prefixes(struct dio_bytes *b, struct dio_prefix *p, __u8 *opcode)
{
	__u8 seg;

	while (dio_take_byte(b, opcode)) {
		seg = dio_prefix_seg(*opcode);
		if (seg != DIO_SEG_FLAT) {
			if (p->seg != DIO_SEG_FLAT && p->seg != seg)
				return false;
			p->seg = seg;
		} else if (*opcode == 0x66) {
			p->opsize = true;
		} else if (*opcode == 0x67) {
			p->addrsize = true;
		} else {
			if (p->mode != DIO_STORE_64 || (*opcode & 0xf0) != 0x40)
				return true;
			p->rex = *opcode;
			return dio_take_byte(b, opcode);
		}
	}
	return false;
}

static __u8 dio_operand_size(const struct dio_prefix *p)
{
	if (p->rex & DIO_REX_W)
		return 8;
	return (p->mode == DIO_STORE_16) == p->opsize ? 4 : 2;
}

static __u8 dio_address_size(const struct dio_prefix *p)
{
	if (p->mode == DIO_STORE_64)
		return p->addrsize ? 4 : 8;
	return (p->mode == DIO_STORE_16) == p->addrsize ? 4 : 2;
}

/* The register of a byte operand: without REX, 4 to 7 are AH, CH, DH, BH. */
static void dio_source_reg(const struct dio_prefix *p, __u8 reg, struct dio_store_insn *insn)
{
	insn->source = reg | (p->rex & DIO_REX_R ? 8 : 0);
	if (insn->width == 1 && !p->rex && reg >= 4) {
		insn->source = reg - 4;
		insn->high = true;
	}
}

static bool dio_modrm_16(struct dio_bytes *b, __u8 modrm, struct dio_store_insn *insn)
{
	static const __u8 base[] = { DIO_REG_BX, DIO_REG_BX, DIO_REG_BP, DIO_REG_BP,
				     DIO_REG_SI, DIO_REG_DI, DIO_REG_BP, DIO_REG_BX };
	static const __u8 index[] = { DIO_REG_SI, DIO_REG_DI, DIO_REG_SI, DIO_REG_DI };
	__u8 mod = modrm >> 6, rm = modrm & 7;

	insn->base = base[rm];
	if (rm < 4)
		insn->index = index[rm];
	if (mod == 0 && rm == 6) {
		insn->base = DIO_REG_NONE;
		mod = 2;
	}
	/* mod says how many bytes of displacement follow */
	return dio_take(b, mod, &insn->disp);
}

/* The SIB byte; @mod becomes 2 where a displacement of 32 bits stands for the base. */
static bool dio_sib(struct dio_bytes *b, const struct dio_prefix *p, __u8 *mod,
		    struct dio_store_insn *insn)
{
	__u8 sib;

	if (!dio_take_byte(b, &sib))
		return false;
	insn->index = ((sib >> 3) & 7) | (p->rex & DIO_REX_X ? 8 : 0);
	if (insn->index == DIO_REG_SP)
		insn->index = DIO_REG_NONE;
	insn->shift = sib >> 6;
	if ((sib & 7) == DIO_REG_BP && *mod == 0) {
		insn->base = DIO_REG_NONE;
		*mod = 2;
	} else {
		insn->base = (sib & 7) | (p->rex & DIO_REX_B ? 8 : 0);
	}
	return true;
}

static bool dio_modrm_32(struct dio_bytes *b, const struct dio_prefix *p, __u8 modrm,
			 struct dio_store_insn *insn)
{
	__u8 mod = modrm >> 6, rm = modrm & 7;

	if (rm == DIO_REG_SP) {
		if (!dio_sib(b, p, &mod, insn))
			return false;
	} else if (mod == 0 && rm == DIO_REG_BP) {
		insn->base = p->mode == DIO_STORE_64 ? DIO_REG_IP : DIO_REG_NONE;
		mod = 2;
	} else {
		insn->base = rm | (p->rex & DIO_REX_B ? 8 : 0);
	}
	return dio_take(b, mod == 2 ? 4 : mod, &insn->disp);
}

/* ModRM and what belongs to it; mod 3 is a register and no store. */
static bool dio_modrm(struct dio_bytes *b, const struct dio_prefix *p, bool imm,
		      struct dio_store_insn *insn)
{
	__u8 modrm, reg;

	if (!dio_take_byte(b, &modrm) || modrm >= 0xc0)
		return false;
	reg = (modrm >> 3) & 7;
	if (!imm)
		dio_source_reg(p, reg, insn);
	else if (reg)
		return false;
	if (insn->addr_size == 2)
		return dio_modrm_16(b, modrm, insn);
	return dio_modrm_32(b, p, modrm, insn);
}

static bool dio_operands(struct dio_bytes *b, const struct dio_prefix *p, __u8 opcode,
			 struct dio_store_insn *insn)
{
	__s64 imm;

	switch (opcode & ~1) {
	case 0x88:
		return dio_modrm(b, p, false, insn);
	case 0xa2:
		insn->source = DIO_REG_AX;
		return dio_take(b, insn->addr_size, &insn->disp);
	case 0xc6:
		if (!dio_modrm(b, p, true, insn) ||
		    !dio_take(b, insn->width < 4 ? insn->width : 4, &imm))
			return false;
		insn->imm = (__u64)imm;
		return true;
	}
	return false;
}

/* The segment of the store, once its base register is known. */
static __u8 dio_segment(const struct dio_prefix *p, const struct dio_store_insn *insn)
{
	if (p->mode == DIO_STORE_64)
		return p->seg == DIO_SEG_FS || p->seg == DIO_SEG_GS ? p->seg : DIO_SEG_FLAT;
	if (p->seg != DIO_SEG_FLAT)
		return p->seg;
	return insn->base == DIO_REG_SP || insn->base == DIO_REG_BP ? DIO_SEG_SS : DIO_SEG_DS;
}

/**
 * dio_store_decode() - decode a plain mov to memory
 * @bytes: the instruction and what follows it
 * @n: bytes that may be read
 * @mode: of the code
 * @insn: the answer, valid if true is returned
 *
 * Context: any.
 * Return: true if the whole instruction is there and is one.
 */
bool dio_store_decode(const __u8 *bytes, unsigned int n, enum dio_store_mode mode,
		      struct dio_store_insn *insn)
{
	struct dio_bytes b = { .p = bytes, .n = n < DIO_INSN_MAX ? n : DIO_INSN_MAX };
	struct dio_prefix p = { .mode = mode, .seg = DIO_SEG_FLAT };
	__u8 opcode;

	if (!dio_prefixes(&b, &p, &opcode))
		return false;
	*insn = (struct dio_store_insn) {
		.width = opcode & 1 ? dio_operand_size(&p) : 1,
		.addr_size = dio_address_size(&p),
		.long_mode = mode == DIO_STORE_64,
		.source = DIO_REG_NONE,
		.base = DIO_REG_NONE,
		.index = DIO_REG_NONE,
	};
	if (!dio_operands(&b, &p, opcode, insn))
		return false;
	insn->seg = dio_segment(&p, insn);
	insn->plain = insn->addr_size == 8 && insn->seg == DIO_SEG_FLAT &&
		      insn->index == DIO_REG_NONE && insn->base != DIO_REG_IP &&
		      insn->base != DIO_REG_SP && insn->source != DIO_REG_SP;
	insn->at = insn->plain && insn->base == DIO_REG_NONE ? insn->disp & 0xfff :
		   DIO_STORE_MOVES;
	insn->len = b.at;
	return true;
}

/**
 * dio_store_value() - what a decoded mov stores
 * @insn: from dio_store_decode()
 * @regs: general registers by their numbers
 *
 * Return: the value, of insn->width bytes.
 */
__u64 dio_store_value(const struct dio_store_insn *insn, const unsigned long *regs)
{
	__u64 value = insn->imm;

	if (insn->source != DIO_REG_NONE)
		value = regs[insn->source];
	if (insn->high)
		value >>= 8;
	return insn->width == 8 ? value : value & ((1ULL << (8 * insn->width)) - 1);
}

/**
 * dio_store_linear() - where a decoded mov stores to
 * @insn: from dio_store_decode()
 * @regs: general registers by their numbers
 * @ip: address of the instruction within its code segment
 * @seg_base: base of segment insn->seg, 0 if that is DIO_SEG_FLAT
 *
 * Return: the linear address, before paging.
 */
__u64 dio_store_linear(const struct dio_store_insn *insn, const unsigned long *regs,
		       __u64 ip, __u64 seg_base)
{
	__u64 offset = (__u64)insn->disp;

	if (insn->base == DIO_REG_IP)
		offset += ip + insn->len;
	else if (insn->base != DIO_REG_NONE)
		offset += regs[insn->base];
	if (insn->index != DIO_REG_NONE)
		offset += (__u64)regs[insn->index] << insn->shift;
	if (insn->addr_size < 8)
		offset &= (1ULL << (8 * insn->addr_size)) - 1;
	offset += seg_base;
	return insn->long_mode ? offset : (__u32)offset;
}
