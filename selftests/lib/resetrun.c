// SPDX-License-Identifier: GPL-2.0
/* Open, plant, reset, look: the same walk for every device and driver. */
#include <stdio.h>
#include <string.h>
#include <linux/pci_regs.h>

#include "clock.h"
#include "report.h"
#include "resetrun.h"

static const char *const how_names[] = {
	[HOW_IOCTL] = "VFIO_DEVICE_RESET",
	[HOW_SYSFS] = "sysfs reset",
	[HOW_NEWOWNER] = "close and open",
};

static const uint32_t how_triggers[] = {
	[HOW_IOCTL] = DIO_VFIO_TRIGGER_IOCTL,
	[HOW_SYSFS] = DIO_VFIO_TRIGGER_SYSFS,
	[HOW_NEWOWNER] = DIO_VFIO_TRIGGER_OPEN,
};

const char *reset_how_name(enum reset_how how)
{
	return how_names[how];
}

uint32_t reset_how_trigger(enum reset_how how)
{
	return how_triggers[how];
}

static int new_owner(struct owner *o, const struct pcidev *d)
{
	owner_close(o);
	return owner_open(o, d);
}

static void do_reset(struct stage *s, struct owner *o, struct reset_run *run)
{
	double start;

	stage_drain(s);
	start = clock_ms();
	switch (run->how) {
	case HOW_IOCTL:
		run->rc = owner_reset(o);
		break;
	case HOW_SYSFS:
		run->rc = pcidev_reset(&s->dev);
		break;
	default:
		run->rc = new_owner(o, &s->dev);
	}
	run->ms = clock_ms() - start;
	run->command = pcidev_config_read(&s->dev, PCI_COMMAND, 2);
}

static void say_run(const struct stage *s, const struct reset_run *run)
{
	char what[64];

	snprintf(what, sizeof(what), "%s by %s", s->mode.driver, how_names[run->how]);
	say("%s %s: rc %d, %.1f ms, command 0x%04x", s->dev.name, what, run->rc, run->ms,
	    run->command);
	if (run->canaries.taken)
		canary_say(&run->canaries, what);
}

static void plant_and_reset(struct stage *s, struct owner *o, const struct canary_reg *regs,
			    struct reset_run *run)
{
	run->can_reset = o->can_reset;
	owner_enable(o, COMMAND_MEM);
	canary_init(&run->canaries, &s->dev, regs);
	canary_plant(&run->canaries, &o->mmio);
	do_reset(s, o, run);
	if (o->device >= 0) {
		owner_enable(o, COMMAND_MEM);
		canary_check(&run->canaries, &o->mmio);
	}
	say_run(s, run);
	run->events = stage_events(s, run->event, RESET_RUN_EVENTS);
}

int reset_run(struct stage *s, const struct canary_reg *regs, enum reset_how first, int n,
	      struct reset_run *run)
{
	struct owner o;
	int i, rc;

	memset(run, 0, n * sizeof(*run));
	rc = owner_open(&o, &s->dev);
	for (i = 0; i < n && !rc; i++) {
		run[i].how = first + i;
		plant_and_reset(s, &o, regs, &run[i]);
		if (o.device < 0 && i + 1 < n)
			rc = run[i].rc;
	}
	if (rc)
		say("%s (%s): open: %s", s->dev.name, s->dev.addr, strerror(-rc));
	owner_close(&o);
	return rc;
}

const struct dionl_reset *reset_run_event(const struct reset_run *run, uint32_t trigger)
{
	int i;

	for (i = 0; i < run->events && i < RESET_RUN_EVENTS; i++)
		if (run->event[i].trigger == trigger)
			return &run->event[i];
	return NULL;
}
