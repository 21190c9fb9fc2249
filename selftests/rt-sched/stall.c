// SPDX-License-Identifier: GPL-2.0
/*
 * How long does the machine itself stand still? A thread of the highest SCHED_FIFO
 * priority wants to wake each 5 ms; what it is late by is nobody's but the machine's,
 * and a deadline thread's, whose runtime bounds it. Until SIGTERM, then the longest time.
 */
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <time.h>

#define EVERY_NS 5000000l

static volatile sig_atomic_t ended;

static void end(int sig)
{
	(void)sig;
	ended = 1;
}

static long long ns_of(const struct timespec *t)
{
	return t->tv_sec * 1000000000ll + t->tv_nsec;
}

int main(void)
{
	struct sched_param param = { .sched_priority = sched_get_priority_max(SCHED_FIFO) };
	struct sigaction action = { .sa_handler = end };
	long long late, longest = 0;
	struct timespec due, now;

	sigaction(SIGTERM, &action, NULL);
	mlockall(MCL_CURRENT | MCL_FUTURE);
	if (sched_setscheduler(0, SCHED_FIFO, &param)) {
		perror("stall: SCHED_FIFO");
		return 1;
	}
	clock_gettime(CLOCK_MONOTONIC, &due);
	while (!ended) {
		due.tv_nsec += EVERY_NS;
		if (due.tv_nsec >= 1000000000l) {
			due.tv_nsec -= 1000000000l;
			due.tv_sec++;
		}
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
		clock_gettime(CLOCK_MONOTONIC, &now);
		late = ns_of(&now) - ns_of(&due);
		if (late > longest)
			longest = late;
		if (late > EVERY_NS)
			due = now;
	}
	printf("stall longest_ms=%.1f\n", longest / 1e6);
	return 0;
}
