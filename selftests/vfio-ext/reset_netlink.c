// SPDX-License-Identifier: GPL-2.0
/*
 * A reset on demand (dev-reset) of a closed device with values planted behind
 * the kernel's back, and the dry run, which touches nothing.
 */
#include <errno.h>
#include <string.h>
#include <linux/pci_regs.h>

#include "kselftest_harness.h"
#include "canary.h"
#include "report.h"
#include "stage.h"

FIXTURE(netlink) {
	struct stage stage;
	struct canary_set canaries;
	struct mmio mmio;
	struct dionl_reset rec;
};

FIXTURE_VARIANT(netlink) {
	const char *device;
	const struct canary_reg *regs;
	uint32_t result, method;	/* verdict, and the method that got it */
};

FIXTURE_VARIANT_ADD(netlink, e1000e_port) {
	.device = "e1000e_rp25", .regs = canary_e1000e,
	.result = DIO_VFIO_RESULT_VERIFIED, .method = DIO_VFIO_METHOD_BUS,
};
FIXTURE_VARIANT_ADD(netlink, e1000e_default_port) {
	.device = "e1000e_rp", .regs = canary_e1000e,
	.result = DIO_VFIO_RESULT_VERIFIED, .method = DIO_VFIO_METHOD_BUS,
};
FIXTURE_VARIANT_ADD(netlink, e1000e_root_bus) {
	.device = "e1000e_root", .regs = canary_e1000e,
	.result = DIO_VFIO_RESULT_FAILED, .method = DIO_VFIO_METHOD_D3,
};
FIXTURE_VARIANT_ADD(netlink, igb_pf) {
	.device = "igb_pf", .regs = canary_igb,
	.result = DIO_VFIO_RESULT_VERIFIED, .method = DIO_VFIO_METHOD_FLR,
};
FIXTURE_VARIANT_ADD(netlink, edu) {
	.device = "edu_rp", .regs = canary_edu,
	.result = DIO_VFIO_RESULT_VERIFIED, .method = DIO_VFIO_METHOD_BUS,
};

static void memory_on(const struct pcidev *d)
{
	pcidev_config_write(d, PCI_COMMAND, 2,
			    pcidev_config_read(d, PCI_COMMAND, 2) | COMMAND_MEM);
}

/* A closed device sleeps in D3hot, where it has no registers. */
FIXTURE_SETUP(netlink)
{
	struct mode permissive = MODE_PERMISSIVE;

	STAGE_SETUP(&self->stage, variant->device, &permissive);
	pcidev_power(&self->stage.dev, "on");
	memory_on(&self->stage.dev);
	canary_init(&self->canaries, &self->stage.dev, variant->regs);
	ASSERT_EQ(0, mmio_map_sysfs(&self->mmio, &self->stage.dev, canary_bars(&self->canaries)))
		stage_close(&self->stage);
	canary_plant(&self->canaries, &self->mmio);
}

FIXTURE_TEARDOWN(netlink)
{
	mmio_unmap(&self->mmio);
	pcidev_power(&self->stage.dev, "auto");
	stage_close(&self->stage);
}

TEST_F(netlink, reset)
{
	const struct dionl_step *step;

	stage_drain(&self->stage);
	EXPECT_EQ(0, dionl_dev_reset(&self->stage.nl, self->stage.dev.addr, false, &self->rec));
	dionl_say_reset(&self->rec);
	EXPECT_EQ(DIO_VFIO_TRIGGER_NETLINK, self->rec.trigger);
	EXPECT_EQ(variant->result, self->rec.result);
	EXPECT_FALSE(self->rec.dry_run);
	step = dionl_step_of(&self->rec, variant->method);
	ASSERT_NE(NULL, step);
	EXPECT_EQ(variant->result, step->result);
	memory_on(&self->stage.dev);
	canary_check(&self->canaries, &self->mmio);
	canary_say(&self->canaries, "dev-reset");
	EXPECT_EQ(self->canaries.count, self->canaries.taken);
	EXPECT_EQ(0, self->canaries.survived);
	EXPECT_EQ(1, stage_events(&self->stage, &self->rec, 1));
}

TEST_F(netlink, dry_run_touches_nothing)
{
	struct dionl_dev before, after;
	struct stage *s = &self->stage;

	ASSERT_EQ(0, dionl_dev_get(&s->nl, s->dev.addr, &before));
	stage_drain(s);
	ASSERT_EQ(0, dionl_dev_reset(&s->nl, s->dev.addr, true, &self->rec));
	dionl_say_reset(&self->rec);
	EXPECT_TRUE(self->rec.dry_run);
	EXPECT_NE(NULL, dionl_step_of(&self->rec, variant->method));
	memory_on(&s->dev);
	canary_check(&self->canaries, &self->mmio);
	EXPECT_EQ(self->canaries.count, self->canaries.survived);
	EXPECT_EQ(0, stage_events(s, &self->rec, 1));
	ASSERT_EQ(0, dionl_dev_get(&s->nl, s->dev.addr, &after));
	EXPECT_EQ(0, memcmp(&before, &after, sizeof(before)));
}

TEST_HARNESS_MAIN
