// SPDX-License-Identifier: GPL-2.0
/*
 * Strict policy on a device that nothing resets (e1000e on the root bus):
 * quarantined, closed to owners with EIO, bus master held off, and let out by
 * an administrator only, for one owner.
 */
#include <errno.h>
#include <linux/pci_regs.h>

#include "kselftest_harness.h"
#include "kmsg.h"
#include "owner.h"
#include "report.h"
#include "stage.h"

FIXTURE(quarantine) {
	struct stage stage;
	struct owner owner;
	struct dionl_reset rec;
};

/* Starts with the device in quarantine: the first strict open fails. */
FIXTURE_SETUP(quarantine)
{
	struct mode strict = MODE_STRICT;

	self->owner = (struct owner)OWNER_INIT;
	STAGE_SETUP(&self->stage, "e1000e_root", &strict);
	ASSERT_EQ(-EIO, owner_open(&self->owner, &self->stage.dev))
		stage_close(&self->stage);
}

FIXTURE_TEARDOWN(quarantine)
{
	owner_close(&self->owner);
	stage_close(&self->stage);
}

static bool bus_master(const struct pcidev *d)
{
	return pcidev_config_read(d, PCI_COMMAND, 2) & PCI_COMMAND_MASTER;
}

TEST_F(quarantine, open_is_refused)
{
	EXPECT_EQ(DIO_VFIO_STATE_QUARANTINED, stage_state(&self->stage));
	EXPECT_EQ(-EIO, owner_open(&self->owner, &self->stage.dev));
	EXPECT_EQ(DIO_VFIO_STATE_QUARANTINED, stage_state(&self->stage));
	EXPECT_FALSE(bus_master(&self->stage.dev));
}

TEST_F(quarantine, failed_reset_does_not_lift)
{
	const struct dionl_step *d3;

	stage_drain(&self->stage);
	dionl_dev_reset(&self->stage.nl, self->stage.dev.addr, false, &self->rec);
	dionl_say_reset(&self->rec);
	EXPECT_EQ(DIO_VFIO_TRIGGER_NETLINK, self->rec.trigger);
	EXPECT_EQ(DIO_VFIO_RESULT_FAILED, self->rec.result);
	EXPECT_EQ(DIO_VFIO_STATE_QUARANTINED, self->rec.state);
	d3 = dionl_step_of(&self->rec, DIO_VFIO_METHOD_D3);
	ASSERT_NE(NULL, d3);
	EXPECT_EQ(DIO_VFIO_RESULT_FAILED, d3->result);
	EXPECT_EQ(-EIO, owner_open(&self->owner, &self->stage.dev));
}

TEST_F(quarantine, release_admits_one_owner)
{
	struct stage *s = &self->stage;
	struct dionl_dev dev;

	ASSERT_EQ(0, dionl_dev_release(&s->nl, s->dev.addr));
	ASSERT_EQ(0, dionl_dev_get(&s->nl, s->dev.addr, &dev));
	EXPECT_TRUE(dev.released);
	ASSERT_EQ(0, owner_open(&self->owner, &s->dev));
	ASSERT_EQ(0, dionl_dev_get(&s->nl, s->dev.addr, &dev));
	EXPECT_EQ(DIO_VFIO_STATE_IN_USE, dev.state);
	EXPECT_TRUE(dev.released);
	/* The released owner has a working device. */
	owner_enable(&self->owner, COMMAND_MEM | COMMAND_BME);
	EXPECT_TRUE(bus_master(&s->dev));
	owner_close(&self->owner);
	ASSERT_EQ(0, dionl_dev_get(&s->nl, s->dev.addr, &dev));
	EXPECT_EQ(DIO_VFIO_STATE_QUARANTINED, dev.state);
	EXPECT_FALSE(dev.released);
	EXPECT_EQ(-EIO, owner_open(&self->owner, &s->dev));
}

/* Quarantine is about the device, not about the policy: release is asked for. */
TEST_F(quarantine, policy_does_not_lift)
{
	ASSERT_EQ(0, stage_policy(&self->stage, DIO_VFIO_POLICY_PERMISSIVE));
	EXPECT_EQ(-EIO, owner_open(&self->owner, &self->stage.dev));
	ASSERT_EQ(0, dionl_dev_release(&self->stage.nl, self->stage.dev.addr));
	ASSERT_EQ(0, owner_open(&self->owner, &self->stage.dev));
	owner_close(&self->owner);
	EXPECT_EQ(DIO_VFIO_STATE_UNVERIFIED, stage_state(&self->stage));
}

/* A reset that fails under an owner: EIO, and bus master is held off. */
TEST(failed_ioctl_holds_bus_master_off)
{
	struct mode permissive = MODE_PERMISSIVE;
	struct owner o = OWNER_INIT;
	struct stage s;
	int mark = kmsg_mark();

	if (pcidev_find(&s.dev, "e1000e_root"))
		SKIP(return, "this machine has no device e1000e_root");
	ASSERT_EQ(0, stage_open(&s, &permissive))
		stage_close(&s);
	EXPECT_EQ(0, owner_open(&o, &s.dev));
	EXPECT_EQ(0, stage_policy(&s, DIO_VFIO_POLICY_STRICT));
	owner_enable(&o, COMMAND_MEM | COMMAND_BME);
	EXPECT_TRUE(bus_master(&s.dev));
	EXPECT_EQ(-EIO, owner_reset(&o));
	EXPECT_FALSE(bus_master(&s.dev));
	owner_enable(&o, COMMAND_BME);
	EXPECT_FALSE(bus_master(&s.dev));
	/* Nothing of this is silent: the log has one line for each. */
	EXPECT_EQ(1, kmsg_count(mark, "reset (ioctl) failed: d3: "));
	owner_close(&o);
	EXPECT_EQ(DIO_VFIO_STATE_QUARANTINED, stage_state(&s));
	EXPECT_EQ(1, kmsg_count(mark, "reset (close) failed: d3: "));
	stage_close(&s);
}

/* Where a bus reset exists, strict never stands in the way. */
TEST(verified_device_is_never_quarantined)
{
	struct mode strict = MODE_STRICT;
	struct stage s;
	struct owner o = OWNER_INIT;
	int i;

	if (pcidev_find(&s.dev, "e1000e_rp25"))
		SKIP(return, "this machine has no device e1000e_rp25");
	ASSERT_EQ(0, stage_open(&s, &strict))
		stage_close(&s);
	for (i = 0; i < 2; i++) {
		EXPECT_EQ(0, owner_open(&o, &s.dev));
		EXPECT_EQ(DIO_VFIO_STATE_IN_USE, stage_state(&s));
		owner_close(&o);
		EXPECT_EQ(DIO_VFIO_STATE_CLEAN, stage_state(&s));
	}
	stage_close(&s);
}

/* Stock has no notion of it: opens as if nothing had happened. */
TEST(stock_opens_what_nothing_reset)
{
	struct mode stock = MODE_STOCK;
	struct owner o = OWNER_INIT;
	struct stage s;

	if (pcidev_find(&s.dev, "e1000e_root"))
		SKIP(return, "this machine has no device e1000e_root");
	ASSERT_EQ(0, stage_open(&s, &stock))
		stage_close(&s);
	EXPECT_EQ(0, owner_open(&o, &s.dev));
	owner_close(&o);
	stage_close(&s);
}

TEST_HARNESS_MAIN
