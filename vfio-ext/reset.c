// SPDX-License-Identifier: GPL-2.0-only
/*
 * The walk of a verified reset: begin (quiesce), plant, method, check, and on to
 * the next method until one is verified; end (bus master back, or quarantine).
 * The first method may be run by the PCI core (reset_prepare/reset_done around
 * it); all others run here. Bus master stays off from begin to end.
 */
#include <linux/slab.h>

#include "dio_dev.h"

/* Wait for an answer; without one nothing can be saved or planted, and is lost. */
void dio_run_listen(struct dio_run *run, u32 timeout)
{
	run->silent = dio_wait_ready(run->d->core.pdev, timeout);
	if (run->silent)
		dio_config_lose(run->d);
}

/* Take the device over as it is now, if it answers. 0 or -ENOMEM. */
static int dio_run_look(struct dio_run *run)
{
	kvfree(run->canary);
	run->canary = NULL;
	run->ncanaries = 0;
	if (run->silent)
		return 0;
	dio_config_repair(run->d);
	dio_command_begin(run);
	dio_memory_on(run);
	return dio_canary_collect(run);
}

/**
 * dio_run_begin() - start a reset: bus master off, DMA at an end
 * @run: filled
 * @d: the device; the caller holds its PCI lock and has it in D0
 * @trigger: who asked for it
 *
 * Return: 0, or -ENOMEM, in which case nothing was changed. Sleeps.
 */
int dio_run_begin(struct dio_run *run, struct dio_vfio_dev *d,
		  enum dio_vfio_trigger trigger)
{
	memset(run, 0, sizeof(*run));
	run->d = d;
	run->start = ktime_get();
	run->first = DIO_VFIO_METHOD_NONE;
	run->rec = kzalloc(sizeof(*run->rec), GFP_KERNEL);
	if (!run->rec)
		return -ENOMEM;
	mutex_lock(&d->lock);
	run->cfg = d->cfg;
	mutex_unlock(&d->lock);
	run->act = run->cfg.policy != DIO_VFIO_POLICY_OBSERVE ||
		   trigger == DIO_VFIO_TRIGGER_NETLINK;
	run->rec->time = ktime_get_boottime_ns();
	run->rec->trigger = trigger;
	run->rec->policy = run->cfg.policy;

	dio_run_listen(run, run->act ? run->cfg.ready_timeout : 0);
	if (dio_run_look(run)) {
		dio_command_end(run, run->command & PCI_COMMAND_MASTER);
		kfree(run->rec);
		return -ENOMEM;
	}
	if (run->act && !run->silent)
		run->rec->idle = dio_quiesce(run);
	return 0;
}

/*
 * The same reset goes on after vfio_pci_core_close_device() has freed the
 * interrupts and restored configuration space: look at the device anew.
 */
int dio_run_again(struct dio_run *run)
{
	dio_run_listen(run, run->cfg.ready_timeout);
	return dio_run_look(run);
}

/* Plant before a method; @header as in dio_canary_plant(). */
void dio_run_plant(struct dio_run *run, bool header)
{
	run->step_start = ktime_get();
	if (run->silent)
		return;
	dio_memory_on(run);
	dio_canary_plant(run, header);
	run->planted = true;
}

static struct dio_step *dio_step_new(struct dio_run *run, enum dio_vfio_method m)
{
	struct dio_step *step = &run->rec->step[run->rec->nsteps++];

	step->method = m;
	return step;
}

/* @why may be the step's own text already. */
void dio_step_unavailable(struct dio_step *step, const char *why)
{
	step->result = DIO_VFIO_RESULT_UNAVAILABLE;
	if (why != step->reason)
		strscpy(step->reason, why, sizeof(step->reason));
}

/*
 * A device whose DMA outlives the method (a bus reset that does not reach its
 * engine) is not in a known state, whatever its registers say.
 */
static void dio_step_idle(struct dio_run *run, struct dio_step *step)
{
	if (!run->act)
		return;
	run->stopped = false;
	run->rec->idle = dio_quiesce(run);
	if (run->rec->idle != DIO_VFIO_IDLE_TIMEOUT)
		return;
	step->result = DIO_VFIO_RESULT_FAILED;
	step->level = DIO_VFIO_LEVEL_NONE;
	snprintf(step->reason, sizeof(step->reason), "not idle after %u ms",
		 run->cfg.idle_timeout);
}

static void dio_step_silent(struct dio_run *run, struct dio_step *step)
{
	run->silent = true;
	dio_config_lose(run->d);
	step->result = DIO_VFIO_RESULT_FAILED;
	snprintf(step->reason, sizeof(step->reason), "not ready after %u ms",
		 run->cfg.ready_timeout);
}

/* Judge a method that has run; configuration space is restored. */
static void dio_step_judge(struct dio_run *run, struct dio_step *step)
{
	if (!dio_config_sane(run->d->core.pdev)) {
		step->result = DIO_VFIO_RESULT_FAILED;
		strscpy(step->reason, "configuration space did not come back",
			sizeof(step->reason));
		return;
	}
	dio_memory_on(run);
	dio_canary_check(run, false);
	dio_canary_judge(run, step);
	if (run->rec->idle == DIO_VFIO_IDLE_TIMEOUT && step->result == DIO_VFIO_RESULT_VERIFIED)
		dio_step_idle(run, step);
}

/* The PCI core has run its method between prepare and done: judge it. */
void dio_run_kernel_step(struct dio_run *run)
{
	struct dio_step *step = dio_step_new(run, run->first);

	if (run->silent || dio_wait_ready(run->d->core.pdev, 0))
		dio_step_silent(run, step);
	else
		dio_step_judge(run, step);
	step->duration = ktime_ms_delta(ktime_get(), run->step_start);
}

/*
 * A device that does not answer can only be called back: by the method, and if
 * it comes, with the configuration of the time of binding. True if it answers.
 */
static bool dio_run_revive(struct dio_run *run, enum dio_vfio_method m)
{
	if (run->silent && dio_wait_ready(run->d->core.pdev, 0) && dio_method_run(run, m))
		return false;
	if (!run->silent)
		return true;
	run->silent = false;
	return !dio_run_look(run);
}

/* Save before planting: what is restored must not be a canary. */
static void dio_run_checked(struct dio_run *run, struct dio_step *step)
{
	struct pci_dev *pdev = run->d->core.pdev;

	pci_save_state(pdev);
	dio_run_plant(run, true);
	step->error = dio_method_run(run, step->method);
	if (step->error == -ETIMEDOUT) {
		dio_step_silent(run, step);
		return;
	}
	dio_canary_check(run, true);
	pci_restore_state(pdev);
	dio_master_off(pdev);
	if (step->error == -EBUSY) {
		dio_step_unavailable(step, "lock not free in time");
		return;
	}
	dio_step_judge(run, step);
	if (step->error && step->result == DIO_VFIO_RESULT_UNVERIFIABLE)
		step->result = DIO_VFIO_RESULT_FAILED;
}

/* One method, run by us: plant, run, check what a restore would hide, restore. */
static void dio_run_method(struct dio_run *run, enum dio_vfio_method m)
{
	struct dio_step *step = dio_step_new(run, m);
	const char *why = dio_method_unavailable(run->d, &run->cfg, m, step->reason);

	if (why) {
		dio_step_unavailable(step, why);
		return;
	}
	run->step_start = ktime_get();
	if (dio_run_revive(run, m))
		dio_run_checked(run, step);
	else
		dio_step_silent(run, step);
	step->duration = ktime_ms_delta(ktime_get(), run->step_start);
}

static bool dio_run_decided(const struct dio_run *run)
{
	const struct dio_record *rec = run->rec;
	int i;

	for (i = 0; i < rec->nsteps; i++)
		if (rec->step[i].result == DIO_VFIO_RESULT_VERIFIED ||
		    rec->step[i].result == DIO_VFIO_RESULT_UNVERIFIABLE)
			return true;
	return false;
}

/**
 * dio_run_escalate() - try the device's methods until one is verified
 * @run: the reset; permissive or strict
 *
 * A method that the PCI core has run already is left out. Sleeps.
 */
void dio_run_escalate(struct dio_run *run)
{
	enum dio_vfio_method tried = run->rec->nsteps ? run->first : DIO_VFIO_METHOD_NONE;
	u8 order[DIO_NMETHODS];
	unsigned int i, n = dio_method_order(run->d, &run->cfg, order);

	for (i = 0; i < n && !dio_run_decided(run); i++)
		if (order[i] != tried)
			dio_run_method(run, order[i]);
}

/* Record that no method could be run at all. */
void dio_run_fail(struct dio_run *run, const char *reason)
{
	struct dio_step *step = dio_step_new(run, DIO_VFIO_METHOD_NONE);

	step->result = DIO_VFIO_RESULT_FAILED;
	strscpy(step->reason, reason, sizeof(step->reason));
}

/* The verdict: the step that decided, or failed. */
static void dio_run_verdict(struct dio_run *run)
{
	struct dio_record *rec = run->rec;
	int i;

	rec->result = DIO_VFIO_RESULT_FAILED;
	for (i = 0; i < rec->nsteps; i++) {
		if (rec->step[i].result == DIO_VFIO_RESULT_VERIFIED ||
		    rec->step[i].result == DIO_VFIO_RESULT_UNVERIFIABLE) {
			rec->result = rec->step[i].result;
			rec->level = rec->step[i].level;
		}
	}
}

/* Without any method the registers can still be cleaned, if not proven clean. */
static void dio_run_sweep(struct dio_run *run)
{
	if (!run->act || run->silent || run->rec->result != DIO_VFIO_RESULT_FAILED)
		return;
	if (!run->planted)
		dio_run_plant(run, false);
	dio_memory_on(run);
	dio_canary_check(run, false);
}

/* Tell everybody; the ring owns @rec from now on. */
void dio_reset_publish(struct dio_vfio_dev *d, struct dio_record *rec)
{
	dio_record_log(d, rec);
	dio_netlink_reset_event(d, rec);
	dio_record_keep(d, rec);
}

/**
 * dio_run_end() - verdict, record, event; the device goes on or is held
 * @run: the reset; its record and canaries are gone, its id is valid
 *
 * Bus master comes back as it was before, except in quarantine and where DMA may
 * still be under way: then its owner has to switch it on. Sleeps.
 *
 * Return: the verdict.
 */
enum dio_vfio_result dio_run_end(struct dio_run *run)
{
	struct dio_vfio_dev *d = run->d;
	struct dio_record *rec = run->rec;
	enum dio_vfio_result result;
	bool held;

	dio_run_verdict(run);
	dio_run_sweep(run);
	result = rec->result;
	if (!run->silent) {
		dio_canary_settle(run, result != DIO_VFIO_RESULT_FAILED);
		dio_canary_report(run);
		dio_quiesce_undo(run);
	}
	rec->duration = ktime_ms_delta(ktime_get(), run->start);
	dio_dev_settle(d, rec);
	run->id = rec->id;
	held = rec->state == DIO_VFIO_STATE_QUARANTINED || rec->idle == DIO_VFIO_IDLE_TIMEOUT;
	if (!run->silent)
		dio_command_end(run, !held && run->command & PCI_COMMAND_MASTER);
	dio_irqs_reset(d);
	dio_reset_publish(d, rec);
	dio_fence_start(d);
	kvfree(run->canary);
	return result;
}
