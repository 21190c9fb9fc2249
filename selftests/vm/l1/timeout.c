// SPDX-License-Identifier: GPL-2.0
/*
 * timeout for the kselftest runner inside the virtual machine.
 *
 * busybox's timeout knows neither --foreground nor the exit status 124 that
 * the runner tells a timeout by. The command is killed with its whole session
 * when it does not end within a grace time after SIGTERM.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TIMEOUT_STATUS	124
#define GRACE_SECONDS	5

static int wait_for(pid_t pid, time_t seconds, const sigset_t *chld, int *status)
{
	struct timespec now, end;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += seconds;
	for (;;) {
		struct timespec left = { 0 };

		if (waitpid(pid, status, WNOHANG) == pid)
			return 1;
		clock_gettime(CLOCK_MONOTONIC, &now);
		if (now.tv_sec >= end.tv_sec)
			return 0;
		left.tv_sec = end.tv_sec - now.tv_sec;
		sigtimedwait(chld, NULL, &left);
	}
}

int main(int argc, char **argv)
{
	int foreground = argc > 1 && !strcmp(argv[1], "--foreground");
	char **args = argv + 1 + foreground;
	sigset_t chld;
	time_t limit;
	int status;
	pid_t pid;

	if (argc < 3 + foreground) {
		fprintf(stderr, "usage: timeout [--foreground] SECONDS COMMAND...\n");
		return 125;
	}
	limit = strtol(args[0], NULL, 10);
	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	sigprocmask(SIG_BLOCK, &chld, NULL);
	pid = fork();
	if (pid < 0) {
		perror("timeout: fork");
		return 125;
	}
	if (!pid) {
		sigprocmask(SIG_UNBLOCK, &chld, NULL);
		if (!foreground)
			setpgid(0, 0);
		execvp(args[1], args + 1);
		fprintf(stderr, "timeout: %s: %s\n", args[1], strerror(errno));
		_exit(errno == ENOENT ? 127 : 126);
	}
	/* The outer, foreground one leaves the killing to the inner one. */
	if (wait_for(pid, foreground ? limit + 2 * GRACE_SECONDS : limit, &chld, &status))
		return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	kill(foreground ? pid : -pid, SIGTERM);
	if (!wait_for(pid, GRACE_SECONDS, &chld, &status)) {
		kill(foreground ? pid : -pid, SIGKILL);
		waitpid(pid, &status, 0);
	}
	if (!foreground)
		kill(-pid, SIGKILL);
	return TIMEOUT_STATUS;
}
