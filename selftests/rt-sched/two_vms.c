// SPDX-License-Identifier: GPL-2.0
/*
 * Three VMs on one processor whose virtual CPUs never halt. Two are promised 40 % for
 * one of theirs and get that, no less and no more; a third that wants 20 % is refused.
 * The machine's clock is its instructions: shares do not depend on the host.
 */
#include <string.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "clock.h"
#include "kmod.h"
#include "report.h"
#include "schednl.h"
#include "thread.h"
#include "tinyvm.h"

#define VMS		3
#define SHARE_MS	2000
#define GONE_MS		4000

FIXTURE(two_vms) {
	struct genl nl;
	pid_t pid[VMS], tid[VMS];
	int fd[VMS];
};

FIXTURE_SETUP(two_vms)
{
	ASSERT_EQ(0, kmod_load("kvm_amd"));
	ASSERT_EQ(0, schednl_open(&self->nl));
	for (int i = 0; i < VMS; i++) {
		self->pid[i] = tinyvm_process(true, &self->fd[i], &self->tid[i]);
		ASSERT_LE(0, self->fd[i]);
	}
}

FIXTURE_TEARDOWN(two_vms)
{
	for (int i = 0; i < VMS; i++) {
		close(self->fd[i]);
		thread_kill(self->pid[i]);
	}
	EXPECT_TRUE(wait_until(schednl_count(&self->nl) == 0, GONE_MS));
	genl_close(&self->nl);
	EXPECT_EQ(0, kmod_unload(MODULE));
}

/* Of the processor, per mille. */
static int share_of(pid_t tid)
{
	uint64_t cpu = thread_cpu_time(tid);
	double from = clock_ms();

	usleep(SHARE_MS * 1000);
	return (thread_cpu_time(tid) - cpu) / 1000 / (clock_ms() - from);
}

/* Control: before they are served each of the six threads has a sixth. */
TEST_F(two_vms, keep_theirs_and_a_third_is_refused)
{
	int share = share_of(self->tid[0]);

	say("not served: %d per mille", share);
	EXPECT_GT(250, share);
	for (int i = 0; i < 2; i++)
		ASSERT_TRUE(wait_until(!schednl_reserve_vcpu(&self->nl, self->fd[i], 0, 4 * MS),
				       2000))
			TH_LOG("%s", self->nl.text);
	EXPECT_EQ(-EBUSY, schednl_reserve_vcpu(&self->nl, self->fd[2], 0, 2 * MS));
	EXPECT_NE(NULL, strstr(self->nl.text, "CPU 0: 20.0 % asked, 80.0 % of 9"))
		TH_LOG("%s", self->nl.text);
	for (int i = 0; i < 2; i++) {
		share = share_of(self->tid[i]);
		say("VM %d: %d per mille", i, share);
		EXPECT_LE(390, share);
		EXPECT_GE(410, share);
	}
}

TEST_HARNESS_MAIN
