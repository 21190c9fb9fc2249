// SPDX-License-Identifier: GPL-2.0
/* event_burst BDF COUNT: COUNT settings of the device, an event each. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dionl.h"

int main(int argc, char **argv)
{
	struct dionl_set set = DIONL_SET_INIT;
	struct dionl nl;
	int i, rc;

	if (argc != 3)
		return 2;
	rc = dionl_open(&nl);
	for (i = 0; !rc && i < atoi(argv[2]); i++) {
		set.drain = i % 100;
		rc = dionl_dev_set(&nl, argv[1], &set);
	}
	if (rc)
		fprintf(stderr, "event_burst %s: %d: %s\n", argv[1], i, strerror(-rc));
	return rc ? 1 : 0;
}
