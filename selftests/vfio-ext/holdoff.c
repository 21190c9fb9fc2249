// SPDX-License-Identifier: GPL-2.0
/*
 * Hold-off: deliveries of a vector are spaced, and nothing is lost by that. The
 * machine's time is its instructions, so that a millisecond is one however busy
 * the host is.
 *
 *   igb_host  MSI-X; MSI with a mask bit: the device's pending bit merges
 *   edu_rp    MSI without one: the handler merges
 */
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <linux/pci_regs.h>

#include "kselftest_harness.h"
#include "clock.h"
#include "report.h"
#include "stage.h"
#include "vectors.h"

#define INTERVAL_US 1000
#define LONG_US 20000		/* there is time to do things before it ends */
#define PERIOD_US 50		/* 20 000 a second */
#define EVENTS 20000
#define ROUNDS 1000
#define BURST 8
#define LATE_MS 0.3		/* timer, handler, and the way to this program */
#define ARRIVAL_MS 2000
#define RATE_TIMEOUT_S 240

FIXTURE(holdoff) {
	struct stage stage;
	struct owner owner;
	const struct vectors_device *dev;
	int32_t fd;
};

FIXTURE_VARIANT(holdoff) {
	const char *device;
	const struct vectors_device *vectors;
};

FIXTURE_VARIANT_ADD(holdoff, msix) {
	.device = "igb_host", .vectors = &vectors_igb_msix,
};
FIXTURE_VARIANT_ADD(holdoff, msi) {
	.device = "igb_host", .vectors = &vectors_igb_msi,
};
FIXTURE_VARIANT_ADD(holdoff, msi_without_mask) {
	.device = "edu_rp", .vectors = &vectors_edu_msi,
};

FIXTURE_SETUP(holdoff)
{
	struct mode mode = MODE_PERMISSIVE;
	struct stage *s = &self->stage;

	/* A sleep ends when it should, not 50 us later. */
	prctl(PR_SET_TIMERSLACK, 1);
	self->owner = (struct owner)OWNER_INIT;
	self->dev = variant->vectors;
	self->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	STAGE_SETUP(s, variant->device, &mode);
	ASSERT_EQ(0, dionl_dev_vectors(&s->nl, s->dev.addr, DIO_VFIO_VECTORS_OWN));
	ASSERT_EQ(0, owner_open(&self->owner, &s->dev));
	owner_enable(&self->owner, COMMAND_MEM | COMMAND_BME);
	ASSERT_EQ(0, vectors_trigger(&self->owner, self->dev->index, 0, 1, &self->fd));
	self->dev->ready(&self->owner.mmio);
}

FIXTURE_TEARDOWN(holdoff)
{
	owner_close(&self->owner);
	stage_close(&self->stage);
	close(self->fd);
}

static int hold_off(FIXTURE_DATA(holdoff) *self, uint32_t us)
{
	struct stage *s = &self->stage;

	return dionl_irq_holdoff(&s->nl, s->dev.addr, self->dev->index, 0, us);
}

static void raise_one(const FIXTURE_DATA(holdoff) *self)
{
	self->dev->raise(&self->owner.mmio, 0);
}

static uint64_t wait_one(const FIXTURE_DATA(holdoff) *self)
{
	return vectors_wait(self->fd, ARRIVAL_MS * clock_scale());
}

/* No signal for three intervals. */
static bool nothing(const FIXTURE_DATA(holdoff) *self, uint32_t us)
{
	return !vectors_wait(self->fd, 3 * us / 1000 + 1);
}

/* One delivered at once, and one that waits for the end of the interval. */
static void deliver_and_wait(struct __test_metadata *_metadata, FIXTURE_DATA(holdoff) *self)
{
	raise_one(self);
	ASSERT_EQ(1, (int)wait_one(self));
	raise_one(self);
	ASSERT_EQ(0, (int)vectors_take(self->fd));
}

/* 20 000 a second; the signals, all of them, and how long it took. */
static uint64_t storm(const FIXTURE_DATA(holdoff) *self, int n, double *ms)
{
	double start = clock_ms();
	uint64_t signals, more;
	struct timespec next;
	int i;

	clock_gettime(CLOCK_MONOTONIC, &next);
	for (i = 0; i < n; i++) {
		raise_one(self);
		next.tv_nsec += PERIOD_US * 1000;
		next.tv_sec += next.tv_nsec / 1000000000;
		next.tv_nsec %= 1000000000;
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
	}
	*ms = clock_ms() - start;
	for (signals = 0; (more = vectors_wait(self->fd, 3)); )
		signals += more;
	return signals;
}

TEST_F_TIMEOUT(holdoff, rate, RATE_TIMEOUT_S)
{
	int n = EVENTS / clock_scale();
	struct stage *s = &self->stage;
	struct dionl_irq irq;
	uint64_t signals;
	double ms;

	/* The control: without it, each is delivered. */
	signals = storm(self, n, &ms);
	say("no hold-off: %d events, %llu delivered in %.1f ms", n, (unsigned long long)signals,
	    ms);
	EXPECT_EQ(n, (int)signals);
	EXPECT_GT(1.1 * n * PERIOD_US / 1000 * clock_scale(), ms);

	ASSERT_EQ(0, hold_off(self, INTERVAL_US));
	signals = storm(self, n, &ms);
	say("hold-off %d us: %d events, %llu delivered in %.1f ms", INTERVAL_US, n,
	    (unsigned long long)signals, ms);
	/* The first is delivered at once, the last one after the end. */
	EXPECT_GE(ms * 1000 / INTERVAL_US + 2, (double)signals);
	EXPECT_LE(ms * 1000 / INTERVAL_US / 2, (double)signals);
	/* so many a second it was */
	EXPECT_GT(1.1 * n * PERIOD_US / 1000 * clock_scale(), ms);

	ASSERT_EQ(0, dionl_irq_get(&s->nl, s->dev.addr, self->dev->index, 0, &irq));
	say("%llu interrupts, %llu delivered, %llu merged", (unsigned long long)irq.interrupts,
	    (unsigned long long)irq.delivered, (unsigned long long)irq.merged);
	EXPECT_EQ(INTERVAL_US, (int)irq.holdoff);
	EXPECT_EQ(n + signals, irq.delivered);
	EXPECT_EQ(signals - 1, irq.merged);
}

/*
 * A burst and then nothing: one signal at once, and one for all the rest when
 * the interval ends, not before and not after. It is the driver's time that is
 * looked at: no worker of the kernel's has the one CPU before this program, as
 * one had for 0.3 ms.
 */
TEST_F_TIMEOUT(holdoff, last, RATE_TIMEOUT_S)
{
	struct sched_param first = { .sched_priority = 1 };
	int i, k, rounds = ROUNDS / clock_scale(), spoiled = 0, late = 0;
	double bound = INTERVAL_US / 1e3 + LATE_MS * clock_scale(), begin, last, end, worst = 0;

	ASSERT_EQ(0, sched_setscheduler(0, SCHED_FIFO, &first));
	ASSERT_EQ(0, hold_off(self, INTERVAL_US));
	for (i = 0; i < rounds; i++) {
		begin = clock_ms();
		raise_one(self);
		ASSERT_EQ(1, (int)wait_one(self));
		for (k = 0; k <= i % BURST; k++)
			raise_one(self);
		last = clock_ms();
		if (last - begin >= INTERVAL_US / 1e3) {
			while (!nothing(self, INTERVAL_US))
				;
			spoiled++;
			continue;
		}
		ASSERT_EQ(1, (int)wait_one(self));
		end = clock_ms();
		EXPECT_LE(INTERVAL_US / 1e3, end - begin);
		if (end - last > worst)
			worst = end - last;
		late += end - last > bound;
		ASSERT_TRUE(nothing(self, INTERVAL_US));
	}
	say("%d bursts: the last event came after at most %.3f ms, %d late", rounds, worst, late);
	/* a thread of a debug kernel's may have the one CPU for milliseconds */
	EXPECT_GE(clock_scale() > 1 ? rounds / 50 : 0, late);
	/* a slow kernel's burst may take longer than the interval */
	EXPECT_GE(rounds / (clock_scale() > 1 ? 2 : 10), spoiled);
}

/* A mask outlives the interval; an end of the hold-off ends it. */
TEST_F(holdoff, mask_and_end)
{
	int index = self->dev->index;
	double begin;

	ASSERT_EQ(0, hold_off(self, LONG_US));
	deliver_and_wait(_metadata, self);
	ASSERT_EQ(0, vectors_act(&self->owner, index, VFIO_IRQ_SET_ACTION_MASK, 0, 1));
	EXPECT_TRUE(nothing(self, LONG_US));
	ASSERT_EQ(0, vectors_act(&self->owner, index, VFIO_IRQ_SET_ACTION_UNMASK, 0, 1));
	EXPECT_EQ(1, (int)wait_one(self));
	EXPECT_TRUE(nothing(self, LONG_US));

	deliver_and_wait(_metadata, self);
	begin = clock_ms();
	ASSERT_EQ(0, hold_off(self, 0));
	EXPECT_EQ(1, (int)wait_one(self));
	EXPECT_GT(LONG_US / 2e3 * clock_scale(), clock_ms() - begin);
	EXPECT_TRUE(nothing(self, LONG_US));
}

/* It is the owner's: off and on again keeps it, the next owner has none. */
TEST_F(holdoff, life)
{
	struct stage *s = &self->stage;
	const char *addr = s->dev.addr;
	int index = self->dev->index, n = self->dev->count;
	struct dionl_irq irq;

	EXPECT_EQ(-EINVAL, dionl_irq_holdoff(&s->nl, addr, index, n, INTERVAL_US));
	EXPECT_EQ(-EOPNOTSUPP, dionl_irq_holdoff(&s->nl, addr, DIO_VFIO_IRQ_INDEX_INTX, 0,
						 INTERVAL_US));
	EXPECT_EQ(-ERANGE, hold_off(self, DIO_VFIO_HOLDOFF_MAX_US + 1));
	ASSERT_EQ(0, hold_off(self, DIO_VFIO_HOLDOFF_MAX_US));
	ASSERT_EQ(0, dionl_irq_holdoff(&s->nl, addr, index, -1, LONG_US));
	ASSERT_EQ(0, vectors_disable(&self->owner, index));
	ASSERT_EQ(0, vectors_trigger(&self->owner, index, 0, 1, &self->fd));
	self->dev->ready(&self->owner.mmio);
	ASSERT_EQ(0, dionl_irq_get(&s->nl, addr, index, 0, &irq));
	EXPECT_EQ(LONG_US, (int)irq.holdoff);
	deliver_and_wait(_metadata, self);
	EXPECT_EQ(1, (int)wait_one(self));

	owner_close(&self->owner);
	EXPECT_EQ(-ENODEV, hold_off(self, INTERVAL_US));
	ASSERT_EQ(0, owner_open(&self->owner, &s->dev));
	EXPECT_EQ(-ENOENT, dionl_irq_get(&s->nl, addr, index, 0, &irq));
	owner_enable(&self->owner, COMMAND_MEM | COMMAND_BME);
	ASSERT_EQ(0, vectors_trigger(&self->owner, index, 0, 1, &self->fd));
	ASSERT_EQ(0, dionl_irq_get(&s->nl, addr, index, 0, &irq));
	EXPECT_EQ(0, (int)irq.holdoff);

	owner_close(&self->owner);
	ASSERT_EQ(0, dionl_dev_vectors(&s->nl, addr, DIO_VFIO_VECTORS_STOCK));
	ASSERT_EQ(0, owner_open(&self->owner, &s->dev));
	EXPECT_EQ(-EOPNOTSUPP, hold_off(self, INTERVAL_US));
}

TEST_HARNESS_MAIN
