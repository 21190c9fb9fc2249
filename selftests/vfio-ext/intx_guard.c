// SPDX-License-Identifier: GPL-2.0
/*
 * A device that sends messages without end while its owner has the INTx masked
 * (before the EOI): the host's handler runs for 64 of them, then the MSI is masked
 * until the EOI, and nothing is lost by that.  edu's MSI has no mask bit, igb's
 * has one.  The control is the stock MSI: a handler run for each message.
 */
#include <linux/pci_regs.h>

#include "kselftest_harness.h"
#include "clock.h"
#include "intx.h"
#include "report.h"
#include "stage.h"

#define GUARD 64		/* messages between two EOIs */
#define FEW 4			/* on their way while the MSI is masked */
#define STORM 300
#define ROUNDS 20
#define SIGNAL_MS 2000
#define QUIET_MS 20

FIXTURE(guard) {
	struct stage stage;
	struct intx intx;
};

FIXTURE_VARIANT(guard) {
	const char *device;
	int recheck;			/* DIO_VFIO_RECHECK_* */
	bool needed;			/* the policy itself does not mask the MSI */
};

FIXTURE_VARIANT_ADD(guard, without_mask_bit) {
	.device = "edu_rp", .recheck = DIO_VFIO_RECHECK_MMIO, .needed = true,
};
FIXTURE_VARIANT_ADD(guard, with_mask_bit) {
	.device = "igb_pf", .recheck = DIO_VFIO_RECHECK_NONE, .needed = true,
};
FIXTURE_VARIANT_ADD(guard, masked_each_time) {
	.device = "igb_pf", .recheck = DIO_VFIO_RECHECK_PVM,
};

FIXTURE_SETUP(guard)
{
	const struct mode mode = MODE_PERMISSIVE;
	struct dionl_set set = DIONL_SET_INIT;
	struct stage *s = &self->stage;

	self->intx = (struct intx)INTX_INIT;
	STAGE_SETUP(s, variant->device, &mode);
	set.intx = DIO_VFIO_INTX_MSI;
	set.vectors = DIO_VFIO_VECTORS_STOCK;
	set.recheck = variant->recheck;
	ASSERT_EQ(0, dionl_dev_set(&s->nl, s->dev.addr, &set));
	ASSERT_EQ(0, intx_open(&self->intx, &s->dev));
}

FIXTURE_TEARDOWN(guard)
{
	intx_close(&self->intx);
	stage_close(&self->stage);
}

static void storm(const struct intx *x, int n)
{
	while (n--)
		intx_raise(x, n);
}

static int counts(struct stage *s, struct dionl_irq *irq)
{
	return dionl_irq_get(&s->nl, s->dev.addr, DIO_VFIO_IRQ_INDEX_INTX, 0, irq);
}

/* The handler's runs since the counters were @old, by us and by the kernel. */
static long runs(struct __test_metadata *_metadata, struct stage *s, const struct dionl_irq *old)
{
	struct dionl_irq now;

	EXPECT_EQ(0, counts(s, &now));
	EXPECT_EQ((long)now.interrupts, intx_runs(INTX_HANDLER_MSI, &s->dev));
	return now.interrupts - old->interrupts;
}

/* So few are not a storm: each is a run of the handler. */
TEST_F(guard, below)
{
	struct intx *x = &self->intx;
	struct dionl_irq old;

	ASSERT_EQ(0, intx_enable(x));
	intx_settle(x);
	ASSERT_EQ(0, counts(&self->stage, &old));
	storm(x, GUARD / 2);
	EXPECT_EQ(1, (int)vectors_wait(x->fd, SIGNAL_MS * clock_scale()));
	EXPECT_EQ(variant->needed ? GUARD / 2 : 1, runs(_metadata, &self->stage, &old));
	EXPECT_EQ(0, dionl_irq_events(&self->stage.events, self->stage.dev.addr, &old, 1,
				      QUIET_MS));
}

TEST_F(guard, storm)
{
	struct stage *s = &self->stage;
	struct intx *x = &self->intx;
	struct dionl_irq old, event;
	long n;
	int i;

	ASSERT_EQ(0, intx_enable(x));
	intx_settle(x);
	for (i = 0; i < ROUNDS; i++) {
		ASSERT_EQ(0, counts(s, &old));
		storm(x, 1);
		ASSERT_EQ(1, (int)vectors_wait(x->fd, SIGNAL_MS * clock_scale()));
		storm(x, STORM);
		n = runs(_metadata, s, &old);
		if (!i)
			say("%s: of %d messages %ld ran the handler", s->dev.addr, 1 + STORM, n);
		EXPECT_LE(variant->needed ? GUARD : 1, n);
		EXPECT_GE(variant->needed ? 1 + GUARD + FEW : 1, n);
		EXPECT_EQ(0, vectors_wait(x->fd, QUIET_MS));
		/* nothing is acknowledged: it has to come again */
		ASSERT_EQ(0, intx_eoi(x));
		ASSERT_EQ(1, (int)vectors_wait(x->fd, SIGNAL_MS * clock_scale()));
		intx_settle(x);
		ASSERT_EQ(0, intx_one(x, SIGNAL_MS * clock_scale()));
		intx_settle(x);
	}
	ASSERT_EQ(0, counts(s, &old));
	EXPECT_EQ(variant->needed ? ROUNDS : 0, (int)old.storms);
	n = dionl_irq_events(&s->events, s->dev.addr, &event, 1, QUIET_MS);
	EXPECT_EQ(variant->needed, n > 0);
	if (n)
		EXPECT_EQ(DIO_VFIO_IRQ_EVENT_STORM, event.event);
}

/* All that stormed is acknowledged; one more comes while the MSI is masked. */
TEST_F(guard, last_one)
{
	struct intx *x = &self->intx;
	int i;

	ASSERT_EQ(0, intx_enable(x));
	intx_settle(x);
	for (i = 0; i < ROUNDS; i++) {
		storm(x, 1);
		ASSERT_EQ(1, (int)vectors_wait(x->fd, SIGNAL_MS * clock_scale()));
		storm(x, STORM);
		intx_ack(x);
		storm(x, 1);
		ASSERT_EQ(0, intx_eoi(x));
		ASSERT_EQ(1, (int)vectors_wait(x->fd, SIGNAL_MS * clock_scale()));
		intx_settle(x);
	}
}

/* The control: a message is a run of the handler, and no one stops them. */
TEST_F(guard, stock_msi)
{
	struct stage *s = &self->stage;
	struct intx *x = &self->intx;
	long before, n;

	ASSERT_EQ(0, owner_irq(&x->owner, VFIO_PCI_MSI_IRQ_INDEX, x->fd));
	before = intx_runs("vfio-msi[0]", &s->dev);
	storm(x, 1 + STORM);
	n = intx_runs("vfio-msi[0]", &s->dev) - before;
	say("%s: %d messages, the stock handler ran %ld times", s->dev.addr, 1 + STORM, n);
	EXPECT_EQ(1 + STORM, n);
}

TEST_HARNESS_MAIN
