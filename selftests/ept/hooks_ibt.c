// SPDX-License-Identifier: GPL-2.0
/*
 * Every hook and every call of an unexported function, on a processor that answers
 * an indirect call of a sealed one with a BUG: all are armed and have run, by the
 * module's own account.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kselftest_harness.h"
#include "cpu.h"
#include "kmod.h"
#include "mode.h"
#include "probe.h"
#include "report.h"

#define TIMEOUT_S 300

/* What diokctl says of one of them, or NULL. The caller frees it. */
static char *hook_line(const char *symbol)
{
	FILE *f = popen("diokctl version", "re");
	char *line = NULL;
	size_t size = 0;

	while (f && getline(&line, &size, f) > 0) {
		char *at = strstr(line, symbol);

		if (at && at > line && at[-1] == ':' && at[strlen(symbol)] == ' ') {
			pclose(f);
			return line;
		}
	}
	free(line);
	if (f)
		pclose(f);
	return NULL;
}

/* Hooks of the fault path and of MTRRs, counted by the module, and calls, which are not. */
static const struct {
	const char *symbol;
	bool counted;
} rows[] = {
	{ "vmx_get_mt_mask", true }, { "kvm_mtrr_set_msr", true }, { "kvm_destroy_vm", true },
	{ "kvm_zap_gfn_range", false }, { "file_is_kvm", false },
	{ "kvm_get_kvm_safe", false }, { "kvm_put_kvm", false },
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* The one whose name is not the same on all kernels. */
static const char * const levels[] = {
	"__kvm_mmu_max_mapping_level", "kvm_mmu_max_mapping_level",
};

static void check(struct __test_metadata *_metadata, const char *symbol, bool counted)
{
	char *line = hook_line(symbol);

	ASSERT_NE(NULL, line) {
		TH_LOG("diokctl version does not know %s", symbol);
	}
	say("%.*s", (int)strcspn(line, "\n"), line);
	EXPECT_NE(NULL, strstr(line, " armed"));
	if (counted)
		EXPECT_NE(NULL, strstr(line, " calls"));
	free(line);
}

/* All that the kernel and the processor offer, and nothing unsupported. */
static int lines_with(const char *word)
{
	FILE *f = popen("diokctl version", "re");
	char *line = NULL;
	size_t size = 0;
	int n = 0;

	while (f && getline(&line, &size, f) > 0) {
		if (strchr(line, ':') && strstr(line, word)) {
			say("%.*s", (int)strcspn(line, "\n"), line);
			n++;
		}
	}
	free(line);
	if (f)
		pclose(f);
	return n;
}

TEST(the_kernel_uses_ibt)
{
	EXPECT_TRUE(cpu_flag("ibt"));
}

static void exercise(struct __test_metadata *_metadata, struct probe *p, struct guest *other)
{
	struct mtrr_writer w = { .vcpu = &p->guest.vcpu[0], .in_guest = true };

	ASSERT_EQ(0, probe_open(p));
	ASSERT_EQ(0, mode_set("full"));
	probe_all_wb(p, &w);
	EXPECT_EQ(MT_WB, probe_all(p));
	mtrr_range(&w, &p->guest, 0, HUGE + PAGE_2M / 2, PAGE_2M / 2, MT_WC);
	EXPECT_EQ(MT_WB, probe_type(p, HUGE));
	EXPECT_EQ(MT_WC, probe_type(p, HUGE + PAGE_2M / 2));
	/* the end of a VM is watched too, of any one */
	ASSERT_EQ(0, guest_open(other, 1));
	guest_close(other);
}

FIXTURE(hooks) {
};

FIXTURE_SETUP(hooks)
{
}

FIXTURE_TEARDOWN(hooks)
{
}

TEST_F_TIMEOUT(hooks, all_armed_and_run, TIMEOUT_S)
{
	struct probe *p = calloc(1, sizeof(*p));
	struct guest *other = calloc(1, sizeof(*other));
	unsigned int i;

	ASSERT_TRUE(p && other);
	ASSERT_EQ(0, kmod_load("kvm-intel"));
	ASSERT_EQ(0, kmod_load(KMOD_KVM));
	ASSERT_EQ(0, mode_huge_pages(PROBE_HUGE));
	exercise(_metadata, p, other);
	for (i = 0; i < COUNT(rows); i++)
		check(_metadata, rows[i].symbol, rows[i].counted);
	i = hook_line(levels[0]) ? 0 : 1;
	check(_metadata, levels[i], true);
	EXPECT_EQ(0, lines_with(" unsupported"));
	EXPECT_EQ(0, lines_with(" idle"));
	/* make_spte is AMD's */
	EXPECT_EQ(1, lines_with(" absent"));
	EXPECT_EQ((int)COUNT(rows) + 1, lines_with(" armed"));
	EXPECT_EQ(0, mode_set("off"));
	probe_close(p);
	EXPECT_EQ(0, kmod_unload(KMOD_KVM));
}

TEST_HARNESS_MAIN
