// SPDX-License-Identifier: GPL-2.0
/*
 * Two owners whose devices share an interrupt line; one device storms.  On the
 * line the other owner's handler runs for each of its interrupts and asks its
 * device, by configuration space, whether it was the one.  An owner whose INTx is
 * on an MSI of its own has no part in that: neither as the one that storms nor as
 * the one that is quiet.  Handlers and configuration accesses are counted by
 * kprobes, exactly; the storm is the run that is counted.
 */
#include <string.h>

#include "kselftest_harness.h"
#include "clock.h"
#include "irqload.h"
#include "kcount.h"
#include "kmod.h"
#include "report.h"
#include "stage.h"

#define STORM 1000
#define OWN 100			/* interrupts of the quiet one, before and after */
#define SHARED_TIMEOUT_S 120

/* They share a line; ALONE has one without other users. */
#define EDU "edu_root"
#define E1000E "e1000e_rp25"
#define ALONE "edu_rp2"

enum who { STORMS, QUIET, BOTH };

/* What one interrupt of the storm costs on the whole machine. */
struct cost {
	int line, msi;			/* runs of a handler */
	int reads, writes;		/* of configuration space */
};

#define COST_SHARED { .line = 2, .reads = 3, .writes = 2 }
#define COST_ALONE { .line = 1, .reads = 2, .writes = 2 }
#define COST_MSI { .msi = 1 }

static const struct kcounter counters[] = {
	{ "line", "vfio_intx_handler dio_intx_line_handler" },
	{ "msi", "dio_intx_msi_handler" },
	{ "reads", "pci_conf1_read pci_mmcfg_read" },
	{ "writes", "pci_conf1_write pci_mmcfg_write" },
};

/* How one of the two is owned, and whether its INTx is to be on an MSI. */
struct side {
	struct mode mode;
	int intx;			/* DIO_VFIO_INTX_* */
	bool msi;
};

#define ON_STOCK { .mode = MODE_STOCK }
#define ON_LINE(set) { .mode = MODE_PERMISSIVE, .intx = DIO_VFIO_INTX_##set }
#define ON_MSI(set) { .mode = MODE_PERMISSIVE, .intx = DIO_VFIO_INTX_##set, .msi = true }

FIXTURE(shared) {
	struct stage stage[BOTH];
	struct irqload load[BOTH];
};

FIXTURE_VARIANT(shared) {
	enum who first;			/* to enable its INTx */
	struct side side[BOTH];
	struct cost cost;
};

/* The negative control: the two owners of stock are on one line. */
FIXTURE_VARIANT_ADD(shared, stock) {
	.first = QUIET, .cost = COST_SHARED,
	.side = { [STORMS] = ON_STOCK, [QUIET] = ON_STOCK },
};

FIXTURE_VARIANT_ADD(shared, line) {
	.first = QUIET, .cost = COST_SHARED,
	.side = { [STORMS] = ON_LINE(LINE), [QUIET] = ON_LINE(LINE) },
};

/* The first one is alone on its line, the second one is not. */
FIXTURE_VARIANT_ADD(shared, auto_quiet_first) {
	.first = QUIET, .cost = COST_MSI,
	.side = { [STORMS] = ON_MSI(AUTO), [QUIET] = ON_LINE(AUTO) },
};

FIXTURE_VARIANT_ADD(shared, auto_quiet_second) {
	.first = STORMS, .cost = COST_ALONE,
	.side = { [STORMS] = ON_LINE(AUTO), [QUIET] = ON_MSI(AUTO) },
};

FIXTURE_VARIANT_ADD(shared, auto_beside_stock) {
	.first = QUIET, .cost = COST_MSI,
	.side = { [STORMS] = ON_MSI(AUTO), [QUIET] = ON_STOCK },
};

FIXTURE_VARIANT_ADD(shared, msi_beside_stock) {
	.first = QUIET, .cost = COST_ALONE,
	.side = { [STORMS] = ON_STOCK, [QUIET] = ON_MSI(MSI) },
};

FIXTURE_VARIANT_ADD(shared, msi) {
	.first = QUIET, .cost = COST_MSI,
	.side = { [STORMS] = ON_MSI(MSI), [QUIET] = ON_MSI(MSI) },
};

FIXTURE_SETUP(shared)
{
	enum who who;

	for (who = 0; who < BOTH; who++)
		self->load[who].owner = (struct owner)OWNER_INIT;
	if (pcidev_find(&self->stage[STORMS].dev, EDU) ||
	    pcidev_find(&self->stage[QUIET].dev, E1000E))
		SKIP(return, "this machine has no devices %s and %s", EDU, E1000E);
	/* its handlers can be probed only once it is there */
	ASSERT_EQ(0, kmod_load(KMOD_DIO));
}

FIXTURE_TEARDOWN(shared)
{
	enum who who;

	kcount_stop();
	for (who = 0; who < BOTH; who++)
		owner_close(&self->load[who].owner);
	for (who = 0; who < BOTH; who++)
		stage_close(&self->stage[who]);
}

/* What is on the line is vfio-pci-core's, and we tell nothing of it. */
static bool is_on_msi(struct stage *s)
{
	struct dionl_irq irq;

	return mode_is_dio(&s->mode) &&
	       !dionl_irq_get(&s->nl, s->dev.addr, DIO_VFIO_IRQ_INDEX_INTX, 0, &irq) &&
	       irq.enabled && irq.via == DIO_VFIO_IRQ_VIA_MSI;
}

/* Bind the device, let an owner enable its INTx, and see what carries it. */
static void take(struct __test_metadata *_metadata, struct stage *s, struct irqload *l,
		 const struct side *side)
{
	struct dionl_set set = DIONL_SET_INIT;

	ASSERT_EQ(0, stage_open(s, &side->mode));
	set.intx = side->intx;
	if (mode_is_dio(&side->mode))
		ASSERT_EQ(0, dionl_dev_set(&s->nl, s->dev.addr, &set));
	ASSERT_EQ(0, irqload_open(l, &s->dev, false, IRQLOAD_IOCTL));
	ASSERT_EQ(0, irqload_run(l, OWN, NULL));
	EXPECT_EQ(side->msi, is_on_msi(s));
}

static void storm(struct __test_metadata *_metadata, struct irqload *l, const struct cost *each)
{
	ASSERT_EQ(0, kcount_start_named(counters, ARRAY_SIZE(counters)));
	ASSERT_EQ(0, irqload_run(l, STORM, NULL));
	say("%s: %d interrupts: handlers on lines %ld, on MSI %ld; configuration reads %ld, writes %ld",
	    l->owner.pci->name, STORM, kcount_named("line"), kcount_named("msi"),
	    kcount_named("reads"), kcount_named("writes"));
	EXPECT_EQ(each->line * STORM, kcount_named("line"));
	/* e1000e's own throttling may repeat a message: the host sees it, no owner does */
	EXPECT_LE(each->msi * STORM, kcount_named("msi"));
	if (!each->msi)
		EXPECT_EQ(0, kcount_named("msi"));
	EXPECT_EQ(each->reads * STORM, kcount_named("reads"));
	EXPECT_EQ(each->writes * STORM, kcount_named("writes"));
	kcount_stop();
}

static void together(struct __test_metadata *_metadata, FIXTURE_DATA(shared) *self,
		     const FIXTURE_VARIANT(shared) *variant)
{
	enum who who = variant->first;

	take(_metadata, &self->stage[who], &self->load[who], &variant->side[who]);
	who = who == QUIET ? STORMS : QUIET;
	take(_metadata, &self->stage[who], &self->load[who], &variant->side[who]);
	storm(_metadata, &self->load[STORMS], &variant->cost);
	/* nothing of it was for the quiet one, which still gets its own */
	EXPECT_EQ(0, irqload_run(&self->load[QUIET], OWN, NULL));
}

TEST_F_TIMEOUT(shared, edu_storms, SHARED_TIMEOUT_S)
{
	together(_metadata, self, variant);
}

TEST_F_TIMEOUT(shared, e1000e_storms, SHARED_TIMEOUT_S)
{
	ASSERT_EQ(0, pcidev_find(&self->stage[STORMS].dev, E1000E));
	ASSERT_EQ(0, pcidev_find(&self->stage[QUIET].dev, EDU));
	together(_metadata, self, variant);
}

FIXTURE(alone) {
	struct stage stage;
	struct irqload load;
};

FIXTURE_SETUP(alone)
{
	self->load.owner = (struct owner)OWNER_INIT;
	if (pcidev_find(&self->stage.dev, ALONE))
		SKIP(return, "this machine has no device %s", ALONE);
	ASSERT_EQ(0, kmod_load(KMOD_DIO));
}

FIXTURE_TEARDOWN(alone)
{
	kcount_stop();
	owner_close(&self->load.owner);
	stage_close(&self->stage);
}

/* A line without other users is as good as an MSI, and vfio-pci-core's. */
TEST_F_TIMEOUT(alone, auto_stays_on_the_line, SHARED_TIMEOUT_S)
{
	const struct side side = ON_LINE(AUTO);
	const struct cost each = COST_ALONE;

	take(_metadata, &self->stage, &self->load, &side);
	storm(_metadata, &self->load, &each);
}

TEST_F_TIMEOUT(alone, msi_leaves_it, SHARED_TIMEOUT_S)
{
	const struct side side = ON_MSI(MSI);
	const struct cost each = COST_MSI;

	take(_metadata, &self->stage, &self->load, &side);
	storm(_metadata, &self->load, &each);
}

TEST_HARNESS_MAIN
