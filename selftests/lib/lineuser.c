// SPDX-License-Identifier: GPL-2.0
/* The parameters of dio_line_user, and what the kernel counts of the line. */
#include <errno.h>
#include <stdio.h>

#include "kmod.h"
#include "lineuser.h"
#include "sysfs.h"

#define MODULE "dio_line_user"
#define PARAMETER "/sys/module/" MODULE "/parameters/%s"

int lineuser_share(const struct pcidev *d, int bar, int status, int ack)
{
	char text[64];
	int rc = kmod_loaded(MODULE) ? 0 : kmod_load(MODULE);

	if (rc)
		return rc;
	snprintf(text, sizeof(text), "%s %x %x %x", d->addr, bar, status, ack);
	return sysfs_write(text, PARAMETER, "device");
}

int lineuser_leave(void)
{
	return kmod_loaded(MODULE) ? kmod_unload(MODULE) : 0;
}

int lineuser_seen(struct lineuser_seen *seen)
{
	char text[160];
	int rc = sysfs_read(text, sizeof(text), PARAMETER, "seen");

	if (rc < 0)
		return rc;
	if (sscanf(text, "runs %lu raised %lu irq %d", &seen->runs, &seen->raised,
		   &seen->irq) != 3)
		return -EPROTO;
	rc = sysfs_read(text, sizeof(text), "/proc/irq/%d/spurious", seen->irq);
	if (rc < 0)
		return rc;
	return sscanf(text, "count %*u unhandled %lu", &seen->unhandled) == 1 ? 0 : -EPROTO;
}
