// SPDX-License-Identifier: GPL-2.0
/*
 * A CPU goes offline while a thread that is bound to it is reserved and throttled,
 * and slowly: the kernel's timer that replenishes the thread comes when the scheduler
 * has let go of the CPU and nobody else has heard of it. It must find the thread a CPU;
 * without the module's mend it warns there, which fails the run.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "clock.h"
#include "kmod.h"
#include "report.h"
#include "schednl.h"
#include "sysfs.h"
#include "thread.h"

#define SLOW		"dio_slow_offline"
#define SLOW_MS		"60"
#define RUNTIME		(2 * MS)
#define PERIOD		(40 * MS)
#define ROUNDS		6
#define SEEN_MS		5000

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
	ASSERT_EQ(0, kmod_load(SLOW));
	ASSERT_EQ(0, sysfs_write(SLOW_MS, "/sys/module/" SLOW "/parameters/ms"));
	self->pid = thread_start(1000, 0);
	ASSERT_LT(0, self->pid);
	ASSERT_EQ(0, thread_cpus(self->pid, variant->cpus));
}

FIXTURE_TEARDOWN(offline)
{
	cpu_online(1, true);
	thread_kill(self->pid);
	genl_close(&self->nl);
	EXPECT_EQ(0, kmod_unload(SLOW));
	EXPECT_EQ(0, kmod_unload(MODULE));
}

static bool active(struct genl *nl, pid_t pid)
{
	struct schednl_target t;

	return !schednl_get(nl, pid, &t) && t.state == DIO_SCHED_STATE_ACTIVE;
}

static bool runs_on_cpu1(pid_t pid)
{
	struct own own;

	return !thread_own(pid, &own) && own.cpus == 2;
}

static bool progresses(pid_t pid)
{
	uint64_t before = thread_cpu_time(pid);

	return wait_until(thread_cpu_time(pid) > before, SEEN_MS * clock_scale());
}

TEST_F_TIMEOUT(offline, throttled, 120)
{
	char slowed[16];

	ASSERT_EQ(0, schednl_reserve(&self->nl, self->pid, RUNTIME, PERIOD, variant->cpu));
	for (int i = 0; i < ROUNDS; i++) {
		ASSERT_TRUE(wait_until(active(&self->nl, self->pid) && runs_on_cpu1(self->pid),
				       SEEN_MS * clock_scale()));
		/* throttled for most of a period; another moment of it each time */
		usleep(PERIOD / 1000 * (1 + i) / ROUNDS);
		ASSERT_EQ(0, cpu_online(1, false));
		EXPECT_TRUE(progresses(self->pid));
		ASSERT_EQ(0, cpu_online(1, true));
	}
	EXPECT_TRUE(wait_until(active(&self->nl, self->pid) && runs_on_cpu1(self->pid),
			       SEEN_MS * clock_scale()));
	ASSERT_LT(0, sysfs_read(slowed, sizeof(slowed), "/sys/module/" SLOW "/parameters/slowed"));
	EXPECT_STREQ("6", slowed);
	EXPECT_EQ(0, schednl_del(&self->nl, self->pid));
}

TEST_HARNESS_MAIN
