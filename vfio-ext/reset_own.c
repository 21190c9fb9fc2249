// SPDX-License-Identifier: GPL-2.0-only
/*
 * Resets that are the driver's own from beginning to end: run now, only planned,
 * or missed. The walk itself is in reset.c.
 */
#include <linux/slab.h>

#include "dio_dev.h"

/**
 * dio_reset_plan() - what a reset would try
 * @d: the device
 *
 * Touches nothing but configuration space, read only; but a device that was silent
 * is fenced first, if it answers now. May sleep.
 *
 * Return: a record to be freed by kfree(), NULL without memory.
 */
struct dio_record *dio_reset_plan(struct dio_vfio_dev *d)
{
	struct dio_record *rec = kzalloc(sizeof(*rec), GFP_KERNEL);
	u8 order[DIO_NMETHODS];
	struct dio_cfg cfg;
	unsigned int i, n;

	if (!rec)
		return NULL;
	dio_fence_try(d);
	mutex_lock(&d->lock);
	cfg = d->cfg;
	rec->state = d->state;
	mutex_unlock(&d->lock);
	rec->dry_run = true;
	rec->trigger = DIO_VFIO_TRIGGER_NETLINK;
	rec->policy = cfg.policy;
	rec->time = ktime_get_boottime_ns();
	n = dio_method_order(d, &cfg, order);
	for (i = 0; i < n; i++) {
		struct dio_step *step = &rec->step[rec->nsteps++];
		const char *why = dio_method_unavailable(d, &cfg, order[i], step->reason);

		step->method = order[i];
		if (why)
			dio_step_unavailable(step, why);
	}
	return rec;
}

/**
 * dio_reset_now() - a whole reset by our own methods
 * @d: the device; the caller holds its PCI lock and its bridge's
 * @trigger: who asked for it
 * @verdict: filled on success
 * @id: number of its record, filled on success; may be NULL
 *
 * Under observe, where only an administrator may ask for more than stock does,
 * nothing is tried for another trigger: the record says so. Sleeps.
 *
 * Return: 0 if there is a verdict, -ENOMEM.
 */
int dio_reset_now(struct dio_vfio_dev *d, enum dio_vfio_trigger trigger,
		  enum dio_vfio_result *verdict, u64 *id)
{
	struct dio_run run;
	int ret;

	pci_set_power_state(d->core.pdev, PCI_D0);
	ret = dio_run_begin(&run, d, trigger);
	if (ret)
		return ret;
	run.bridge_held = true;
	if (run.act)
		dio_run_escalate(&run);
	else
		dio_run_fail(&run, "the kernel has no reset for this device");
	*verdict = dio_run_end(&run);
	if (id)
		*id = run.id;
	return 0;
}

/* Record a reset that could not even begin. */
void dio_reset_missed(struct dio_vfio_dev *d, enum dio_vfio_trigger trigger,
		      const char *reason)
{
	struct dio_record *rec = kzalloc(sizeof(*rec), GFP_KERNEL);

	if (!rec)
		return;
	mutex_lock(&d->lock);
	rec->policy = d->cfg.policy;
	mutex_unlock(&d->lock);
	rec->time = ktime_get_boottime_ns();
	rec->trigger = trigger;
	rec->result = DIO_VFIO_RESULT_FAILED;
	rec->nsteps = 1;
	rec->step[0].method = DIO_VFIO_METHOD_NONE;
	rec->step[0].result = DIO_VFIO_RESULT_FAILED;
	strscpy(rec->step[0].reason, reason, sizeof(rec->step[0].reason));
	dio_dev_settle(d, rec);
	dio_reset_publish(d, rec);
}
