// SPDX-License-Identifier: GPL-2.0
/*
 * Where memory types are refused, and why: a host without self-snoop (this one,
 * unless somebody insists), one with shadow paging; ranges that are none.  A refusal
 * leaves the VM as it was.
 */
#include <string.h>

#include "kselftest_harness.h"
#include "memstage.h"

FIXTURE(refused) {
	struct memstage s;
	struct memnl_state state;
};

FIXTURE_SETUP(refused)
{
	int rc = memstage_open(&self->s, "dio_kvm", 1);

	if (rc == -ENODEV)
		SKIP(return, "no KVM on this machine");
	ASSERT_EQ(0, rc);
}

FIXTURE_TEARDOWN(refused)
{
	memstage_close(&self->s);
}

static void refused(struct __test_metadata *_metadata, FIXTURE_DATA(refused) *self, uint32_t mode,
		    bool force, const char *text)
{
	EXPECT_EQ(-EOPNOTSUPP, memnl_set(&self->s.nl, self->s.vm.vm, mode, force));
	EXPECT_NE(NULL, strstr(self->s.nl.text, text))
		TH_LOG("\"%s\"", self->s.nl.text);
	ASSERT_EQ(0, memnl_state(&self->s.nl, self->s.vm.vm, &self->state));
	EXPECT_EQ(DIO_KVM_MEMTYPE_OFF, self->state.memtype);
}

/* The emulated processor has no ss. On AMD pat is stock, and needs none. */
TEST_F(refused, without_self_snoop)
{
	int vm = self->s.vm.vm;

	refused(_metadata, self, DIO_KVM_MEMTYPE_FULL, false, "self-snoop");
	EXPECT_EQ(0, memnl_set(&self->s.nl, vm, DIO_KVM_MEMTYPE_PAT, false))
		TH_LOG("%s", self->s.nl.text);
	/* refused, and what was on stays on */
	EXPECT_EQ(-EOPNOTSUPP, memnl_set(&self->s.nl, vm, DIO_KVM_MEMTYPE_FULL, false));
	ASSERT_EQ(0, memnl_state(&self->s.nl, vm, &self->state));
	EXPECT_EQ(DIO_KVM_MEMTYPE_PAT, self->state.memtype);
	EXPECT_EQ(0, memnl_set(&self->s.nl, vm, DIO_KVM_MEMTYPE_FULL, true));
	ASSERT_EQ(0, memnl_state(&self->s.nl, vm, &self->state));
	EXPECT_EQ(DIO_KVM_MEMTYPE_FULL, self->state.memtype);
	EXPECT_TRUE(self->state.force);
	EXPECT_EQ(0, memnl_set(&self->s.nl, vm, DIO_KVM_MEMTYPE_OFF, false));
}

TEST_F(refused, shadow_paging)
{
	memstage_close(&self->s);
	ASSERT_EQ(0, kmod_unload("kvm_amd"));
	ASSERT_EQ(0, kmod_load_with("kvm_amd", "npt=0"));
	ASSERT_EQ(0, memstage_open(&self->s, "dio_kvm", 1));
	refused(_metadata, self, DIO_KVM_MEMTYPE_FULL, true, "shadow paging");
	refused(_metadata, self, DIO_KVM_MEMTYPE_PAT, true, "shadow paging");
	memstage_close(&self->s);
	ASSERT_EQ(0, kmod_unload("kvm_amd"));
	ASSERT_EQ(0, memstage_open(&self->s, "dio_kvm", 1));
	EXPECT_EQ(0, memnl_set(&self->s.nl, self->s.vm.vm, DIO_KVM_MEMTYPE_FULL, true))
		TH_LOG("%s", self->s.nl.text);
}

TEST_F(refused, ranges)
{
	static const struct { uint64_t gpa, size; } bad[] = {
		{ 0, 0 }, { 1ull << 52, 4096 }, { (1ull << 52) - 4096, 8192 }, { 0, ~0ull },
		{ ~0ull, 1 }, { 4096, ~0ull },
	};
	int vm = self->s.vm.vm;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		EXPECT_EQ(-EINVAL, memnl_range(&self->s.nl, vm, bad[i].gpa, bad[i].size,
					       &self->s.range))
			TH_LOG("0x%llx 0x%llx", (long long)bad[i].gpa, (long long)bad[i].size);
	EXPECT_EQ(-EBADF, memnl_range(&self->s.nl, 9999, 0, 4096, &self->s.range));
	EXPECT_EQ(-EINVAL, memnl_range(&self->s.nl, self->s.vm.kvm, 0, 4096, &self->s.range));
	/* all there is, in as many answers as it takes */
	EXPECT_EQ(0, memnl_range(&self->s.nl, vm, 0, 1ull << 36, &self->s.range));
	/* a VM with its memory types off is shown too, and one that has not run */
	EXPECT_FALSE(self->s.range.run[0].has_entry);
	EXPECT_FALSE(self->s.range.run[0].has_force);
}

TEST_HARNESS_MAIN
