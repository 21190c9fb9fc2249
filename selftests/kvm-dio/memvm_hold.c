// SPDX-License-Identifier: GPL-2.0
/*
 * A guest for memtype_ctl.sh, until it is killed: WB but for 64 KiB of WC and one
 * huge page of UC, all of which it touches ten times a second.
 */
#include <stdio.h>
#include <unistd.h>

#include "memstage.h"

int main(void)
{
	struct memstage s;
	struct memvm *v = &s.vm;

	if (memstage_open(&s, NULL, 2))
		return 1;
	memvm_wrmsr(v, 0, MSR_MTRR_BASE(0), MEMVM_SMALL | MT_WC);
	memvm_wrmsr(v, 0, MSR_MTRR_MASK(0), memvm_mask(v, 0x10000));
	memvm_wrmsr(v, 0, MSR_MTRR_BASE(1), MEMVM_HUGE | MT_UC);
	memvm_wrmsr(v, 0, MSR_MTRR_MASK(1), memvm_mask(v, MEMVM_HUGE_PAGE));
	memvm_wrmsr(v, 0, MSR_MTRR_DEFTYPE, MT_WB | MTRR_E);
	memvm_touch(v, 0, MEMVM_SMALL);
	memvm_touch(v, 0, MEMVM_SMALL + 0x10000);
	memvm_touch(v, 0, MEMVM_HUGE);
	memvm_read(v, 0, MEMVM_MMIO);
	if (memvm_go(v, 0))
		return 1;
	printf("ready\n");
	fflush(stdout);
	while (!memvm_again(v, 0))
		usleep(100000);
	return 1;
}
