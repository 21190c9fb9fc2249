// SPDX-License-Identifier: GPL-2.0
/* Threads to be served, and the scheduler's own system calls on them. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "report.h"
#include "sysfs.h"
#include "thread.h"

struct attr {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
};

#define FLAG_RESET_ON_FORK 1
#ifndef SCHED_DEADLINE
#define SCHED_DEADLINE 6
#endif

static uint64_t cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

static void work(unsigned int work_us, unsigned int sleep_us)
{
	struct timespec pause = { .tv_nsec = sleep_us * 1000L };
	volatile unsigned long sink = 0;
	uint64_t end;

	for (;;) {
		end = cpu_ns() + work_us * 1000ULL;
		while (cpu_ns() < end)
			for (int i = 0; i < 200; i++)
				sink++;
		if (sleep_us)
			nanosleep(&pause, NULL);
	}
}

pid_t thread_start(unsigned int work_us, unsigned int sleep_us)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	work(work_us, sleep_us);
	_exit(0);
}

void thread_kill(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

int thread_own(pid_t pid, struct own *own)
{
	unsigned long cpus = 0;
	struct attr a = { .size = sizeof(a) };

	if (syscall(SYS_sched_getattr, pid, &a, sizeof(a), 0) ||
	    syscall(SYS_sched_getaffinity, pid, sizeof(cpus), &cpus) < 0)
		return -errno;
	own->policy = a.policy;
	/* the scheduler tells no nice value of a real-time thread here */
	own->nice = getpriority(PRIO_PROCESS, pid);
	own->prio = a.priority;
	own->reset_on_fork = a.flags & FLAG_RESET_ON_FORK;
	own->cpus = cpus;
	return 0;
}

int thread_policy(pid_t pid, int policy, int nice, int prio)
{
	struct attr a = { .size = sizeof(a), .policy = policy, .nice = nice, .priority = prio };

	return syscall(SYS_sched_setattr, pid, &a, 0) ? -errno : 0;
}

int thread_deadline(pid_t pid, uint64_t runtime, uint64_t period)
{
	struct attr a = { .size = sizeof(a), .policy = SCHED_DEADLINE, .runtime = runtime,
			  .deadline = period, .period = period };

	return syscall(SYS_sched_setattr, pid, &a, 0) ? -errno : 0;
}

int thread_nice(pid_t pid, int nice)
{
	return setpriority(PRIO_PROCESS, pid, nice) ? -errno : 0;
}

int thread_cpus(pid_t pid, unsigned long cpus)
{
	return syscall(SYS_sched_setaffinity, pid, sizeof(cpus), &cpus) ? -errno : 0;
}

uint64_t thread_cpu_time(pid_t pid)
{
	unsigned long long ns = 0;
	char text[96];

	if (sysfs_read(text, sizeof(text), "/proc/%d/schedstat", pid) > 0)
		sscanf(text, "%llu", &ns);
	return ns;
}

bool thread_is(pid_t pid, const struct own *own, bool cpus)
{
	struct own now;
	int rc = thread_own(pid, &now);

	if (rc) {
		say("thread %d: %s", pid, strerror(-rc));
		return false;
	}
	if (now.policy == own->policy && now.nice == own->nice && now.prio == own->prio &&
	    now.reset_on_fork == own->reset_on_fork && (!cpus || now.cpus == own->cpus))
		return true;
	say("thread %d: policy %d, nice %d, prio %d, reset %d, CPUs %lx; not %d, %d, %d, %d, %lx",
	    pid, now.policy, now.nice, now.prio, now.reset_on_fork, now.cpus, own->policy,
	    own->nice, own->prio, own->reset_on_fork, own->cpus);
	return false;
}

int cpu_online(int cpu, bool online)
{
	return sysfs_write(online ? "1" : "0", "/sys/devices/system/cpu/cpu%d/online", cpu);
}
