// SPDX-License-Identifier: GPL-2.0
/*
 * vfio_hold BDF: be a VFIO owner of the device, say "open" and stay so until
 * killed.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kmod.h"
#include "owner.h"

int main(int argc, char **argv)
{
	struct owner owner = OWNER_INIT;
	struct pcidev dev;
	int rc;

	if (argc != 2)
		return 2;
	rc = kmod_load(KMOD_TYPE1);
	if (!rc)
		rc = pcidev_at(&dev, argv[1], argv[1]);
	if (!rc)
		rc = owner_open(&owner, &dev);
	if (rc) {
		fprintf(stderr, "vfio_hold %s: %s\n", argv[1], strerror(-rc));
		return 1;
	}
	puts("open");
	fflush(stdout);
	pause();
	return 0;
}
