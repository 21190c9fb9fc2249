// SPDX-License-Identifier: GPL-2.0
/*
 * What a change of the eventfd and a mask cost, counted in the kernel, and that
 * both hold from the moment the call returns while the device goes on sending.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <sys/eventfd.h>

#include "kselftest_harness.h"
#include "clock.h"
#include "kcount.h"
#include "report.h"
#include "stage.h"
#include "vectors.h"

#define SWAPS 1000
#define RACES 500
#define ARRIVAL_MS 2000
#define RACE_TIMEOUT_S 120

/* Since 6.18 a request starts the chip, which masks and unmasks without a call. */
#define MASKS "pci_irq_mask_msix pci_irq_unmask_msix pci_irq_startup_msix "	\
	      "pci_irq_shutdown_msix pci_msi_mask_irq pci_msi_unmask_irq"

static const struct kcounter counters[] = {
	{ "free", "free_irq" },
	{ "request", "request_threaded_irq" },
	{ "config", "pci_conf1_read pci_conf1_write pci_mmcfg_read pci_mmcfg_write" },
	{ "message", "__pci_write_msi_msg" },
	{ "mask", MASKS },
	{ "invalidation", "qi_submit_sync" },
};

#define COUNTERS (int)(sizeof(counters) / sizeof(*counters))

struct counts {
	long free, request, config, message, mask, invalidation;
};

static struct counts counts_now(void)
{
	return (struct counts){
		kcount_named("free"), kcount_named("request"), kcount_named("config"),
		kcount_named("message"), kcount_named("mask"), kcount_named("invalidation"),
	};
}

static struct counts counts_since(const struct counts *old)
{
	struct counts n = counts_now();

	return (struct counts){
		n.free - old->free, n.request - old->request, n.config - old->config,
		n.message - old->message, n.mask - old->mask,
		n.invalidation - old->invalidation,
	};
}

static void counts_say(const char *what, int n, const struct counts *c)
{
	say("%d %s: free_irq %ld, request_irq %ld, config %ld, messages %ld, masks %ld, invalidations %ld",
	    n, what, c->free, c->request, c->config, c->message, c->mask, c->invalidation);
}

struct rig {
	struct stage stage;
	struct owner owner;
	const struct vectors_device *dev;
	int32_t fd[2];
};

static void rig_open(struct __test_metadata *_metadata, struct rig *r,
		     const struct vectors_device *dev)
{
	struct stage *s = &r->stage;

	r->dev = dev;
	r->fd[0] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	r->fd[1] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (mode_is_dio(&s->mode))
		ASSERT_EQ(0, dionl_dev_vectors(&s->nl, s->dev.addr, DIO_VFIO_VECTORS_OWN));
	ASSERT_EQ(0, owner_open(&r->owner, &s->dev));
	owner_enable(&r->owner, COMMAND_MEM | COMMAND_BME);
	ASSERT_EQ(0, vectors_trigger(&r->owner, dev->index, 0, 1, &r->fd[0]));
	dev->ready(&r->owner.mmio);
}

static void rig_close(struct rig *r)
{
	owner_close(&r->owner);
	stage_close(&r->stage);
	close(r->fd[0]);
	close(r->fd[1]);
}

static int swap_to(const struct rig *r, int which)
{
	return vectors_trigger(&r->owner, r->dev->index, 0, 1, &r->fd[which]);
}

static int act(const struct rig *r, uint32_t action)
{
	return vectors_act(&r->owner, r->dev->index, action, 0, 1);
}

FIXTURE(cost) {
	struct rig rig;
};

FIXTURE_VARIANT(cost) {
	struct mode mode;
};

FIXTURE_VARIANT_ADD(cost, stock) {
	.mode = MODE_STOCK,
};
FIXTURE_VARIANT_ADD(cost, diok) {
	.mode = MODE_PERMISSIVE,
};

FIXTURE_SETUP(cost)
{
	self->rig.owner = (struct owner)OWNER_INIT;
	STAGE_SETUP(&self->rig.stage, "igb_pf", &variant->mode);
	rig_open(_metadata, &self->rig, &vectors_igb_msix);
	ASSERT_EQ(0, kcount_start_named(counters, COUNTERS));
}

FIXTURE_TEARDOWN(cost)
{
	kcount_stop();
	rig_close(&self->rig);
}

/* Each one is followed by an event that must be the new eventfd's. */
TEST_F_TIMEOUT(cost, swap, RACE_TIMEOUT_S)
{
	int i, bound = ARRIVAL_MS * clock_scale();
	struct counts before = counts_now(), c;
	struct rig *r = &self->rig;

	for (i = 1; i <= SWAPS; i++) {
		ASSERT_EQ(0, swap_to(r, i % 2));
		r->dev->raise(&r->owner.mmio, 0);
		ASSERT_EQ(1, (int)vectors_wait(r->fd[i % 2], bound));
		ASSERT_EQ(0, (int)vectors_take(r->fd[!(i % 2)]));
	}
	c = counts_since(&before);
	counts_say("swaps", SWAPS, &c);
	if (!mode_is_dio(&variant->mode)) {
		EXPECT_EQ(SWAPS, c.free);
		EXPECT_EQ(SWAPS, c.request);
		EXPECT_LE(SWAPS, c.config);
		EXPECT_LE(SWAPS, c.message);
		EXPECT_LE(SWAPS, c.mask);
		return;
	}
	EXPECT_EQ(0, c.free + c.request);
	EXPECT_EQ(0, c.config);
	EXPECT_EQ(0, c.message + c.mask);
	EXPECT_EQ(0, c.invalidation);
}

/* A mask and an unmask: two writes to the device and nothing else. */
TEST_F(cost, mask)
{
	struct counts before = counts_now(), c;
	struct rig *r = &self->rig;
	int i;

	if (!mode_is_dio(&variant->mode)) {
		EXPECT_EQ(-ENOTTY, act(r, VFIO_IRQ_SET_ACTION_MASK));
		return;
	}
	for (i = 0; i < SWAPS; i++) {
		ASSERT_EQ(0, act(r, VFIO_IRQ_SET_ACTION_MASK));
		ASSERT_EQ(0, act(r, VFIO_IRQ_SET_ACTION_UNMASK));
	}
	c = counts_since(&before);
	counts_say("masks and unmasks", SWAPS, &c);
	EXPECT_EQ(0, c.free + c.request);
	EXPECT_EQ(0, c.config);
	EXPECT_EQ(0, c.message);
	EXPECT_EQ(2 * SWAPS, c.mask);
	EXPECT_EQ(0, c.invalidation);
}

/* A thread that is the device's traffic: events without a pause, or a pause. */
struct traffic {
	const struct rig *rig;
	pthread_t thread;
	volatile long raised;
	volatile bool pause, paused, stop;
};

static void *traffic_run(void *arg)
{
	struct traffic *t = arg;

	while (!t->stop) {
		t->paused = t->pause;
		if (t->paused) {
			sched_yield();
			continue;
		}
		t->rig->dev->raise(&t->rig->owner.mmio, 0);
		t->raised++;
		sched_yield();
	}
	return NULL;
}

static bool traffic_more(const struct traffic *t, int n)
{
	long end = t->raised + n;

	return wait_until((sched_yield(), t->raised >= end), ARRIVAL_MS * clock_scale());
}

static bool traffic_pause(struct traffic *t, bool pause)
{
	t->pause = pause;
	return wait_until((sched_yield(), t->paused == pause), ARRIVAL_MS * clock_scale());
}

FIXTURE(race) {
	struct rig rig;
	struct traffic traffic;
};

FIXTURE_VARIANT(race) {
	const char *device;
	const struct vectors_device *vectors;
};

FIXTURE_VARIANT_ADD(race, msix) {
	.device = "igb_pf", .vectors = &vectors_igb_msix,
};
FIXTURE_VARIANT_ADD(race, msi) {
	.device = "igb_pf", .vectors = &vectors_igb_msi,
};
FIXTURE_VARIANT_ADD(race, msi_without_mask) {
	.device = "edu_rp", .vectors = &vectors_edu_msi,
};

FIXTURE_SETUP(race)
{
	struct mode mode = MODE_PERMISSIVE;

	self->rig.owner = (struct owner)OWNER_INIT;
	STAGE_SETUP(&self->rig.stage, variant->device, &mode);
	rig_open(_metadata, &self->rig, variant->vectors);
	self->traffic.rig = &self->rig;
	ASSERT_EQ(0, pthread_create(&self->traffic.thread, NULL, traffic_run, &self->traffic));
}

FIXTURE_TEARDOWN(race)
{
	self->traffic.stop = true;
	if (self->traffic.rig)
		pthread_join(self->traffic.thread, NULL);
	rig_close(&self->rig);
}

TEST_F_TIMEOUT(race, mask, RACE_TIMEOUT_S)
{
	int i, rounds = RACES / clock_scale(), bound = ARRIVAL_MS * clock_scale();
	struct traffic *t = &self->traffic;
	struct rig *r = &self->rig;

	for (i = 0; i < rounds; i++) {
		ASSERT_TRUE(traffic_more(t, 1 + i % 3));
		ASSERT_EQ(0, act(r, VFIO_IRQ_SET_ACTION_MASK));
		vectors_take(r->fd[0]);
		ASSERT_TRUE(traffic_more(t, 2));
		ASSERT_EQ(0, (int)vectors_take(r->fd[0]));
		ASSERT_TRUE(traffic_pause(t, true));
		ASSERT_EQ(0, act(r, VFIO_IRQ_SET_ACTION_UNMASK));
		ASSERT_EQ(1, (int)vectors_wait(r->fd[0], bound));
		ASSERT_EQ(0, (int)vectors_take(r->fd[0]));
		ASSERT_TRUE(traffic_pause(t, false));
	}
	say("%d masks, %ld events", rounds, t->raised);
}

TEST_F_TIMEOUT(race, swap, RACE_TIMEOUT_S)
{
	int i, rounds = RACES / clock_scale(), bound = ARRIVAL_MS * clock_scale();
	struct traffic *t = &self->traffic;
	struct rig *r = &self->rig;

	for (i = 1; i <= rounds; i++) {
		ASSERT_TRUE(traffic_more(t, 1));
		ASSERT_EQ(0, swap_to(r, i % 2));
		vectors_take(r->fd[!(i % 2)]);
		ASSERT_TRUE(traffic_more(t, 2));
		ASSERT_EQ(0, (int)vectors_take(r->fd[!(i % 2)]));
		ASSERT_NE(0, (int)vectors_wait(r->fd[i % 2], bound));
	}
	say("%d swaps, %ld events", rounds, t->raised);
}

TEST_HARNESS_MAIN
