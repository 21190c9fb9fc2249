// SPDX-License-Identifier: GPL-2.0
/*
 * The guest that witness.py has looked at by a debugger: five ranges of the five
 * MTRR types, in each a small page, a huge one and one of a device. It stops once
 * on the stock kernel and once with memory types full.
 *
 * usage: witness_guest        be that guest
 *        witness_guest list   what the debugger has to find: linear address,
 *                             type and IPAT of the entry then, and later
 */
#include <stdio.h>
#include <string.h>

#include "kmod.h"
#include "mode.h"
#include "mtrr.h"
#include "report.h"

#define BASE 0x10000000ULL
#define REGION 0x800000ULL

static uint64_t page(int type, int memory)
{
	return BASE + type * REGION + memory * PAGE_2M;
}

static int list(void)
{
	int type, memory;

	for (type = 0; type < MTRR_TYPES; type++)
		for (memory = MEM_4K; memory <= MEM_MMIO; memory++) {
			bool mmio = memory == MEM_MMIO;
			enum memtype full = mtrr_types[type];

			if (mmio && full != MT_WC)
				full = MT_UC;
			printf("%#llx %s %s\n",
			       (unsigned long long)guest_linear(page(type, memory), 0, false),
			       mmio ? "ignore_pat,UC" : "IGNORE_PAT,WB",
			       full == MT_UC ? "ignore_pat,UC" : full == MT_WC ? "ignore_pat,WC" :
			       full == MT_WT ? "ignore_pat,WT" : full == MT_WP ? "ignore_pat,WP" :
			       "ignore_pat,WB");
		}
	return 0;
}

static int make(struct guest *g)
{
	struct mtrr_writer w = { .vcpu = &g->vcpu[0], .in_guest = true };
	int type, memory, rc = guest_open(g, 1);

	for (type = 0; type < MTRR_TYPES; type++) {
		for (memory = MEM_4K; rc >= 0 && memory <= MEM_MMIO; memory++)
			rc = guest_memory(g, page(type, memory),
					  memory == MEM_2M ? PAGE_2M : PAGE_4K, memory);
		if (rc < 0)
			return rc;
		mtrr_range(&w, g, type, BASE + type * REGION, REGION, mtrr_types[type]);
	}
	mtrr_write(&w, MSR_DEFTYPE, MTRR_E | MT_WB);
	return 0;
}

static int touch_and_stop(struct guest *g)
{
	int type, memory;

	for (type = 0; type < MTRR_TYPES; type++)
		for (memory = MEM_4K; memory <= MEM_MMIO; memory++)
			guest_touch(&g->vcpu[0], guest_linear(page(type, memory), 0, false));
	guest_break(&g->vcpu[0]);
	return guest_run(&g->vcpu[0]);
}

int main(int argc, char **argv)
{
	struct guest g;

	if (argc > 1 && !strcmp(argv[1], "list"))
		return list();
	if (mode_huge_pages(MTRR_TYPES) || kmod_load("kvm-intel") || make(&g) ||
	    touch_and_stop(&g))
		return 1;
	return kmod_load(KMOD_KVM) || mode_set("full") || touch_and_stop(&g);
}
