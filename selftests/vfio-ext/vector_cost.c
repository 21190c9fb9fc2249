// SPDX-License-Identifier: GPL-2.0
/*
 * VFIO's own part of a guest's mask and unmask: the two calls by which a monitor
 * takes a vector's eventfd to itself and gives it back, without a monitor.  Stock
 * vfio-pci and ours in the same boot; beside them the mask and unmask that ours
 * has for who wants no eventfd to change.  Instructions by the TSC of a machine
 * with icount, medians.
 */
#include <sys/eventfd.h>

#include "kselftest_harness.h"
#include "clock.h"
#include "figure.h"
#include "irqload.h"
#include "stage.h"
#include "vectors.h"

#define PAIRS 500
#define VECTOR 1
#define FDS 3			/* of vector 0; of the guest; of the monitor */
#define SWAP_RATIO 3		/* stock takes so many times more instructions */
#define MASK_MAX 6000
#define COST_TIMEOUT_S 60

enum way { SWAP, MASK };

FIXTURE(vector) {
	struct stage stage;
	struct owner owner;
	int32_t fd[FDS];
	double cycles[PAIRS];
};

FIXTURE_SETUP(vector)
{
	int i;

	self->owner = (struct owner)OWNER_INIT;
	for (i = 0; i < FDS; i++)
		self->fd[i] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (pcidev_find(&self->stage.dev, "e1000e_rp25"))
		SKIP(return, "this machine has no device e1000e_rp25");
	if (!irqload_counts_instructions())
		SKIP(return, "this machine does not count instructions");
}

FIXTURE_TEARDOWN(vector)
{
	owner_close(&self->owner);
	stage_close(&self->stage);
}

static int pair(FIXTURE_DATA(vector) *self, enum way way)
{
	const struct owner *o = &self->owner;

	if (way == MASK)
		return vectors_act(o, VFIO_PCI_MSIX_IRQ_INDEX, VFIO_IRQ_SET_ACTION_MASK,
				   VECTOR, 1) ?:
		       vectors_act(o, VFIO_PCI_MSIX_IRQ_INDEX, VFIO_IRQ_SET_ACTION_UNMASK,
				   VECTOR, 1);
	return vectors_trigger(o, VFIO_PCI_MSIX_IRQ_INDEX, VECTOR, 1, &self->fd[2]) ?:
	       vectors_trigger(o, VFIO_PCI_MSIX_IRQ_INDEX, VECTOR, 1, &self->fd[1]);
}

static double weigh(struct __test_metadata *_metadata, FIXTURE_DATA(vector) *self, enum way way,
		    const struct figure *f)
{
	uint64_t begin;
	double median;
	int i;

	for (i = 0; i < PAIRS; i++) {
		begin = irqload_ticks();
		EXPECT_EQ(0, pair(self, way));
		self->cycles[i] = irqload_ticks() - begin;
	}
	median = clock_median(self->cycles, PAIRS);
	figure_say(f, "instructions", median, "per pair");
	return median;
}

static void take(struct __test_metadata *_metadata, FIXTURE_DATA(vector) *self,
		 const struct mode *mode)
{
	struct stage *s = &self->stage;

	ASSERT_EQ(0, stage_open(s, mode));
	if (mode_is_dio(mode))
		ASSERT_EQ(0, dionl_dev_vectors(&s->nl, s->dev.addr, DIO_VFIO_VECTORS_OWN));
	ASSERT_EQ(0, owner_open(&self->owner, &s->dev));
	owner_enable(&self->owner, COMMAND_MEM | COMMAND_BME);
	ASSERT_EQ(0, vectors_trigger(&self->owner, VFIO_PCI_MSIX_IRQ_INDEX, 0, 2,
				     self->fd));
}

TEST_F_TIMEOUT(vector, instructions, COST_TIMEOUT_S)
{
	const struct mode stock = MODE_STOCK, ours = MODE_PERMISSIVE;
	struct figure f = { "msix", "eventfd swap, no monitor", "stock", PAIRS };
	double before, after, masks;

	take(_metadata, self, &stock);
	before = weigh(_metadata, self, SWAP, &f);
	/* Stock answers that it cannot mask. */
	EXPECT_EQ(-ENOTTY, pair(self, MASK));
	owner_close(&self->owner);
	stage_close(&self->stage);

	take(_metadata, self, &ours);
	f.variant = "diok";
	after = weigh(_metadata, self, SWAP, &f);
	f.name = "mask and unmask by VFIO, no monitor";
	masks = weigh(_metadata, self, MASK, &f);
	if (clock_scale() > 1)	/* a debug kernel's instructions are its detectors' */
		return;
	EXPECT_LE(SWAP_RATIO * after, before);
	EXPECT_GE(MASK_MAX, masks);
}

TEST_HARNESS_MAIN
