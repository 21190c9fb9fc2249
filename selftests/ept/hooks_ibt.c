// SPDX-License-Identifier: GPL-2.0
/*
 * Every hook and every call of an unexported function, on a processor that answers
 * an indirect call of a sealed one with a BUG: all are armed and have run, by the
 * module's own account.
 */
#include <stdlib.h>
#include <string.h>

#include "kselftest_harness.h"
#include "cpu.h"
#include "kmod.h"
#include "kvmnl.h"
#include "mode.h"
#include "probe.h"

#define TIMEOUT_S 300

/* What the module calls is not counted; what it hooks is. */
static const char * const calls[] = {
	"kvm_zap_gfn_range", "file_is_kvm", "kvm_get_kvm_safe", "kvm_put_kvm",
};

/*
 * Of the store fast path one is a hook. kvm-dio:store_apic and store_cases, which
 * run here too, do the stores that its calls are for.
 */
static bool is_call(const struct kvmnl_hook *h)
{
	unsigned int i;

	if (!strcmp(h->feature, "stores"))
		return strcmp(h->symbol, "kvm_mmu_page_fault");
	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (!strcmp(h->symbol, calls[i]))
			return true;
	return false;
}

FIXTURE(hooks) {
	struct genl nl;
	struct probe p;
	struct guest other;
	struct kvmnl_module module;
};

FIXTURE_SETUP(hooks)
{
	ASSERT_EQ(0, kmod_load("kvm-intel"));
	ASSERT_EQ(0, kmod_load(KMOD_KVM));
	ASSERT_EQ(0, kvmnl_open(&self->nl));
	ASSERT_EQ(0, mode_huge_pages(PROBE_HUGE));
	ASSERT_EQ(0, probe_open(&self->p));
}

FIXTURE_TEARDOWN(hooks)
{
	probe_close(&self->p);
	genl_close(&self->nl);
	EXPECT_EQ(0, kmod_unload(KMOD_KVM));
}

/* Faults, writes of MTRRs and CR0, a huge page that is split, the end of another VM. */
static void exercise(struct __test_metadata *_metadata, struct probe *p, struct guest *other)
{
	struct mtrr_writer w = { .vcpu = &p->guest.vcpu[0], .in_guest = true };

	ASSERT_EQ(0, mode_set("full"));
	probe_all_wb(&w);
	EXPECT_EQ(MT_WB, probe_all(p));
	mtrr_sequence_begin(&w, MTRR_E | MTRR_FE | MT_WB);
	mtrr_sequence_end(&w, MTRR_E | MTRR_FE | MT_WB);
	mtrr_range(&w, &p->guest, 0, HUGE + PAGE_2M / 2, PAGE_2M / 2, MT_WC);
	EXPECT_EQ(MT_WB, probe_type(p, HUGE));
	EXPECT_EQ(MT_WC, probe_type(p, HUGE + PAGE_2M / 2));
	ASSERT_EQ(0, guest_open(other, 1));
	guest_close(other);
}

TEST(the_kernel_uses_ibt)
{
	EXPECT_TRUE(cpu_flag("ibt"));
}

TEST_F_TIMEOUT(hooks, all_armed_and_run, TIMEOUT_S)
{
	struct kvmnl_module *m = &self->module;
	unsigned int i, armed = 0;

	ASSERT_EQ(0, kvmnl_vm_set_to(&self->nl, self->p.guest.vm, DIO_KVM_A_VM_STORES,
				     DIO_KVM_STORES_ALL)) {
		TH_LOG("%s", self->nl.text);
	}
	exercise(_metadata, &self->p, &self->other);
	ASSERT_EQ(0, kvmnl_module_get(&self->nl, m));
	kvmnl_say(m);
	for (i = 0; i < m->hooks; i++) {
		const struct kvmnl_hook *h = &m->hook[i];

		/* kvm-dio:routes runs here for it */
		if (!strcmp(h->feature, "routes"))
			continue;
		/* needed with an assigned device, for which kvm-dio:devices stands, here too */
		if (!strcmp(h->feature, "mask") || !strcmp(h->feature, "inject")) {
			EXPECT_EQ(DIO_KVM_HOOK_STATE_IDLE, h->state);
			continue;
		}
		if (!strcmp(h->symbol, "make_spte")) {
			EXPECT_EQ(DIO_KVM_HOOK_STATE_ABSENT, h->state);
			EXPECT_STREQ("needed with module kvm_amd alone", h->reason);
			continue;
		}
		if (!strncmp(h->symbol, "svm_", 4)) {
			EXPECT_EQ(DIO_KVM_HOOK_STATE_ABSENT, h->state);
			continue;
		}
		armed++;
		EXPECT_STREQ("", h->reason);
		EXPECT_EQ(DIO_KVM_HOOK_STATE_ARMED, h->state) {
			TH_LOG("%s is %s", h->symbol, kvmnl_state_name(h->state));
		}
		EXPECT_TRUE(h->calls || is_call(h)) {
			TH_LOG("%s has not run", h->symbol);
		}
	}
	EXPECT_EQ(19, armed);
	EXPECT_EQ(0, mode_set("off"));
}

TEST_HARNESS_MAIN
