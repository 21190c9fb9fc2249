// SPDX-License-Identifier: GPL-2.0
/*
 * A device of which nothing is known: no PCIe, so no Transactions Pending, and
 * no row in the device table, so no idle indication.  It gets the drain time.
 * The device is an edu that is discovered anew with other ids.
 */
#include <errno.h>
#include <linux/pci_regs.h>

#include "kselftest_harness.h"
#include "inject.h"
#include "report.h"
#include "stage.h"

#define STRANGER 0x00051b36	/* PCI test device: no row, no driver */
#define DRAIN_MS 300
#define AT_ONCE_MS 200
#define SLOW_MS 5000

FIXTURE(drain) {
	struct stage stage;
	struct dionl_reset rec;
};

FIXTURE_VARIANT(drain) {
	bool stranger;
	int drain;
	uint32_t idle;
	int waits[2];		/* at least, at most */
	uint32_t level;		/* the best that can be proven */
};

FIXTURE_VARIANT_ADD(drain, row) {
	.drain = DRAIN_MS, .idle = DIO_VFIO_IDLE_IDLE, .waits = { 0, AT_ONCE_MS },
	.level = DIO_VFIO_LEVEL_FUNCTION,
};
FIXTURE_VARIANT_ADD(drain, stranger) {
	.stranger = true, .drain = DRAIN_MS, .idle = DIO_VFIO_IDLE_DRAINED,
	.waits = { DRAIN_MS, SLOW_MS }, .level = DIO_VFIO_LEVEL_CONFIG,
};
FIXTURE_VARIANT_ADD(drain, stranger_without_drain) {
	.stranger = true, .drain = 0, .idle = DIO_VFIO_IDLE_DRAINED,
	.waits = { 0, AT_ONCE_MS }, .level = DIO_VFIO_LEVEL_CONFIG,
};

static int disguise(const struct pcidev *d)
{
	int rc = inject_take(d);

	if (!rc)
		rc = inject_rule(PCI_VENDOR_ID, 4, UINT32_MAX, STRANGER, INJECT_NOW,
				 INJECT_FOR_EVER);
	return rc ? rc : inject_rediscover(d);
}

FIXTURE_SETUP(drain)
{
	struct mode permissive = MODE_PERMISSIVE;
	struct dionl_set set = DIONL_SET_INIT;
	struct stage *s = &self->stage;

	if (pcidev_find(&s->dev, "edu_rp2"))
		SKIP(return, "this machine has no device edu_rp2");
	ASSERT_EQ(0, inject_release());
	if (variant->stranger)
		ASSERT_EQ(0, disguise(&s->dev));
	ASSERT_EQ(0, stage_open(s, &permissive))
		stage_close(s);
	set.drain = variant->drain;
	ASSERT_EQ(0, dionl_dev_set(&s->nl, s->dev.addr, &set));
}

FIXTURE_TEARDOWN(drain)
{
	stage_close(&self->stage);
	EXPECT_EQ(0, inject_release());
	if (variant->stranger)
		EXPECT_EQ(0, inject_rediscover(&self->stage.dev));
}

TEST_F(drain, dev_reset)
{
	struct stage *s = &self->stage;

	ASSERT_EQ(0, dionl_dev_reset(&s->nl, s->dev.addr, false, &self->rec));
	dionl_say_reset(&self->rec);
	EXPECT_EQ(variant->idle, self->rec.idle);
	EXPECT_LE(variant->waits[0], (int)self->rec.idle_time);
	EXPECT_GE(variant->waits[1], (int)self->rec.idle_time);
	EXPECT_LE(self->rec.idle_time, self->rec.duration);
	EXPECT_EQ(DIO_VFIO_RESULT_VERIFIED, self->rec.result);
	EXPECT_EQ(variant->level, self->rec.level);
}

/* What no row speaks for cannot be promised. */
TEST_F(drain, level_that_can_be_asked_for)
{
	struct dionl_set set = DIONL_SET_INIT;
	struct stage *s = &self->stage;
	struct dionl_dev dev;

	ASSERT_EQ(0, dionl_dev_get(&s->nl, s->dev.addr, &dev));
	EXPECT_EQ(variant->level, dev.level_max);
	set.policy = DIO_VFIO_POLICY_STRICT;
	set.level = DIO_VFIO_LEVEL_FUNCTION;
	EXPECT_EQ(variant->stranger ? -EOPNOTSUPP : 0,
		  dionl_dev_set(&s->nl, s->dev.addr, &set));
}

TEST_HARNESS_MAIN
