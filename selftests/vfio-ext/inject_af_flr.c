// SPDX-License-Identifier: GPL-2.0
/*
 * Advanced Features FLR, the function level reset of conventional devices: one
 * that resets configuration space, and one that does nothing, on an edu behind
 * a port.  edu's own four registers outlive any reset; the MSI address and data
 * that a test plants beside them do not.
 */
#include <errno.h>
#include <string.h>
#include <linux/pci_regs.h>

#include "kselftest_harness.h"
#include "inject.h"
#include "report.h"
#include "resetrun.h"

#define AF 0xe0			/* edu has nothing there */
#define PLANTED 6
#define REGISTERS 4		/* of PLANTED, edu's own */
#define IDLE_TIMEOUT_MS 200
#define FLR_MS 100
#define SLOW_MS 5000

FIXTURE(af) {
	struct stage stage;
	struct reset_run run;
};

FIXTURE_VARIANT(af) {
	struct mode mode;
	const char *how;
	bool core;		/* the PCI core runs it: reset_method af_flr */
	bool bus;		/* a bus reset is allowed after it */
	int survivors;
	uint32_t result;	/* of the af-flr step */
};

#define STOCK(name, kind, left)							\
FIXTURE_VARIANT_ADD(af, stock_##name) {						\
	.mode = MODE_STOCK, .how = kind, .core = true, .survivors = left,	\
}

#define DIOK(name, kind, by_core, then_bus, verdict)				\
FIXTURE_VARIANT_ADD(af, diok_##name) {						\
	.mode = MODE_PERMISSIVE, .how = kind, .core = by_core, .bus = then_bus,	\
	.result = DIO_VFIO_RESULT_##verdict,					\
}

STOCK(honest, "honest", REGISTERS);
STOCK(lie, "lie", PLANTED);
DIOK(honest, "honest", false, false, VERIFIED);
DIOK(honest_by_core, "honest", true, false, VERIFIED);
DIOK(lie, "lie", false, false, FAILED);
DIOK(lie_by_core_then_bus, "lie", true, true, FAILED);

static int allow(struct stage *s, bool bus)
{
	struct dionl_set set = DIONL_SET_INIT;

	set.idle_timeout = IDLE_TIMEOUT_MS;
	set.method[set.methods++] = DIO_VFIO_METHOD_AF_FLR;
	if (bus)
		set.method[set.methods++] = DIO_VFIO_METHOD_BUS;
	return dionl_dev_set(&s->nl, s->dev.addr, &set);
}

FIXTURE_SETUP(af)
{
	struct stage *s = &self->stage;

	STAGE_SETUP(s, "edu_rp", &variant->mode);
	ASSERT_EQ(0, inject_take(&s->dev));
	ASSERT_EQ(0, inject_af(AF, variant->how));
	ASSERT_EQ(AF, pcidev_cap(&s->dev, PCI_CAP_ID_AF));
	if (variant->core)
		ASSERT_EQ(0, pcidev_set_methods(&s->dev, "af_flr"));
	if (mode_is_dio(&variant->mode))
		ASSERT_EQ(0, allow(s, variant->bus));
}

FIXTURE_TEARDOWN(af)
{
	stage_close(&self->stage);
	EXPECT_EQ(0, inject_release());
	pcidev_set_methods(&self->stage.dev, "default");
}

/* @rec is the reset of a variant of ours. */
static void check_record(struct __test_metadata *_metadata, const struct dionl_reset *rec,
			 const FIXTURE_VARIANT(af) *variant)
{
	bool verified = variant->bus || variant->result == DIO_VFIO_RESULT_VERIFIED;
	const struct dionl_step *af;

	ASSERT_NE(NULL, rec);
	EXPECT_EQ(verified ? DIO_VFIO_RESULT_VERIFIED : DIO_VFIO_RESULT_FAILED, rec->result);
	af = dionl_step_of(rec, DIO_VFIO_METHOD_AF_FLR);
	ASSERT_NE(NULL, af);
	EXPECT_EQ(variant->result, af->result);
	EXPECT_EQ(0, af->error);
	EXPECT_EQ(variant->bus ? 2 : 1, rec->steps);
	if (variant->result == DIO_VFIO_RESULT_FAILED)
		EXPECT_NE(NULL, strstr(af->reason, "canaries survived"));
	if (!verified)
		return;
	EXPECT_EQ(DIO_VFIO_LEVEL_FUNCTION, rec->level);
	EXPECT_EQ(0, dionl_residue_count(rec, true));
	EXPECT_LE(REGISTERS, dionl_residue_count(rec, false));
}

/* Under permissive the caller is told what the PCI core believed. */
static int expected_rc(const FIXTURE_VARIANT(af) *variant)
{
	bool verified = variant->bus || variant->result == DIO_VFIO_RESULT_VERIFIED;

	return variant->core || verified ? 0 : -ENOTTY;
}

TEST_F(af, ioctl)
{
	struct reset_run *run = &self->run;
	struct inject_seen seen;

	ASSERT_EQ(0, reset_run(&self->stage, canary_edu, HOW_IOCTL, 1, run));
	EXPECT_EQ(expected_rc(variant), run->rc);
	EXPECT_EQ(PLANTED, run->canaries.taken);
	EXPECT_EQ(variant->survivors, run->canaries.survived);
	ASSERT_EQ(0, inject_seen(&seen));
	/* Of open, of the ioctl, of close. */
	EXPECT_EQ(3, (int)seen.flr);
	if (mode_is_dio(&variant->mode)) {
		EXPECT_EQ(variant->bus ? 3 : 0, (int)seen.bus);
		check_record(_metadata, reset_run_event(run, DIO_VFIO_TRIGGER_IOCTL), variant);
	}
}

TEST_F(af, new_owner)
{
	struct reset_run *run = &self->run;

	ASSERT_EQ(0, reset_run(&self->stage, canary_edu, HOW_NEWOWNER, 1, run));
	EXPECT_EQ(0, run->rc);
	EXPECT_EQ(PLANTED, run->canaries.taken);
	EXPECT_EQ(variant->survivors, run->canaries.survived);
	if (mode_is_dio(&variant->mode)) {
		check_record(_metadata, reset_run_event(run, DIO_VFIO_TRIGGER_CLOSE), variant);
		check_record(_metadata, reset_run_event(run, DIO_VFIO_TRIGGER_OPEN), variant);
	}
}

/* An honest device that ours may reset by its FLR alone. */
FIXTURE(honest) {
	struct stage stage;
	struct owner owner;
	struct dionl_reset rec;
};

FIXTURE_SETUP(honest)
{
	struct mode permissive = MODE_PERMISSIVE;
	struct stage *s = &self->stage;

	self->owner = (struct owner)OWNER_INIT;
	STAGE_SETUP(s, "edu_rp", &permissive);
	ASSERT_EQ(0, inject_take(&s->dev));
	ASSERT_EQ(0, inject_af(AF, "honest"));
	ASSERT_EQ(0, allow(s, false));
}

FIXTURE_TEARDOWN(honest)
{
	owner_close(&self->owner);
	stage_close(&self->stage);
	EXPECT_EQ(0, inject_release());
}

static void check_verified(struct __test_metadata *_metadata, const struct dionl_reset *rec)
{
	EXPECT_EQ(DIO_VFIO_RESULT_VERIFIED, rec->result);
	EXPECT_EQ(DIO_VFIO_LEVEL_FUNCTION, rec->level);
	ASSERT_EQ(1, rec->steps);
	EXPECT_EQ(DIO_VFIO_METHOD_AF_FLR, rec->step[0].method);
}

/* The owner writes the FLR bit itself. */
TEST_F(honest, guest_flr)
{
	struct stage *s = &self->stage;

	ASSERT_EQ(0, owner_open(&self->owner, &s->dev));
	stage_drain(s);
	EXPECT_EQ(0, owner_config_write(&self->owner, AF + PCI_AF_CTRL, 1, PCI_AF_CTRL_FLR));
	ASSERT_EQ(1, stage_events(s, &self->rec, 1));
	EXPECT_EQ(DIO_VFIO_TRIGGER_GUEST_FLR, self->rec.trigger);
	check_verified(_metadata, &self->rec);
}

/* A device that says for ever that transactions are pending is reset in the end. */
TEST_F(honest, transactions_pending_for_ever)
{
	struct stage *s = &self->stage;

	ASSERT_EQ(0, inject_rule(AF + PCI_AF_STATUS, 1, PCI_AF_STATUS_TP, PCI_AF_STATUS_TP,
				 INJECT_NOW, INJECT_FOR_EVER));
	ASSERT_EQ(0, dionl_dev_reset(&s->nl, s->dev.addr, false, &self->rec));
	dionl_say_reset(&self->rec);
	check_verified(_metadata, &self->rec);
	EXPECT_LE(IDLE_TIMEOUT_MS + FLR_MS, (int)self->rec.step[0].duration);
	EXPECT_GT(SLOW_MS, (int)self->rec.step[0].duration);
}

/* Without pending transactions nothing waits for them. */
TEST_F(honest, no_transactions_pending)
{
	struct stage *s = &self->stage;
	struct dionl_set set = DIONL_SET_INIT;

	set.idle_timeout = SLOW_MS;
	ASSERT_EQ(0, dionl_dev_set(&s->nl, s->dev.addr, &set));
	ASSERT_EQ(0, dionl_dev_reset(&s->nl, s->dev.addr, false, &self->rec));
	dionl_say_reset(&self->rec);
	check_verified(_metadata, &self->rec);
	EXPECT_GT(SLOW_MS, (int)self->rec.step[0].duration);
}

/* Strict: the liar is not given to anybody, until a reset of it is verified. */
TEST(strict_keeps_a_liar)
{
	struct mode strict = MODE_STRICT;
	struct owner o = OWNER_INIT;
	static struct dionl_reset rec;
	struct stage s;

	STAGE_SETUP(&s, "edu_rp", &strict);
	ASSERT_EQ(0, inject_take(&s.dev));
	EXPECT_EQ(0, inject_af(AF, "lie"));
	EXPECT_EQ(0, allow(&s, false));
	EXPECT_EQ(-EIO, owner_open(&o, &s.dev));
	EXPECT_EQ(DIO_VFIO_STATE_QUARANTINED, stage_state(&s));
	EXPECT_EQ(0, inject_take(&s.dev));
	EXPECT_EQ(0, inject_af(AF, "honest"));
	EXPECT_EQ(0, dionl_dev_reset(&s.nl, s.dev.addr, false, &rec));
	dionl_say_reset(&rec);
	EXPECT_EQ(DIO_VFIO_RESULT_VERIFIED, rec.result);
	EXPECT_EQ(DIO_VFIO_STATE_CLEAN, stage_state(&s));
	EXPECT_EQ(0, owner_open(&o, &s.dev));
	owner_close(&o);
	stage_close(&s);
	EXPECT_EQ(0, inject_release());
}

TEST_HARNESS_MAIN
