// SPDX-License-Identifier: GPL-2.0
/*
 * MSI and MSI-X of our own against a model: random masks, loopback tests, events
 * of the device and changes of the eventfd, right requests and wrong ones.
 *
 *   igb_pf  MSI-X; MSI with a mask bit
 *   edu_rp  MSI without one: the handler remembers
 */
#include <errno.h>
#include <time.h>
#include <sys/eventfd.h>

#include "kselftest_harness.h"
#include "clock.h"
#include "report.h"
#include "stage.h"
#include "vecmodel.h"

#define MODEL_TIMEOUT_S 300
#define RIGHT_OPERATIONS 200
#define MISTAKE_OPERATIONS 5000
#define QUIET_MS 50

struct own {
	struct stage stage;
	struct owner owner;
};

static void own_reopen(struct __test_metadata *_metadata, struct own *own)
{
	owner_close(&own->owner);
	ASSERT_EQ(0, owner_open(&own->owner, &own->stage.dev));
	owner_enable(&own->owner, COMMAND_MEM | COMMAND_BME);
}

static void own_open(struct __test_metadata *_metadata, struct own *own, int vectors)
{
	struct stage *s = &own->stage;

	if (mode_is_dio(&s->mode))
		ASSERT_EQ(0, dionl_dev_vectors(&s->nl, s->dev.addr, vectors));
	own_reopen(_metadata, own);
}

static void own_close(struct own *own)
{
	owner_close(&own->owner);
	stage_close(&own->stage);
}

FIXTURE(model) {
	struct own own;
	struct vecmodel model;
};

FIXTURE_VARIANT(model) {
	const char *device;
	const struct vectors_device *vectors;
	long operations;
};

FIXTURE_VARIANT_ADD(model, msix) {
	.device = "igb_pf", .vectors = &vectors_igb_msix, .operations = 100000,
};
FIXTURE_VARIANT_ADD(model, msi) {
	.device = "igb_pf", .vectors = &vectors_igb_msi, .operations = 30000,
};
FIXTURE_VARIANT_ADD(model, msi_without_mask) {
	.device = "edu_rp", .vectors = &vectors_edu_msi, .operations = 30000,
};

FIXTURE_SETUP(model)
{
	struct mode mode = MODE_PERMISSIVE;

	self->own.owner = (struct owner)OWNER_INIT;
	STAGE_SETUP(&self->own.stage, variant->device, &mode);
	own_open(_metadata, &self->own, DIO_VFIO_VECTORS_OWN);
}

FIXTURE_TEARDOWN(model)
{
	own_close(&self->own);
	vecmodel_free(&self->model);
}

/* What the kernel tells of each vector is what the model has seen. */
static void check_counters(struct __test_metadata *_metadata, struct stage *s,
			   const struct vecmodel *m)
{
	struct dionl_irq irq;
	int i;

	for (i = 0; i < m->dev->count; i++) {
		const struct vecmodel_vector *v = &m->v[i];
		int rc = dionl_irq_get(&s->nl, s->dev.addr, m->dev->index, i, &irq);

		if (rc == -ENOENT && !v->delivered)
			continue;
		ASSERT_EQ(0, rc);
		EXPECT_EQ(v->delivered, irq.delivered);
		EXPECT_EQ(v->pending, irq.pending);
		EXPECT_EQ(v->swaps, irq.swaps);
		EXPECT_EQ(v->masked, irq.masked);
		EXPECT_EQ(v->slot >= 0, irq.enabled);
	}
}

TEST_F_TIMEOUT(model, random, MODEL_TIMEOUT_S)
{
	long n = clock_rounds(variant->operations);
	struct vecmodel *m = &self->model;
	unsigned int seed = 1;

	ASSERT_EQ(0, vecmodel_init(m, &self->own.owner, variant->vectors, seed));
	EXPECT_EQ(n, vecmodel_run(m, n)) {
		say("seed %u", seed);
	}
	EXPECT_TRUE(vecmodel_quiet(m, QUIET_MS));
	say("%ld operations, %ld of them wrong, %ld signals", m->operations, m->refused,
	    m->signals);
	/* A device that is silent would agree with any model that is. */
	EXPECT_LT(n / 10, m->signals);
	EXPECT_LT(n / 50, m->refused);
	check_counters(_metadata, &self->own.stage, m);
}

/* Control of the instrument: the kernel proves each wrong model wrong. */
TEST_F_TIMEOUT(model, mistakes, MODEL_TIMEOUT_S)
{
	struct vecmodel *m = &self->model;
	int mistake;
	long done;

	for (mistake = VECMODEL_RIGHT + 1; mistake < VECMODEL_MISTAKES; mistake++) {
		ASSERT_EQ(0, vecmodel_init(m, &self->own.owner, variant->vectors, mistake));
		/* Until then the two agree: it is the mistake that is seen. */
		EXPECT_EQ(RIGHT_OPERATIONS, vecmodel_run(m, RIGHT_OPERATIONS));
		m->mistake = mistake;
		m->bound_ms = QUIET_MS * clock_scale();
		done = vecmodel_run(m, MISTAKE_OPERATIONS);
		say("mistake %d: seen after %ld operations", mistake, done);
		EXPECT_GT(MISTAKE_OPERATIONS, done);
		vecmodel_free(m);
		/* No pending bit is left for the next one. */
		own_reopen(_metadata, &self->own);
	}
}

/* Who serves the vectors is told by MASKABLE, and by what MASK answers. */
FIXTURE(served) {
	struct own own;
	int fd;
};

FIXTURE_VARIANT(served) {
	struct mode mode;
	int vectors;
	int mask;		/* what MASK answers while MSI-X is on */
};

FIXTURE_VARIANT_ADD(served, stock) {
	.mode = MODE_STOCK, .mask = -ENOTTY,
};
FIXTURE_VARIANT_ADD(served, diok_stock) {
	.mode = MODE_PERMISSIVE, .vectors = DIO_VFIO_VECTORS_STOCK, .mask = -ENOTTY,
};
FIXTURE_VARIANT_ADD(served, diok_own) {
	.mode = MODE_PERMISSIVE, .vectors = DIO_VFIO_VECTORS_OWN, .mask = 0,
};

FIXTURE_SETUP(served)
{
	self->own.owner = (struct owner)OWNER_INIT;
	self->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	STAGE_SETUP(&self->own.stage, "igb_pf", &variant->mode);
	own_open(_metadata, &self->own, variant->vectors);
}

FIXTURE_TEARDOWN(served)
{
	own_close(&self->own);
	close(self->fd);
}

TEST_F(served, mask)
{
	const struct vectors_device *dev = &vectors_igb_msix;
	const struct owner *o = &self->own.owner;
	int i, bound = 1000 * clock_scale();
	struct vfio_irq_info info;

	ASSERT_EQ(0, vectors_info(o, dev->index, &info));
	EXPECT_EQ(!variant->mask, !!(info.flags & VFIO_IRQ_INFO_MASKABLE));
	EXPECT_EQ(variant->mask ? -ENOTTY : -EINVAL,
		  vectors_act(o, dev->index, VFIO_IRQ_SET_ACTION_MASK, 0, 1));
	ASSERT_EQ(0, vectors_trigger(o, dev->index, 0, 1, &self->fd));
	dev->ready(&o->mmio);
	EXPECT_EQ(variant->mask, vectors_act(o, dev->index, VFIO_IRQ_SET_ACTION_MASK, 0, 1));
	for (i = 0; i < 3; i++)
		dev->raise(&o->mmio, 0);
	EXPECT_EQ(!variant->mask, !vectors_wait(self->fd, variant->mask ? bound : QUIET_MS));
	EXPECT_EQ(variant->mask, vectors_act(o, dev->index, VFIO_IRQ_SET_ACTION_UNMASK, 0, 1));
	if (!variant->mask)
		EXPECT_EQ(1, (int)vectors_wait(self->fd, bound));
}

TEST_HARNESS_MAIN
