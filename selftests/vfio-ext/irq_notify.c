// SPDX-License-Identifier: GPL-2.0
/*
 * Clients in the kernel hear of each interrupt that reaches the host, in hard
 * interrupt context, from when they are attached until they are detached or the
 * device is unbound, and they may space it.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/eventfd.h>

#include "kselftest_harness.h"
#include "clock.h"
#include "irqload.h"
#include "irqprobe.h"
#include "kmod.h"
#include "report.h"
#include "stage.h"
#include "vectors.h"

#define EVENTS 1000
#define ATTACHES 200
#define ARRIVAL_MS 2000
#define HOLDOFF_US 5000
#define BURST 1000

FIXTURE(notify) {
	struct stage stage;
	struct owner owner;
	int32_t fd[VECTORS_MAX];
	struct irqprobe_seen seen;
	pthread_t traffic;
	volatile bool run;
};

FIXTURE_SETUP(notify)
{
	struct mode mode = MODE_PERMISSIVE;
	int i;

	self->owner = (struct owner)OWNER_INIT;
	for (i = 0; i < VECTORS_MAX; i++)
		self->fd[i] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	STAGE_SETUP(&self->stage, "igb_pf", &mode);
	ASSERT_EQ(0, irqprobe_load());
}

FIXTURE_TEARDOWN(notify)
{
	irqprobe_detach();
	owner_close(&self->owner);
	stage_close(&self->stage);
	EXPECT_EQ(0, irqprobe_unload());
}

static void own(struct __test_metadata *_metadata, FIXTURE_DATA(notify) *self, int vectors)
{
	const struct vectors_device *dev = &vectors_igb_msix;
	struct stage *s = &self->stage;

	ASSERT_EQ(0, dionl_dev_vectors(&s->nl, s->dev.addr, vectors));
	ASSERT_EQ(0, owner_open(&self->owner, &s->dev));
	owner_enable(&self->owner, COMMAND_MEM | COMMAND_BME);
	ASSERT_EQ(0, vectors_trigger(&self->owner, dev->index, 0, dev->count, self->fd));
	dev->ready(&self->owner.mmio);
}

/* @n events over all vectors, each of them delivered. */
static void events(struct __test_metadata *_metadata, FIXTURE_DATA(notify) *self, int n)
{
	int i;

	for (i = 0; i < n; i++) {
		vectors_igb_msix.raise(&self->owner.mmio, i % VECTORS_MAX);
		ASSERT_EQ(1, (int)vectors_wait(self->fd[i % VECTORS_MAX],
					       ARRIVAL_MS * clock_scale()));
	}
}

static void check_seen(struct __test_metadata *_metadata, FIXTURE_DATA(notify) *self,
		       unsigned long msix)
{
	ASSERT_EQ(0, irqprobe_seen(&self->seen));
	EXPECT_EQ(msix, self->seen.arrived);
	EXPECT_EQ(msix, self->seen.msix);
	EXPECT_EQ(0, self->seen.wrong);
}

TEST_F(notify, arrivals)
{
	struct stage *s = &self->stage;
	unsigned long n;

	ASSERT_EQ(0, irqprobe_attach(&s->dev));
	own(_metadata, self, DIO_VFIO_VECTORS_OWN);
	events(_metadata, self, EVENTS);
	check_seen(_metadata, self, EVENTS);
	EXPECT_EQ((EVENTS - 1) % VECTORS_MAX, (int)self->seen.last);

	/* Nothing after the detach, and from the next attach on again. */
	ASSERT_EQ(0, irqprobe_detach());
	events(_metadata, self, EVENTS);
	check_seen(_metadata, self, EVENTS);
	ASSERT_EQ(0, irqprobe_attach(&s->dev));
	events(_metadata, self, EVENTS / 2);
	check_seen(_metadata, self, EVENTS / 2);

	/* A loopback test reaches no host. */
	n = self->seen.arrived;
	ASSERT_EQ(0, vectors_act(&self->owner, vectors_igb_msix.index,
				 VFIO_IRQ_SET_ACTION_TRIGGER, 0, VECTORS_MAX));
	check_seen(_metadata, self, n);
}

/* Control: vectors that vfio-pci-core serves are not told. */
TEST_F(notify, stock_vectors)
{
	ASSERT_EQ(0, irqprobe_attach(&self->stage.dev));
	own(_metadata, self, DIO_VFIO_VECTORS_STOCK);
	events(_metadata, self, EVENTS);
	check_seen(_metadata, self, 0);
	EXPECT_EQ(-EOPNOTSUPP, irqprobe_holdoff(DIO_VFIO_IRQ_INDEX_MSIX, 0, HOLDOFF_US));
}

static void *traffic(void *arg)
{
	FIXTURE_DATA(notify) *self = arg;
	int i;

	for (i = 0; self->run; i++) {
		vectors_igb_msix.raise(&self->owner.mmio, i % VECTORS_MAX);
		sched_yield();
	}
	return NULL;
}

/* Comes and goes while the device sends: after the detach nothing is told. */
TEST_F_TIMEOUT(notify, comes_and_goes, 120)
{
	int i, n = ATTACHES / clock_scale();
	unsigned long arrived, total = 0;

	own(_metadata, self, DIO_VFIO_VECTORS_OWN);
	self->run = true;
	ASSERT_EQ(0, pthread_create(&self->traffic, NULL, traffic, self));
	for (i = 0; i < n; i++) {
		ASSERT_EQ(0, irqprobe_attach(&self->stage.dev));
		EXPECT_TRUE(wait_until(!irqprobe_seen(&self->seen) && self->seen.arrived,
				       ARRIVAL_MS * clock_scale()));
		ASSERT_EQ(0, irqprobe_detach());
		ASSERT_EQ(0, irqprobe_seen(&self->seen));
		arrived = self->seen.arrived;
		sched_yield();
		ASSERT_EQ(0, irqprobe_seen(&self->seen));
		ASSERT_EQ(arrived, self->seen.arrived);
		ASSERT_EQ(0, self->seen.wrong);
		total += arrived;
	}
	self->run = false;
	pthread_join(self->traffic, NULL);
	say("%d attaches, %lu interrupts", n, total);
}

TEST_F(notify, holdoff)
{
	struct stage *s = &self->stage;
	struct dionl_irq irq;
	int i;

	ASSERT_EQ(0, irqprobe_attach(&s->dev));
	EXPECT_EQ(-ENODEV, irqprobe_holdoff(DIO_VFIO_IRQ_INDEX_MSIX, 0, HOLDOFF_US));
	own(_metadata, self, DIO_VFIO_VECTORS_OWN);
	EXPECT_EQ(-EOPNOTSUPP, irqprobe_holdoff(DIO_VFIO_IRQ_INDEX_INTX, 0, HOLDOFF_US));
	EXPECT_EQ(-EINVAL, irqprobe_holdoff(DIO_VFIO_IRQ_INDEX_MSI, 0, HOLDOFF_US));
	EXPECT_EQ(-EINVAL, irqprobe_holdoff(DIO_VFIO_IRQ_INDEX_MSIX, VECTORS_MAX, HOLDOFF_US));
	EXPECT_EQ(-EINVAL, irqprobe_holdoff(DIO_VFIO_IRQ_INDEX_MSIX, 0,
					    DIO_VFIO_HOLDOFF_MAX_US + 1));
	ASSERT_EQ(0, irqprobe_holdoff(DIO_VFIO_IRQ_INDEX_MSIX, -1, HOLDOFF_US));
	for (i = 0; i < VECTORS_MAX; i++) {
		ASSERT_EQ(0, dionl_irq_get(&s->nl, s->dev.addr, DIO_VFIO_IRQ_INDEX_MSIX, i, &irq));
		EXPECT_EQ(HOLDOFF_US, (int)irq.holdoff);
	}
	/* The device's pending bit merges: what is told is what is delivered. */
	for (i = 0; i < BURST; i++)
		vectors_igb_msix.raise(&self->owner.mmio, 3);
	while (vectors_wait(self->fd[3], 3 * HOLDOFF_US / 1000))
		;
	ASSERT_EQ(0, dionl_irq_get(&s->nl, s->dev.addr, DIO_VFIO_IRQ_INDEX_MSIX, 3, &irq));
	EXPECT_LT(0, (int)irq.merged);
	EXPECT_LT(1, (int)irq.delivered);
	EXPECT_GT(BURST, (int)irq.delivered);
	check_seen(_metadata, self, irq.delivered);
}

/* Unbound under the client: told once, silent then, and let go later. */
TEST_F(notify, unbound)
{
	struct stage *s = &self->stage;

	ASSERT_EQ(0, irqprobe_attach(&s->dev));
	own(_metadata, self, DIO_VFIO_VECTORS_OWN);
	events(_metadata, self, VECTORS_MAX);
	check_seen(_metadata, self, VECTORS_MAX);
	owner_close(&self->owner);
	EXPECT_EQ(-EWOULDBLOCK, kmod_unload(KMOD_DIO));
	ASSERT_EQ(0, pcidev_unbind(&s->dev));
	check_seen(_metadata, self, VECTORS_MAX);
	EXPECT_EQ(1, self->seen.gone);
	EXPECT_EQ(-ENODEV, irqprobe_holdoff(DIO_VFIO_IRQ_INDEX_MSIX, 0, HOLDOFF_US));
	EXPECT_EQ(0, irqprobe_detach());
	EXPECT_EQ(-ENODEV, irqprobe_attach(&s->dev));

	/* Bound anew it is another binding. */
	ASSERT_EQ(0, pcidev_bind(&s->dev, DRIVER_DIO));
	ASSERT_EQ(0, irqprobe_attach(&s->dev));
	own(_metadata, self, DIO_VFIO_VECTORS_OWN);
	events(_metadata, self, VECTORS_MAX);
	check_seen(_metadata, self, VECTORS_MAX);
}

/* INTx on an MSI: one arrival an interrupt. */
FIXTURE(notify_intx) {
	struct stage stage;
	struct irqload load;
};

FIXTURE_VARIANT(notify_intx) {
	int intx, told;
};

FIXTURE_VARIANT_ADD(notify_intx, msi) {
	.intx = DIO_VFIO_INTX_MSI, .told = EVENTS,
};
FIXTURE_VARIANT_ADD(notify_intx, line) {
	.intx = DIO_VFIO_INTX_LINE, .told = 0,
};

FIXTURE_SETUP(notify_intx)
{
	struct dionl_set set = DIONL_SET_INIT;
	struct mode mode = MODE_PERMISSIVE;
	struct stage *s = &self->stage;

	self->load.owner = (struct owner)OWNER_INIT;
	STAGE_SETUP(s, "edu_rp", &mode);
	set.intx = variant->intx;
	ASSERT_EQ(0, dionl_dev_set(&s->nl, s->dev.addr, &set));
	ASSERT_EQ(0, irqprobe_load());
	ASSERT_EQ(0, irqprobe_attach(&s->dev));
	ASSERT_EQ(0, irqload_open(&self->load, &s->dev, false, IRQLOAD_IOCTL));
}

FIXTURE_TEARDOWN(notify_intx)
{
	irqload_close(&self->load);
	irqprobe_detach();
	stage_close(&self->stage);
	EXPECT_EQ(0, irqprobe_unload());
}

TEST_F(notify_intx, arrivals)
{
	struct irqprobe_seen seen;

	ASSERT_EQ(0, irqload_run(&self->load, EVENTS, NULL));
	ASSERT_EQ(0, irqprobe_seen(&seen));
	EXPECT_EQ(variant->told, (int)seen.arrived);
	EXPECT_EQ(variant->told, (int)seen.intx);
	EXPECT_EQ(0, seen.wrong);
}

TEST_HARNESS_MAIN
