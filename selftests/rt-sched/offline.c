// SPDX-License-Identifier: GPL-2.0
/*
 * A CPU goes offline while a thread that is bound to it is reserved and throttled,
 * and slowly: the kernel's timer that replenishes the thread comes when the scheduler
 * has let go of the CPU and nobody else has heard of it. It must find the thread a CPU;
 * without the module's mend it warns there: offline_bare shows it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "clock.h"
#include "kmod.h"
#include "offline.h"
#include "report.h"
#include "schednl.h"
#include "sysfs.h"
#include "thread.h"

FIXTURE(offline) {
	struct genl nl;
	pid_t pid;
};

FIXTURE_VARIANT(offline) {
	int cpu;		/* that the administrator names */
	unsigned long cpus;	/* that the thread has of its own */
};

FIXTURE_VARIANT_ADD(offline, pinned) { .cpu = 1, .cpus = 3 };
FIXTURE_VARIANT_ADD(offline, bound) { .cpu = SCHEDNL_NONE, .cpus = 2 };
FIXTURE_VARIANT_ADD(offline, both) { .cpu = 1, .cpus = 2 };

FIXTURE_SETUP(offline)
{
	ASSERT_EQ(0, schednl_open(&self->nl));
	ASSERT_EQ(0, offline_slow());
	self->pid = thread_start(1000, 0);
	ASSERT_LT(0, self->pid);
	ASSERT_EQ(0, thread_cpus(self->pid, variant->cpus));
}

FIXTURE_TEARDOWN(offline)
{
	cpu_online(OFFLINE_CPU, true);
	thread_kill(self->pid);
	genl_close(&self->nl);
	EXPECT_EQ(0, kmod_unload(OFFLINE_SLOW));
	EXPECT_EQ(0, kmod_unload(MODULE));
}

static bool progresses(pid_t pid)
{
	uint64_t before = thread_cpu_time(pid);

	return wait_until(thread_cpu_time(pid) > before, OFFLINE_SEEN_MS * clock_scale());
}

TEST_F_TIMEOUT(offline, throttled, 120)
{
	char slowed[16];

	ASSERT_EQ(0, schednl_reserve(&self->nl, self->pid, OFFLINE_RUNTIME, OFFLINE_PERIOD,
				     variant->cpu));
	for (int i = 0; i < OFFLINE_ROUNDS; i++) {
		ASSERT_TRUE(offline_waits(&self->nl, self->pid));
		usleep(offline_moment(i));
		ASSERT_EQ(0, cpu_online(OFFLINE_CPU, false));
		EXPECT_TRUE(progresses(self->pid));
		ASSERT_EQ(0, cpu_online(OFFLINE_CPU, true));
	}
	EXPECT_TRUE(offline_waits(&self->nl, self->pid));
	ASSERT_LT(0, sysfs_read(slowed, sizeof(slowed),
				"/sys/module/" OFFLINE_SLOW "/parameters/slowed"));
	EXPECT_EQ(OFFLINE_ROUNDS, atoi(slowed));
	EXPECT_EQ(0, schednl_del(&self->nl, self->pid));
}

TEST_HARNESS_MAIN
