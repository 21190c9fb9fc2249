// SPDX-License-Identifier: GPL-2.0
/* Booted with `nodio`: the module loads, says so, and arms nothing. */
#include <errno.h>
#include <string.h>

#include "kselftest_harness.h"
#include "kmsg.h"
#include "kvmstage.h"
#include "kvmvm.h"
#include "report.h"

TEST(nodio)
{
	static struct kvmnl_module m;
	int log = kmsg_mark();
	char text[2048];
	struct kvmvm v;
	struct genl nl;

	ASSERT_LT(0, sysfs_read(text, sizeof(text), "/proc/cmdline"));
	if (!strstr(text, " nodio"))
		SKIP(return, "not booted with nodio");
	KVM_STAGE_SETUP(&nl);
	EXPECT_EQ(1, kmsg_count(log, "nodio is on the kernel command line"));
	ASSERT_EQ(0, kvmnl_module_get(&nl, &m));
	EXPECT_TRUE(m.nodio);
	ASSERT_EQ(0, kvmvm_open(&v));
	EXPECT_EQ(-EOPNOTSUPP, kvmnl_vm_set(&nl, v.vm, DIO_KVM_MEMTYPE_PAT));
	EXPECT_NE(NULL, strstr(nl.text, "nodio"));
	EXPECT_EQ(0, kvm_stage_vms(&nl));
	EXPECT_EQ(0, kvm_stage_armed(&nl));
	EXPECT_LE(0, sysfs_read(text, sizeof(text), "/sys/kernel/tracing/enabled_functions"));
	EXPECT_STREQ("", text);
	EXPECT_EQ(0, kvmvm_round(&v));
	kvmvm_close(&v);
	genl_close(&nl);
	EXPECT_EQ(0, kmod_unload(KMOD_KVM_TEST));
}

TEST_HARNESS_MAIN
