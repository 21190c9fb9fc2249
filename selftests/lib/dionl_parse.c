// SPDX-License-Identifier: GPL-2.0
/*
 * Attributes into structures, by tables {attribute, place, size}.  Numbers
 * are little endian in memory, as on every machine that the rig has.
 */
#include <stddef.h>
#include <string.h>

#include "dionl_parse.h"

enum kind { NUMBER, TEXT, FLAG };

struct field {
	int attr;
	enum kind kind;
	size_t offset, size;
};

#define FIELD(attr, kind, type, member) \
	{ attr, kind, offsetof(struct type, member), sizeof(((struct type *)0)->member) }
#define DEV(name, member) FIELD(DIO_VFIO_A_DEV_##name, NUMBER, dionl_dev, member)
#define IRQ(name, member) FIELD(DIO_VFIO_A_IRQ_##name, NUMBER, dionl_irq, member)
#define IRQ_FLAG(name, member) FIELD(DIO_VFIO_A_IRQ_##name, FLAG, dionl_irq, member)
#define RESET(name, member) FIELD(DIO_VFIO_A_RESET_##name, NUMBER, dionl_reset, member)
#define STEP(name, member) FIELD(DIO_VFIO_A_STEP_##name, NUMBER, dionl_step, member)
#define RESIDUE(name, member) FIELD(DIO_VFIO_A_RESIDUE_##name, NUMBER, dionl_residue, member)

static const struct field dev_fields[] = {
	FIELD(DIO_VFIO_A_DEV_ADDR, TEXT, dionl_dev, addr),
	DEV(STATE, state), DEV(POLICY, policy), DEV(LEVEL, level), DEV(LEVEL_MAX, level_max),
	DEV(D3_FORCE, d3_force), DEV(READY_TIMEOUT, ready_timeout),
	DEV(IDLE_TIMEOUT, idle_timeout), DEV(DRAIN, drain), DEV(RESETS, resets),
	DEV(FAILURES, failures), DEV(LAST_ID, last_id),
	FIELD(DIO_VFIO_A_DEV_RELEASED, FLAG, dionl_dev, released),
	DEV(INTX, intx), DEV(RECHECK, recheck), DEV(VECTORS, vectors),
	{ }
};

static const struct field irq_fields[] = {
	FIELD(DIO_VFIO_A_IRQ_ADDR, TEXT, dionl_irq, addr),
	IRQ(INDEX, index), IRQ(VECTOR, vector), IRQ(VIA, via), IRQ(HOST_IRQ, host_irq),
	IRQ_FLAG(ENABLED, enabled), IRQ_FLAG(MASKED, masked), IRQ_FLAG(BYPASS, bypass),
	IRQ(RECHECK, recheck), IRQ(HOLDOFF, holdoff), IRQ(INTERRUPTS, interrupts),
	IRQ(DELIVERED, delivered), IRQ(WHILE_MASKED, while_masked), IRQ(PENDING, pending),
	IRQ(RECHECKS, rechecks), IRQ(SPURIOUS, spurious), IRQ(MERGED, merged),
	IRQ(SWAPS, swaps), IRQ(STORMS, storms), IRQ(EVENT, event),
	IRQ(MASK, mask), IRQ(KEPT, kept),
	{ }
};

static const struct field reset_fields[] = {
	FIELD(DIO_VFIO_A_RESET_ADDR, TEXT, dionl_reset, addr),
	RESET(ID, id), RESET(TRIGGER, trigger), RESET(POLICY, policy), RESET(RESULT, result),
	RESET(LEVEL, level), RESET(STATE, state), RESET(TIME, time),
	RESET(DURATION, duration), RESET(IDLE, idle), RESET(IDLE_TIME, idle_time),
	FIELD(DIO_VFIO_A_RESET_DRY_RUN, FLAG, dionl_reset, dry_run),
	{ }
};

static const struct field step_fields[] = {
	STEP(METHOD, method), STEP(RESULT, result), STEP(LEVEL, level), STEP(ERROR, error),
	STEP(DURATION, duration), STEP(PLANTED, planted), STEP(SURVIVED, survived),
	STEP(SCRUBBED, scrubbed),
	FIELD(DIO_VFIO_A_STEP_REASON, TEXT, dionl_step, reason),
	{ }
};

static const struct field residue_fields[] = {
	FIELD(DIO_VFIO_A_RESIDUE_NAME, TEXT, dionl_residue, name),
	RESIDUE(BAR, bar), RESIDUE(OFFSET, offset), RESIDUE(COUNT, count),
	RESIDUE(PLANTED, planted), RESIDUE(FOUND, found),
	FIELD(DIO_VFIO_A_RESIDUE_KNOWN, FLAG, dionl_residue, known),
	FIELD(DIO_VFIO_A_RESIDUE_SCRUBBED, FLAG, dionl_residue, scrubbed),
	{ }
};

static void store(const struct field *fields, const struct nlattr *a, void *to)
{
	const struct field *f;
	uint64_t number;

	for (f = fields; f->attr; f++) {
		char *place = (char *)to + f->offset;

		if (f->attr != genl_type(a))
			continue;
		number = genl_number(a);
		if (f->kind == TEXT)
			genl_text(a, place, f->size);
		else if (f->kind == FLAG)
			*(bool *)place = true;
		else
			memcpy(place, &number, f->size);
	}
}

static void store_nest(const struct field *fields, const struct nlattr *nest, void *to)
{
	struct genl_walk w = genl_walk_nest(nest);
	const struct nlattr *a;

	while ((a = genl_next(&w)))
		store(fields, a, to);
}

static void store_method(const struct nlattr *a, uint32_t *list, int *count)
{
	if (*count < DIONL_METHODS)
		list[(*count)++] = genl_number(a);
}

void dionl_parse_dev(const struct nlmsghdr *m, struct dionl_dev *dev)
{
	struct genl_walk w = genl_walk(m);
	const struct nlattr *a;

	while ((a = genl_next(&w))) {
		store(dev_fields, a, dev);
		if (genl_type(a) == DIO_VFIO_A_DEV_METHOD)
			store_method(a, dev->method, &dev->methods);
		else if (genl_type(a) == DIO_VFIO_A_DEV_AVAILABLE)
			store_method(a, dev->available, &dev->availables);
	}
}

void dionl_parse_reset(const struct nlmsghdr *m, struct dionl_reset *rec)
{
	struct genl_walk w = genl_walk(m);
	const struct nlattr *a;

	while ((a = genl_next(&w))) {
		store(reset_fields, a, rec);
		if (genl_type(a) == DIO_VFIO_A_RESET_STEP && rec->steps < DIONL_STEPS)
			store_nest(step_fields, a, &rec->step[rec->steps++]);
		else if (genl_type(a) == DIO_VFIO_A_RESET_RESIDUE &&
			 rec->residues < DIONL_RESIDUE)
			store_nest(residue_fields, a, &rec->residue[rec->residues++]);
	}
}

void dionl_parse_irq(const struct nlmsghdr *m, struct dionl_irq *irq)
{
	struct genl_walk w = genl_walk(m);
	const struct nlattr *a;

	while ((a = genl_next(&w)))
		store(irq_fields, a, irq);
}
