// SPDX-License-Identifier: GPL-2.0
/*
 * The control of `offline`: dio_sched without its mend. The timer that replenishes a
 * throttled thread comes in the slow going of its one CPU and warns, which ends the
 * machine.
 */
#include <unistd.h>

#include "kselftest_harness.h"
#include "kmod.h"
#include "kmsg.h"
#include "offline.h"
#include "schednl.h"
#include "thread.h"

/* The moment is missed where the host of the rig is busy. */
#define ROUNDS_MAX	(4 * OFFLINE_ROUNDS)

TEST(warns)
{
	struct genl nl;
	pid_t pid;

	ASSERT_EQ(0, kmod_load("dio_sched_offline_bare"));
	ASSERT_EQ(0, genl_open(&nl, DIO_SCHED_FAMILY_NAME, DIO_SCHED_MCGRP_EVENTS));
	ASSERT_EQ(0, offline_slow());
	pid = thread_start(1000, 0);
	ASSERT_LT(0, pid);
	/* the function is dl_task_timer(), with dl_task_offline_migration() in it or not */
	ASSERT_EQ(0, kmsg_ends_machine("kernel/sched/deadline.c"));
	for (int i = 0; i < ROUNDS_MAX; i++) {
		/* as a fair one: the kernel binds no deadline task to less than all CPUs */
		ASSERT_EQ(0, thread_cpus(pid, 1UL << OFFLINE_CPU));
		ASSERT_EQ(0, schednl_reserve(&nl, pid, OFFLINE_RUNTIME, OFFLINE_PERIOD,
					     SCHEDNL_NONE));
		ASSERT_TRUE(offline_waits(&nl, pid));
		usleep(offline_moment(i % OFFLINE_ROUNDS));
		ASSERT_EQ(0, cpu_online(OFFLINE_CPU, false));
		ASSERT_EQ(0, cpu_online(OFFLINE_CPU, true));
		ASSERT_EQ(0, schednl_del(&nl, pid));
	}
	ASSERT_TRUE(false) {
		TH_LOG("the machine is still there");
	}
}

TEST_HARNESS_MAIN
