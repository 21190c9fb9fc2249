// SPDX-License-Identifier: GPL-2.0
/* A competitor: it wants the CPU, and nothing else, until it is killed. */
#include <sys/resource.h>

int main(void)
{
	volatile unsigned long sink = 0;

	/* the script that starts it comes first, it does not */
	setpriority(PRIO_PROCESS, 0, 0);
	for (;;)
		sink++;
}
