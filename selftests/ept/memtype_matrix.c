// SPDX-License-Identifier: GPL-2.0
/*
 * The type of each access of a guest, as the emulated processor has it, against
 * the SDM's table: with memory types full, with PAT only, and off, which is the
 * stock kernel in every cell.
 */
#include <stdlib.h>

#include "kselftest_harness.h"
#include "kmod.h"
#include "matrix.h"
#include "mode.h"

#define TIMEOUT_S 600

FIXTURE(matrix) {
	struct matrix *m;
};

FIXTURE_VARIANT(matrix) {
	enum matrix_how how;
};

FIXTURE_VARIANT_ADD(matrix, wrmsr) { .how = WRMSR_IN_GUEST, };
FIXTURE_VARIANT_ADD(matrix, set_msrs) { .how = KVM_SET_MSRS_BY_HOST, };

FIXTURE_SETUP(matrix)
{
	self->m = calloc(2, sizeof(*self->m));
	ASSERT_NE(NULL, self->m);
	ASSERT_EQ(0, kmod_load("kvm-intel"));
	/* Two machines at a time, for comparing. */
	ASSERT_EQ(0, mode_huge_pages(2 * MATRIX_HUGE));
}

FIXTURE_TEARDOWN(matrix)
{
	free(self->m);
	if (kmod_loaded(KMOD_KVM))
		EXPECT_EQ(0, kmod_unload(KMOD_KVM));
}

TEST_F_TIMEOUT(matrix, off_is_stock, TIMEOUT_S)
{
	struct matrix *stock = &self->m[0], *off = &self->m[1];

	ASSERT_FALSE(kmod_loaded(KMOD_KVM));
	ASSERT_EQ(0, matrix_open(stock));
	ASSERT_EQ(0, matrix_walk(stock, variant->how));
	EXPECT_EQ(0, matrix_wrong(stock, RULE_STOCK));
	matrix_close(stock);

	ASSERT_EQ(0, kmod_load(KMOD_KVM));
	ASSERT_EQ(0, matrix_open(off));
	ASSERT_EQ(0, matrix_walk(off, variant->how));
	EXPECT_EQ(0, matrix_differ(stock, off));
	matrix_close(off);
}

TEST_F_TIMEOUT(matrix, pat, TIMEOUT_S)
{
	ASSERT_EQ(0, kmod_load(KMOD_KVM));
	ASSERT_EQ(0, matrix_open(self->m));
	ASSERT_EQ(0, mode_set("pat"));
	ASSERT_EQ(0, matrix_walk(self->m, variant->how));
	EXPECT_EQ(0, matrix_wrong(self->m, RULE_PAT));
	matrix_close(self->m);
}

TEST_F_TIMEOUT(matrix, full, TIMEOUT_S)
{
	ASSERT_EQ(0, kmod_load(KMOD_KVM));
	ASSERT_EQ(0, matrix_open(self->m));
	ASSERT_EQ(0, mode_set("full"));
	ASSERT_EQ(0, matrix_walk(self->m, variant->how));
	EXPECT_EQ(0, matrix_wrong(self->m, RULE_FULL));
	matrix_close(self->m);
}

/* The same VM, with all its pages mapped when the mode changes. */
TEST_F_TIMEOUT(matrix, switched_while_it_runs, TIMEOUT_S)
{
	static const struct {
		const char *mode;
		enum matrix_rule rule;
	} steps[] = {
		{ "full", RULE_FULL }, { "pat", RULE_PAT }, { "off", RULE_STOCK },
		{ "pat", RULE_PAT }, { "full", RULE_FULL }, { "off", RULE_STOCK },
	};
	unsigned int i;

	ASSERT_EQ(0, kmod_load(KMOD_KVM));
	ASSERT_EQ(0, matrix_open(self->m));
	ASSERT_EQ(0, matrix_walk(self->m, variant->how));
	EXPECT_EQ(0, matrix_wrong(self->m, RULE_STOCK));
	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		ASSERT_EQ(0, mode_set(steps[i].mode));
		ASSERT_EQ(0, matrix_touch(self->m));
		EXPECT_EQ(0, matrix_wrong_now(self->m, steps[i].rule));
	}
	matrix_close(self->m);
}

TEST_HARNESS_MAIN
