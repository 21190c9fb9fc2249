// SPDX-License-Identifier: GPL-2.0
/*
 * Who asked: every way to a reset leaves exactly one record and one event,
 * with its own trigger; the ring keeps the last 32; settings and bus master
 * outlive what they should.
 */
#include <errno.h>
#include <string.h>
#include <linux/pci_regs.h>

#include "kselftest_harness.h"
#include "owner.h"
#include "report.h"
#include "stage.h"

#define EVENTS 8

FIXTURE(trigger) {
	struct stage stage;
	struct owner owner;
	struct dionl_reset event[EVENTS];
};

FIXTURE_VARIANT(trigger) {
	struct mode mode;
};

FIXTURE_VARIANT_ADD(trigger, observe) { .mode = MODE_OBSERVE };
FIXTURE_VARIANT_ADD(trigger, permissive) { .mode = MODE_PERMISSIVE };

FIXTURE_SETUP(trigger)
{
	self->owner = (struct owner)OWNER_INIT;
	STAGE_SETUP(&self->stage, "igb_pf", &variant->mode);
	ASSERT_EQ(0, owner_open(&self->owner, &self->stage.dev))
		stage_close(&self->stage);
	stage_drain(&self->stage);
}

FIXTURE_TEARDOWN(trigger)
{
	owner_close(&self->owner);
	stage_close(&self->stage);
}

static uint64_t last_id(struct stage *s)
{
	struct dionl_dev dev;

	return dionl_dev_get(&s->nl, s->dev.addr, &dev) ? 0 : dev.last_id;
}

/* One event, one id further, and the ring's newest record is the same one. */
static void expect_one(struct __test_metadata *_metadata, FIXTURE_DATA(trigger) *self,
		       uint64_t id_before, uint32_t trigger)
{
	static struct dionl_reset ring[DIONL_RING];
	struct stage *s = &self->stage;
	int n = stage_events(s, self->event, EVENTS);

	ASSERT_EQ(1, n);
	EXPECT_EQ(trigger, self->event[0].trigger);
	EXPECT_EQ(s->mode.policy, (int)self->event[0].policy);
	EXPECT_EQ(id_before + 1, self->event[0].id);
	EXPECT_EQ(id_before + 1, last_id(s));
	n = dionl_reset_dump(&s->nl, s->dev.addr, ring, DIONL_RING);
	ASSERT_LT(0, n);
	ASSERT_GE(DIONL_RING, n);
	EXPECT_EQ(0, memcmp(&ring[n - 1], &self->event[0], sizeof(ring[0])));
}

static int guest_flr(const struct owner *o)
{
	int exp = pcidev_cap(o->pci, PCI_CAP_ID_EXP);
	uint16_t control = owner_config_read(o, exp + PCI_EXP_DEVCTL, 2);

	return owner_config_write(o, exp + PCI_EXP_DEVCTL, 2, control | PCI_EXP_DEVCTL_BCR_FLR);
}

TEST_F(trigger, under_an_owner)
{
	uint64_t id = last_id(&self->stage);

	EXPECT_EQ(0, owner_reset(&self->owner));
	expect_one(_metadata, self, id, DIO_VFIO_TRIGGER_IOCTL);
	EXPECT_EQ(0, pcidev_reset(&self->stage.dev));
	expect_one(_metadata, self, id + 1, DIO_VFIO_TRIGGER_SYSFS);
	EXPECT_EQ(0, guest_flr(&self->owner));
	expect_one(_metadata, self, id + 2, DIO_VFIO_TRIGGER_GUEST_FLR);
}

TEST_F(trigger, between_owners)
{
	static struct dionl_reset rec;
	uint64_t id = last_id(&self->stage);

	owner_close(&self->owner);
	expect_one(_metadata, self, id, DIO_VFIO_TRIGGER_CLOSE);
	EXPECT_EQ(0, dionl_dev_reset(&self->stage.nl, self->stage.dev.addr, false, &rec));
	expect_one(_metadata, self, id + 1, DIO_VFIO_TRIGGER_NETLINK);
	EXPECT_EQ(0, memcmp(&rec, &self->event[0], sizeof(rec)));
	ASSERT_EQ(0, owner_open(&self->owner, &self->stage.dev));
	expect_one(_metadata, self, id + 2, DIO_VFIO_TRIGGER_OPEN);
}

/* A runtime reset of a working device: its owner finds bus master as it was. */
TEST_F(trigger, bus_master_comes_back)
{
	uint32_t on = COMMAND_MEM | COMMAND_BME;

	owner_enable(&self->owner, on);
	EXPECT_EQ(0, owner_reset(&self->owner));
	EXPECT_EQ(on, pcidev_config_read(&self->stage.dev, PCI_COMMAND, 2) & on);
	owner_disable(&self->owner, COMMAND_BME);
	EXPECT_EQ(0, owner_reset(&self->owner));
	EXPECT_EQ(COMMAND_MEM, pcidev_config_read(&self->stage.dev, PCI_COMMAND, 2) & on);
}

TEST_F(trigger, settings_outlive_owners)
{
	struct dionl_set set = DIONL_SET_INIT;
	struct stage *s = &self->stage;
	struct dionl_dev dev;

	set.ready_timeout = 1234;
	set.drain = 7;
	set.method[set.methods++] = DIO_VFIO_METHOD_BUS;
	set.method[set.methods++] = DIO_VFIO_METHOD_FLR;
	ASSERT_EQ(0, dionl_dev_set(&s->nl, s->dev.addr, &set));
	owner_close(&self->owner);
	ASSERT_EQ(0, owner_open(&self->owner, &s->dev));
	ASSERT_EQ(0, dionl_dev_get(&s->nl, s->dev.addr, &dev));
	EXPECT_EQ(s->mode.policy, (int)dev.policy);
	EXPECT_EQ(1234, (int)dev.ready_timeout);
	EXPECT_EQ(7, (int)dev.drain);
	ASSERT_EQ(2, dev.methods);
	EXPECT_EQ(DIO_VFIO_METHOD_BUS, dev.method[0]);
	EXPECT_EQ(DIO_VFIO_METHOD_FLR, dev.method[1]);
}

/* The ring, on the fastest device: 40 resets, the last 32 kept, in order. */
TEST(ring_keeps_the_last_32)
{
	static struct dionl_reset ring[DIONL_RING + 8];
	struct mode permissive = MODE_PERMISSIVE;
	struct dionl_reset rec;
	struct stage s;
	int i, n;

	if (pcidev_find(&s.dev, "edu_rp"))
		SKIP(return, "this machine has no device edu_rp");
	ASSERT_EQ(0, stage_open(&s, &permissive))
		stage_close(&s);
	for (i = 0; i < DIONL_RING + 8; i++)
		EXPECT_EQ(0, dionl_dev_reset(&s.nl, s.dev.addr, false, &rec));
	n = dionl_reset_dump(&s.nl, s.dev.addr, ring, DIONL_RING + 8);
	EXPECT_EQ(DIONL_RING, n);
	for (i = 0; i < n; i++) {
		EXPECT_EQ(rec.id - n + 1 + i, ring[i].id);
		EXPECT_EQ(DIO_VFIO_TRIGGER_NETLINK, ring[i].trigger);
	}
	stage_close(&s);
}

TEST_HARNESS_MAIN
