// SPDX-License-Identifier: GPL-2.0
/* The matrix of matrix.h: where its pages are, and the walk over its cells. */
#include <errno.h>
#include <string.h>

#include "matrix.h"
#include "mtrr.h"
#include "report.h"

#define VARIABLE_BASE 0x10000000ULL
#define DEFAULT_BASE 0x20000000ULL
#define REGION 0x800000ULL		/* of one variable range */

static const char * const sources[] = {
	"fixed 64K", "fixed 16K", "fixed 4K", "variable", "default",
};

static const char * const memories[] = { "4K", "2M", "mmio" };

/* Where in a variable range each kind of memory is: blocks of 2 MiB of their own. */
static uint64_t block(enum guest_memory memory)
{
	return memory * PAGE_2M;
}

static uint64_t page_gpa(enum matrix_source source, enum guest_memory memory, int type)
{
	bool mmio = memory == MEM_MMIO;

	switch (source) {
	case BY_FIX64:
		return type * 0x10000 + (mmio ? 0x8000 : 0);
	case BY_FIX16:
		return 0x80000 + type * 0x4000 + (mmio ? 0x2000 : 0);
	case BY_FIX4:
		return 0xc0000 + type * 0x1000 + (mmio ? 0x8000 : 0);
	case BY_VARIABLE:
		return VARIABLE_BASE + type * REGION + block(memory);
	default:
		return DEFAULT_BASE + block(memory);
	}
}

static int add_pages(struct matrix *m)
{
	struct matrix_page *p = m->pages;
	int source, memory, type, rc;

	for (source = BY_FIX64; source <= BY_DEFAULT; source++) {
		for (memory = MEM_4K; memory <= MEM_MMIO; memory++) {
			if (memory == MEM_2M && source < BY_VARIABLE)
				continue;
			for (type = 0; type < MTRR_TYPES; type++, p++) {
				p->source = source;
				p->memory = memory;
				p->mtrr = mtrr_types[type];
				p->gpa = page_gpa(source, memory, type);
				if (source == BY_DEFAULT && type)
					continue;	/* one page, five times */
				rc = guest_memory(&m->guest, p->gpa,
						  memory == MEM_2M ? PAGE_2M : PAGE_4K, memory);
				if (rc < 0)
					return rc;
			}
		}
	}
	return p - m->pages == MATRIX_PAGES ? 0 : -EINVAL;
}

int matrix_open(struct matrix *m)
{
	int rc;

	memset(m, 0, sizeof(*m));
	rc = oracle_open(&m->oracle);
	if (!rc)
		rc = guest_open(&m->guest, 1);
	return rc ? rc : add_pages(m);
}

void matrix_close(struct matrix *m)
{
	guest_close(&m->guest);
	oracle_close(&m->oracle);
}

/* Granule i of the registers has type i; the others, and the default, WB. */
static int program(struct matrix *m, enum matrix_how how, enum memtype def)
{
	uint64_t types = 0x0606060600000000 | MT_WP << 24 | MT_WT << 16 | MT_WC << 8 | MT_UC;
	struct mtrr_writer w = { .vcpu = &m->guest.vcpu[0],
				 .in_guest = how == WRMSR_IN_GUEST };
	int i;

	mtrr_write(&w, MSR_DEFTYPE, 0);
	mtrr_write(&w, MSR_FIX64, types);
	mtrr_write(&w, MSR_FIX16, types);
	mtrr_write(&w, MSR_FIX16 + 1, ALL_WB);
	for (i = 0; i < 8; i++)
		mtrr_write(&w, MSR_FIX4 + i, i < 2 ? types : ALL_WB);
	for (i = 0; i < MTRR_TYPES; i++)
		mtrr_range(&w, &m->guest, i, VARIABLE_BASE + i * REGION, REGION,
			   mtrr_types[i]);
	mtrr_write(&w, MSR_DEFTYPE, MTRR_E | MTRR_FE | def);
	return w.error;
}

static void take_down(const struct oracle_fill *f, struct matrix_seen *s)
{
	*s = (struct matrix_seen){ .there = f };
	if (!f)
		return;
	s->type = fill_type(f);
	s->ignore_pat = fill_ignores_pat(f);
	s->level = f->level;
	s->effective = f->effective;
}

/* Pages whose type is the default: only those for the one that is set now. */
static bool concerns(const struct matrix_page *p, enum memtype def)
{
	return p->source != BY_DEFAULT || p->mtrr == def;
}

static int touch(struct matrix *m, enum memtype def)
{
	int i, pat, big, rc;

	for (i = 0; i < MATRIX_PAGES; i++)
		for (pat = 0; pat < PAT_TYPES; pat++)
			for (big = 0; big < 2; big++)
				if (concerns(&m->pages[i], def))
					guest_touch(&m->guest.vcpu[0],
						    guest_linear(m->pages[i].gpa, pat, big));
	oracle_clear();
	rc = guest_run(&m->guest.vcpu[0]);
	if (!rc)
		rc = oracle_read(&m->oracle);
	for (i = 0; !rc && i < MATRIX_PAGES; i++)
		for (pat = 0; pat < PAT_TYPES; pat++)
			for (big = 0; big < 2; big++)
				if (concerns(&m->pages[i], def))
					take_down(oracle_find(&m->oracle,
							      guest_linear(m->pages[i].gpa,
									   pat, big)),
						  &m->seen[i][pat][big]);
	return rc;
}

int matrix_walk(struct matrix *m, enum matrix_how how)
{
	int i, rc = 0;

	memset(m->seen, 0, sizeof(m->seen));
	for (i = 0; !rc && i < MTRR_TYPES; i++) {
		rc = program(m, how, mtrr_types[i]);
		if (!rc)
			rc = touch(m, mtrr_types[i]);
	}
	return rc;
}

int matrix_touch(struct matrix *m)
{
	memset(m->seen, 0, sizeof(m->seen));
	return touch(m, MT_WB);
}

/* Host MMIO is UC, but for a guest that wants WC. */
static struct matrix_seen expected(const struct matrix_page *p, int pat, enum matrix_rule rule)
{
	struct matrix_seen s = { .there = true };

	if (p->memory == MEM_MMIO)
		s.type = rule == RULE_FULL && p->mtrr == MT_WC ? MT_WC : MT_UC;
	else
		s.type = rule == RULE_FULL ? p->mtrr : MT_WB;
	s.ignore_pat = rule == RULE_STOCK && p->memory != MEM_MMIO;
	s.level = p->memory == MEM_2M ? LEVEL_2M : LEVEL_4K;
	s.effective = s.ignore_pat ? s.type : memtype_effective(s.type, pat_types[pat]);
	return s;
}

static bool same(const struct matrix_seen *a, const struct matrix_seen *b)
{
	return a->there && b->there && a->type == b->type && a->level == b->level &&
	       a->ignore_pat == b->ignore_pat && a->effective == b->effective;
}

static void describe(const struct matrix_page *p, int pat, int big,
		     const struct matrix_seen *got, const struct matrix_seen *want)
{
	say("%s %s, %s at %llx, PAT %s, guest page %s: want %s%s level %d effective %s",
	    sources[p->source], memtype_name(p->mtrr), memories[p->memory],
	    (unsigned long long)p->gpa, memtype_name(pat_types[pat]), big ? "2M" : "4K",
	    memtype_name(want->type), want->ignore_pat ? " IPAT" : "", want->level,
	    memtype_name(want->effective));
	if (got->there)
		say("    found %s%s level %d effective %s", memtype_name(got->type),
		    got->ignore_pat ? " IPAT" : "", got->level, memtype_name(got->effective));
	else
		say("    the processor has no record of it");
}

static int wrong(const struct matrix *m, enum matrix_rule rule, bool all)
{
	int i, pat, big, bad = 0, cells = 0;

	for (i = 0; i < MATRIX_PAGES; i++) {
		for (pat = 0; pat < PAT_TYPES; pat++) {
			struct matrix_seen want = expected(&m->pages[i], pat, rule);

			if (!all && !concerns(&m->pages[i], MT_WB))
				continue;
			for (big = 0; big < 2; big++, cells++)
				if (!same(&m->seen[i][pat][big], &want) && bad++ < 10)
					describe(&m->pages[i], pat, big,
						 &m->seen[i][pat][big], &want);
		}
	}
	say("%d cells, %d wrong", cells, bad);
	return bad;
}

int matrix_wrong(const struct matrix *m, enum matrix_rule rule)
{
	return wrong(m, rule, true);
}

int matrix_wrong_now(const struct matrix *m, enum matrix_rule rule)
{
	return wrong(m, rule, false);
}

int matrix_differ(const struct matrix *a, const struct matrix *b)
{
	int i, pat, big, bad = 0;

	for (i = 0; i < MATRIX_PAGES; i++)
		for (pat = 0; pat < PAT_TYPES; pat++)
			for (big = 0; big < 2; big++)
				if (!same(&a->seen[i][pat][big], &b->seen[i][pat][big]) &&
				    bad++ < 10)
					describe(&a->pages[i], pat, big, &b->seen[i][pat][big],
						 &a->seen[i][pat][big]);
	say("%d cells compared, %d differ", MATRIX_CELLS, bad);
	return bad;
}
