// SPDX-License-Identifier: GPL-2.0
/*
 * A device that says that it keeps its state in D3hot (NoSoftRst+): d3 is no
 * reset by specification and is left alone, unless it is forced; and an e1000e,
 * whose D3hot does nothing, is caught then.
 */
#include <errno.h>
#include <string.h>
#include <linux/pci_regs.h>

#include "kselftest_harness.h"
#include "inject.h"
#include "report.h"
#include "stage.h"

FIXTURE(d3) {
	struct stage stage;
	struct dionl_reset rec;
};

FIXTURE_VARIANT(d3) {
	bool keeps_state;	/* NoSoftRst+ */
	bool force, bus;	/* d3-force=1; bus allowed after it */
	uint32_t result;	/* of d3 */
	uint32_t verdict;
	int cycles;		/* returns from D3hot */
};

FIXTURE_VARIANT_ADD(d3, honest) {
	.result = DIO_VFIO_RESULT_FAILED, .verdict = DIO_VFIO_RESULT_FAILED, .cycles = 1,
};
FIXTURE_VARIANT_ADD(d3, keeps_state) {
	.keeps_state = true,
	.result = DIO_VFIO_RESULT_UNAVAILABLE, .verdict = DIO_VFIO_RESULT_FAILED,
};
FIXTURE_VARIANT_ADD(d3, keeps_state_then_bus) {
	.keeps_state = true, .bus = true,
	.result = DIO_VFIO_RESULT_UNAVAILABLE, .verdict = DIO_VFIO_RESULT_VERIFIED,
};
FIXTURE_VARIANT_ADD(d3, forced) {
	.keeps_state = true, .force = true,
	.result = DIO_VFIO_RESULT_FAILED, .verdict = DIO_VFIO_RESULT_FAILED, .cycles = 1,
};
FIXTURE_VARIANT_ADD(d3, forced_then_bus) {
	.keeps_state = true, .force = true, .bus = true,
	.result = DIO_VFIO_RESULT_FAILED, .verdict = DIO_VFIO_RESULT_VERIFIED, .cycles = 1,
};

static int settings(struct stage *s, bool force, bool bus)
{
	struct dionl_set set = DIONL_SET_INIT;

	set.d3_force = force;
	set.method[set.methods++] = DIO_VFIO_METHOD_D3;
	if (bus)
		set.method[set.methods++] = DIO_VFIO_METHOD_BUS;
	return dionl_dev_set(&s->nl, s->dev.addr, &set);
}

static int keep_state(int pm)
{
	return inject_rule(pm + PCI_PM_CTRL, 2, PCI_PM_CTRL_NO_SOFT_RESET,
			   PCI_PM_CTRL_NO_SOFT_RESET, INJECT_NOW, INJECT_FOR_EVER);
}

FIXTURE_SETUP(d3)
{
	struct mode permissive = MODE_PERMISSIVE;
	struct stage *s = &self->stage;
	int pm;

	ASSERT_EQ(0, inject_release());
	STAGE_SETUP(s, "e1000e_rp25", &permissive);
	pcidev_power(&s->dev, "on");
	pm = pcidev_cap(&s->dev, PCI_CAP_ID_PM);
	ASSERT_LT(0, pm);
	ASSERT_EQ(0, pcidev_config_read(&s->dev, pm + PCI_PM_CTRL, 2) & PCI_PM_CTRL_NO_SOFT_RESET);
	ASSERT_EQ(0, settings(s, variant->force, variant->bus));
	ASSERT_EQ(0, inject_take(&s->dev));
	if (variant->keeps_state)
		ASSERT_EQ(0, keep_state(pm));
}

FIXTURE_TEARDOWN(d3)
{
	EXPECT_EQ(0, inject_release());
	pcidev_power(&self->stage.dev, "auto");
	stage_close(&self->stage);
}

TEST_F(d3, dry_run)
{
	struct stage *s = &self->stage;
	const struct dionl_step *d3;
	struct inject_seen seen;

	ASSERT_EQ(0, dionl_dev_reset(&s->nl, s->dev.addr, true, &self->rec));
	d3 = dionl_step_of(&self->rec, DIO_VFIO_METHOD_D3);
	ASSERT_NE(NULL, d3);
	EXPECT_EQ(!variant->cycles, d3->result == DIO_VFIO_RESULT_UNAVAILABLE);
	EXPECT_STREQ(variant->cycles ? "" : "device keeps its state in D3hot (NoSoftRst+)",
		     d3->reason);
	ASSERT_EQ(0, inject_seen(&seen));
	EXPECT_EQ(0, (int)seen.d3);
}

TEST_F(d3, dev_reset)
{
	struct stage *s = &self->stage;
	const struct dionl_step *d3;
	struct inject_seen seen;

	ASSERT_EQ(0, dionl_dev_reset(&s->nl, s->dev.addr, false, &self->rec));
	dionl_say_reset(&self->rec);
	EXPECT_EQ(variant->verdict, self->rec.result);
	d3 = dionl_step_of(&self->rec, DIO_VFIO_METHOD_D3);
	ASSERT_NE(NULL, d3);
	EXPECT_EQ(variant->result, d3->result);
	EXPECT_NE(NULL, strstr(d3->reason, variant->cycles ? "canaries survived" : "NoSoftRst+"));
	ASSERT_EQ(0, inject_seen(&seen));
	EXPECT_EQ(variant->cycles, (int)seen.d3);
	EXPECT_EQ(variant->bus, seen.bus);
}

/* Nobody can ask for what the device cannot do, but for it to be forced. */
TEST_F(d3, dev_set)
{
	bool refused = variant->keeps_state && !variant->force;
	struct stage *s = &self->stage;

	EXPECT_EQ(refused ? -EOPNOTSUPP : 0, settings(s, variant->force, variant->bus));
	if (refused)
		EXPECT_NE(NULL, strstr(s->nl.genl.text, "NoSoftRst+"));
}

/* Stock reads the same bit, and has no other word on it. */
TEST(stock_cannot_force)
{
	struct mode stock = MODE_STOCK;
	struct inject_seen seen;
	struct stage s;

	ASSERT_EQ(0, inject_release());
	STAGE_SETUP(&s, "e1000e_rp25", &stock);
	pcidev_power(&s.dev, "on");
	EXPECT_EQ(0, pcidev_set_methods(&s.dev, "pm"));
	EXPECT_EQ(0, pcidev_reset(&s.dev));
	EXPECT_EQ(0, inject_take(&s.dev));
	EXPECT_EQ(0, keep_state(pcidev_cap(&s.dev, PCI_CAP_ID_PM)));
	EXPECT_EQ(-ENOTTY, pcidev_reset(&s.dev));
	EXPECT_EQ(0, inject_seen(&seen));
	EXPECT_EQ(0, (int)seen.d3);
	EXPECT_EQ(0, inject_release());
	pcidev_set_methods(&s.dev, "default");
	pcidev_power(&s.dev, "auto");
	stage_close(&s);
}

TEST_HARNESS_MAIN
