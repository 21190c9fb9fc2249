// SPDX-License-Identifier: GPL-2.0
/*
 * The priority that a boost lends. Others change the policy of the thread while
 * windows open and end: what they set stays, whenever they did so.
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "clock.h"
#include "kmod.h"
#include "random.h"
#include "report.h"
#include "schednl.h"
#include "sysfs.h"
#include "thread.h"

#define CHANGES	3000
#define LENT	(-2)	/* SCHED_FIFO 1, in /proc/PID/stat */
#define SEEN_MS	3000

FIXTURE(others) {
	struct genl nl;
	struct random random;
	struct own own;
	pid_t pid;
};

FIXTURE_SETUP(others)
{
	self->random.state = 60;
	ASSERT_EQ(0, schednl_open(&self->nl));
	/* a window each millisecond, most of which end before the thread sleeps */
	self->pid = thread_start(150, 300);
	ASSERT_LT(0, self->pid);
	ASSERT_EQ(0, thread_own(self->pid, &self->own));
}

FIXTURE_TEARDOWN(others)
{
	thread_kill(self->pid);
	genl_close(&self->nl);
	EXPECT_EQ(0, kmod_unload(MODULE));
}

static int change(struct random *r, pid_t pid, struct own *own)
{
	static const int policies[] = { SCHED_OTHER, SCHED_BATCH, SCHED_IDLE, SCHED_RR };

	own->policy = policies[random_range(r, 0, 3)];
	own->prio = own->policy == SCHED_RR ? 7 : 0;
	if (own->policy == SCHED_OTHER || own->policy == SCHED_BATCH)
		own->nice = random_range(r, 0, 19);
	return thread_policy(pid, own->policy, own->nice, own->prio);
}

static bool same(pid_t pid, const struct own *own)
{
	struct own now;

	return !thread_own(pid, &now) && now.policy == own->policy && now.nice == own->nice &&
	       now.prio == own->prio;
}

TEST_F_TIMEOUT(others, what_they_set_stays, 300)
{
	struct schednl_target t;
	long n = clock_rounds(CHANGES), lost = 0;

	ASSERT_EQ(0, schednl_boost(&self->nl, self->pid, 100000, 1 * MS));
	for (long i = 0; i < n; i++) {
		ASSERT_EQ(0, change(&self->random, self->pid, &self->own));
		usleep(random_range(&self->random, 0, 1000));
		lost += !same(self->pid, &self->own);
	}
	ASSERT_EQ(0, schednl_get(&self->nl, self->pid, &t));
	say("%ld changes, %llu windows, %ld lost", n, (unsigned long long)t.windows, lost);
	EXPECT_EQ(0, lost);
	EXPECT_LT(n / 10, (long)t.windows);
	EXPECT_EQ(0, schednl_del(&self->nl, self->pid));
}

/* Its effective priority as the kernel tells it: 20 + nice, below 0 if real-time. */
static int effective(pid_t pid)
{
	char text[512], *after;
	int prio = 99;

	if (sysfs_read(text, sizeof(text), "/proc/%d/stat", pid) <= 0)
		return prio;
	after = strrchr(text, ')');
	if (after)
		sscanf(after + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %d",
		       &prio);
	return prio;
}

/* Windows have the priority, nothing has it after them, and the policy never changes. */
TEST_F(others, a_loan_is_seen_and_ends)
{
	ASSERT_EQ(20, effective(self->pid));
	ASSERT_EQ(0, schednl_boost(&self->nl, self->pid, 4 * MS, 5 * MS));
	EXPECT_TRUE(wait_until(effective(self->pid) == LENT, SEEN_MS * clock_scale()));
	EXPECT_TRUE(same(self->pid, &self->own));
	ASSERT_EQ(0, schednl_del(&self->nl, self->pid));
	EXPECT_EQ(20, effective(self->pid));
	EXPECT_TRUE(same(self->pid, &self->own));
}

TEST_HARNESS_MAIN
