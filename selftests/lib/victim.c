// SPDX-License-Identifier: GPL-2.0
/* Processes that are made to be killed. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "report.h"
#include "victim.h"

static void wait_for_ever(void)
{
	for (;;)
		pause();
}

void victim_reach(volatile struct victim_shared *shared, int point)
{
	shared->at[point] = clock_ms();
	shared->point = point;
	if (shared->hold == point)
		wait_for_ever();
}

void victim_fail(volatile struct victim_shared *shared, int error)
{
	shared->error = error;
	wait_for_ever();
}

int victim_start(struct victim *v, int hold, victim_fn fn, void *arg)
{
	void *p = mmap(NULL, sizeof(*v->shared), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return -errno;
	v->shared = p;
	v->shared->hold = hold;
	v->pid = fork();
	if (v->pid < 0)
		return -errno;
	if (v->pid)
		return 0;
	/* A test that dies by itself must not leave an owner behind. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	fn(v->shared, arg);
	wait_for_ever();
	return 0;
}

int victim_wait(const struct victim *v, int point, int bound_ms)
{
	bound_ms *= clock_scale();
	if (!wait_until(v->shared->point >= point || v->shared->error, bound_ms)) {
		say("owner %d stuck at point %d, wanted %d within %d ms", v->pid,
		    v->shared->point, point, bound_ms);
		return -ETIMEDOUT;
	}
	if (v->shared->error)
		say("owner %d after point %d: %s", v->pid, v->shared->point,
		    strerror(-v->shared->error));
	return v->shared->error;
}

void victim_kill(struct victim *v)
{
	if (v->pid <= 0)
		return;
	kill(v->pid, SIGKILL);
	waitpid(v->pid, NULL, 0);
	v->pid = 0;
}

void victim_free(struct victim *v)
{
	victim_kill(v);
	if (v->shared)
		munmap((void *)v->shared, sizeof(*v->shared));
	v->shared = NULL;
}
