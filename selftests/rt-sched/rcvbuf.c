// SPDX-License-Identifier: GPL-2.0
/*
 * rcvbuf PID: the sockets of a process hold as little as the kernel allows, so
 * that events are lost after few. A copy of a descriptor is the same socket.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static int shrink(int pidfd, int fd)
{
	int least = 1, copy = (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0);
	int done = 0;

	if (copy < 0)
		return 0;
	done = !setsockopt(copy, SOL_SOCKET, SO_RCVBUF, &least, sizeof(least));
	close(copy);
	return done;
}

int main(int argc, char **argv)
{
	int pidfd = argc == 2 ? (int)syscall(SYS_pidfd_open, atoi(argv[1]), 0) : -1;
	struct dirent *entry;
	char path[64];
	int n = 0;
	DIR *dir;

	if (pidfd < 0)
		return 2;
	snprintf(path, sizeof(path), "/proc/%d/fd", atoi(argv[1]));
	dir = opendir(path);
	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			n += shrink(pidfd, atoi(entry->d_name));
	return n ? 0 : 1;
}
