// SPDX-License-Identifier: GPL-2.0-only
/*
 * Canaries: values put into a device before a reset that cannot be there after
 * one. The rule: generic canaries (configuration space, MSI, MSI-X) prove
 * nothing about a device's own registers; only rows of the device table do.
 */
#include "dio_dev.h"

static bool dio_canary_of_row(const struct dio_canary *c)
{
	return !(c->reg.flags & DIO_REG_GENERIC);
}

static u64 dio_canary_read(struct dio_run *run, const struct dio_canary *c)
{
	return dio_reg_read(run->d, c->reg.space, c->reg.offset, c->reg.width);
}

static void dio_canary_write(struct dio_run *run, const struct dio_canary *c, u64 v)
{
	dio_reg_write(run->d, c->reg.space, c->reg.offset, c->reg.width, v);
}

/* Is @v, read back from a planted register, something that a reset would undo? */
static bool dio_canary_took(const struct dio_canary *c, u64 v)
{
	const struct dio_reg *r = &c->reg;

	if (r->flags & DIO_REG_STOP)
		return v & r->mask;
	if (r->flags & DIO_REG_ANY)
		return (v & r->mask) == (r->write & r->mask);
	return (v & r->mask) != (r->expect & r->mask);
}

static void dio_canary_plant_one(struct dio_run *run, struct dio_canary *c)
{
	c->survived = false;
	c->scrubbed = false;
	if (!c->known_orig)
		c->orig = dio_canary_read(run, c);
	c->known_orig = true;
	if (!(c->reg.flags & (DIO_REG_STOP | DIO_REG_PRESENT)))
		dio_canary_write(run, c, c->reg.write);
	c->planted = dio_canary_read(run, c);
	c->in = dio_canary_took(c, c->planted);
}

/* Is the device at work, so that its registers are not ours to write? */
static bool dio_canary_busy(struct dio_run *run)
{
	struct dio_canary *c;

	for (c = run->canary; c < run->canary + run->ncanaries; c++)
		if (c->reg.flags & DIO_REG_STOP && dio_canary_took(c, dio_canary_read(run, c)))
			return true;
	return dio_device_works(run->d);
}

/**
 * dio_canary_plant() - put all canaries of a reset in place
 * @run: the reset; the device's bus master is off and memory decoding on
 * @header: also those that pci_restore_state() would rewrite; only if the caller
 *	checks them between the method and the restore
 *
 * Under observe a device at work keeps its registers, as with stock; only its
 * stop bits, which are not written, stand for them. Sleeps.
 */
void dio_canary_plant(struct dio_run *run, bool header)
{
	bool spare = !run->act && dio_canary_busy(run);
	struct dio_canary *c;

	for (c = run->canary; c < run->canary + run->ncanaries; c++) {
		c->in = false;
		if ((c->reg.flags & DIO_REG_HEADER) && !header)
			continue;
		if (spare && dio_canary_of_row(c) && !(c->reg.flags & DIO_REG_STOP))
			continue;
		dio_canary_plant_one(run, c);
	}
}

/* Compare after a method: first @header, before the restore, then the rest. */
void dio_canary_check(struct dio_run *run, bool header)
{
	struct dio_canary *c;

	for (c = run->canary; c < run->canary + run->ncanaries; c++) {
		if (!c->in || !!(c->reg.flags & DIO_REG_HEADER) != header)
			continue;
		c->found = dio_canary_read(run, c);
		c->survived = c->reg.flags & DIO_REG_ANY ?
			      (c->found & c->reg.mask) == (c->planted & c->reg.mask) :
			      (c->found & c->reg.mask) != (c->reg.expect & c->reg.mask);
	}
}

/* Overwrite what the method is known to leave, and read it back. */
static void dio_canary_scrub(struct dio_run *run, struct dio_canary *c)
{
	if (c->reg.flags & DIO_REG_HEADER) {
		c->scrubbed = true;	/* pci_restore_state() does it */
		return;
	}
	dio_canary_write(run, c, c->reg.scrub);
	c->scrubbed = (dio_canary_read(run, c) & c->reg.mask) == (c->reg.expect & c->reg.mask);
}

struct dio_tally {
	unsigned int in, survived, scrubbed;
	unsigned int weak;		/* survived, and no specification says more */
	unsigned int unknown;		/* survived and should not have */
	unsigned int known;		/* survived, known, not scrubbed */
	unsigned int rows, config;	/* in, of the device table and generic */
};

static void dio_canary_count(struct dio_run *run, enum dio_vfio_method m, struct dio_tally *t)
{
	struct dio_canary *c;

	for (c = run->canary; c < run->canary + run->ncanaries; c++) {
		if (!c->in)
			continue;
		t->in++;
		t->rows += dio_canary_of_row(c);
		t->config += !dio_canary_of_row(c);
		if (!c->survived)
			continue;
		t->survived++;
		t->weak += !!(c->reg.flags & DIO_REG_WEAK);
		if (!(c->reg.leaves & BIT(m)))
			t->unknown++;
		else if (run->act)
			dio_canary_scrub(run, c);
		t->scrubbed += c->scrubbed;
		t->known += (c->reg.leaves & BIT(m)) && !c->scrubbed;
	}
}

/* Nothing was cleared: no canary says that the method did anything at all. */
static bool dio_canary_silent(const struct dio_tally *t)
{
	return t->survived && t->survived == t->in;
}

/**
 * dio_canary_judge() - the verdict of one method
 * @run: the reset; canaries were checked
 * @step: gets counts, result and level; its method is set
 *
 * FAILED: a canary survived that the method should have cleared, or all did.
 * UNVERIFIABLE: none was in place, or only such as the method is known to leave.
 * Otherwise FUNCTION if canaries of the device table were in place and none is
 * left, CONFIG if only generic ones speak or known leftovers were not scrubbed
 * (observe). Sleeps.
 */
void dio_canary_judge(struct dio_run *run, struct dio_step *step)
{
	struct dio_tally t = {};

	dio_canary_count(run, step->method, &t);
	step->planted = t.in;
	step->survived = t.survived;
	step->scrubbed = t.scrubbed;
	if (t.unknown || (t.weak && dio_canary_silent(&t))) {
		step->result = DIO_VFIO_RESULT_FAILED;
		snprintf(step->reason, sizeof(step->reason), "%u of %u canaries survived",
			 t.survived, t.in);
	} else if (dio_canary_silent(&t)) {
		step->result = DIO_VFIO_RESULT_UNVERIFIABLE;
		strscpy(step->reason, "no canary that it clears could be planted",
			sizeof(step->reason));
	} else if (t.rows && !t.known) {
		step->result = DIO_VFIO_RESULT_VERIFIED;
		step->level = DIO_VFIO_LEVEL_FUNCTION;
	} else if (t.config) {
		step->result = DIO_VFIO_RESULT_VERIFIED;
		step->level = DIO_VFIO_LEVEL_CONFIG;
	} else {
		step->result = DIO_VFIO_RESULT_UNVERIFIABLE;
		strscpy(step->reason, "no canary could be planted", sizeof(step->reason));
	}
}

static void dio_canary_give_back(struct dio_run *run, struct dio_canary *c)
{
	if (c->reg.flags & (DIO_REG_HEADER | DIO_REG_PRESENT | DIO_REG_STOP))
		return;
	dio_canary_write(run, c, c->reg.flags & DIO_REG_INVERTED ? ~c->orig : c->orig);
}

static void dio_canary_clean(struct dio_run *run, struct dio_canary *c)
{
	if (c->reg.flags & (DIO_REG_HEADER | DIO_REG_PRESENT))
		return;
	if (c->reg.flags & DIO_REG_STOP)
		dio_canary_write(run, c, c->found & ~c->reg.mask);
	else
		dio_canary_write(run, c, c->reg.scrub ? c->reg.scrub : c->reg.expect);
	c->scrubbed = (dio_canary_read(run, c) & c->reg.mask) == (c->reg.expect & c->reg.mask);
}

/*
 * Leave no canary behind. Observe: the owner's values go back, as stock leaves
 * them. Otherwise, if no method @verified: the value that a reset should have
 * left, as far as it can be written.
 */
void dio_canary_settle(struct dio_run *run, bool verified)
{
	struct dio_canary *c;

	for (c = run->canary; c < run->canary + run->ncanaries; c++) {
		if (!c->in || !c->survived || c->scrubbed)
			continue;
		if (!run->act)
			dio_canary_give_back(run, c);
		else if (!verified)
			dio_canary_clean(run, c);
	}
}

static struct dio_residue *dio_canary_line(struct dio_record *rec, const struct dio_canary *c)
{
	struct dio_residue *r;

	if (rec->nresidue == DIO_MAX_RESIDUE)
		return NULL;
	r = &rec->residue[rec->nresidue++];
	*r = (struct dio_residue) {
		.name = c->reg.name, .space = c->reg.space, .offset = c->reg.offset,
		.planted = c->planted, .found = c->found, .scrubbed = true,
	};
	return r;
}

/* Copy what survived the last method into the record, a line a table entry. */
void dio_canary_report(struct dio_run *run)
{
	struct dio_record *rec = run->rec;
	enum dio_vfio_method m = rec->nsteps ? rec->step[rec->nsteps - 1].method :
				 DIO_VFIO_METHOD_NONE;
	struct dio_residue *r = NULL;
	struct dio_canary *c;
	int group = -1;

	for (c = run->canary; c < run->canary + run->ncanaries; c++) {
		if (!c->in || !c->survived)
			continue;
		if (!r || c->group != group)
			r = dio_canary_line(rec, c);
		if (!r)
			return;
		group = c->group;
		r->count++;
		r->known = c->reg.leaves & BIT(m);
		r->scrubbed &= c->scrubbed;
	}
}
