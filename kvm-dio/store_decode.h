/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Decoder of the one instruction that the store fast path carries out: a plain
 * `mov` to memory. Pure: no kernel interface is used, because the same file is
 * compiled into the module and into a program that tests it.
 *
 * The rule: what it does not know for certain is "no", never a guess. It never
 * reads behind the bytes that it was given.
 */
#ifndef DIO_STORE_DECODE_H
#define DIO_STORE_DECODE_H

#ifndef __KERNEL__
#include <stdbool.h>
#endif
#include <linux/types.h>

/* No x86 instruction is longer. */
#define DIO_INSN_MAX	15

/* What CS.L and CS.D say of the code: its default size of operands. */
enum dio_store_mode {
	DIO_STORE_16,
	DIO_STORE_32,
	DIO_STORE_64,
};

/* The numbers of ModRM, which are KVM's (enum kvm_reg), and two that are not. */
enum {
	DIO_REG_AX = 0,
	DIO_REG_BX = 3,
	DIO_REG_SP = 4,
	DIO_REG_BP = 5,
	DIO_REG_SI = 6,
	DIO_REG_DI = 7,
	DIO_REG_IP = 16,
	DIO_REG_NONE = 17,
};

/* The numbers of a mov to a segment register, which are KVM's (VCPU_SREG_*). */
enum {
	DIO_SEG_ES,
	DIO_SEG_CS,
	DIO_SEG_SS,
	DIO_SEG_DS,
	DIO_SEG_FS,
	DIO_SEG_GS,
	DIO_SEG_FLAT,	/* 64-bit code knows no base but that of FS and GS */
};

/* An address that is another one for other registers. */
#define DIO_STORE_MOVES	0xffff

/**
 * struct dio_store_insn - a mov to memory
 * @len: bytes of the instruction
 * @width: bytes it stores: 1, 2, 4 or 8
 * @source: register of the value; DIO_REG_NONE: @imm
 * @high: the value is bits 15:8 of @source (AH, CH, DH, BH)
 * @seg: segment of the store, DIO_SEG_FLAT if it has no base
 * @base: register of the address, DIO_REG_IP or DIO_REG_NONE
 * @index: register that is added, DIO_REG_NONE: none
 * @shift: of @index
 * @addr_size: bytes of an address: 2, 4 or 8
 * @long_mode: 64-bit code: linear addresses have 64 bits
 * @plain: the address is 64 bits of @disp, and of @base if that is a register, and
 *	neither register is the stack pointer
 * @at: where in its page it stores, or DIO_STORE_MOVES
 * @disp: displacement, or the whole offset where there is no register
 * @imm: immediate, sign-extended
 */
struct dio_store_insn {
	__u8 len;
	__u8 width;
	__u8 source;
	bool high;
	__u8 seg;
	__u8 base;
	__u8 index;
	__u8 shift;
	__u8 addr_size;
	bool long_mode;
	bool plain;
	__u16 at;
	__s64 disp;
	__u64 imm;
};

bool dio_store_decode(const __u8 *bytes, unsigned int n, enum dio_store_mode mode,
		      struct dio_store_insn *insn);
__u64 dio_store_value(const struct dio_store_insn *insn, const unsigned long *regs);
__u64 dio_store_linear(const struct dio_store_insn *insn, const unsigned long *regs,
		       __u64 ip, __u64 seg_base);

#endif /* DIO_STORE_DECODE_H */
