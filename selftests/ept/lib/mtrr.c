// SPDX-License-Identifier: GPL-2.0
/* MTRR writes of mtrr.h. */
#include "mtrr.h"

void mtrr_write(struct mtrr_writer *w, uint32_t msr, uint64_t value)
{
	int rc;

	if (w->in_guest) {
		guest_wrmsr(w->vcpu, msr, value);
		return;
	}
	rc = guest_set_msr(w->vcpu, msr, value);
	if (!w->error)
		w->error = rc;
}

void mtrr_range(struct mtrr_writer *w, const struct guest *g, int n, uint64_t base,
		uint64_t size, enum memtype type)
{
	uint64_t address = (1ULL << g->maxphyaddr) - 1;

	mtrr_write(w, MSR_VARIABLE + 2 * n, base | type);
	mtrr_write(w, MSR_VARIABLE + 2 * n + 1, (~(size - 1) & address) | MTRR_VALID);
}

void mtrr_range_off(struct mtrr_writer *w, int n)
{
	mtrr_write(w, MSR_VARIABLE + 2 * n + 1, 0);
}

void mtrr_sequence_begin(struct mtrr_writer *w, uint64_t deftype)
{
	if (w->in_guest) {
		guest_cr0(w->vcpu, GUEST_CR0 | GUEST_CR0_CD);
		guest_wbinvd(w->vcpu);
		guest_cr4(w->vcpu, GUEST_CR4 & ~GUEST_CR4_PGE);
		guest_reload_cr3(w->vcpu);
	}
	mtrr_write(w, MSR_DEFTYPE, deftype & ~(MTRR_E | MTRR_FE));
}

void mtrr_sequence_end(struct mtrr_writer *w, uint64_t deftype)
{
	mtrr_write(w, MSR_DEFTYPE, deftype);
	if (!w->in_guest)
		return;
	guest_wbinvd(w->vcpu);
	guest_reload_cr3(w->vcpu);
	guest_cr0(w->vcpu, GUEST_CR0);
	guest_cr4(w->vcpu, GUEST_CR4);
}
