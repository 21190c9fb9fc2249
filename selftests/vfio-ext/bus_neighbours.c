// SPDX-License-Identifier: GPL-2.0
/*
 * A bus reset takes every function of the bus with it: it is refused while a
 * neighbour is foreign or open, with a reason that names the neighbour, and
 * it is used when all of them are ours and closed.
 *
 *   root port --- bus --+-- edu_mf0 (function 0, the one to reset)
 *                       +-- edu_mf1 (function 1, the neighbour)
 */
#include <errno.h>
#include <string.h>

#include "kselftest_harness.h"
#include "canary.h"
#include "owner.h"
#include "report.h"
#include "stage.h"

FIXTURE(bus) {
	struct stage stage;
	struct pcidev neighbour;
	struct owner owner;
	struct dionl_reset rec;
};

FIXTURE_SETUP(bus)
{
	struct mode permissive = MODE_PERMISSIVE;

	self->owner = (struct owner)OWNER_INIT;
	if (pcidev_find(&self->neighbour, "edu_mf1"))
		SKIP(return, "this machine has no device edu_mf1");
	STAGE_SETUP(&self->stage, "edu_mf0", &permissive);
}

FIXTURE_TEARDOWN(bus)
{
	owner_close(&self->owner);
	pcidev_restore(&self->neighbour);
	stage_close(&self->stage);
}

static void expect_refused(struct __test_metadata *_metadata, FIXTURE_DATA(bus) *self)
{
	struct stage *s = &self->stage;
	const struct dionl_step *bus;

	dionl_dev_reset(&s->nl, s->dev.addr, false, &self->rec);
	dionl_say_reset(&self->rec);
	EXPECT_EQ(DIO_VFIO_RESULT_FAILED, self->rec.result);
	bus = dionl_step_of(&self->rec, DIO_VFIO_METHOD_BUS);
	ASSERT_NE(NULL, bus);
	EXPECT_EQ(DIO_VFIO_RESULT_UNAVAILABLE, bus->result);
	EXPECT_NE(NULL, strstr(bus->reason, self->neighbour.addr));
}

TEST_F(bus, neighbour_without_driver)
{
	expect_refused(_metadata, self);
}

TEST_F(bus, neighbour_of_vfio_pci)
{
	ASSERT_EQ(0, pcidev_bind(&self->neighbour, DRIVER_STOCK));
	expect_refused(_metadata, self);
}

/* What a refused bus reset must not do: touch the neighbour. */
TEST_F(bus, neighbour_open)
{
	struct canary_set canaries;

	ASSERT_EQ(0, pcidev_bind(&self->neighbour, DRIVER_DIO));
	ASSERT_EQ(0, owner_open(&self->owner, &self->neighbour));
	owner_enable(&self->owner, COMMAND_MEM | COMMAND_BME);
	canary_init(&canaries, &self->neighbour, canary_edu);
	canary_plant(&canaries, &self->owner.mmio);
	expect_refused(_metadata, self);
	canary_check(&canaries, &self->owner.mmio);
	canary_say(&canaries, "(neighbour, open)");
	EXPECT_EQ(6, canaries.survived);
	EXPECT_EQ(COMMAND_MEM | COMMAND_BME,
		  pcidev_config_read(&self->neighbour, 4, 2) & (COMMAND_MEM | COMMAND_BME));
}

TEST_F(bus, neighbour_ours_and_closed)
{
	struct stage *s = &self->stage;
	const struct dionl_step *bus;

	ASSERT_EQ(0, pcidev_bind(&self->neighbour, DRIVER_DIO));
	EXPECT_EQ(0, dionl_dev_reset(&s->nl, s->dev.addr, false, &self->rec));
	dionl_say_reset(&self->rec);
	EXPECT_EQ(DIO_VFIO_RESULT_VERIFIED, self->rec.result);
	bus = dionl_step_of(&self->rec, DIO_VFIO_METHOD_BUS);
	ASSERT_NE(NULL, bus);
	EXPECT_EQ(DIO_VFIO_RESULT_VERIFIED, bus->result);
	/* The neighbour came through it: it opens and works. */
	ASSERT_EQ(0, owner_open(&self->owner, &self->neighbour));
	owner_enable(&self->owner, COMMAND_MEM);
	EXPECT_EQ(0x010000edu, mmio_read(&self->owner.mmio, 0, 0, 4));
}

TEST_HARNESS_MAIN
