// SPDX-License-Identifier: GPL-2.0
/*
 * A VF of a stock igb PF.  Its FLR is real for configuration space and MSI-X,
 * and leaves 7 of 10 values: ring bases, EITR, VTIVAR, mailbox.  Ours reports
 * them as known residue and scrubs them.
 */
#include "kselftest_harness.h"
#include "igb.h"
#include "report.h"
#include "resetrun.h"

#define PLANTED 10	/* 7 registers, one MSI-X entry */
#define LEFT_BY_FLR 7

FIXTURE(vf) {
	struct igb_host host;
	struct stage stage;
	struct reset_run run[HOWS];
};

FIXTURE_VARIANT(vf) {
	struct mode mode;
	int survivors;
};

FIXTURE_VARIANT_ADD(vf, stock) { .mode = MODE_STOCK, .survivors = LEFT_BY_FLR };
FIXTURE_VARIANT_ADD(vf, diok_observe) { .mode = MODE_OBSERVE, .survivors = LEFT_BY_FLR };
FIXTURE_VARIANT_ADD(vf, diok_permissive) { .mode = MODE_PERMISSIVE };
FIXTURE_VARIANT_ADD(vf, diok_strict) { .mode = MODE_STRICT };

static int make_stage(FIXTURE_DATA(vf) *self, const struct mode *mode)
{
	int rc = igb_up(&self->host, "igb_host");

	if (!rc)
		rc = igb_make_vf(&self->host, &self->stage.dev);
	return rc ? rc : stage_open(&self->stage, mode);
}

FIXTURE_SETUP(vf)
{
	struct pcidev pf;

	if (pcidev_find(&pf, "igb_host"))
		SKIP(return, "this machine has no device igb_host");
	ASSERT_EQ(0, make_stage(self, &variant->mode)) {
		stage_close(&self->stage);
		igb_put(&self->host);
	}
}

/* At the exit of the program, not of a case: a link takes seconds to come up. */
__attribute__((destructor)) static void host_down(void)
{
	igb_down("igb_host");
}

FIXTURE_TEARDOWN(vf)
{
	stage_close(&self->stage);
	igb_put(&self->host);
}

static void check_record(struct __test_metadata *_metadata, const struct dionl_reset *rec,
			 bool engaged)
{
	const struct dionl_step *flr;
	int i;

	ASSERT_NE(NULL, rec);
	flr = dionl_step_of(rec, DIO_VFIO_METHOD_FLR);
	ASSERT_NE(NULL, flr);
	EXPECT_LE(LEFT_BY_FLR, (int)flr->survived);
	EXPECT_LE(LEFT_BY_FLR, dionl_residue_count(rec, false));
	for (i = 0; i < rec->residues; i++) {
		EXPECT_TRUE(rec->residue[i].known);
		EXPECT_EQ(engaged, rec->residue[i].scrubbed);
	}
	if (!engaged)
		return;
	EXPECT_EQ(DIO_VFIO_RESULT_VERIFIED, rec->result);
	EXPECT_EQ(DIO_VFIO_LEVEL_FUNCTION, rec->level);
	EXPECT_EQ(flr->survived, flr->scrubbed);
}

TEST_F(vf, resets)
{
	const struct reset_run *run = self->run;

	ASSERT_EQ(0, reset_run(&self->stage, canary_igbvf, HOW_IOCTL, HOWS, self->run));
	for (; run < self->run + HOWS; run++) {
		EXPECT_EQ(0, run->rc);
		EXPECT_EQ(PLANTED, run->canaries.taken);
		EXPECT_EQ(variant->survivors, run->canaries.survived);
		if (mode_is_dio(&variant->mode))
			check_record(_metadata,
				     reset_run_event(run, reset_how_trigger(run->how)),
				     mode_engages(&variant->mode));
	}
}

TEST_HARNESS_MAIN
