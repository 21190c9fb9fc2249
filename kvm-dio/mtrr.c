// SPDX-License-Identifier: GPL-2.0-only
/*
 * From MTRRs to a sorted table of intervals, and questions to that table. Pure,
 * see mtrr.h. A variable pair becomes one interval, unless its mask has holes:
 * such a sparse pair may match up to 2^39 places and is looked at frame by frame.
 */
#include "mtrr.h"

#define DIO_MTRR_SHIFT	12
#define DIO_SET(type)	(1u << (type))
#define DIO_SET_VALID	(DIO_SET(DIO_MT_UC) | DIO_SET(DIO_MT_WC) | DIO_SET(DIO_MT_WT) | \
			 DIO_SET(DIO_MT_WP) | DIO_SET(DIO_MT_WB))

static bool dio_type_valid(u8 type)
{
	return type < 8 && (DIO_SET_VALID & DIO_SET(type));
}

static u8 dio_type_clean(u8 type)
{
	return dio_type_valid(type) ? type : DIO_MT_UC;
}

static u64 dio_frames(u8 phys_bits)
{
	if (phys_bits < 32)
		phys_bits = 32;
	if (phys_bits > 52)
		phys_bits = 52;
	return 1ULL << (phys_bits - DIO_MTRR_SHIFT);
}

/*
 * SDM, "MTRR Precedences": equal types are that type, UC wins, WT wins over WB;
 * every other overlap is undefined, and UC is the type that is never wrong.
 */
static u8 dio_set_type(u8 set, u8 deftype, bool *undefined)
{
	u8 type;

	*undefined = false;
	if (!set)
		return deftype;
	if (set & DIO_SET(DIO_MT_UC))
		return DIO_MT_UC;
	for (type = DIO_MT_WC; type <= DIO_MT_WB; type++)
		if (set == DIO_SET(type))
			return type;
	if (set == (DIO_SET(DIO_MT_WT) | DIO_SET(DIO_MT_WB)))
		return DIO_MT_WT;
	*undefined = true;
	return DIO_MT_UC;
}

/* Frame and size in frames of the n-th of the 88 fixed ranges. */
static void dio_fixed_place(unsigned int n, u64 *start, u64 *size)
{
	if (n < 8) {
		*size = 0x10;
		*start = n * 0x10;
	} else if (n < 24) {
		*size = 4;
		*start = 0x80 + (n - 8) * 4;
	} else {
		*size = 1;
		*start = 0xc0 + (n - 24);
	}
}

static unsigned int dio_fixed_index(u64 gfn)
{
	if (gfn < 0x80)
		return gfn / 0x10;
	if (gfn < 0xc0)
		return 8 + (gfn - 0x80) / 4;
	return 24 + (gfn - 0xc0);
}

static u8 dio_fixed_type(const struct dio_mtrr_regs *regs, unsigned int n)
{
	return regs->fixed[n / 8] >> (8 * (n % 8));
}

static bool dio_fixed_on(const struct dio_mtrr_regs *regs)
{
	return regs->deftype & DIO_MTRR_FE;
}

/* A pair as frames: false if it is not valid. */
static bool dio_pair(const struct dio_mtrr_regs *regs, unsigned int n, u64 *base, u64 *mask)
{
	u64 frames = dio_frames(regs->phys_bits);

	if (!(regs->mask[n] & DIO_MTRR_VALID))
		return false;
	*mask = (regs->mask[n] >> DIO_MTRR_SHIFT) & (frames - 1);
	*base = (regs->base[n] >> DIO_MTRR_SHIFT) & *mask;
	return true;
}

static unsigned int dio_nvar(const struct dio_mtrr_regs *regs)
{
	return regs->nvar < DIO_MTRR_VARS ? regs->nvar : DIO_MTRR_VARS;
}

/* The interval that frame @gfn is in: the last one that starts at or before it. */
static unsigned int dio_range_at(const struct dio_mtrr_map *map, u64 gfn)
{
	unsigned int low = 0, high = map->nrange;

	while (high - low > 1) {
		unsigned int mid = (low + high) / 2;

		if (map->range[mid].start <= gfn)
			low = mid;
		else
			high = mid;
	}
	return low;
}

static u64 dio_range_end(const struct dio_mtrr_map *map, unsigned int i)
{
	return i + 1 < map->nrange ? map->range[i + 1].start : map->end;
}

/* Let an interval start at @gfn; what is there is the same before and after. */
static void dio_cut(struct dio_mtrr_map *map, u64 gfn)
{
	unsigned int at = dio_range_at(map, gfn), i;

	if (gfn >= map->end || map->range[at].start == gfn)
		return;
	for (i = map->nrange++; i > at + 1; i--)
		map->range[i] = map->range[i - 1];
	map->range[at + 1] = map->range[at];
	map->range[at + 1].start = gfn;
}

static void dio_add_variable(struct dio_mtrr_map *map, u64 start, u64 end, u8 type)
{
	unsigned int i;

	dio_cut(map, start);
	dio_cut(map, end);
	for (i = dio_range_at(map, start); i < map->nrange && map->range[i].start < end; i++)
		map->range[i].set |= DIO_SET(type);
}

static void dio_add_pair(struct dio_mtrr_map *map, const struct dio_mtrr_regs *regs,
			 unsigned int n)
{
	u64 base, mask, inside;
	u8 type = regs->base[n];

	if (!dio_pair(regs, n, &base, &mask))
		return;
	if (!dio_type_valid(type)) {
		map->invalid |= 1u << n;
		type = DIO_MT_UC;
	}
	inside = ~mask & (map->end - 1);
	if (!(inside & (inside + 1)))
		dio_add_variable(map, base, base + inside + 1, type);
	else
		map->sparse[map->nsparse++] = (struct dio_mtrr_sparse) {
			.base = base, .mask = mask, .set = DIO_SET(type),
		};
}

static void dio_add_fixed(struct dio_mtrr_map *map, const struct dio_mtrr_regs *regs)
{
	unsigned int n, i;
	u64 start, size;

	for (n = 0; n < 8 * DIO_MTRR_FIXED; n++) {
		u8 type = dio_fixed_type(regs, n);

		if (!dio_type_valid(type))
			map->invalid_fixed |= 1u << (n / 8);
		dio_fixed_place(n, &start, &size);
		dio_cut(map, start);
		dio_cut(map, start + size);
		for (i = dio_range_at(map, start);
		     i < map->nrange && map->range[i].start < start + size; i++) {
			map->range[i].set = DIO_SET(dio_type_clean(type));
			map->range[i].fixed = true;
		}
	}
}

static bool dio_range_same(const struct dio_mtrr_range *a, const struct dio_mtrr_range *b)
{
	return a->set == b->set && a->fixed == b->fixed;
}

/* Join neighbours that are alike, and settle the type of each interval. */
static void dio_settle(struct dio_mtrr_map *map)
{
	unsigned int i, n = 0;
	bool undefined;

	for (i = 0; i < map->nrange; i++) {
		if (n && dio_range_same(&map->range[n - 1], &map->range[i]))
			continue;
		map->range[n] = map->range[i];
		map->range[n].type = dio_set_type(map->range[n].set, map->deftype, &undefined);
		map->undefined += undefined;
		n++;
	}
	map->nrange = n;
}

/**
 * dio_mtrr_build_flat() - one type for all of the guest's memory
 * @map: is filled
 * @phys_bits: the guest's physical address width
 * @type: the type
 */
void dio_mtrr_build_flat(struct dio_mtrr_map *map, u8 phys_bits, u8 type)
{
	*map = (struct dio_mtrr_map) {
		.end = dio_frames(phys_bits),
		.deftype = dio_type_clean(type),
		.nrange = 1,
	};
	map->range[0].type = map->deftype;
}

/**
 * dio_mtrr_build() - the map of what a guest has written
 * @map: is filled
 * @regs: the registers
 *
 * With E off all memory is UC, and fixed ranges go before variable ones (SDM,
 * "MTRR Precedences" and "IA32_MTRR_DEF_TYPE MSR"). Any content of @regs is
 * accepted: KVM refuses bad types, but nothing here depends on that.
 */
void dio_mtrr_build(struct dio_mtrr_map *map, const struct dio_mtrr_regs *regs)
{
	unsigned int n;

	if (!(regs->deftype & DIO_MTRR_E)) {
		dio_mtrr_build_flat(map, regs->phys_bits, DIO_MT_UC);
		return;
	}
	dio_mtrr_build_flat(map, regs->phys_bits, (u8)regs->deftype);
	for (n = 0; n < dio_nvar(regs); n++)
		dio_add_pair(map, regs, n);
	if (dio_fixed_on(regs))
		dio_add_fixed(map, regs);
	dio_settle(map);
}

static u8 dio_sparse_set(const struct dio_mtrr_map *map, u64 gfn)
{
	unsigned int i;
	u8 set = 0;

	for (i = 0; i < map->nsparse; i++)
		if ((gfn & map->sparse[i].mask) == map->sparse[i].base)
			set |= map->sparse[i].set;
	return set;
}

/**
 * dio_mtrr_type_at() - memory type of a frame
 * @map: the map
 * @gfn: the frame; one that the guest does not have counts as its last
 *
 * Logarithmic in the number of intervals. Any context.
 *
 * Return: enum dio_mt, never DIO_MT_UCM.
 */
u8 dio_mtrr_type_at(const struct dio_mtrr_map *map, u64 gfn)
{
	const struct dio_mtrr_range *r = &map->range[dio_range_at(map, gfn)];
	bool undefined;

	if (!map->nsparse || r->fixed)
		return r->type;
	return dio_set_type(r->set | dio_sparse_set(map, gfn), map->deftype, &undefined);
}

/**
 * dio_mtrr_longest() - the longest interval of a type
 * @map: the map
 * @type: enum dio_mt
 * @from: first frame where it may start
 * @to: frame behind the last one where it may start
 * @start: gets its first frame
 *
 * Any context.
 *
 * Return: its length in frames; 0 if there is none, or pairs with holes in their
 * masks are anywhere
 */
u64 dio_mtrr_longest(const struct dio_mtrr_map *map, u8 type, u64 from, u64 to, u64 *start)
{
	u64 pages, most = 0;
	unsigned int i;

	*start = 0;
	for (i = 0; i < map->nrange && !map->nsparse; i++) {
		const struct dio_mtrr_range *r = &map->range[i];

		pages = dio_range_end(map, i) - r->start;
		if (r->type != type || r->start < from || r->start >= to || pages <= most)
			continue;
		*start = r->start;
		most = pages;
	}
	return most;
}

/* May a sparse pair match some, but not all, of the aligned block? */
static bool dio_sparse_splits(const struct dio_mtrr_map *map, u64 gfn, u64 pages)
{
	unsigned int i;

	for (i = 0; i < map->nsparse; i++) {
		u64 high = map->sparse[i].mask & ~(pages - 1);

		if ((map->sparse[i].mask & (pages - 1)) &&
		    (gfn & high) == (map->sparse[i].base & high))
			return true;
	}
	return false;
}

/**
 * dio_mtrr_uniform() - has a block one memory type?
 * @map: the map
 * @gfn: first frame of the block, aligned to its size
 * @pages: size, a power of two
 *
 * Exact without sparse pairs; one that may match a part of the block is taken
 * to change the type there. Any context.
 *
 * Return: false if a page table entry must not cover the block.
 */
bool dio_mtrr_uniform(const struct dio_mtrr_map *map, u64 gfn, u64 pages)
{
	unsigned int i = dio_range_at(map, gfn);
	u8 type = map->range[i].type;
	u8 sparse = map->nsparse ? dio_sparse_set(map, gfn) : 0;
	bool undefined;

	if (map->nsparse && dio_sparse_splits(map, gfn, pages))
		return false;
	if (sparse && !map->range[i].fixed)
		type = dio_set_type(map->range[i].set | sparse, map->deftype, &undefined);
	while (dio_range_end(map, i) < gfn + pages && i + 1 < map->nrange) {
		const struct dio_mtrr_range *r = &map->range[++i];
		u8 next = r->type;

		if (sparse && !r->fixed)
			next = dio_set_type(r->set | sparse, map->deftype, &undefined);
		if (next != type)
			return false;
	}
	return true;
}

static bool dio_sparse_same(const struct dio_mtrr_map *a, const struct dio_mtrr_map *b)
{
	unsigned int i;

	if (a->nsparse != b->nsparse)
		return false;
	for (i = 0; i < a->nsparse; i++)
		if (a->sparse[i].base != b->sparse[i].base ||
		    a->sparse[i].mask != b->sparse[i].mask ||
		    a->sparse[i].set != b->sparse[i].set)
			return false;
	return true;
}

/* Can the type of frames of these two intervals differ? */
static bool dio_range_differs(const struct dio_mtrr_map *a, const struct dio_mtrr_range *ra,
			      const struct dio_mtrr_map *b, const struct dio_mtrr_range *rb)
{
	bool sparse = (a->nsparse && !ra->fixed) || (b->nsparse && !rb->fixed);

	if (ra->type != rb->type)
		return true;
	return sparse && (!dio_range_same(ra, rb) || a->deftype != b->deftype ||
			  !dio_sparse_same(a, b));
}

static unsigned int dio_span_add(struct dio_mtrr_span *span, unsigned int n, unsigned int max,
				 u64 start, u64 end)
{
	if (n && (span[n - 1].end == start || n == max)) {
		span[n - 1].end = end;
		return n;
	}
	span[n] = (struct dio_mtrr_span) { .start = start, .end = end };
	return n + 1;
}

/**
 * dio_mtrr_changed() - frames whose type two maps do not agree on
 * @from: one map
 * @to: the other
 * @span: is filled with intervals, sorted and apart
 * @max: entries of @span, at least 1; what is too much is joined to the last one
 *
 * Exact where neither map has sparse pairs and the intervals fit into @span, else
 * it may name more than needed; never less. If the widths differ, frames that
 * one of them does not have are compared by its last frame.
 *
 * Return: number of intervals.
 */
unsigned int dio_mtrr_changed(const struct dio_mtrr_map *from, const struct dio_mtrr_map *to,
			      struct dio_mtrr_span *span, unsigned int max)
{
	u64 end = from->end > to->end ? from->end : to->end;
	unsigned int a = 0, b = 0, n = 0;
	u64 at = 0;

	while (at < end) {
		u64 enda = a + 1 < from->nrange ? from->range[a + 1].start : end;
		u64 endb = b + 1 < to->nrange ? to->range[b + 1].start : end;
		u64 next = enda < endb ? enda : endb;

		if (dio_range_differs(from, &from->range[a], to, &to->range[b]))
			n = dio_span_add(span, n, max, at, next);
		a += next == enda && a + 1 < from->nrange;
		b += next == endb && b + 1 < to->nrange;
		at = next;
	}
	return n;
}

/**
 * dio_mtrr_explain() - the type of a frame, and where it comes from
 * @regs: the registers
 * @gfn: the frame
 * @why: is filled
 */
void dio_mtrr_explain(const struct dio_mtrr_regs *regs, u64 gfn, struct dio_mtrr_why *why)
{
	unsigned int n;
	u64 base, mask;
	u8 set = 0;

	*why = (struct dio_mtrr_why) { .type = DIO_MT_UC, .source = DIO_MTRR_BY_OFF };
	if (!(regs->deftype & DIO_MTRR_E))
		return;
	if (dio_fixed_on(regs) && gfn < DIO_MTRR_FIXED_END) {
		why->source = DIO_MTRR_BY_FIXED;
		why->type = dio_type_clean(dio_fixed_type(regs, dio_fixed_index(gfn)));
		return;
	}
	for (n = 0; n < dio_nvar(regs); n++) {
		if (!dio_pair(regs, n, &base, &mask) || (gfn & mask) != base)
			continue;
		why->pairs |= 1u << n;
		set |= DIO_SET(dio_type_clean(regs->base[n]));
	}
	why->source = set ? DIO_MTRR_BY_VARIABLE : DIO_MTRR_BY_DEFAULT;
	why->type = dio_set_type(set, dio_type_clean(regs->deftype), &why->undefined);
}
