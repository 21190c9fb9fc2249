// SPDX-License-Identifier: GPL-2.0
/*
 * e1000e: a device that advertises a D3hot reset and does not reset.  Stock
 * reports success while everything survives; ours sees it, takes the bus
 * reset where there is one, and says so where there is none.
 *
 *   e1000e_rp25  behind a port whose bus reset the kernel believes in
 *   e1000e_rp    behind a port whose bus reset works and returns ENOTTY
 *   e1000e_root  on the root bus: there is no reset that works
 */
#include <errno.h>

#include "kselftest_harness.h"
#include "report.h"
#include "resetrun.h"

#define PLANTED 11	/* 6 registers, MSI address and data, one MSI-X entry */
#define BUS_TIMEOUT_S 60

FIXTURE(e1000e) {
	struct stage stage;
	struct reset_run run[HOWS];
};

FIXTURE_VARIANT(e1000e) {
	const char *device;
	struct mode mode;
	int survivors;
	uint32_t result;	/* of the record; ours only */
};

FIXTURE_VARIANT_ADD(e1000e, stock_port) {
	.device = "e1000e_rp25", .mode = MODE_STOCK, .survivors = 11,
};
FIXTURE_VARIANT_ADD(e1000e, diok_port) {
	.device = "e1000e_rp25", .mode = MODE_PERMISSIVE, .survivors = 0,
	.result = DIO_VFIO_RESULT_VERIFIED,
};
FIXTURE_VARIANT_ADD(e1000e, diok_port_strict) {
	.device = "e1000e_rp25", .mode = MODE_STRICT, .survivors = 0,
	.result = DIO_VFIO_RESULT_VERIFIED,
};
FIXTURE_VARIANT_ADD(e1000e, stock_default_port) {
	.device = "e1000e_rp", .mode = MODE_STOCK, .survivors = 11,
};
FIXTURE_VARIANT_ADD(e1000e, diok_default_port) {
	.device = "e1000e_rp", .mode = MODE_PERMISSIVE, .survivors = 0,
	.result = DIO_VFIO_RESULT_VERIFIED,
};
FIXTURE_VARIANT_ADD(e1000e, stock_root_bus) {
	.device = "e1000e_root", .mode = MODE_STOCK, .survivors = 11,
};
/* Nothing resets it, but the scrub of every row and canary leaves nothing. */
FIXTURE_VARIANT_ADD(e1000e, diok_root_bus) {
	.device = "e1000e_root", .mode = MODE_PERMISSIVE, .survivors = 0,
	.result = DIO_VFIO_RESULT_FAILED,
};

FIXTURE_SETUP(e1000e)
{
	STAGE_SETUP(&self->stage, variant->device, &variant->mode);
}

FIXTURE_TEARDOWN(e1000e)
{
	stage_close(&self->stage);
}

/* d3 ran and was caught: nothing that was planted had gone. */
static void check_d3_failed(struct __test_metadata *_metadata, const struct dionl_reset *rec)
{
	const struct dionl_step *d3 = dionl_step_of(rec, DIO_VFIO_METHOD_D3);

	ASSERT_NE(NULL, d3);
	EXPECT_EQ(DIO_VFIO_RESULT_FAILED, d3->result);
	EXPECT_LT(0, (int)d3->planted);
	EXPECT_EQ(d3->planted, d3->survived);
}

static void check_bus_verified(struct __test_metadata *_metadata, const struct dionl_reset *rec)
{
	const struct dionl_step *bus = dionl_step_of(rec, DIO_VFIO_METHOD_BUS);

	ASSERT_NE(NULL, bus);
	EXPECT_EQ(DIO_VFIO_RESULT_VERIFIED, bus->result);
	EXPECT_EQ(DIO_VFIO_LEVEL_FUNCTION, bus->level);
	/* ITR is known to outlive a bus reset: reported, scrubbed. */
	EXPECT_EQ(bus->survived, bus->scrubbed);
	EXPECT_EQ(0, dionl_residue_count(rec, true));
}

static void check_record(struct __test_metadata *_metadata, const struct dionl_reset *rec,
			 uint32_t result)
{
	const struct dionl_step *bus;

	ASSERT_NE(NULL, rec);
	bus = dionl_step_of(rec, DIO_VFIO_METHOD_BUS);
	EXPECT_EQ(result, rec->result);
	check_d3_failed(_metadata, rec);
	if (result == DIO_VFIO_RESULT_VERIFIED) {
		EXPECT_EQ(DIO_VFIO_LEVEL_FUNCTION, rec->level);
		check_bus_verified(_metadata, rec);
		return;
	}
	if (bus) {
		EXPECT_EQ(DIO_VFIO_RESULT_UNAVAILABLE, bus->result);
		EXPECT_STRNE("", bus->reason);
	}
}

static void check_run(struct __test_metadata *_metadata, const struct reset_run *run,
		      const FIXTURE_VARIANT(e1000e) *variant)
{
	/* Also where nothing resets it: permissive answers as stock does. */
	EXPECT_EQ(0, run->rc);
	EXPECT_EQ(PLANTED, run->canaries.taken);
	EXPECT_EQ(variant->survivors, run->canaries.survived);
	EXPECT_TRUE(run->can_reset);
	if (!mode_is_dio(&variant->mode))
		return;
	check_record(_metadata, reset_run_event(run, reset_how_trigger(run->how)),
		     variant->result);
	if (run->how == HOW_NEWOWNER)
		check_record(_metadata, reset_run_event(run, DIO_VFIO_TRIGGER_CLOSE),
			     variant->result);
}

TEST_F_TIMEOUT(e1000e, resets, BUS_TIMEOUT_S)
{
	int i;

	ASSERT_EQ(0, reset_run(&self->stage, canary_e1000e, HOW_IOCTL, HOWS, self->run));
	for (i = 0; i < HOWS; i++)
		check_run(_metadata, &self->run[i], variant);
}

/*
 * Only the bus reset, on the port where it works and the kernel says that it
 * failed.  Stock then offers no reset at all; ours looks at the device.
 */
FIXTURE(e1000e_bus) {
	struct stage stage;
	struct reset_run run;
};

FIXTURE_VARIANT(e1000e_bus) {
	const char *device;
	struct mode mode;
	enum reset_how how;
	int rc, survivors;
	bool can_reset;
};

FIXTURE_VARIANT_ADD(e1000e_bus, stock_port) {
	.device = "e1000e_rp25", .mode = MODE_STOCK, .how = HOW_SYSFS,
	.rc = 0, .survivors = 1, .can_reset = true,
};
FIXTURE_VARIANT_ADD(e1000e_bus, stock_default_port) {
	.device = "e1000e_rp", .mode = MODE_STOCK, .how = HOW_SYSFS,
	.rc = -ENOTTY, .survivors = 1,
};
FIXTURE_VARIANT_ADD(e1000e_bus, stock_default_port_ioctl) {
	.device = "e1000e_rp", .mode = MODE_STOCK, .how = HOW_IOCTL,
	.rc = -EINVAL, .survivors = 11,
};
FIXTURE_VARIANT_ADD(e1000e_bus, diok_default_port_ioctl) {
	.device = "e1000e_rp", .mode = MODE_PERMISSIVE, .how = HOW_IOCTL,
	.rc = 0, .survivors = 0, .can_reset = true,
};

FIXTURE_SETUP(e1000e_bus)
{
	STAGE_SETUP(&self->stage, variant->device, &variant->mode);
	ASSERT_EQ(0, pcidev_set_methods(&self->stage.dev, "bus"))
		stage_close(&self->stage);
}

FIXTURE_TEARDOWN(e1000e_bus)
{
	pcidev_set_methods(&self->stage.dev, "default");
	stage_close(&self->stage);
}

TEST_F_TIMEOUT(e1000e_bus, reset, BUS_TIMEOUT_S)
{
	const struct dionl_reset *rec;

	ASSERT_EQ(0, reset_run(&self->stage, canary_e1000e, variant->how, 1, &self->run));
	EXPECT_EQ(variant->rc, self->run.rc);
	EXPECT_EQ(PLANTED, self->run.canaries.taken);
	EXPECT_EQ(variant->survivors, self->run.canaries.survived);
	EXPECT_EQ(variant->can_reset, self->run.can_reset);
	if (!mode_is_dio(&variant->mode))
		return;
	rec = reset_run_event(&self->run, reset_how_trigger(variant->how));
	ASSERT_NE(NULL, rec);
	EXPECT_EQ(DIO_VFIO_RESULT_VERIFIED, rec->result);
	check_bus_verified(_metadata, rec);
}

TEST_HARNESS_MAIN
