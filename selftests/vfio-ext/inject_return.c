// SPDX-License-Identifier: GPL-2.0
/*
 * A device that is silent while its owner leaves, and answers later: it comes
 * back with the owner's bus master bit, which nobody could clear. It goes off
 * without anybody's doing, or at the first use. That the bit was on to the end
 * is seen by the injector, which counts the writes that switch it off.
 */
#include <errno.h>
#include <linux/pci_regs.h>

#include "kselftest_harness.h"
#include "clock.h"
#include "inject.h"
#include "owner.h"
#include "report.h"
#include "stage.h"

#define READY_MS 200
#define FENCE_BOUND_MS 10000	/* the driver looks once a second */

FIXTURE(back) {
	struct stage stage;
	struct owner owner;
	struct dionl_reset rec;
	unsigned int bme_off;	/* before the silence */
};

FIXTURE_VARIANT(back) {
	struct mode mode;
	const char *power;	/* of a closed device */
};

FIXTURE_VARIANT_ADD(back, permissive) { .mode = MODE_PERMISSIVE, .power = "auto" };
FIXTURE_VARIANT_ADD(back, strict_in_d0) { .mode = MODE_STRICT, .power = "on" };

static unsigned int bme_off(void)
{
	struct inject_seen seen = { 0 };

	inject_seen(&seen);
	return seen.bme_off;
}

static int settings(struct stage *s)
{
	struct dionl_set set = DIONL_SET_INIT;

	set.ready_timeout = READY_MS;
	set.method[set.methods++] = DIO_VFIO_METHOD_FLR;
	return dionl_dev_set(&s->nl, s->dev.addr, &set);
}

/* Nothing reaches the device until it is over. */
static int silence(void)
{
	return inject_unready(INJECT_NOW, INJECT_FOR_EVER);
}

static int silence_is_over(void)
{
	return inject_unready(INJECT_NOW, "0");
}

static bool is_silent(const struct pcidev *d)
{
	return pcidev_config_read(d, PCI_COMMAND, 2) == 0xffff;
}

static bool is_master(const struct pcidev *d)
{
	return pcidev_config_read(d, PCI_COMMAND, 2) & PCI_COMMAND_MASTER;
}

FIXTURE_SETUP(back)
{
	struct stage *s = &self->stage;

	self->owner = (struct owner)OWNER_INIT;
	STAGE_SETUP(s, "igb_pf", &variant->mode);
	pcidev_power(&s->dev, variant->power);
	ASSERT_EQ(0, settings(s));
	ASSERT_EQ(0, inject_take(&s->dev));
	ASSERT_EQ(0, owner_open(&self->owner, &s->dev));
	owner_enable(&self->owner, COMMAND_MEM | COMMAND_BME);
	ASSERT_TRUE(is_master(&s->dev));
	self->bme_off = bme_off();
	ASSERT_EQ(0, silence());
	owner_close(&self->owner);
	/* The owner has left, and nothing has reached the device. */
	EXPECT_TRUE(is_silent(&s->dev));
	EXPECT_EQ(self->bme_off, bme_off());
}

FIXTURE_TEARDOWN(back)
{
	owner_close(&self->owner);
	EXPECT_EQ(0, inject_release());
	pcidev_power(&self->stage.dev, "auto");
	stage_close(&self->stage);
}

/* It was on, it is off by one write, and the device is good for the next owner. */
static void check_fenced(struct __test_metadata *_metadata, FIXTURE_DATA(back) *self)
{
	struct stage *s = &self->stage;

	EXPECT_EQ(self->bme_off + 1, bme_off());
	EXPECT_FALSE(is_silent(&s->dev));
	EXPECT_FALSE(is_master(&s->dev));
	ASSERT_EQ(0, dionl_dev_reset(&s->nl, s->dev.addr, false, &self->rec));
	dionl_say_reset(&self->rec);
	EXPECT_EQ(DIO_VFIO_RESULT_VERIFIED, self->rec.result);
	EXPECT_EQ(DIO_VFIO_STATE_CLEAN, stage_state(s));
	EXPECT_EQ(0, owner_open(&self->owner, &s->dev));
	EXPECT_FALSE(is_master(&s->dev));
}

/* Without a touch: reading the injector's counter is none. */
static bool fenced_in_time(const FIXTURE_DATA(back) *self)
{
	double start = clock_ms();

	if (!wait_until(bme_off() > self->bme_off, FENCE_BOUND_MS * clock_scale()))
		return false;
	say("bus master off %.0f ms after the silence", clock_ms() - start);
	return true;
}

TEST_F(back, untouched)
{
	EXPECT_EQ(0, silence_is_over());
	EXPECT_TRUE(fenced_in_time(self));
	check_fenced(_metadata, self);
}

TEST_F(back, planned)
{
	struct stage *s = &self->stage;

	EXPECT_EQ(0, silence_is_over());
	EXPECT_EQ(0, dionl_dev_reset(&s->nl, s->dev.addr, true, &self->rec));
	check_fenced(_metadata, self);
}

TEST_F(back, reset)
{
	EXPECT_EQ(0, silence_is_over());
	EXPECT_EQ(0, dionl_dev_reset(&self->stage.nl, self->stage.dev.addr, false, &self->rec));
	EXPECT_EQ(DIO_VFIO_RESULT_VERIFIED, self->rec.result);
	check_fenced(_metadata, self);
}

/* Nobody gets a device that cannot be fenced; that it was asked for harms nothing. */
TEST_F(back, opened_while_silent)
{
	EXPECT_EQ(-EIO, owner_open(&self->owner, &self->stage.dev));
	EXPECT_EQ(0, silence_is_over());
	EXPECT_TRUE(fenced_in_time(self));
	check_fenced(_metadata, self);
}

TEST_F(back, unbound)
{
	EXPECT_EQ(0, silence_is_over());
	EXPECT_EQ(0, pcidev_unbind(&self->stage.dev));
	EXPECT_EQ(self->bme_off + 1, bme_off());
	EXPECT_FALSE(is_master(&self->stage.dev));
}

/* The driver does not wait for it, and looks no more: its module may be unloaded. */
TEST_F(back, unbound_while_silent)
{
	EXPECT_EQ(0, pcidev_unbind(&self->stage.dev));
	EXPECT_EQ(self->bme_off, bme_off());
	EXPECT_EQ(0, silence_is_over());
	EXPECT_TRUE(is_master(&self->stage.dev));
	pcidev_config_write(&self->stage.dev, PCI_COMMAND, 2, 0);
}

TEST_HARNESS_MAIN
