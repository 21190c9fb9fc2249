// SPDX-License-Identifier: GPL-2.0
/*
 * Times of day as ISO 8601. The kernel's records are in CLOCK_BOOTTIME, which
 * no step of the clock moves; the offset to the time of day is that of now.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "show.h"

#define NSEC	1000000000LL

static long long clock_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * NSEC + ts.tv_nsec;
}

static void format(long long ns, char buf[STAMP_SIZE])
{
	time_t seconds = ns / NSEC;
	char date[24], zone[8];
	struct tm tm;

	if (!localtime_r(&seconds, &tm))
		memset(&tm, 0, sizeof(tm));
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm);
	strftime(zone, sizeof(zone), "%z", &tm);
	snprintf(buf, STAMP_SIZE, "%s.%06lld%.3s:%.2s", date,
		 ns % NSEC / 1000, zone, zone + 3);
}

void stamp_now(char buf[STAMP_SIZE])
{
	format(clock_ns(CLOCK_REALTIME), buf);
}

void stamp_boottime(uint64_t ns, char buf[STAMP_SIZE])
{
	long long ago = clock_ns(CLOCK_BOOTTIME) - (long long)ns;

	format(clock_ns(CLOCK_REALTIME) - ago, buf);
}
