// SPDX-License-Identifier: GPL-2.0
/*
 * A device that ignores MSI Enable (injected) under an INTx that should be on an
 * MSI: within a second it is on its line again, with what was raised meanwhile,
 * and its next owner begins there.  Where there is no line, that is told.
 */
#include <errno.h>
#include <string.h>
#include <linux/pci_regs.h>

#include "kselftest_harness.h"
#include "clock.h"
#include "inject.h"
#include "intx.h"
#include "report.h"
#include "stage.h"

#define DEVICE "edu_rp"
#define EDU_STATUS 0x24
#define FALL_MS 1000
#define WATCH_MS 100		/* the sooner of two looks; a fall takes three */
#define SIGNAL_MS 2000
#define QUIET_MS 20
#define MANY 200
/* An Intel i40e: vfio-pci-core knows its INTx cannot be used, and hides it. */
#define NO_LINE 0x15728086

FIXTURE(deaf) {
	struct stage stage;
	struct intx intx;
	struct dionl_irq events[4];
	bool disguised;
};

FIXTURE_VARIANT(deaf) {
	int intx;			/* DIO_VFIO_INTX_* */
	bool deaf, no_line, no_master;
	int event;			/* DIO_VFIO_IRQ_EVENT_*, -1: none */
	uint32_t via;
	bool delivered;
};

/* The control: the same device with its MSI. */
FIXTURE_VARIANT_ADD(deaf, not) {
	.intx = DIO_VFIO_INTX_MSI, .event = -1, .via = DIO_VFIO_IRQ_VIA_MSI, .delivered = true,
};
FIXTURE_VARIANT_ADD(deaf, line) {
	.intx = DIO_VFIO_INTX_MSI, .deaf = true, .event = DIO_VFIO_IRQ_EVENT_FALLBACK,
	.via = DIO_VFIO_IRQ_VIA_LINE, .delivered = true,
};
/* auto: it has no line that works, so it gets the MSI without being told to. */
FIXTURE_VARIANT_ADD(deaf, not_without_line) {
	.intx = DIO_VFIO_INTX_AUTO, .no_line = true, .event = -1,
	.via = DIO_VFIO_IRQ_VIA_MSI, .delivered = true,
};
FIXTURE_VARIANT_ADD(deaf, without_line) {
	.intx = DIO_VFIO_INTX_AUTO, .deaf = true, .no_line = true,
	.event = DIO_VFIO_IRQ_EVENT_MUTE, .via = DIO_VFIO_IRQ_VIA_MSI,
};
/* Messages need bus master, and drivers of an INTx without DMA leave it off. */
FIXTURE_VARIANT_ADD(deaf, without_master) {
	.intx = DIO_VFIO_INTX_MSI, .no_master = true, .event = DIO_VFIO_IRQ_EVENT_FALLBACK,
	.via = DIO_VFIO_IRQ_VIA_LINE, .delivered = true,
};

static int deafen(const struct pcidev *d)
{
	int msi = pcidev_cap(d, PCI_CAP_ID_MSI);

	return msi ? inject_deaf(msi + PCI_MSI_FLAGS, 2, PCI_MSI_FLAGS_ENABLE) : -ENODEV;
}

static int disguise(const struct pcidev *d)
{
	int rc = inject_rule(PCI_VENDOR_ID, 4, ~0u, NO_LINE, INJECT_NOW, INJECT_FOR_EVER);

	return rc ? rc : inject_rediscover(d);
}

FIXTURE_SETUP(deaf)
{
	const struct mode mode = MODE_PERMISSIVE;
	struct dionl_set set = DIONL_SET_INIT;
	struct stage *s = &self->stage;

	self->intx = (struct intx)INTX_INIT;
	if (pcidev_find(&s->dev, DEVICE))
		SKIP(return, "this machine has no device " DEVICE);
	ASSERT_EQ(0, inject_take(&s->dev));
	self->disguised = variant->no_line;
	if (variant->no_line)
		ASSERT_EQ(0, disguise(&s->dev));
	if (variant->deaf)
		ASSERT_EQ(0, deafen(&s->dev));
	/* no emulated device shows its level when MSI is switched off */
	if (variant->no_master)
		ASSERT_EQ(0, inject_level(0, EDU_STATUS, ~0u));
	ASSERT_EQ(0, stage_open(s, &mode));
	set.intx = variant->intx;
	ASSERT_EQ(0, dionl_dev_set(&s->nl, s->dev.addr, &set));
	ASSERT_EQ(0, intx_open(&self->intx, &s->dev));
	if (variant->no_master)
		owner_disable(&self->intx.owner, COMMAND_BME);
}

FIXTURE_TEARDOWN(deaf)
{
	intx_close(&self->intx);
	stage_close(&self->stage);
	EXPECT_EQ(0, inject_release());
	if (self->disguised)
		EXPECT_EQ(0, inject_rediscover(&self->stage.dev));
}

static bool told(struct stage *s, struct dionl_irq *irq)
{
	return !dionl_irq_get(&s->nl, s->dev.addr, DIO_VFIO_IRQ_INDEX_INTX, 0, irq);
}

static void end_and_raise(const struct intx *x)
{
	intx_ack(x);
	intx_eoi(x);
	intx_raise(x, 0);
}

/*
 * Interrupts until the fall: how soon the first comes, and what is told.  A look
 * at the device may deliver some before the third one in vain.
 */
static void first(struct __test_metadata *_metadata, FIXTURE_DATA(deaf) *self,
		  const FIXTURE_VARIANT(deaf) *variant)
{
	struct stage *s = &self->stage;
	struct intx *x = &self->intx;
	struct dionl_irq irq;
	double since, until;
	uint64_t came;
	int n;

	intx_settle(x);
	since = clock_ms();
	until = since + FALL_MS * clock_scale();
	intx_raise(x, 0);
	came = vectors_wait(x->fd, FALL_MS * clock_scale());
	EXPECT_EQ(variant->delivered, came);
	do {
		if (came)
			end_and_raise(x);
		n = dionl_irq_events(&s->events, s->dev.addr, self->events, 4, QUIET_MS);
		came = vectors_take(x->fd);
	} while (variant->event >= 0 && !n && clock_ms() < until);
	if (!came)
		EXPECT_EQ(variant->delivered, vectors_wait(x->fd, QUIET_MS * clock_scale()));
	say("%s: told after %.0f ms", s->dev.addr, clock_ms() - since);
	ASSERT_EQ(variant->event >= 0, n);
	if (n)
		EXPECT_EQ(variant->event, (int)self->events[0].event);
	ASSERT_TRUE(told(s, &irq));
	EXPECT_EQ(variant->via, irq.via);
	EXPECT_TRUE(irq.enabled);
	EXPECT_EQ(variant->via == DIO_VFIO_IRQ_VIA_LINE, intx_runs(INTX_HANDLER_LINE,
								   &s->dev) >= 0);
	EXPECT_EQ(variant->via == DIO_VFIO_IRQ_VIA_MSI, intx_runs(INTX_HANDLER_MSI, &s->dev) >= 0);
}

/* Each one once, level and all; @exact: nothing without a cause. */
static void many(struct __test_metadata *_metadata, const struct intx *x, bool exact)
{
	int i;

	for (i = 0; i < MANY; i++)
		ASSERT_EQ(0, intx_one(x, SIGNAL_MS * clock_scale()));
	/* still standing at the EOI */
	intx_raise(x, 0);
	ASSERT_EQ(1, (int)vectors_wait(x->fd, SIGNAL_MS * clock_scale()));
	ASSERT_EQ(0, intx_eoi(x));
	ASSERT_EQ(1, (int)vectors_wait(x->fd, SIGNAL_MS * clock_scale()));
	intx_ack(x);
	ASSERT_EQ(0, intx_eoi(x));
	/* behind Interrupt Disable */
	owner_enable(&x->owner, COMMAND_INTX_OFF);
	intx_raise(x, 0);
	EXPECT_EQ(0, (int)vectors_wait(x->fd, QUIET_MS));
	owner_disable(&x->owner, COMMAND_INTX_OFF);
	EXPECT_EQ(1, (int)vectors_wait(x->fd, SIGNAL_MS * clock_scale()));
	intx_ack(x);
	ASSERT_EQ(0, intx_eoi(x));
	if (exact)
		EXPECT_EQ(0, (int)vectors_wait(x->fd, QUIET_MS));
}

TEST_F(deaf, first_and_more)
{
	ASSERT_EQ(0, intx_enable(&self->intx));
	first(_metadata, self, variant);
	if (!variant->delivered)
		return;
	intx_ack(&self->intx);
	ASSERT_EQ(0, intx_eoi(&self->intx));
	/* no table knows the disguised one: its level is not to be seen */
	many(_metadata, &self->intx, !variant->no_line);
}

/* What was raised before the interrupt was enabled is there all the same. */
TEST_F(deaf, raised_before)
{
	intx_raise(&self->intx, 0);
	ASSERT_EQ(0, intx_enable(&self->intx));
	if (variant->delivered)
		EXPECT_EQ(1, (int)vectors_wait(self->intx.fd, FALL_MS * clock_scale()));
}

/* What was found out of the device outlives its owner. */
TEST_F(deaf, next_owner)
{
	struct stage *s = &self->stage;
	struct vfio_irq_info info;
	struct dionl_irq irq;

	ASSERT_EQ(0, intx_enable(&self->intx));
	first(_metadata, self, variant);
	intx_close(&self->intx);
	ASSERT_EQ(0, intx_open(&self->intx, &s->dev));
	ASSERT_EQ(0, vectors_info(&self->intx.owner, VFIO_PCI_INTX_IRQ_INDEX, &info));
	EXPECT_EQ(variant->delivered, info.count);
	if (!variant->delivered)
		return;
	ASSERT_EQ(0, intx_enable(&self->intx));
	intx_settle(&self->intx);
	EXPECT_EQ(!variant->deaf, told(s, &irq));
	EXPECT_EQ(variant->deaf, intx_runs(INTX_HANDLER_STOCK, &s->dev) >= 0);
	EXPECT_EQ(0, intx_one(&self->intx, WATCH_MS * clock_scale()));
	EXPECT_EQ(0, dionl_irq_events(&s->events, s->dev.addr, self->events, 4, QUIET_MS));
}

TEST_HARNESS_MAIN
