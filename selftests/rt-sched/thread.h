/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A process with one thread that works and sleeps in turn, and what is known of
 * its scheduling from outside: policy, nice value, CPUs.
 */
#ifndef DIO_TEST_THREAD_H
#define DIO_TEST_THREAD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct own {
	int policy, nice, prio;
	bool reset_on_fork;
	unsigned long cpus;
};

/* Works WORK_US, then sleeps SLEEP_US (0: never); -1 on failure. */
pid_t thread_start(unsigned int work_us, unsigned int sleep_us);
void thread_kill(pid_t pid);
int thread_own(pid_t pid, struct own *own);
/* 0 or a negative errno. */
int thread_policy(pid_t pid, int policy, int nice, int prio);
int thread_deadline(pid_t pid, uint64_t runtime, uint64_t period);
int thread_nice(pid_t pid, int nice);
int thread_cpus(pid_t pid, unsigned long cpus);
/* CPU time in nanoseconds, by /proc/PID/schedstat. */
uint64_t thread_cpu_time(pid_t pid);
/* Is its policy as in @own? What is not is said. */
bool thread_is(pid_t pid, const struct own *own, bool cpus);
/* 0 or a negative errno, -EBUSY: the scheduler's own admission. */
int cpu_online(int cpu, bool online);

#endif
