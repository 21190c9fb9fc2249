// SPDX-License-Identifier: GPL-2.0
/*
 * Wrong values are refused with the limit in the text, over-commit with the
 * numbers, and nothing changes by any of it. Right at the limits they are taken.
 */
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "clock.h"
#include "kmod.h"
#include "report.h"
#include "schednl.h"
#include "thread.h"

#define NOBODY	65534
#define BY_IRQ	DIO_SCHED_SOURCE_IRQ
#define BY_WAKE	DIO_SCHED_SOURCE_WAKE

FIXTURE(refused) {
	struct genl nl;
	pid_t pid, more[2];
	struct own own;
};

FIXTURE_SETUP(refused)
{
	ASSERT_EQ(0, schednl_open(&self->nl));
	self->pid = thread_start(200, 2000);
	self->more[0] = thread_start(200, 2000);
	self->more[1] = thread_start(200, 2000);
	ASSERT_LT(0, self->pid);
	ASSERT_EQ(0, thread_own(self->pid, &self->own));
}

FIXTURE_TEARDOWN(refused)
{
	thread_kill(self->pid);
	thread_kill(self->more[0]);
	thread_kill(self->more[1]);
	genl_close(&self->nl);
	EXPECT_EQ(0, kmod_unload(MODULE));
}

/* Rows override the macro's defaults on purpose. */
#pragma GCC diagnostic ignored "-Woverride-init"

#define SET(...) (struct schednl_set)						\
	{ .vm_fd = SCHEDNL_NONE, .cpu = SCHEDNL_NONE, .source = SCHEDNL_NONE,	\
	  .irq = SCHEDNL_NONE, .share = SCHEDNL_NONE, .margin = SCHEDNL_NONE,	\
	  .reclaim = SCHEDNL_NONE, .force = SCHEDNL_NONE, __VA_ARGS__ }
#define RESERVE(...) SET(.mode = DIO_SCHED_MODE_RESERVE, __VA_ARGS__)
#define BOOST(...) SET(.mode = DIO_SCHED_MODE_BOOST, __VA_ARGS__)

/* tid 0 stands for the test's thread */
static const struct {
	struct schednl_set set;
	int error;
	const char *text;
} wrong[] = {
	{ RESERVE(.runtime = 1023, .period = 5 * MS), -EINVAL, "1023 ns: at least 1024 ns" },
	{ RESERVE(.runtime = 5 * MS + 1, .period = 5 * MS),
	  -EINVAL, "at most the period, 5000000" },
	{ RESERVE(.runtime = 2000, .period = 99999), -EINVAL, "99999 ns: at least 100000 ns" },
	{ RESERVE(.runtime = 1 * MS, .period = 4194304001ULL), -EINVAL, "most 4194304000" },
	{ RESERVE(.runtime = 1 * MS), -EINVAL, "runtime and period are needed" },
	{ RESERVE(.runtime = 1 * MS, .period = 5 * MS, .cpu = 99), -EINVAL, "99: is not online" },
	{ RESERVE(.runtime = 1 * MS, .period = 5 * MS, .source = BY_IRQ),
	  -EINVAL, "irq: the number" },
	{ RESERVE(.runtime = 1 * MS, .period = 5 * MS, .irq = 9999, .source = BY_IRQ),
	  -ENOENT, "irq 9999: no such" },
	{ RESERVE(.runtime = 1 * MS, .period = 5 * MS, .source = DIO_SCHED_SOURCE_DEVICE),
	  -EINVAL, "addr: the PCI address" },
	{ RESERVE(.runtime = 1 * MS, .period = 5 * MS, .source = DIO_SCHED_SOURCE_DEVICE,
		  .addr = "nonsense"), -EINVAL, "nonsense: not a PCI address" },
	{ RESERVE(.runtime = 1 * MS, .period = 5 * MS, .source = DIO_SCHED_SOURCE_DEVICE,
		  .addr = "0000:7f:1f.7"), -ENODEV, "0000:7f:1f.7: no such" },
	{ RESERVE(.runtime = 1 * MS, .period = 5 * MS, .vm_fd = 0), -EINVAL, "vm-fd 0: not a" },
	{ RESERVE(.runtime = 1 * MS, .period = 5 * MS, .vm_fd = 77), -EINVAL, "vm-fd 77: not a" },
	{ RESERVE(.runtime = 4990000, .period = 5 * MS), -EBUSY, "99.8 % asked" },
	{ RESERVE(.tid = 2, .runtime = 1 * MS, .period = 5 * MS), -EPERM, "to the kernel" },
	{ RESERVE(.tid = 4000000, .runtime = 1 * MS, .period = 5 * MS), -ESRCH, "there is none" },
	{ BOOST(.runtime = 1 * MS, .period = 5 * MS), -EINVAL, "only a reserve does without" },
	{ BOOST(.runtime = 6 * MS, .period = 5 * MS, .source = BY_WAKE),
	  -EINVAL, "at most the period" },
	{ SET(.mode = DIO_SCHED_MODE_AUTO), -EINVAL, "only a reserve does without" },
	{ SET(.mode = DIO_SCHED_MODE_AUTO, .source = BY_WAKE, .runtime = 1 * MS),
	  -EINVAL, "are for reserve and boost" },
	/* these by the generated policy, which tells the range apart from the text */
	{ SET(.mode = 4), -ERANGE, "" },
	{ SET(.mode = DIO_SCHED_MODE_AUTO, .source = 4), -ERANGE, "" },
	{ SET(.mode = DIO_SCHED_MODE_AUTO, .source = BY_WAKE, .share = 91), -ERANGE, "" },
	{ SET(.mode = DIO_SCHED_MODE_AUTO, .source = BY_WAKE, .share = 0), -ERANGE, "" },
	{ SET(.mode = DIO_SCHED_MODE_AUTO, .source = BY_WAKE, .margin = 401), -ERANGE, "" },
};

TEST_F(refused, wrong_values)
{
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct schednl_set set = wrong[i].set;

		if (!set.tid && set.vm_fd == SCHEDNL_NONE)
			set.tid = self->pid;
		EXPECT_EQ(wrong[i].error, schednl_set(&self->nl, &set))
			TH_LOG("row %zu: %s", i, self->nl.text);
		EXPECT_NE(NULL, strstr(self->nl.text, wrong[i].text))
			TH_LOG("row %zu: \"%s\" has no \"%s\"", i, self->nl.text, wrong[i].text);
		EXPECT_EQ(0, schednl_count(&self->nl));
	}
	EXPECT_TRUE(thread_is(self->pid, &self->own, true));
}

TEST_F(refused, right_at_the_limits)
{
	static const struct { uint64_t runtime, period; } right[] = {
		{ 1024, 100000 }, { 1024, 4194304000ULL }, { 80000, 100000 }, { 89 * MS, 100 * MS },
	};

	for (size_t i = 0; i < ARRAY_SIZE(right); i++) {
		EXPECT_EQ(0, schednl_reserve(&self->nl, self->pid, right[i].runtime,
					     right[i].period, SCHEDNL_NONE))
			TH_LOG("row %zu: %s", i, self->nl.text);
		EXPECT_EQ(0, schednl_del(&self->nl, self->pid));
		EXPECT_TRUE(thread_is(self->pid, &self->own, true));
	}
}

/* Two keep what they were promised, a third is told why not; boost counts alike. */
TEST_F(refused, over_commit_of_a_cpu)
{
	struct schednl_admit admit;
	struct schednl_target t;
	struct own own;

	for (int i = 0; i < 2; i++)
		ASSERT_EQ(0, thread_cpus(self->more[i], 1));
	ASSERT_EQ(0, thread_cpus(self->pid, 1));
	ASSERT_EQ(0, thread_own(self->pid, &own));
	ASSERT_EQ(0, schednl_reserve(&self->nl, self->more[0], 4 * MS, 10 * MS, SCHEDNL_NONE))
		TH_LOG("%s", self->nl.text);
	ASSERT_EQ(0, schednl_boost(&self->nl, self->more[1], 4 * MS, 10 * MS));
	EXPECT_EQ(-EBUSY, schednl_reserve(&self->nl, self->pid, 2 * MS, 10 * MS, SCHEDNL_NONE));
	EXPECT_NE(NULL, strstr(self->nl.text, "CPU 0: 20.0 % asked, 80.0 % of 9"))
		TH_LOG("%s", self->nl.text);
	EXPECT_EQ(-EBUSY, schednl_boost(&self->nl, self->pid, 2 * MS, 10 * MS));
	EXPECT_TRUE(thread_is(self->pid, &own, true));
	/* a set command on a thread that is served fails whole, too */
	EXPECT_EQ(-EBUSY, schednl_reserve(&self->nl, self->more[1], 6 * MS, 10 * MS, SCHEDNL_NONE));
	ASSERT_EQ(0, schednl_get(&self->nl, self->more[1], &t));
	EXPECT_EQ(DIO_SCHED_MODE_BOOST, t.mode);
	EXPECT_EQ(DIO_SCHED_STATE_ACTIVE, t.state);
	EXPECT_EQ(4 * MS, t.runtime);
	EXPECT_EQ(0, schednl_admit(&self->nl, 0, 2 * MS, 10 * MS, &admit));
	EXPECT_FALSE(admit.fits);
	EXPECT_EQ(2, schednl_count(&self->nl));
	/* the other CPU has room */
	ASSERT_EQ(0, thread_cpus(self->pid, 3));
	EXPECT_EQ(0, schednl_reserve(&self->nl, self->pid, 2 * MS, 10 * MS, 1))
		TH_LOG("%s", self->nl.text);
	EXPECT_EQ(0, schednl_admit(&self->nl, 1, 2 * MS, 10 * MS, &admit));
	EXPECT_TRUE(admit.fits);
}

/* What fits the root domain need not fit a CPU: the kernel asks the former alone. */
TEST_F(refused, a_root_domain_is_not_enough)
{
	ASSERT_EQ(0, schednl_reserve(&self->nl, self->more[0], 6 * MS, 10 * MS, 1));
	/* the kernel takes back what the last test's tasks had at the end of their periods */
	EXPECT_TRUE(wait_until(!schednl_reserve(&self->nl, self->more[1], 6 * MS, 10 * MS,
						SCHEDNL_NONE), 5000))
		TH_LOG("%s", self->nl.text);
	EXPECT_EQ(-EBUSY, schednl_reserve(&self->nl, self->more[1], 6 * MS, 10 * MS, 1));
	EXPECT_NE(NULL, strstr(self->nl.text, "CPU 1: 60.0 % asked, 60.0 %"))
		TH_LOG("%s", self->nl.text);
	EXPECT_EQ(0, schednl_reserve(&self->nl, self->more[1], 6 * MS, 10 * MS, 0));
}

/* Deadline tasks of others are the kernel's to count, and it does. */
TEST_F(refused, deadlines_of_others)
{
	/* the kernel takes back what a dead task had at the end of its period */
	ASSERT_TRUE(wait_until(!thread_deadline(self->more[0], 80 * MS, 100 * MS), 5000));
	ASSERT_TRUE(wait_until(!thread_deadline(self->more[1], 70 * MS, 100 * MS), 5000));
	EXPECT_EQ(-EBUSY, schednl_reserve(&self->nl, self->pid, 50 * MS, 100 * MS, 1));
	EXPECT_NE(NULL, strstr(self->nl.text, "the kernel's admission refused it"))
		TH_LOG("%s", self->nl.text);
	EXPECT_TRUE(thread_is(self->pid, &self->own, true));
	EXPECT_EQ(-EBUSY, schednl_reserve(&self->nl, self->more[0], 1 * MS, 10 * MS, SCHEDNL_NONE));
	EXPECT_NE(NULL, strstr(self->nl.text, "SCHED_DEADLINE already"));
}

TEST_F(refused, threads_of_others)
{
	ASSERT_EQ(0, thread_policy(self->pid, SCHED_FIFO, 0, 5));
	EXPECT_EQ(-EBUSY, schednl_boost(&self->nl, self->pid, 1 * MS, 10 * MS));
	EXPECT_NE(NULL, strstr(self->nl.text, "is real-time already"));
	EXPECT_EQ(-ENOENT, schednl_del(&self->nl, self->pid));
	EXPECT_NE(NULL, strstr(self->nl.text, "is not served"));
}

/* Without the privilege of the network, and with it but without the scheduler's. */
TEST_F(refused, no_privilege)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		struct genl nl;
		int bad = schednl_open(&nl);

		if (!bad && setresuid(NOBODY, NOBODY, NOBODY))
			bad = 1;
		bad = bad || schednl_count(&nl) || schednl_del(&nl, self->pid) != -EPERM ||
		      schednl_boost(&nl, self->pid, 1 * MS, 5 * MS) != -EPERM;
		_exit(bad);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	EXPECT_TRUE(thread_is(self->pid, &self->own, true));
}

TEST_HARNESS_MAIN
