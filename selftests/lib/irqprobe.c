// SPDX-License-Identifier: GPL-2.0
/* The parameters of dio_irq_probe. */
#include <errno.h>
#include <stdio.h>

#include "irqprobe.h"
#include "kmod.h"
#include "sysfs.h"

#define MODULE "dio_irq_probe"
#define PARAMETER "/sys/module/" MODULE "/parameters/%s"

int irqprobe_load(void)
{
	return kmod_loaded(MODULE) ? 0 : kmod_load(MODULE);
}

int irqprobe_unload(void)
{
	return kmod_loaded(MODULE) ? kmod_unload(MODULE) : 0;
}

int irqprobe_attach(const struct pcidev *d)
{
	return sysfs_write(d->addr, PARAMETER, "device");
}

int irqprobe_detach(void)
{
	return sysfs_write("\n", PARAMETER, "device");
}

int irqprobe_holdoff(int index, int vector, unsigned int us)
{
	char text[48];

	snprintf(text, sizeof(text), "%d %d %u", index, vector, us);
	return sysfs_write(text, PARAMETER, "holdoff");
}

int irqprobe_seen(struct irqprobe_seen *seen)
{
	char text[160];
	int rc = sysfs_read(text, sizeof(text), PARAMETER, "seen");

	if (rc < 0)
		return rc;
	return sscanf(text, "arrived %lu intx %lu msi %lu msix %lu last %u wrong %lu gone %lu",
		      &seen->arrived, &seen->intx, &seen->msi, &seen->msix, &seen->last,
		      &seen->wrong, &seen->gone) == 7 ? 0 : -EPROTO;
}
