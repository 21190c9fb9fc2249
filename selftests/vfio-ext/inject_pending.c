// SPDX-License-Identifier: GPL-2.0
/*
 * Transactions Pending of a PCIe function (igb with an FLR): clear after a
 * while, clear only after the idle timeout, or never.  It is set from the moment
 * that bus master is switched off, as by a device that still awaits completions.
 */
#include <errno.h>
#include <string.h>
#include <linux/pci_regs.h>

#include "kselftest_harness.h"
#include "inject.h"
#include "owner.h"
#include "report.h"
#include "stage.h"

#define SHORT_MS 200		/* idle timeouts */
#define LONG_MS 5000
#define PENDING "600"
#define PENDING_MS 600
#define SLOW_MS 5000		/* a host with other work */

FIXTURE(pending) {
	struct stage stage;
	struct owner owner;
	struct dionl_reset rec;
};

FIXTURE_VARIANT(pending) {
	struct mode mode;
	const char *until;	/* pending for so long, NULL: it is not */
	int timeout;
	int waits[2];		/* what the record says: at least, at most */
	int before;		/* the FLR does not come earlier */
	uint32_t idle, result;
	int rc;
	bool master;		/* bus master is back after the reset */
};

/* Stock waits 0.7 s, logs it, and switches bus master on again. */
FIXTURE_VARIANT_ADD(pending, stock_for_ever) {
	.mode = MODE_STOCK, .until = INJECT_FOR_EVER, .rc = 0, .master = true,
};
FIXTURE_VARIANT_ADD(pending, diok_not) {
	.mode = MODE_PERMISSIVE, .timeout = LONG_MS, .waits = { 0, PENDING_MS / 2 },
	.idle = DIO_VFIO_IDLE_IDLE, .result = DIO_VFIO_RESULT_VERIFIED, .master = true,
};
FIXTURE_VARIANT_ADD(pending, diok_for_a_while) {
	.mode = MODE_PERMISSIVE, .until = PENDING, .timeout = LONG_MS,
	.waits = { PENDING_MS / 2, LONG_MS - 1 }, .before = PENDING_MS - 5,
	.idle = DIO_VFIO_IDLE_IDLE, .result = DIO_VFIO_RESULT_VERIFIED, .master = true,
};
/* Longer than the timeout: the FLR ends it. */
FIXTURE_VARIANT_ADD(pending, diok_until_flr) {
	.mode = MODE_PERMISSIVE, .until = INJECT_FLR, .timeout = SHORT_MS,
	.waits = { SHORT_MS, SLOW_MS },
	.idle = DIO_VFIO_IDLE_IDLE, .result = DIO_VFIO_RESULT_VERIFIED, .master = true,
};
/* The wait before the method, and one after it. */
FIXTURE_VARIANT_ADD(pending, diok_for_ever) {
	.mode = MODE_PERMISSIVE, .until = INJECT_FOR_EVER, .timeout = SHORT_MS,
	.waits = { 2 * SHORT_MS, SLOW_MS },
	.idle = DIO_VFIO_IDLE_TIMEOUT, .result = DIO_VFIO_RESULT_FAILED,
};
FIXTURE_VARIANT_ADD(pending, strict_for_ever) {
	.mode = MODE_STRICT, .until = INJECT_FOR_EVER, .timeout = SHORT_MS,
	.waits = { 2 * SHORT_MS, SLOW_MS },
	.idle = DIO_VFIO_IDLE_TIMEOUT, .result = DIO_VFIO_RESULT_FAILED, .rc = -EIO,
};

static int inject(const struct pcidev *d, const char *until)
{
	int exp = pcidev_cap(d, PCI_CAP_ID_EXP), rc = inject_take(d);

	if (rc || !until)
		return rc;
	return inject_rule(exp + PCI_EXP_DEVSTA, 2, PCI_EXP_DEVSTA_TRPND, PCI_EXP_DEVSTA_TRPND,
			   INJECT_BME_OFF, until);
}

static int only_flr(struct stage *s, int timeout)
{
	struct dionl_set set = DIONL_SET_INIT;

	set.idle_timeout = timeout;
	set.method[set.methods++] = DIO_VFIO_METHOD_FLR;
	return dionl_dev_set(&s->nl, s->dev.addr, &set);
}

/* The owner of a working device: bus master on. */
FIXTURE_SETUP(pending)
{
	struct stage *s = &self->stage;

	self->owner = (struct owner)OWNER_INIT;
	STAGE_SETUP(s, "igb_pf", &variant->mode);
	if (mode_is_dio(&variant->mode))
		ASSERT_EQ(0, only_flr(s, variant->timeout));
	ASSERT_EQ(0, owner_open(&self->owner, &s->dev));
	ASSERT_EQ(0, inject(&s->dev, variant->until));
	owner_enable(&self->owner, COMMAND_MEM | COMMAND_BME);
	stage_drain(s);
}

FIXTURE_TEARDOWN(pending)
{
	owner_close(&self->owner);
	stage_close(&self->stage);
	EXPECT_EQ(0, inject_release());
}

static bool bus_master(const struct pcidev *d)
{
	return pcidev_config_read(d, PCI_COMMAND, 2) & PCI_COMMAND_MASTER;
}

static void check_record(struct __test_metadata *_metadata, const struct dionl_reset *rec,
			 const FIXTURE_VARIANT(pending) *variant)
{
	const struct dionl_step *flr = dionl_step_of(rec, DIO_VFIO_METHOD_FLR);

	EXPECT_EQ(variant->idle, rec->idle);
	EXPECT_LE(variant->waits[0], (int)rec->idle_time);
	EXPECT_GE(variant->waits[1], (int)rec->idle_time);
	EXPECT_EQ(variant->result, rec->result);
	ASSERT_NE(NULL, flr);
	EXPECT_LE(variant->before, (int)(rec->duration - flr->duration));
	EXPECT_EQ(variant->result, flr->result);
	if (variant->result == DIO_VFIO_RESULT_FAILED)
		EXPECT_STREQ("not idle after 200 ms", flr->reason);
}

TEST_F(pending, ioctl)
{
	struct stage *s = &self->stage;
	struct inject_seen seen;

	EXPECT_TRUE(bus_master(&s->dev));
	EXPECT_EQ(variant->rc, owner_reset(&self->owner));
	EXPECT_EQ(variant->master, bus_master(&s->dev));
	ASSERT_EQ(0, inject_seen(&seen));
	EXPECT_EQ(1, (int)seen.bme_off);
	EXPECT_EQ(1, (int)seen.flr);
	/* From then on it is the owner's word, but not in quarantine. */
	owner_enable(&self->owner, COMMAND_BME);
	EXPECT_EQ(!variant->rc, bus_master(&s->dev));
	if (!mode_is_dio(&variant->mode))
		return;
	EXPECT_EQ(variant->rc ? DIO_VFIO_STATE_QUARANTINED : DIO_VFIO_STATE_IN_USE,
		  stage_state(s));
	ASSERT_EQ(1, stage_events(s, &self->rec, 1));
	check_record(_metadata, &self->rec, variant);
}

/* Close: whatever the owner left behind, nothing masters the bus afterwards. */
TEST_F(pending, close)
{
	struct stage *s = &self->stage;

	owner_close(&self->owner);
	EXPECT_FALSE(bus_master(&s->dev));
	if (!mode_is_dio(&variant->mode))
		return;
	ASSERT_EQ(1, stage_events(s, &self->rec, 1));
	EXPECT_EQ(DIO_VFIO_TRIGGER_CLOSE, self->rec.trigger);
	check_record(_metadata, &self->rec, variant);
}

TEST_HARNESS_MAIN
