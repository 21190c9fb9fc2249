// SPDX-License-Identifier: GPL-2.0
/*
 * Every other kind of device: which method really resets it, what that
 * leaves, and what ours makes of it.  The figures of the stock variants are
 * the baseline; a change of one means a change of the device model.
 */
#include <errno.h>
#include <string.h>

#include "kselftest_harness.h"
#include "report.h"
#include "resetrun.h"

#define MATRIX_TIMEOUT_S 60

/* What is asked of each device, under stock and under ours. */
FIXTURE_VARIANT(matrix) {
	const char *device;
	const struct canary_reg *regs;
	const char *methods;	/* written to reset_method first, NULL for none */
	struct mode mode;
	int planted;
	int survivors;
	uint32_t lie;		/* method that ours must catch, NONE when honest */
	uint32_t proof;		/* method that verifies */
	int residue;		/* values of ours that the last method leaves, known */
};

FIXTURE(matrix) {
	struct stage stage;
	struct reset_run run[HOWS];
};

#define STOCK(variant_name, name, table, how, values, survive)		\
FIXTURE_VARIANT_ADD(matrix, stock_##variant_name) {				\
	.device = name, .regs = table, .methods = how, .mode = MODE_STOCK,	\
	.planted = values, .survivors = survive,				\
}

#define DIOK(variant_name, name, table, how, values, lying, proving, left)	\
FIXTURE_VARIANT_ADD(matrix, diok_##variant_name) {				\
	.device = name, .regs = table, .methods = how,				\
	.mode = MODE_PERMISSIVE, .planted = values,				\
	.lie = DIO_VFIO_METHOD_##lying, .proof = DIO_VFIO_METHOD_##proving,	\
	.residue = left,							\
}

STOCK(igb_flr, "igb_pf", canary_igb, NULL, 12, 1);
DIOK(igb_flr, "igb_pf", canary_igb, NULL, 12, NONE, FLR, 1);
STOCK(igb_pm, "igb_pf", canary_igb, "pm", 12, 12);
DIOK(igb_pm, "igb_pf", canary_igb, "pm", 12, D3, FLR, 1);
STOCK(igb_noflr, "igb_noflr", canary_igb, NULL, 12, 12);
DIOK(igb_noflr, "igb_noflr", canary_igb, NULL, 12, D3, BUS, 1);
STOCK(virtio_flr, "virtio", canary_virtio, NULL, 8, 1);
DIOK(virtio_flr, "virtio", canary_virtio, NULL, 8, NONE, FLR, 1);
STOCK(virtio_noflr, "virtio_noflr", canary_virtio, NULL, 8, 8);
DIOK(virtio_noflr, "virtio_noflr", canary_virtio, NULL, 8, D3, BUS, 1);
STOCK(nvme, "nvme", canary_nvme, NULL, 7, 3);
DIOK(nvme, "nvme", canary_nvme, NULL, 7, NONE, FLR, 3);
STOCK(edu, "edu_rp", canary_edu, NULL, 6, 4);
DIOK(edu, "edu_rp", canary_edu, NULL, 6, NONE, BUS, 4);
STOCK(hda, "hda", canary_hda, NULL, 4, 0);
DIOK(hda, "hda", canary_hda, NULL, 4, NONE, BUS, 0);
STOCK(xhci, "xhci", canary_xhci, NULL, 5, 0);
DIOK(xhci, "xhci", canary_xhci, NULL, 5, NONE, BUS, 0);

FIXTURE_SETUP(matrix)
{
	STAGE_SETUP(&self->stage, variant->device, &variant->mode);
	if (variant->methods) {
		ASSERT_EQ(0, pcidev_set_methods(&self->stage.dev, variant->methods))
			stage_close(&self->stage);
	}
}

FIXTURE_TEARDOWN(matrix)
{
	if (variant->methods)
		pcidev_set_methods(&self->stage.dev, "default");
	stage_close(&self->stage);
}

static void check_record(struct __test_metadata *_metadata, const struct dionl_reset *rec,
			 const FIXTURE_VARIANT(matrix) *variant)
{
	const struct dionl_step *lie, *proof;

	ASSERT_NE(NULL, rec);
	EXPECT_EQ(DIO_VFIO_RESULT_VERIFIED, rec->result);
	EXPECT_EQ(DIO_VFIO_LEVEL_FUNCTION, rec->level);
	if (variant->lie != DIO_VFIO_METHOD_NONE) {
		lie = dionl_step_of(rec, variant->lie);
		ASSERT_NE(NULL, lie);
		EXPECT_EQ(DIO_VFIO_RESULT_FAILED, lie->result);
		EXPECT_EQ(0, lie->error);
	}
	proof = dionl_step_of(rec, variant->proof);
	ASSERT_NE(NULL, proof);
	EXPECT_EQ(DIO_VFIO_RESULT_VERIFIED, proof->result);
	EXPECT_LT(0, (int)proof->planted);
	EXPECT_EQ(proof->survived, proof->scrubbed);
	EXPECT_LE(variant->residue, dionl_residue_count(rec, false));
	EXPECT_EQ(0, dionl_residue_count(rec, true));
	/* A device that leaves nothing has no residue, the others at least ours. */
	EXPECT_EQ(!variant->residue, !dionl_residue_count(rec, false));
}

TEST_F_TIMEOUT(matrix, resets, MATRIX_TIMEOUT_S)
{
	const struct reset_run *run = self->run;

	ASSERT_EQ(0, reset_run(&self->stage, variant->regs, HOW_IOCTL, HOWS, self->run));
	for (; run < self->run + HOWS; run++) {
		EXPECT_EQ(0, run->rc);
		EXPECT_EQ(variant->planted, run->canaries.taken);
		EXPECT_EQ(variant->survivors, run->canaries.survived);
		if (mode_is_dio(&variant->mode))
			check_record(_metadata,
				     reset_run_event(run, reset_how_trigger(run->how)), variant);
	}
}

/* nvme says NoSoftRst+: D3hot keeps its state by specification. */
FIXTURE(nvme_d3) {
	struct stage stage;
	struct dionl_reset rec;
};

FIXTURE_SETUP(nvme_d3)
{
	struct mode permissive = MODE_PERMISSIVE;

	STAGE_SETUP(&self->stage, "nvme", &permissive);
}

FIXTURE_TEARDOWN(nvme_d3)
{
	stage_close(&self->stage);
}

TEST_F(nvme_d3, refused_in_dry_run)
{
	struct stage *s = &self->stage;
	const struct dionl_step *d3;

	ASSERT_EQ(0, dionl_dev_reset(&s->nl, s->dev.addr, true, &self->rec));
	dionl_say_reset(&self->rec);
	d3 = dionl_step_of(&self->rec, DIO_VFIO_METHOD_D3);
	ASSERT_NE(NULL, d3);
	EXPECT_EQ(DIO_VFIO_RESULT_UNAVAILABLE, d3->result);
	EXPECT_NE(NULL, strstr(d3->reason, "NoSoftRst+"));
}

/* As the only method it is not tried, and the verdict says that none ran. */
TEST_F(nvme_d3, refused_as_only_method)
{
	struct dionl_set set = DIONL_SET_INIT;
	struct stage *s = &self->stage;
	const struct dionl_step *d3;
	int rc;

	set.method[set.methods++] = DIO_VFIO_METHOD_D3;
	rc = dionl_dev_set(&s->nl, s->dev.addr, &set);
	say("nvme dev-set methods d3: rc %d %s", rc, s->nl.genl.text);
	if (rc) {
		EXPECT_NE(NULL, strstr(s->nl.genl.text, "NoSoftRst+"));
		return;
	}
	dionl_dev_reset(&s->nl, s->dev.addr, false, &self->rec);
	dionl_say_reset(&self->rec);
	EXPECT_NE(DIO_VFIO_RESULT_VERIFIED, self->rec.result);
	d3 = dionl_step_of(&self->rec, DIO_VFIO_METHOD_D3);
	ASSERT_NE(NULL, d3);
	EXPECT_EQ(DIO_VFIO_RESULT_UNAVAILABLE, d3->result);
	EXPECT_NE(NULL, strstr(d3->reason, "NoSoftRst+"));
}

/* Forced, it runs; and it is caught, because it really keeps the state. */
TEST_F(nvme_d3, forced_is_tried_and_fails)
{
	struct dionl_set set = DIONL_SET_INIT;
	struct stage *s = &self->stage;
	const struct dionl_step *d3;

	set.d3_force = 1;
	set.method[set.methods++] = DIO_VFIO_METHOD_D3;
	ASSERT_EQ(0, dionl_dev_set(&s->nl, s->dev.addr, &set));
	dionl_dev_reset(&s->nl, s->dev.addr, false, &self->rec);
	dionl_say_reset(&self->rec);
	EXPECT_EQ(DIO_VFIO_RESULT_FAILED, self->rec.result);
	d3 = dionl_step_of(&self->rec, DIO_VFIO_METHOD_D3);
	ASSERT_NE(NULL, d3);
	EXPECT_EQ(DIO_VFIO_RESULT_FAILED, d3->result);
}

TEST_HARNESS_MAIN
