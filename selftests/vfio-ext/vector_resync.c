// SPDX-License-Identifier: GPL-2.0
/*
 * A device that does not hear the unmask at the end of a hold-off interval: its
 * memory decoding is off, it sleeps, or it is being reset. The event that waits in
 * its pending bit is delivered when it is back. For machines whose time is their
 * instructions: an interval must not end before the device is deaf.
 */
#include <string.h>
#include <sys/eventfd.h>
#include <linux/pci_regs.h>

#include "kselftest_harness.h"
#include "clock.h"
#include "report.h"
#include "stage.h"
#include "vectors.h"

#define INTERVAL_US 20000
#define INTERVALS_MS (3 * INTERVAL_US / 1000 + 1)
#define ARRIVAL_MS 2000

FIXTURE(resync) {
	struct stage stage;
	struct owner owner;
	int32_t fd;
};

FIXTURE_SETUP(resync)
{
	const struct vectors_device *dev = &vectors_igb_msix;
	struct mode mode = MODE_PERMISSIVE;
	struct stage *s = &self->stage;

	self->owner = (struct owner)OWNER_INIT;
	self->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	STAGE_SETUP(s, "igb_host", &mode);
	ASSERT_EQ(0, dionl_dev_vectors(&s->nl, s->dev.addr, DIO_VFIO_VECTORS_OWN));
	ASSERT_EQ(0, owner_open(&self->owner, &s->dev));
	owner_enable(&self->owner, COMMAND_MEM | COMMAND_BME);
	ASSERT_EQ(0, vectors_trigger(&self->owner, dev->index, 0, 1, &self->fd));
	dev->ready(&self->owner.mmio);
	ASSERT_EQ(0, dionl_irq_holdoff(&s->nl, s->dev.addr, dev->index, 0, INTERVAL_US));
}

FIXTURE_TEARDOWN(resync)
{
	owner_close(&self->owner);
	stage_close(&self->stage);
	close(self->fd);
}

static void raise_one(const FIXTURE_DATA(resync) *self)
{
	vectors_igb_msix.raise(&self->owner.mmio, 0);
}

static int arrived(const FIXTURE_DATA(resync) *self)
{
	return vectors_wait(self->fd, ARRIVAL_MS * clock_scale());
}

static int late(const FIXTURE_DATA(resync) *self)
{
	return vectors_wait(self->fd, INTERVALS_MS);
}

/* One event delivered, one in the pending bit, and the interval runs. */
static void begin(struct __test_metadata *_metadata, const FIXTURE_DATA(resync) *self)
{
	double start = clock_ms();

	raise_one(self);
	ASSERT_EQ(1, arrived(self));
	raise_one(self);
	ASSERT_EQ(0, (int)vectors_take(self->fd));
	ASSERT_GT(INTERVAL_US / 2e3, clock_ms() - start);
}

/* Nothing of it is left: the next events are as the first. */
static void check_works(struct __test_metadata *_metadata, const FIXTURE_DATA(resync) *self)
{
	ASSERT_EQ(0, late(self));
	raise_one(self);
	ASSERT_EQ(1, arrived(self));
	raise_one(self);
	ASSERT_EQ(1, arrived(self));
}

TEST_F(resync, memory)
{
	begin(_metadata, self);
	owner_disable(&self->owner, COMMAND_MEM);
	EXPECT_EQ(0, late(self));
	owner_enable(&self->owner, COMMAND_MEM);
	EXPECT_EQ(1, arrived(self));
	check_works(_metadata, self);
}

/* Control: behind the driver's back the unmask is lost, and it stays lost. */
TEST_F(resync, behind_its_back)
{
	const struct pcidev *d = &self->stage.dev;
	uint32_t command = pcidev_config_read(d, PCI_COMMAND, 2);

	begin(_metadata, self);
	ASSERT_EQ(0, pcidev_config_write(d, PCI_COMMAND, 2, command & ~COMMAND_MEM));
	EXPECT_EQ(0, late(self));
	ASSERT_EQ(0, pcidev_config_write(d, PCI_COMMAND, 2, command));
	EXPECT_EQ(0, late(self));
	/* Until the owner writes what it has written before. */
	owner_enable(&self->owner, COMMAND_MEM);
	EXPECT_EQ(1, arrived(self));
	check_works(_metadata, self);
}

TEST_F(resync, sleep)
{
	int pm = pcidev_cap(&self->stage.dev, PCI_CAP_ID_PM);

	ASSERT_LT(0, pm);
	begin(_metadata, self);
	owner_config_write(&self->owner, pm + PCI_PM_CTRL, 2, 3);
	EXPECT_EQ(0, late(self));
	owner_config_write(&self->owner, pm + PCI_PM_CTRL, 2, 0);
	owner_enable(&self->owner, COMMAND_MEM | COMMAND_BME);
	EXPECT_EQ(1, arrived(self));
	check_works(_metadata, self);
}

/* The device forgets its event with all else; the vector is not stuck. */
TEST_F(resync, reset)
{
	begin(_metadata, self);
	ASSERT_EQ(0, owner_reset(&self->owner));
	owner_enable(&self->owner, COMMAND_MEM | COMMAND_BME);
	vectors_igb_msix.ready(&self->owner.mmio);
	check_works(_metadata, self);
}

/* A vector that its owner has masked stays masked through all of that. */
TEST_F(resync, masked)
{
	int index = vectors_igb_msix.index;

	begin(_metadata, self);
	ASSERT_EQ(0, vectors_act(&self->owner, index, VFIO_IRQ_SET_ACTION_MASK, 0, 1));
	owner_disable(&self->owner, COMMAND_MEM);
	owner_enable(&self->owner, COMMAND_MEM);
	EXPECT_EQ(0, late(self));
	owner_disable(&self->owner, COMMAND_MEM);
	ASSERT_EQ(0, vectors_act(&self->owner, index, VFIO_IRQ_SET_ACTION_UNMASK, 0, 1));
	EXPECT_EQ(1, arrived(self));
	owner_enable(&self->owner, COMMAND_MEM);
	check_works(_metadata, self);
}

TEST_HARNESS_MAIN
