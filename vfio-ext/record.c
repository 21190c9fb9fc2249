// SPDX-License-Identifier: GPL-2.0-only
/*
 * The last resets of a device, for readers that come late, and the one line in
 * the kernel log that a failed reset gets.
 */
#include <linux/slab.h>

#include "dio_dev.h"

#define DIO_LOG_LEN	256

/* Put a record into the ring, which owns it from now on. */
void dio_record_keep(struct dio_vfio_dev *d, struct dio_record *rec)
{
	struct dio_record *old;

	mutex_lock(&d->lock);
	old = d->ring[rec->id % DIO_RING];
	d->ring[rec->id % DIO_RING] = rec;
	mutex_unlock(&d->lock);
	kfree(old);
}

/* The record with number @id, NULL if it is gone. Valid while d->lock is held. */
const struct dio_record *dio_record_at(struct dio_vfio_dev *d, u64 id)
{
	struct dio_record *rec = d->ring[id % DIO_RING];

	lockdep_assert_held(&d->lock);
	return rec && rec->id == id ? rec : NULL;
}

void dio_record_free_all(struct dio_vfio_dev *d)
{
	int i;

	for (i = 0; i < DIO_RING; i++) {
		kfree(d->ring[i]);
		d->ring[i] = NULL;
	}
}

static const char *dio_trigger_name(enum dio_vfio_trigger t)
{
	static const char * const names[] = {
		[DIO_VFIO_TRIGGER_OPEN] = "open",
		[DIO_VFIO_TRIGGER_CLOSE] = "close",
		[DIO_VFIO_TRIGGER_IOCTL] = "ioctl",
		[DIO_VFIO_TRIGGER_HOT_RESET] = "hot-reset",
		[DIO_VFIO_TRIGGER_GUEST_FLR] = "guest-flr",
		[DIO_VFIO_TRIGGER_SYSFS] = "sysfs",
		[DIO_VFIO_TRIGGER_NETLINK] = "netlink",
	};

	return names[t];
}

/* A failure is said once, with every method and its reason; success is silent. */
void dio_record_log(struct dio_vfio_dev *d, const struct dio_record *rec)
{
	char text[DIO_LOG_LEN] = "";
	int i, n = 0;

	for (i = 0; i < rec->nsteps; i++) {
		const struct dio_step *s = &rec->step[i];

		n += scnprintf(text + n, sizeof(text) - n, "%s%s: %s", i ? "; " : "",
			       dio_method_name(s->method),
			       s->reason[0] ? s->reason : "verified");
	}
	if (rec->result == DIO_VFIO_RESULT_VERIFIED)
		pci_dbg(d->core.pdev, "reset (%s) verified: %s\n",
			dio_trigger_name(rec->trigger), text);
	else
		pci_warn(d->core.pdev, "reset (%s) %s: %s\n", dio_trigger_name(rec->trigger),
			 rec->result == DIO_VFIO_RESULT_FAILED ? "failed" : "unverifiable", text);
}
