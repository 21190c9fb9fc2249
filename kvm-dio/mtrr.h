/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * MTRRs as a table of intervals. Pure: neither KVM nor the kernel is needed, and
 * the unit test compiles the same file. The rule: addresses are guest frame
 * numbers of 4 KiB, and every interval is half open.
 *
 * Rules of the Intel SDM, volume 3, "Memory Type Range Registers"; AMD's manual
 * (volume 2, "Memory-Type Range Registers") has the same ones.
 */
#ifndef DIO_MTRR_H
#define DIO_MTRR_H

#include <linux/types.h>

#ifdef __KERNEL__
#include <linux/bits.h>
#else
#include <stdbool.h>
#include <stddef.h>
typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
#define BIT(n)		(1u << (n))
#define BIT_ULL(n)	(1ull << (n))
#endif

/* Encodings of the manuals; DIO_MT_UCM (UC-) exists in the PAT alone. */
enum dio_mt {
	DIO_MT_UC = 0,
	DIO_MT_WC = 1,
	DIO_MT_WT = 4,
	DIO_MT_WP = 5,
	DIO_MT_WB = 6,
	DIO_MT_UCM = 7,
};

#define DIO_MTRR_VARS		16	/* pairs; KVM has 8 */
#define DIO_MTRR_FIXED		11	/* registers of eight types each */
#define DIO_MTRR_FIXED_END	0x100	/* frames that fixed ranges cover: 1 MiB */
#define DIO_MTRR_E		BIT(11)
#define DIO_MTRR_FE		BIT(10)
#define DIO_MTRR_VALID		BIT(11)

/**
 * struct dio_mtrr_regs - what a guest has written
 * @base: IA32_MTRR_PHYSBASEn
 * @mask: IA32_MTRR_PHYSMASKn; address bits outside the guest's width are ignored
 * @fixed: IA32_MTRR_FIX64K_00000, FIX16K_80000, FIX16K_A0000, FIX4K_C0000 to F8000
 * @deftype: IA32_MTRR_DEF_TYPE
 * @nvar: pairs in use, at most DIO_MTRR_VARS
 * @phys_bits: the guest's physical address width, 32 to 52
 */
struct dio_mtrr_regs {
	u64 base[DIO_MTRR_VARS];
	u64 mask[DIO_MTRR_VARS];
	u64 fixed[DIO_MTRR_FIXED];
	u64 deftype;
	u8 nvar;
	u8 phys_bits;
};

/*
 * One interval; it ends where the next one starts. @set has a bit for each type
 * that a variable range gives it, so that a sparse pair can be added later.
 */
struct dio_mtrr_range {
	u64 start;
	u8 set;
	u8 type;
	bool fixed;
};

/* A pair whose mask has holes: too many intervals for a table. */
struct dio_mtrr_sparse {
	u64 base;
	u64 mask;
	u8 set;
};

#define DIO_MTRR_RANGES		(8 * DIO_MTRR_FIXED + 2 * DIO_MTRR_VARS + 2)

/**
 * struct dio_mtrr_map - the type of every frame
 * @end: first frame that the guest does not have
 * @nrange: entries of @range; sorted, the first starts at 0
 * @nsparse: entries of @sparse
 * @deftype: type where no range matches
 * @invalid: pairs (bit n) with a type that does not exist; taken as UC
 * @invalid_fixed: the same for fixed registers
 * @undefined: intervals whose overlap the SDM leaves undefined; taken as UC
 * @sparse: pairs that are not in @range
 * @range: intervals
 */
struct dio_mtrr_map {
	u64 end;
	u16 nrange;
	u8 nsparse;
	u8 deftype;
	u32 invalid;
	u16 invalid_fixed;
	u16 undefined;
	struct dio_mtrr_sparse sparse[DIO_MTRR_VARS];
	struct dio_mtrr_range range[DIO_MTRR_RANGES];
};

/* Frames from @start up to @end. */
struct dio_mtrr_span {
	u64 start;
	u64 end;
};

enum dio_mtrr_source {
	DIO_MTRR_BY_OFF,	/* E is 0 */
	DIO_MTRR_BY_DEFAULT,
	DIO_MTRR_BY_FIXED,
	DIO_MTRR_BY_VARIABLE,
};

/**
 * struct dio_mtrr_why - how the type of one frame comes about
 * @type: the type
 * @source: what decided
 * @pairs: variable pairs that match, bit n
 * @undefined: they overlap in a way that the SDM leaves undefined
 */
struct dio_mtrr_why {
	u8 type;
	enum dio_mtrr_source source;
	u32 pairs;
	bool undefined;
};

void dio_mtrr_build(struct dio_mtrr_map *map, const struct dio_mtrr_regs *regs);
void dio_mtrr_build_flat(struct dio_mtrr_map *map, u8 phys_bits, u8 type);
u8 dio_mtrr_type_at(const struct dio_mtrr_map *map, u64 gfn);
u64 dio_mtrr_longest(const struct dio_mtrr_map *map, u8 type, u64 from, u64 to, u64 *start);
bool dio_mtrr_uniform(const struct dio_mtrr_map *map, u64 gfn, u64 pages);
unsigned int dio_mtrr_changed(const struct dio_mtrr_map *from, const struct dio_mtrr_map *to,
			      struct dio_mtrr_span *span, unsigned int max);
void dio_mtrr_explain(const struct dio_mtrr_regs *regs, u64 gfn, struct dio_mtrr_why *why);

#endif /* DIO_MTRR_H */
