// SPDX-License-Identifier: GPL-2.0
/*
 * Why the hooks are tested on a processor with IBT: an indirect call of a sealed
 * function ends the machine there, and is noticed nowhere else.
 */
#include "kselftest_harness.h"
#include "cpu.h"
#include "kmod.h"
#include "kmsg.h"

#define MODULE "dio_sealed_call"

TEST(call_of_a_sealed_function)
{
	if (cpu_flag("ibt")) {
		ASSERT_EQ(0, kmsg_ends_machine("Missing ENDBR: kallsyms_lookup_name"));
		kmod_load(MODULE);
		ASSERT_TRUE(false) {
			TH_LOG("the machine is still there");
		}
	}
	ASSERT_EQ(0, kmod_load(MODULE));
	EXPECT_EQ(0, kmod_unload(MODULE));
}

TEST_HARNESS_MAIN
