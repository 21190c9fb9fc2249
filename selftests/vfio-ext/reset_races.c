// SPDX-License-Identifier: GPL-2.0
/*
 * Resets asked for at the wrong moment: while the device is open, while
 * another reset runs, while it is being unbound or the module unloaded, on a
 * device that is not ours.  Each gets a clear error; nothing deadlocks (the
 * harness' time limit is the witness).
 */
#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "kselftest_harness.h"
#include "clock.h"
#include "kmod.h"
#include "owner.h"
#include "report.h"
#include "stage.h"

#define COUNT 20
#define RACE_TIMEOUT_S 60
#define START_BOUND_MS 5000

FIXTURE(races) {
	struct stage stage;
	struct owner owner;
	struct dionl_reset rec;
};

FIXTURE_SETUP(races)
{
	struct mode permissive = MODE_PERMISSIVE;

	self->owner = (struct owner)OWNER_INIT;
	STAGE_SETUP(&self->stage, "edu_rp", &permissive);
}

FIXTURE_TEARDOWN(races)
{
	owner_close(&self->owner);
	stage_close(&self->stage);
}

/* One kind of reset, COUNT times, and how each try ended. */
struct racer {
	pthread_t thread;
	const struct pcidev *dev;
	const struct owner *owner;
	int (*try)(struct racer *r);
	struct dionl nl;
	volatile int done;	/* watched while it runs */
	int busy, gone, other, last_other;
};

static int try_netlink(struct racer *r)
{
	struct dionl_reset rec;

	return dionl_dev_reset(&r->nl, r->dev->addr, false, &rec);
}

static int try_ioctl(struct racer *r)
{
	return owner_reset(r->owner);
}

static int try_sysfs(struct racer *r)
{
	return pcidev_reset(r->dev);
}

static void *race(void *arg)
{
	struct racer *r = arg;
	int i, rc;

	for (i = 0; i < COUNT; i++) {
		rc = r->try(r);
		if (!rc) {
			r->done++;
		} else if (rc == -EBUSY || rc == -EAGAIN) {
			r->busy++;
		} else if (rc == -ENODEV || rc == -ENOENT) {
			r->gone++;
		} else {
			r->other++;
			r->last_other = rc;
		}
	}
	return NULL;
}

static void start(struct __test_metadata *_metadata, struct racer *r, struct stage *s,
		  struct owner *o, int (*try)(struct racer *r))
{
	memset(r, 0, sizeof(*r));
	r->dev = &s->dev;
	r->owner = o;
	r->try = try;
	ASSERT_EQ(0, dionl_open(&r->nl));
	ASSERT_EQ(0, pthread_create(&r->thread, NULL, race, r));
}

static void join(struct __test_metadata *_metadata, struct racer *r, const char *name)
{
	pthread_join(r->thread, NULL);
	dionl_close(&r->nl);
	say("%s: %d done, %d busy, %d gone, %d other (%d)", name, r->done, r->busy, r->gone,
	    r->other, r->last_other);
	EXPECT_EQ(0, r->other);
	EXPECT_EQ(COUNT, r->done + r->busy + r->gone);
}

static void expect_usable(struct __test_metadata *_metadata, FIXTURE_DATA(races) *self)
{
	ASSERT_EQ(0, owner_open(&self->owner, &self->stage.dev));
	EXPECT_EQ(0, owner_reset(&self->owner));
	owner_close(&self->owner);
	EXPECT_EQ(DIO_VFIO_STATE_CLEAN, stage_state(&self->stage));
}

TEST_F(races, netlink_while_open)
{
	struct stage *s = &self->stage;

	ASSERT_EQ(0, owner_open(&self->owner, &s->dev));
	EXPECT_EQ(-EBUSY, dionl_dev_reset(&s->nl, s->dev.addr, false, &self->rec));
	say("while open: %s", s->nl.genl.text);
	EXPECT_NE(NULL, strstr(s->nl.genl.text, s->dev.addr));
	EXPECT_NE(NULL, strstr(s->nl.genl.text, "open"));
	EXPECT_EQ(DIO_VFIO_STATE_IN_USE, stage_state(s));
	owner_close(&self->owner);
	EXPECT_EQ(0, dionl_dev_reset(&s->nl, s->dev.addr, false, &self->rec));
}

TEST_F_TIMEOUT(races, two_netlink, RACE_TIMEOUT_S)
{
	struct racer a, b;

	start(_metadata, &a, &self->stage, NULL, try_netlink);
	start(_metadata, &b, &self->stage, NULL, try_netlink);
	join(_metadata, &a, "netlink a");
	join(_metadata, &b, "netlink b");
	EXPECT_LT(0, a.done);
	EXPECT_LT(0, b.done);
	expect_usable(_metadata, self);
}

/* VFIO's own lock makes ioctl and sysfs answer EAGAIN to each other. */
TEST_F_TIMEOUT(races, ioctl_sysfs_netlink, RACE_TIMEOUT_S)
{
	struct racer a, b, c;

	ASSERT_EQ(0, owner_open(&self->owner, &self->stage.dev));
	start(_metadata, &a, &self->stage, &self->owner, try_ioctl);
	start(_metadata, &b, &self->stage, &self->owner, try_sysfs);
	start(_metadata, &c, &self->stage, &self->owner, try_netlink);
	join(_metadata, &a, "ioctl");
	join(_metadata, &b, "sysfs");
	join(_metadata, &c, "netlink");
	EXPECT_LT(0, a.done + b.done);
	EXPECT_EQ(COUNT, c.busy);
	owner_close(&self->owner);
	expect_usable(_metadata, self);
}

TEST_F_TIMEOUT(races, netlink_and_unbind, RACE_TIMEOUT_S)
{
	struct racer a;

	start(_metadata, &a, &self->stage, NULL, try_netlink);
	EXPECT_TRUE(wait_until(a.done, START_BOUND_MS));
	EXPECT_EQ(0, pcidev_unbind(&self->stage.dev));
	join(_metadata, &a, "netlink against unbind");
	EXPECT_LT(0, a.gone);
	ASSERT_EQ(0, pcidev_bind(&self->stage.dev, DRIVER_DIO));
	ASSERT_EQ(0, stage_policy(&self->stage, DIO_VFIO_POLICY_PERMISSIVE));
	expect_usable(_metadata, self);
}

TEST_F_TIMEOUT(races, netlink_and_rmmod, RACE_TIMEOUT_S)
{
	struct racer a;
	int rc;

	start(_metadata, &a, &self->stage, NULL, try_netlink);
	EXPECT_TRUE(wait_until(a.done, START_BOUND_MS));
	rc = kmod_unload(KMOD_DIO);
	join(_metadata, &a, "netlink against rmmod");
	say("rmmod: %d", rc);
	EXPECT_TRUE(rc == 0 || rc == -EWOULDBLOCK);
	EXPECT_EQ(rc != 0, kmod_loaded(KMOD_DIO));
	dionl_close(&self->stage.events);
	dionl_close(&self->stage.nl);
	pcidev_restore(&self->stage.dev);
	ASSERT_EQ(0, stage_open(&self->stage, &self->stage.mode));
	expect_usable(_metadata, self);
}

static void expect_enodev(struct __test_metadata *_metadata, struct stage *s, const char *addr,
			  const char *text)
{
	struct dionl_reset rec;

	EXPECT_EQ(-ENODEV, dionl_dev_reset(&s->nl, addr, false, &rec));
	say("%s: %s", addr, s->nl.genl.text);
	EXPECT_NE(NULL, strstr(s->nl.genl.text, addr));
	EXPECT_NE(NULL, strstr(s->nl.genl.text, text));
	EXPECT_EQ(-ENODEV, dionl_dev_release(&s->nl, addr));
	EXPECT_EQ(-ENODEV, dionl_dev_policy(&s->nl, addr, DIO_VFIO_POLICY_STRICT));
}

TEST_F(races, devices_that_are_not_ours)
{
	struct pcidev other;

	expect_enodev(_metadata, &self->stage, "0000:ff:1f.7", "no such PCI device");
	ASSERT_EQ(0, pcidev_find(&other, "edu_root"));
	expect_enodev(_metadata, &self->stage, other.addr, "not bound to dio-vfio-pci");
	ASSERT_EQ(0, pcidev_bind(&other, DRIVER_STOCK));
	expect_enodev(_metadata, &self->stage, other.addr, "driver: vfio-pci");
	pcidev_restore(&other);
}

TEST_F(races, rmmod_while_open)
{
	ASSERT_EQ(0, owner_open(&self->owner, &self->stage.dev));
	EXPECT_EQ(-EWOULDBLOCK, kmod_unload(KMOD_DIO));
	EXPECT_TRUE(kmod_loaded(KMOD_DIO));
	EXPECT_EQ(0, owner_reset(&self->owner));
	owner_close(&self->owner);
	expect_usable(_metadata, self);
}

TEST_HARNESS_MAIN
