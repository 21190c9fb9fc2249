// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's own books of what deadline threads were promised (debugfs, total_bw
 * of a root domain): no command of the module changes them but by what it promises,
 * and what was promised is taken back. Limits that an administrator changes are
 * followed at once. Control: a read of sched_rt_runtime_us, which the module must
 * not do, changes the books of 6.12.
 */
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "clock.h"
#include "kmod.h"
#include "report.h"
#include "schednl.h"
#include "sysfs.h"
#include "thread.h"

#define BOOKS		"/sys/kernel/debug/sched/debug"
#define RT_RUNTIME	"/proc/sys/kernel/sched_rt_runtime_us"
#define LETS_GO		300
#define BACK_MS		3000
#define UNKNOWN		LONG_MIN

/* In units of 2^-20 of a CPU. */
static long total_bw(void)
{
	static const char key[] = "  .dl_bw->total_bw";
	FILE *f = fopen(BOOKS, "r");
	char line[256];
	long total = UNKNOWN;

	while (f && total == UNKNOWN && fgets(line, sizeof(line), f))
		if (!strncmp(line, key, strlen(key)))
			total = atol(strchr(line, ':') + 1);
	if (f)
		fclose(f);
	return total;
}

FIXTURE(books) {
	struct genl nl;
	pid_t pid;
	long before;
};

FIXTURE_SETUP(books)
{
	ASSERT_EQ(0, schednl_open(&self->nl));
	self->pid = thread_start(200, 2000);
	ASSERT_LT(0, self->pid);
	self->before = total_bw();
	ASSERT_NE(UNKNOWN, self->before);
}

FIXTURE_TEARDOWN(books)
{
	thread_kill(self->pid);
	genl_close(&self->nl);
	EXPECT_EQ(0, kmod_unload(MODULE));
}

static bool is_back(long before)
{
	return wait_until(total_bw() == before, BACK_MS);
}

TEST_F(books, a_question_costs_nothing)
{
	struct schednl_admit admit;

	for (int i = 0; i < 5; i++)
		ASSERT_EQ(0, schednl_admit(&self->nl, i & 1, 2 * MS, 10 * MS, &admit));
	EXPECT_EQ(self->before, total_bw());
}

TEST_F(books, what_is_promised_is_taken_back)
{
	const long tenth = (1 << 20) / 10;

	ASSERT_EQ(0, schednl_reserve(&self->nl, self->pid, 1 * MS, 10 * MS, SCHEDNL_NONE));
	EXPECT_EQ(self->before + tenth, total_bw());
	ASSERT_EQ(0, schednl_del(&self->nl, self->pid));
	EXPECT_TRUE(is_back(self->before))
		TH_LOG("%ld, was %ld", total_bw(), self->before);
	for (int i = 1; i < 6; i++) {
		ASSERT_EQ(0, schednl_reserve(&self->nl, self->pid, i * MS, 10 * MS, SCHEDNL_NONE));
		ASSERT_EQ(0, schednl_boost(&self->nl, self->pid, 1 * MS, 10 * MS));
	}
	thread_kill(self->pid);
	self->pid = thread_start(200, 2000);
	EXPECT_TRUE(is_back(self->before))
		TH_LOG("%ld, was %ld", total_bw(), self->before);
}

/* At whatever moment of its sleep a thread is let go: one that the kernel forgets costs 60 %. */
TEST_F_TIMEOUT(books, asleep_or_about_to_be, 120)
{
	long n = clock_rounds(LETS_GO);

	for (long i = 0; i < n; i++) {
		ASSERT_EQ(0, schednl_reserve(&self->nl, self->pid, 600000, 1 * MS, SCHEDNL_NONE))
			TH_LOG("%ld: %s", i, self->nl.text);
		usleep(i * 37 % 2500);
		ASSERT_EQ(0, schednl_del(&self->nl, self->pid));
	}
	EXPECT_TRUE(is_back(self->before))
		TH_LOG("%ld, was %ld", total_bw(), self->before);
}

/* While its last period runs a dead thread is on the books; commands leave it there. */
TEST_F(books, the_dead_are_taken_back_once)
{
	struct schednl_admit admit;

	for (int i = 0; i < 5; i++) {
		pid_t pid = thread_start(200, 2000);

		ASSERT_EQ(0, schednl_reserve(&self->nl, pid, 300 * MS, 1000 * MS, SCHEDNL_NONE));
		thread_kill(pid);
		ASSERT_EQ(0, schednl_admit(&self->nl, 0, 2 * MS, 10 * MS, &admit));
		EXPECT_TRUE(is_back(self->before))
			TH_LOG("%ld, was %ld", total_bw(), self->before);
	}
}

static bool runs(pid_t pid)
{
	uint64_t from = thread_cpu_time(pid);

	return wait_until(thread_cpu_time(pid) > from + 20 * MS, BACK_MS);
}

/*
 * A thread that leaves throttled runs when it is reserved again. Control: without the
 * module the kernel never replenishes it, nor can it be killed, until it leaves again.
 */
TEST_F(books, throttled_and_back)
{
	pid_t pid = thread_start(1000, 0);

	ASSERT_EQ(0, thread_deadline(pid, 1 * MS, 100 * MS));
	usleep(50000);
	ASSERT_EQ(0, thread_policy(pid, SCHED_OTHER, 0, 0));
	usleep(150000);
	ASSERT_EQ(0, thread_deadline(pid, 50 * MS, 100 * MS));
	say("control: the thread %s", runs(pid) ? "runs" : "never runs again");
	ASSERT_EQ(0, thread_policy(pid, SCHED_OTHER, 0, 0));
	thread_kill(pid);
	pid = thread_start(1000, 0);
	for (int i = 0; i < 3; i++) {
		ASSERT_EQ(0, schednl_reserve(&self->nl, pid, 1 * MS, 100 * MS, SCHEDNL_NONE));
		usleep(50000);
		ASSERT_EQ(0, schednl_del(&self->nl, pid));
		usleep(50000 * i);
		ASSERT_EQ(0, schednl_reserve(&self->nl, pid, 50 * MS, 100 * MS, SCHEDNL_NONE));
		EXPECT_TRUE(runs(pid));
		ASSERT_EQ(0, schednl_del(&self->nl, pid));
	}
	thread_kill(pid);
	EXPECT_TRUE(is_back(self->before))
		TH_LOG("%ld, was %ld", total_bw(), self->before);
}

/* Last in this file: on 6.12 the kernel's books are wrong after it. */
TEST_F(books, limits_are_followed)
{
	struct schednl_admit before, less;
	char own[32];

	ASSERT_EQ(0, schednl_admit(&self->nl, 0, 1 * MS, 10 * MS, &before));
	ASSERT_LT(0, sysfs_read(own, sizeof(own), RT_RUNTIME));
	say("total_bw after a read of sched_rt_runtime_us by the administrator: %ld, was %ld",
	    total_bw(), self->before);
	ASSERT_EQ(0, sysfs_write("500000", RT_RUNTIME));
	EXPECT_EQ(0, schednl_admit(&self->nl, 0, 1 * MS, 10 * MS, &less));
	EXPECT_EQ(0, sysfs_write(own, RT_RUNTIME));
	EXPECT_EQ(0, schednl_admit(&self->nl, 0, 1 * MS, 10 * MS, &before));
	EXPECT_EQ((before.limit - less.limit) >> 12, ((atol(own) - 500000L) << 20) / 1000000)
		TH_LOG("limit %llx, with 500000 %llx", (unsigned long long)before.limit,
		       (unsigned long long)less.limit);
}

TEST_HARNESS_MAIN
