// SPDX-License-Identifier: GPL-2.0
/*
 * Ways to a reset that no other test goes: the device-specific sequence of the
 * table, which must be asked for, and VFIO's hot reset. And what an administrator
 * writes to sysfs reset_method while a reset is under way.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "kselftest_harness.h"
#include "clock.h"
#include "owner.h"
#include "report.h"
#include "stage.h"
#include "sysfs.h"

#define NARROWED "flr"		/* what the PCI core is left with meanwhile */
#define NARROWED_BOUND_MS 5000

FIXTURE(methods) {
	struct stage stage;
	struct owner owner;
	struct dionl_reset rec;
};

FIXTURE_VARIANT(methods) {
	const char *device;
};

FIXTURE_VARIANT_ADD(methods, root_bus) { .device = "e1000e_root" };
FIXTURE_VARIANT_ADD(methods, port) { .device = "e1000e_rp25" };

FIXTURE_SETUP(methods)
{
	struct mode permissive = MODE_PERMISSIVE;

	self->owner = (struct owner)OWNER_INIT;
	STAGE_SETUP(&self->stage, variant->device, &permissive);
}

FIXTURE_TEARDOWN(methods)
{
	owner_close(&self->owner);
	stage_close(&self->stage);
}

static int use(struct stage *s, uint32_t method)
{
	struct dionl_set set = DIONL_SET_INIT;

	set.method[set.methods++] = method;
	return dionl_dev_set(&s->nl, s->dev.addr, &set);
}

/* 82574: CTRL.RST reaches the registers; without being asked for it is not used. */
TEST_F(methods, device_specific)
{
	struct stage *s = &self->stage;
	const struct dionl_step *step;

	ASSERT_EQ(0, dionl_dev_reset(&s->nl, s->dev.addr, false, &self->rec));
	EXPECT_EQ(NULL, dionl_step_of(&self->rec, DIO_VFIO_METHOD_DEVICE));
	ASSERT_EQ(0, use(s, DIO_VFIO_METHOD_DEVICE));
	ASSERT_EQ(0, dionl_dev_reset(&s->nl, s->dev.addr, false, &self->rec));
	dionl_say_reset(&self->rec);
	EXPECT_EQ(DIO_VFIO_RESULT_VERIFIED, self->rec.result);
	EXPECT_EQ(DIO_VFIO_LEVEL_FUNCTION, self->rec.level);
	step = dionl_step_of(&self->rec, DIO_VFIO_METHOD_DEVICE);
	ASSERT_NE(NULL, step);
	EXPECT_GT(step->planted, step->survived);
	EXPECT_EQ(0, owner_open(&self->owner, &s->dev));
}

/* The whole bus of one function, as QEMU asks for it. */
TEST_F(methods, hot_reset)
{
	struct stage *s = &self->stage;
	struct vfio_pci_hot_reset *ask;
	int rc;

	ask = calloc(1, sizeof(*ask) + sizeof(int32_t));
	ASSERT_NE(NULL, ask);
	ASSERT_EQ(0, owner_open(&self->owner, &s->dev));
	stage_drain(s);
	ask->argsz = sizeof(*ask) + sizeof(int32_t);
	ask->count = 1;
	ask->group_fds[0] = self->owner.group;
	rc = ioctl(self->owner.device, VFIO_DEVICE_PCI_HOT_RESET, ask) ? -errno : 0;
	free(ask);
	if (!strcmp(variant->device, "e1000e_root")) {
		EXPECT_EQ(-ENODEV, rc);
		EXPECT_EQ(0, stage_events(s, &self->rec, 1));
		return;
	}
	EXPECT_EQ(0, rc);
	ASSERT_EQ(1, stage_events(s, &self->rec, 1));
	EXPECT_EQ(DIO_VFIO_TRIGGER_HOT_RESET, self->rec.trigger);
	EXPECT_EQ(DIO_VFIO_RESULT_VERIFIED, self->rec.result);
	EXPECT_EQ(DIO_VFIO_METHOD_BUS, self->rec.step[0].method);
}

FIXTURE(sysfs_order) {
	struct stage stage;
	struct owner owner;
	const char *choice;	/* NULL: nobody writes */
	bool seen;
};

FIXTURE_VARIANT(sysfs_order) {
	const char *choice;
};

FIXTURE_VARIANT_ADD(sysfs_order, kept) { .choice = NULL };
FIXTURE_VARIANT_ADD(sysfs_order, another) { .choice = "bus" };
FIXTURE_VARIANT_ADD(sysfs_order, the_same) { .choice = NARROWED };

FIXTURE_SETUP(sysfs_order)
{
	struct mode permissive = MODE_PERMISSIVE;

	self->owner = (struct owner)OWNER_INIT;
	self->choice = variant->choice;
	STAGE_SETUP(&self->stage, "igb_pf", &permissive);
	ASSERT_EQ(0, owner_open(&self->owner, &self->stage.dev))
		stage_close(&self->stage);
}

FIXTURE_TEARDOWN(sysfs_order)
{
	owner_close(&self->owner);
	EXPECT_EQ(0, pcidev_set_methods(&self->stage.dev, "default"));
	stage_close(&self->stage);
}

static void read_order(const struct pcidev *d, char *buf, int size)
{
	if (sysfs_read(buf, size, PCI_SYSFS "/reset_method", d->addr) < 0)
		buf[0] = 0;
}

static bool is_narrowed(const struct pcidev *d)
{
	char now[64];

	read_order(d, now, sizeof(now));
	return !strcmp(now, NARROWED);
}

/* The administrator: writes as soon as the reset has begun. */
static void *choose(void *data)
{
	FIXTURE_DATA(sysfs_order) *self = data;
	const struct pcidev *d = &self->stage.dev;

	self->seen = wait_until(is_narrowed(d), NARROWED_BOUND_MS);
	if (self->choice && pcidev_set_methods(d, self->choice))
		self->seen = false;
	return NULL;
}

TEST_F(sysfs_order, written_meanwhile)
{
	char before[64], after[64];
	pthread_t writer;

	read_order(&self->stage.dev, before, sizeof(before));
	ASSERT_STRNE(NARROWED, before);
	ASSERT_EQ(0, pthread_create(&writer, NULL, choose, self));
	EXPECT_EQ(0, owner_reset(&self->owner));
	pthread_join(writer, NULL);
	EXPECT_TRUE(self->seen);
	read_order(&self->stage.dev, after, sizeof(after));
	say("reset_method was %s, is %s", before, after);
	EXPECT_STREQ(self->choice ? self->choice : before, after);
}

TEST_HARNESS_MAIN
