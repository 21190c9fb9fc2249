// SPDX-License-Identifier: GPL-2.0
/* The parameters of dio_cfg_inject. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "inject.h"
#include "kmod.h"
#include "report.h"
#include "sysfs.h"

#define MODULE "dio_cfg_inject"
#define PARAMETER "/sys/module/" MODULE "/parameters/%s"
#define RESCAN_BOUND_MS 5000

static int set(const char *parameter, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static int set(const char *parameter, const char *format, ...)
{
	char text[80];
	va_list args;
	int rc;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	rc = sysfs_write(text, PARAMETER, parameter);
	if (rc)
		say(MODULE ": %s=%s: %s", parameter, text, strerror(-rc));
	return rc;
}

int inject_take(const struct pcidev *d)
{
	int rc = kmod_loaded(MODULE) ? 0 : kmod_load(MODULE);

	return rc ? rc : set("device", "%s", d->addr);
}

int inject_release(void)
{
	int rc;

	if (!kmod_loaded(MODULE))
		return 0;
	rc = set("device", "\n");
	return rc ? rc : kmod_unload(MODULE);
}

int inject_rule(int offset, int width, uint32_t mask, uint32_t value, const char *when,
		const char *until)
{
	return set("rule", "%x %d %x %x %s %s", offset, width, mask, value, when, until);
}

int inject_unready(const char *when, const char *until)
{
	return set("unready", "%s %s", when, until);
}

int inject_af(int offset, const char *how)
{
	return set("af", "%x %s", offset, how);
}

int inject_deaf(int offset, int width, uint32_t mask)
{
	return set("deaf", "%x %d %x", offset, width, mask);
}

int inject_level(int bar, int status, uint32_t mask)
{
	return set("level", "%d %x 0 %x msi-off", bar, status, mask);
}

int inject_seen(struct inject_seen *seen)
{
	char text[80];
	int rc = sysfs_read(text, sizeof(text), PARAMETER, "seen");

	if (rc < 0)
		return rc;
	return sscanf(text, "bme-off %u flr %u d3 %u bus %u", &seen->bme_off, &seen->flr,
		      &seen->d3, &seen->bus) == 4 ? 0 : -EPROTO;
}

int inject_rediscover(const struct pcidev *d)
{
	int rc = sysfs_write("1", PCI_SYSFS "/remove", d->addr);

	if (!rc)
		rc = sysfs_write("1", "/sys/bus/pci/rescan");
	if (!rc && !wait_until(sysfs_exists(PCI_SYSFS, d->addr), RESCAN_BOUND_MS))
		rc = -ENODEV;
	if (rc)
		say("%s (%s): discovered anew: %s", d->name, d->addr, strerror(-rc));
	return rc;
}
