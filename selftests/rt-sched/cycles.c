// SPDX-License-Identifier: GPL-2.0
/*
 * 500 random lives of a served thread, fewer off 6.12: it is reserved, boosted or
 * observed, pinned or not, and then ends, is reniced, gets other CPUs or another
 * policy from others, loses its CPU, is served otherwise, or the module is unloaded.
 * After each of them it is as it was, or as others made it. CYCLES sets how many.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "clock.h"
#include "kmod.h"
#include "random.h"
#include "report.h"
#include "schednl.h"
#include "thread.h"

#ifndef SCHED_DEADLINE
#define SCHED_DEADLINE	6
#endif

#define CYCLES		100	/* long_cycles.sh: 500 */
#define GONE_MS		3000
#define BOTH		3UL

enum act { END, KILL, RENICE, CPUS, POLICY, HOTPLUG, REPLACE, UNLOAD, ACTS };

static const char *const act_name[] = {
	"end", "kill", "renice", "cpus", "policy", "hotplug", "replace", "unload",
};

/* The costly ones come less often. */
static const enum act acts[] = {
	END, END, END, KILL, KILL, KILL, RENICE, RENICE, CPUS, CPUS, CPUS, POLICY, POLICY,
	HOTPLUG, REPLACE, REPLACE, UNLOAD,
};

struct life {
	struct genl nl;
	struct random random;
	pid_t pid;
	struct own own;		/* as it has to be at the end */
	int mode;
	bool pinned, cpus_known;
	unsigned int done[ACTS], taken;
};

FIXTURE(cycles) {
	struct life life;
};

FIXTURE_SETUP(cycles)
{
	self->life.random.state = 6;
	ASSERT_EQ(0, schednl_open(&self->life.nl));
}

FIXTURE_TEARDOWN(cycles)
{
	cpu_online(1, true);
	genl_close(&self->life.nl);
	EXPECT_EQ(0, kmod_unload(MODULE));
}

static int pick(struct life *l, int n)
{
	return random_range(&l->random, 0, n - 1);
}

/* A thread with a policy, a nice value and CPUs of its own. */
static bool begin(struct life *l)
{
	static const int policies[] = { SCHED_OTHER, SCHED_OTHER, SCHED_BATCH, SCHED_IDLE };
	int policy = policies[pick(l, 4)];
	unsigned long cpus = pick(l, 3) ? BOTH : 1UL << pick(l, 2);

	l->pid = thread_start(100 + pick(l, 400), pick(l, 4) ? 1000 : 0);
	l->cpus_known = true;
	return l->pid > 0 && !thread_policy(l->pid, policy, pick(l, 39) - 20, 0) &&
	       !thread_cpus(l->pid, cpus) && !thread_own(l->pid, &l->own);
}

static int serve(struct life *l)
{
	struct schednl_set set = SCHEDNL_SET;

	set.tid = l->pid;
	set.mode = pick(l, 4);
	l->mode = set.mode;
	if (set.mode == DIO_SCHED_MODE_RESERVE || set.mode == DIO_SCHED_MODE_BOOST) {
		set.period = MS + pick(l, 20) * MS;
		set.runtime = set.period / (4 + pick(l, 6));
	}
	if (set.mode != DIO_SCHED_MODE_RESERVE)
		set.source = pick(l, 2) ? DIO_SCHED_SOURCE_WAKE : DIO_SCHED_SOURCE_IRQ;
	if (set.source == DIO_SCHED_SOURCE_IRQ)
		set.irq = 0;	/* the timer's */
	l->pinned = l->own.cpus == BOTH && !pick(l, 3);
	if (l->pinned)
		set.cpu = pick(l, 2);
	return schednl_set(&l->nl, &set);
}

static int end_thread(struct life *l)
{
	thread_kill(l->pid);
	l->pid = 0;
	return wait_until(schednl_count(&l->nl) == 0, GONE_MS * clock_scale()) ? 0 : -ETIMEDOUT;
}

static int renice(struct life *l)
{
	int nice = pick(l, 39) - 20;
	int rc = thread_nice(l->pid, nice);

	l->own.nice = rc ? l->own.nice : nice;
	return rc;
}

/* The scheduler lets nobody change the CPUs of a deadline task. */
static int change_cpus(struct life *l)
{
	unsigned long cpus = 1 + pick(l, 3);
	int rc = thread_cpus(l->pid, cpus);

	if (!rc)
		l->own.cpus = cpus;
	/* others may set what the module had set: then it is taken back */
	l->cpus_known = !l->pinned || cpus == BOTH;
	return rc == -EBUSY ? 0 : rc;
}

static int change_policy(struct life *l)
{
	int rt = pick(l, 2), rc;

	rc = rt ? thread_policy(l->pid, SCHED_RR, 0, 7) :
		  thread_policy(l->pid, SCHED_BATCH, l->own.nice, 0);
	if (rc)
		return rc;
	l->own.policy = rt ? SCHED_RR : SCHED_BATCH;
	l->own.prio = rt ? 7 : 0;
	/* what others set is theirs, all of it */
	l->own.reset_on_fork = false;
	l->taken++;
	return 0;
}

static int hotplug(struct life *l)
{
	int rc = cpu_online(1, false);

	if (!rc)
		rc = cpu_online(1, true);
	/* the kernel gives a thread that had CPU 1 alone both, and they stay */
	l->cpus_known = l->own.cpus == BOTH;
	return rc == -EBUSY ? 0 : rc;
}

static int unload(struct life *l)
{
	int rc;

	genl_close(&l->nl);
	rc = kmod_unload(MODULE);
	if (!rc && !thread_is(l->pid, &l->own, l->cpus_known))
		rc = -EUCLEAN;
	return rc ? rc : schednl_open(&l->nl);
}

static int act(struct life *l, enum act what)
{
	switch (what) {
	case KILL:
		return end_thread(l);
	case RENICE:
		return renice(l);
	case CPUS:
		return change_cpus(l);
	case POLICY:
		return change_policy(l);
	case HOTPLUG:
		return hotplug(l);
	case REPLACE:
		return serve(l);
	case UNLOAD:
		return unload(l);
	default:
		return 0;
	}
}

static bool finish(struct life *l)
{
	int rc, left;
	bool same;

	if (!l->pid)
		return true;
	rc = schednl_del(&l->nl, l->pid);
	same = (!rc || rc == -ENOENT) && thread_is(l->pid, &l->own, l->cpus_known);
	thread_kill(l->pid);
	left = schednl_count(&l->nl);
	if (left || (rc && rc != -ENOENT))
		say("off: %s (%s), %d left", strerror(-rc), l->nl.text, left);
	return same && !left;
}

static bool live(struct life *l)
{
	enum act what = acts[pick(l, ARRAY_SIZE(acts))];
	int rc = -1;

	if (begin(l))
		rc = serve(l);
	if (!rc && pick(l, 2))
		usleep(1000 * pick(l, 20));
	if (!rc)
		rc = act(l, what);
	l->done[what]++;
	if (rc)
		say("mode %d, %s: %s (%s)", l->mode, act_name[what], strerror(-rc), l->nl.text);
	if (!finish(l) || rc) {
		say("mode %d%s, after %s", l->mode, l->pinned ? " pinned" : "", act_name[what]);
		return false;
	}
	return true;
}

TEST_F_TIMEOUT(cycles, five_hundred, 600)
{
	struct life *l = &self->life;
	const char *text = getenv("CYCLES");
	long n = text ? atol(text) : clock_scale() > 1 ? CYCLES / 2 : CYCLES;

	for (long i = 0; i < n; i++) {
		ASSERT_TRUE(live(l))
			TH_LOG("cycle %ld", i);
	}
	for (int i = 0; i < ACTS; i++)
		say("%s: %u", act_name[i], l->done[i]);
}

static bool in_state(struct life *l, pid_t pid, unsigned int state)
{
	struct schednl_target t;

	return !schednl_get(&l->nl, pid, &t) && t.state == state;
}

/* Its CPU goes: back to its own CPUs and policy. The CPU comes: reserved on it again. */
TEST_F(cycles, a_cpu_goes_and_comes)
{
	struct life *l = &self->life;
	struct own own, now;

	l->pid = thread_start(100, 1000);
	ASSERT_EQ(0, thread_own(l->pid, &own));
	ASSERT_EQ(0, schednl_reserve(&l->nl, l->pid, 1 * MS, 10 * MS, 1));
	ASSERT_EQ(0, cpu_online(1, false));
	EXPECT_TRUE(wait_until(in_state(l, l->pid, DIO_SCHED_STATE_SUSPENDED),
			       GONE_MS * clock_scale()));
	EXPECT_TRUE(thread_is(l->pid, &own, false));
	ASSERT_EQ(0, cpu_online(1, true));
	EXPECT_TRUE(wait_until(in_state(l, l->pid, DIO_SCHED_STATE_ACTIVE),
			       GONE_MS * clock_scale()));
	ASSERT_EQ(0, thread_own(l->pid, &now));
	EXPECT_EQ(SCHED_DEADLINE, now.policy);
	EXPECT_EQ(2, now.cpus);
	EXPECT_EQ(0, schednl_del(&l->nl, l->pid));
	EXPECT_TRUE(thread_is(l->pid, &own, true));
	thread_kill(l->pid);
}

/* Others move a boosted thread to a CPU without room for it, and away again. */
TEST_F(cycles, others_move_it_where_no_room_is)
{
	struct life *l = &self->life;
	struct schednl_target t;
	pid_t other;

	l->pid = thread_start(100, 1000);
	other = thread_start(100, 1000);
	ASSERT_EQ(0, schednl_reserve(&l->nl, other, 8 * MS, 10 * MS, 0));
	ASSERT_EQ(0, schednl_boost(&l->nl, l->pid, 2 * MS, 10 * MS));
	ASSERT_EQ(0, thread_cpus(l->pid, 1));
	EXPECT_TRUE(wait_until(in_state(l, l->pid, DIO_SCHED_STATE_SUSPENDED),
			       GONE_MS * clock_scale()));
	ASSERT_EQ(0, schednl_get(&l->nl, l->pid, &t));
	EXPECT_STREQ("no room on its CPUs", t.reason);
	ASSERT_EQ(0, thread_cpus(l->pid, 2));
	EXPECT_TRUE(wait_until(in_state(l, l->pid, DIO_SCHED_STATE_ACTIVE),
			       GONE_MS * clock_scale()));
	thread_kill(l->pid);
	thread_kill(other);
	EXPECT_TRUE(wait_until(schednl_count(&l->nl) == 0, GONE_MS * clock_scale()));
}

/* The instrument sees what it is for: a thread that stays reserved is not as it was. */
TEST_F(cycles, control)
{
	struct life *l = &self->life;

	ASSERT_TRUE(begin(l));
	ASSERT_EQ(0, schednl_reserve(&l->nl, l->pid, 1 * MS, 10 * MS, SCHEDNL_NONE));
	EXPECT_FALSE(thread_is(l->pid, &l->own, true));
	EXPECT_TRUE(finish(l));
}

TEST_HARNESS_MAIN
