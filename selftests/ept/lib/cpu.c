// SPDX-License-Identifier: GPL-2.0
/* /proc/cpuinfo, for cpu.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cpu.h"

bool cpu_flag(const char *flag)
{
	FILE *f = fopen("/proc/cpuinfo", "re");
	char *line = NULL, *word, *rest;
	bool found = false;
	size_t size = 0;

	while (f && !found && getline(&line, &size, f) > 0) {
		if (strncmp(line, "flags", 5))
			continue;
		for (word = strtok_r(line, " \t\n", &rest); word && !found;
		     word = strtok_r(NULL, " \t\n", &rest))
			found = !strcmp(word, flag);
		break;
	}
	free(line);
	if (f)
		fclose(f);
	return found;
}
