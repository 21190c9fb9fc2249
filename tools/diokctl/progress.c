// SPDX-License-Identifier: GPL-2.0
/*
 * Progress, see progress.h. It needs a thread of its own: a reset is done
 * inside sendmsg(), so the caller itself sees neither time nor signals.
 */
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "progress.h"

static struct {
	pthread_mutex_t lock;	/* protects stop */
	pthread_cond_t wake;
	pthread_t thread;
	bool running;		/* of the main thread alone */
	bool stop;
	const char *what;
} progress = {
	.lock = PTHREAD_MUTEX_INITIALIZER,
	.wake = PTHREAD_COND_INITIALIZER,
};

static void *progress_run(void *arg)
{
	static const char wheel[] = "|/-\\";
	struct timespec next;
	unsigned int tick = 0;

	(void)arg;
	clock_gettime(CLOCK_REALTIME, &next);
	pthread_mutex_lock(&progress.lock);
	while (!progress.stop) {
		fprintf(stderr, "\r%c %s: %u.%u s ", wheel[tick % 4],
			progress.what, tick / 10, tick % 10);
		tick++;
		next.tv_nsec += 100000000;
		if (next.tv_nsec >= 1000000000) {
			next.tv_nsec -= 1000000000;
			next.tv_sec++;
		}
		pthread_cond_timedwait(&progress.wake, &progress.lock, &next);
	}
	pthread_mutex_unlock(&progress.lock);
	fputs("\r\033[K", stderr);
	return NULL;
}

void progress_start(const char *what)
{
	if (!isatty(STDERR_FILENO))
		return;
	progress.what = what;
	progress.stop = false;
	progress.running = !pthread_create(&progress.thread, NULL, progress_run, NULL);
}

void progress_stop(void)
{
	if (!progress.running)
		return;
	pthread_mutex_lock(&progress.lock);
	progress.stop = true;
	pthread_cond_signal(&progress.wake);
	pthread_mutex_unlock(&progress.lock);
	pthread_join(progress.thread, NULL);
	progress.running = false;
}
