// SPDX-License-Identifier: GPL-2.0
/*
 * The estimator in the kernel, on real wake-ups: a thread that a timer wakes each 1 to
 * 100 ms is seen within 2 s, and 500 wake-ups in a row are not followed. Times are the
 * machine's, which are its instructions. unit_estimate has all the cases.
 */
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "clock.h"
#include "kmod.h"
#include "report.h"
#include "schednl.h"
#include "sysfs.h"
#include "thread.h"

#define SECOND		(1000 * MS)
#define BURST		500
#define BURST_NS	20000
#define LIMIT_S		2

static const unsigned int periods_ms[] = { 1, 2, 5, 10, 20, 50, 100 };

FIXTURE(estimator) {
	struct genl nl;
	volatile int *burst;	/* wake-ups in a row that the device is to make */
	pid_t pid;
};

FIXTURE_SETUP(estimator)
{
	ASSERT_EQ(0, schednl_open(&self->nl));
	self->burst = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, (void *)self->burst);
}

FIXTURE_TEARDOWN(estimator)
{
	genl_close(&self->nl);
	EXPECT_EQ(0, kmod_unload(MODULE));
}

static void until(struct timespec *t, unsigned long ns)
{
	t->tv_nsec += ns;
	if (t->tv_nsec >= (long)SECOND) {
		t->tv_nsec -= SECOND;
		t->tv_sec++;
	}
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, t, NULL);
}

/* A thread that is woken each @ns as a device's interrupts would wake it. */
static pid_t device_start(unsigned long ns, volatile int *burst)
{
	/* where the way to the timer takes longer than this nothing sleeps */
	unsigned long burst_ns = BURST_NS * clock_scale();
	struct timespec t, now;
	pid_t pid = fork();

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_TIMERSLACK, 1);
	clock_gettime(CLOCK_MONOTONIC, &t);
	for (;;) {
		for (; *burst; --*burst) {
			clock_gettime(CLOCK_MONOTONIC, &now);
			until(&now, burst_ns);
			t = now;
		}
		until(&t, ns);
	}
}

static bool near(struct genl *nl, pid_t pid, uint64_t period, const char *when)
{
	struct schednl_target t;

	if (schednl_get(nl, pid, &t))
		return false;
	if (t.est_period >= period - period / 10 && t.est_period <= period + period / 10)
		return true;
	say("%llu ns, %s: %llu ns estimated", (unsigned long long)period, when,
	    (unsigned long long)t.est_period);
	return false;
}

static uint64_t wakes(struct genl *nl, pid_t pid)
{
	struct schednl_target t;

	return schednl_get(nl, pid, &t) ? 0 : t.interrupts;
}

static void pause_for(uint64_t ns)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += ns / SECOND;
	until(&t, ns % SECOND);
}

/* How often it went to sleep: one that is late has no sleep where two times have passed. */
static uint64_t sleeps(pid_t pid)
{
	unsigned long long n = 0;
	char text[4096], *at;

	sysfs_read(text, sizeof(text), "/proc/%d/status", pid);
	at = strstr(text, "\nvoluntary_ctxt_switches:");
	if (at)
		sscanf(at, " voluntary_ctxt_switches: %llu", &n);
	return n;
}

/* All of a burst has been made, and a period more: is each wake-up of it known? */
static bool burst(struct genl *nl, pid_t pid, volatile int *left, uint64_t period)
{
	uint64_t seen = wakes(nl, pid), slept = sleeps(pid);

	*left = BURST;
	while (*left)
		pause_for(period);
	pause_for(period);
	slept = sleeps(pid) - slept;
	seen = wakes(nl, pid) - seen;
	if (slept < BURST)
		say("a burst of %llu, of %d", (unsigned long long)slept, BURST);
	/* it may be asleep at the first look and awake at the last */
	return slept > BURST / 2 && seen + 1 >= slept;
}

TEST_F_TIMEOUT(estimator, two_seconds_and_a_burst, 120)
{
	struct schednl_set set = SCHEDNL_SET;

	set.mode = DIO_SCHED_MODE_OBSERVE;
	set.source = DIO_SCHED_SOURCE_WAKE;
	for (size_t i = 0; i < ARRAY_SIZE(periods_ms); i++) {
		uint64_t period = periods_ms[i] * MS;

		set.tid = device_start(period, self->burst);
		ASSERT_EQ(0, schednl_set(&self->nl, &set));
		pause_for(LIMIT_S * SECOND);
		EXPECT_TRUE(near(&self->nl, set.tid, period, "after 2 s"));
		EXPECT_TRUE(burst(&self->nl, set.tid, self->burst, period));
		EXPECT_TRUE(near(&self->nl, set.tid, period, "after a burst"));
		pause_for(SECOND);
		EXPECT_TRUE(near(&self->nl, set.tid, period, "a second later"));
		thread_kill(set.tid);
	}
}

/* The instrument tells 6 ms from 5. */
TEST_F(estimator, control)
{
	struct schednl_set set = SCHEDNL_SET;

	set.mode = DIO_SCHED_MODE_OBSERVE;
	set.source = DIO_SCHED_SOURCE_WAKE;
	set.tid = device_start(6 * MS, self->burst);
	ASSERT_EQ(0, schednl_set(&self->nl, &set));
	pause_for(LIMIT_S * SECOND);
	EXPECT_FALSE(near(&self->nl, set.tid, 5 * MS, "of a device of 6 ms"));
	thread_kill(set.tid);
}

TEST_HARNESS_MAIN
