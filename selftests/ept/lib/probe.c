// SPDX-License-Identifier: GPL-2.0
/* The guest of probe.h, and the questions to it. */
#include <errno.h>
#include <string.h>

#include "probe.h"
#include "report.h"

static int add_pages(struct probe *p)
{
	struct guest *g = &p->guest;
	int rc;

	rc = guest_memory(g, FIXED_16K, 4 * PAGE_4K, MEM_4K);
	if (rc >= 0)
		rc = guest_memory(g, FIXED_4K, 2 * PAGE_4K, MEM_4K);
	if (rc >= 0)
		rc = guest_memory(g, SMALL, SMALL_PAGES * PAGE_4K, MEM_4K);
	if (rc >= 0)
		rc = guest_memory(g, HUGE, PROBE_HUGE * PAGE_2M, MEM_2M);
	p->huge_slot = rc;
	return rc < 0 ? rc : 0;
}

int probe_open(struct probe *p)
{
	int rc;

	memset(p, 0, sizeof(*p));
	memcpy(p->pat, pat_types, sizeof(p->pat));
	rc = oracle_open(&p->oracle);
	if (!rc)
		rc = guest_open(&p->guest, 1);
	return rc ? rc : add_pages(p);
}

void probe_close(struct probe *p)
{
	guest_close(&p->guest);
	oracle_close(&p->oracle);
}

void probe_all_wb(struct mtrr_writer *w)
{
	int i;

	mtrr_write(w, MSR_DEFTYPE, MT_WB);
	mtrr_write(w, MSR_FIX64, ALL_WB);
	for (i = 0; i < 2; i++)
		mtrr_write(w, MSR_FIX16 + i, ALL_WB);
	for (i = 0; i < 8; i++)
		mtrr_write(w, MSR_FIX4 + i, ALL_WB);
	for (i = 0; i < 8; i++)
		mtrr_range_off(w, i);
	mtrr_write(w, MSR_DEFTYPE, MTRR_E | MTRR_FE | MT_WB);
}

static int judge(const struct probe *p, uint64_t gpa, int pat, int big)
{
	const struct oracle_fill *f = oracle_find(&p->oracle, guest_linear(gpa, pat, big));

	if (!f) {
		say("%llx by PAT %s: no record", (unsigned long long)gpa,
		    memtype_name(p->pat[pat]));
		return -ENODATA;
	}
	if (f->pat == p->pat[pat] && !fill_ignores_pat(f) &&
	    f->effective == memtype_effective(fill_type(f), f->pat))
		return fill_type(f);
	say("%llx by PAT %s (%s): entry %llx, effective %s", (unsigned long long)gpa,
	    memtype_name(p->pat[pat]), memtype_name(f->pat), (unsigned long long)f->entry,
	    memtype_name(f->effective));
	return -EBADE;
}

static int touch(struct probe *p, uint64_t gpa)
{
	struct guest_vcpu *v = &p->guest.vcpu[0];
	int pat, big, rc;

	for (pat = 0; pat < PAT_TYPES; pat++)
		for (big = 0; big < 2; big++)
			guest_touch(v, guest_linear(gpa, pat, big));
	oracle_clear();
	rc = guest_run(v);
	return rc ? -EIO : oracle_read(&p->oracle);
}

int probe_type(struct probe *p, uint64_t gpa)
{
	int pat, big, type, first, rc = touch(p, gpa);

	if (rc)
		return rc;
	first = judge(p, gpa, 0, 0);
	for (pat = 0; first >= 0 && pat < PAT_TYPES; pat++) {
		for (big = 0; big < 2; big++) {
			type = judge(p, gpa, pat, big);
			if (type != first)
				return type < 0 ? type : -EBADE;
		}
	}
	return first;
}

/* Each page is touched, also when two have differed. */
static void ask(struct probe *p, uint64_t gpa, int *common)
{
	int type = probe_type(p, gpa);

	if (*common == -EAGAIN)
		*common = type;
	else if (type != *common)
		*common = type < 0 ? type : -EBADE;
}

int probe_all(struct probe *p)
{
	static const struct {
		uint64_t gpa, size, step;
	} areas[] = {
		{ FIXED_16K, 4 * PAGE_4K, PAGE_4K },
		{ FIXED_4K, 2 * PAGE_4K, PAGE_4K },
		{ SMALL, SMALL_PAGES * PAGE_4K, PAGE_4K },
		{ HUGE, PROBE_HUGE * PAGE_2M, PAGE_2M },
	};
	int common = -EAGAIN;
	uint64_t at;
	unsigned int i;

	for (i = 0; i < sizeof(areas) / sizeof(areas[0]); i++)
		for (at = 0; at < areas[i].size; at += areas[i].step)
			ask(p, areas[i].gpa + at, &common);
	return common;
}

int probe_level(struct probe *p, uint64_t gpa)
{
	const struct oracle_fill *f;
	int rc = touch(p, gpa);

	if (rc)
		return rc;
	f = oracle_find(&p->oracle, guest_linear(gpa, 0, false));
	return f ? f->level : -ENODATA;
}

int64_t probe_faults(struct probe *p)
{
	return guest_stat(&p->guest.vcpu[0], "pf_fixed");
}

uint64_t probe_rotate_pat(struct probe *p, uint64_t msr)
{
	enum memtype first = p->pat[0];
	int i;

	memmove(p->pat, p->pat + 1, sizeof(p->pat) - sizeof(p->pat[0]));
	p->pat[PAT_TYPES - 1] = first;
	msr &= ~0ULL << (8 * PAT_TYPES);
	for (i = 0; i < PAT_TYPES; i++)
		msr |= (uint64_t)p->pat[i] << (8 * i);
	return msr;
}
