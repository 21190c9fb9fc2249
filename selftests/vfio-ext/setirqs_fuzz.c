// SPDX-License-Identifier: GPL-2.0
/*
 * Random VFIO_DEVICE_SET_IRQS, right and wrong, between random writes to COMMAND, MSI,
 * MSI-X and the power state, resets and new owners.  Stock vfio-pci gets a sequence
 * first, then ours the same one, while the device interrupts: each answer, and what
 * the owner sees of its device after it, must be the same, but where ours promises
 * more.  A call that ours refuses must leave everything as it was.
 *
 * DIO_SEED sets the seed, which is said. How many, see clock_rounds().
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <linux/pci_regs.h>

#include "kselftest_harness.h"
#include "clock.h"
#include "report.h"
#include "setirqs.h"
#include "stage.h"
#include "vectors.h"

#define FUZZ_TIMEOUT_S 600
#define ARRIVAL_MS 2000
#define NOTHING_ON -1
#define DIVERGENCES 10
#define MSI_WRITABLE (PCI_MSI_FLAGS_ENABLE | PCI_MSI_FLAGS_QSIZE)

/* What a step gave. */
struct seen {
	int rc;
	struct setirqs_view view;
};

/* All that a refused call must leave as it was; ours alone tells of it. */
struct state {
	struct setirqs_view view;
	struct vfio_irq_info info[VFIO_PCI_NUM_IRQS];
	int irqs;
	struct {
		uint32_t index, vector, via, host_irq, holdoff;
		bool enabled, masked;
	} irq[DIONL_IRQS];
};

/* The device interrupts, whatever its owner does. */
struct traffic {
	const struct vectors_device *dev;
	const struct owner *owner;
	pthread_t thread;
	pthread_mutex_t lock;		/* the owner stays */
	volatile bool stop;
	long raised;
};

FIXTURE(fuzz) {
	struct stage stage;
	struct owner owner;
	struct setirqs s;
	struct traffic traffic;
	struct seen *stock;
	struct state before, after;
	int on;				/* the type of interrupt that is enabled */
	long calls, refused, divergences;
};

FIXTURE_VARIANT(fuzz) {
	const char *device;
	const struct vectors_device *dev;
	int policy, intx, vectors;
	long calls;
};

FIXTURE_VARIANT_ADD(fuzz, all_own) {
	.device = "igb_pf", .dev = &vectors_igb_msix, .calls = 40000,
	.intx = DIO_VFIO_INTX_MSI, .vectors = DIO_VFIO_VECTORS_OWN,
};
FIXTURE_VARIANT_ADD(fuzz, msi_without_mask) {
	.device = "edu_rp", .dev = &vectors_edu_msi, .calls = 20000,
	.intx = DIO_VFIO_INTX_AUTO, .vectors = DIO_VFIO_VECTORS_OWN,
};
FIXTURE_VARIANT_ADD(fuzz, stock_vectors) {
	.device = "igb_pf", .dev = &vectors_igb_msix, .calls = 10000,
	.intx = DIO_VFIO_INTX_MSI, .vectors = DIO_VFIO_VECTORS_STOCK,
};
FIXTURE_VARIANT_ADD(fuzz, line_and_own) {
	.device = "igb_pf", .dev = &vectors_igb_msix, .calls = 10000,
	.intx = DIO_VFIO_INTX_LINE, .vectors = DIO_VFIO_VECTORS_OWN,
};

FIXTURE_SETUP(fuzz)
{
	self->owner = (struct owner)OWNER_INIT;
	pthread_mutex_init(&self->traffic.lock, NULL);
	if (pcidev_find(&self->stage.dev, variant->device))
		SKIP(return, "this machine has no device %s", variant->device);
}

FIXTURE_TEARDOWN(fuzz)
{
	owner_close(&self->owner);
	stage_close(&self->stage);
	setirqs_close(&self->s);
	free(self->stock);
}

/* Registers by read() and write(): a mapping is gone while memory decoding is off. */
static void poke(const struct owner *o, int offset, uint32_t value)
{
	if (pwrite(o->device, &value, 4, offset) != 4)
		sched_yield();
}

static void *traffic_run(void *arg)
{
	struct traffic *t = arg;

	while (!t->stop) {
		pthread_mutex_lock(&t->lock);
		if (t->dev == &vectors_edu_msi) {
			poke(t->owner, 0x60, 1);
			poke(t->owner, 0x64, ~0u);
		} else {
			poke(t->owner, 0x1514, 0x10);
			poke(t->owner, 0x152c, 0x3ff);
			poke(t->owner, 0x1524, 0x3ff);
			poke(t->owner, 0x1520, 1u << t->raised % VECTORS_MAX);
		}
		t->raised++;
		pthread_mutex_unlock(&t->lock);
		usleep(500);
	}
	return NULL;
}

static int reopen(FIXTURE_DATA(fuzz) *self)
{
	int rc;

	pthread_mutex_lock(&self->traffic.lock);
	owner_close(&self->owner);
	rc = owner_open(&self->owner, &self->stage.dev);
	if (!rc)
		owner_enable(&self->owner, COMMAND_MEM | COMMAND_BME);
	pthread_mutex_unlock(&self->traffic.lock);
	return rc;
}

static int step_do(FIXTURE_DATA(fuzz) *self, const struct setirqs_step *step)
{
	return step->what == SETIRQS_REOPEN ? reopen(self) :
	       setirqs_do(&self->s, &self->owner, step);
}

/* What the answers of stock say is enabled. */
static void follow(FIXTURE_DATA(fuzz) *self, const struct setirqs_step *step, int rc)
{
	const struct vfio_irq_set *c = &step->call;
	uint32_t trigger = VFIO_IRQ_SET_ACTION_TRIGGER;

	if (step->what == SETIRQS_REOPEN)
		self->on = NOTHING_ON;
	if (step->what != SETIRQS_CALL || rc || c->index > VFIO_PCI_MSIX_IRQ_INDEX)
		return;
	if (c->flags == (trigger | VFIO_IRQ_SET_DATA_EVENTFD))
		self->on = c->index;
	else if (c->flags == (trigger | VFIO_IRQ_SET_DATA_NONE) && !c->count)
		self->on = NOTHING_ON;
}

/* MASK and UNMASK of MSI and MSI-X: stock has none, ours has, where it serves them. */
static int expected(const FIXTURE_DATA(fuzz) *self, const struct setirqs_step *step, int rc,
		    bool own)
{
	const struct vfio_irq_set *c = &step->call;
	uint32_t action = c->flags & VFIO_IRQ_SET_ACTION_TYPE_MASK;

	if (step->what != SETIRQS_CALL || !own || rc != -ENOTTY ||
	    (c->index != VFIO_PCI_MSI_IRQ_INDEX && c->index != VFIO_PCI_MSIX_IRQ_INDEX) ||
	    (action != VFIO_IRQ_SET_ACTION_MASK && action != VFIO_IRQ_SET_ACTION_UNMASK) ||
	    self->on == VFIO_PCI_INTX_IRQ_INDEX)
		return rc;
	if (self->on != (int)c->index || !c->count)
		return -EINVAL;
	return c->flags & VFIO_IRQ_SET_DATA_EVENTFD ? -ENOTTY : 0;
}

static void state_read(FIXTURE_DATA(fuzz) *self, struct state *st)
{
	struct dionl_irq irq[DIONL_IRQS];
	struct stage *s = &self->stage;
	int i;

	memset(st, 0, sizeof(*st));
	setirqs_look(&self->s, &self->owner, &st->view);
	for (i = 0; i < VFIO_PCI_NUM_IRQS; i++)
		vectors_info(&self->owner, i, &st->info[i]);
	st->irqs = dionl_irq_dump(&s->nl, s->dev.addr, irq, DIONL_IRQS);
	for (i = 0; i < st->irqs; i++) {
		st->irq[i].index = irq[i].index;
		st->irq[i].vector = irq[i].vector;
		st->irq[i].via = irq[i].via;
		st->irq[i].host_irq = irq[i].host_irq;
		st->irq[i].holdoff = irq[i].holdoff;
		st->irq[i].enabled = irq[i].enabled;
		/* an INTx is masked by each interrupt */
		st->irq[i].masked = irq[i].masked && irq[i].index != VFIO_PCI_INTX_IRQ_INDEX;
	}
}

static void diverged(FIXTURE_DATA(fuzz) *self, long n, const struct setirqs_step *step,
		     const char *how, int want, int got)
{
	if (self->divergences++ >= DIVERGENCES)
		return;
	say("step %ld, on %d: %s: %d, not %d", n, self->on, how, got, want);
	setirqs_say(step);
}

static void compare(FIXTURE_DATA(fuzz) *self, long n, const struct setirqs_step *step,
		    const struct seen *now, bool own)
{
	const struct setirqs_view *v = &now->view, *w = &self->stock[n].view;
	int want = expected(self, step, self->stock[n].rc, own);

	if (now->rc != want)
		diverged(self, n, step, "answer", want, now->rc);
	if (v->command != w->command)
		diverged(self, n, step, "COMMAND", w->command, v->command);
	/* stock keeps what is written to the read-only bits, too */
	if ((v->msi ^ w->msi) & MSI_WRITABLE)
		diverged(self, n, step, "MSI", w->msi, v->msi);
	if (v->msix != w->msix)
		diverged(self, n, step, "MSI-X", w->msix, v->msix);
	if (v->power != w->power)
		diverged(self, n, step, "power", w->power, v->power);
}

static bool unchanged(FIXTURE_DATA(fuzz) *self, long n, const struct setirqs_step *step)
{
	state_read(self, &self->after);
	if (!memcmp(&self->before, &self->after, sizeof(self->before)))
		return true;
	diverged(self, n, step, "changed by a refused call", 0, 1);
	return false;
}

static void open_as(struct __test_metadata *_metadata, FIXTURE_DATA(fuzz) *self,
		    const struct mode *mode, const FIXTURE_VARIANT(fuzz) *variant, uint64_t seed)
{
	struct dionl_set set = DIONL_SET_INIT;
	struct stage *s = &self->stage;

	ASSERT_EQ(0, stage_open(s, mode));
	set.intx = variant->intx;
	set.vectors = variant->vectors;
	if (mode_is_dio(mode))
		ASSERT_EQ(0, dionl_dev_set(&s->nl, s->dev.addr, &set));
	ASSERT_EQ(0, setirqs_open(&self->s, &s->dev, variant->dev->count, seed));
	self->on = NOTHING_ON;
	ASSERT_EQ(0, reopen(self));
}

static void stock_first(FIXTURE_DATA(fuzz) *self, long n)
{
	struct setirqs_step step;
	long i;

	for (i = 0; i < n; i++) {
		setirqs_next(&self->s, &step);
		self->stock[i].rc = step_do(self, &step);
		setirqs_look(&self->s, &self->owner, &self->stock[i].view);
	}
	owner_close(&self->owner);
	setirqs_close(&self->s);
	stage_close(&self->stage);
}

static void ours_then(FIXTURE_DATA(fuzz) *self, long n, bool own)
{
	struct setirqs_step step;
	bool stale = true;
	struct seen now;
	long i;

	for (i = 0; i < n && self->divergences < DIVERGENCES; i++) {
		setirqs_next(&self->s, &step);
		if (stale)
			state_read(self, &self->before);
		now.rc = step_do(self, &step);
		setirqs_look(&self->s, &self->owner, &now.view);
		compare(self, i, &step, &now, own);
		stale = now.rc >= 0 || step.what != SETIRQS_CALL ||
			!unchanged(self, i, &step);
		follow(self, &step, self->stock[i].rc);
		self->calls += step.what == SETIRQS_CALL;
		self->refused += now.rc < 0;
	}
}

/* After all that, each vector delivers each event once. */
static void check_works(struct __test_metadata *_metadata, FIXTURE_DATA(fuzz) *self,
			const struct vectors_device *dev)
{
	int i, bound = ARRIVAL_MS * clock_scale();

	ASSERT_EQ(0, reopen(self));
	ASSERT_EQ(0, vectors_trigger(&self->owner, dev->index, 0, dev->count, self->s.fd));
	dev->ready(&self->owner.mmio);
	setirqs_signals(&self->s);
	for (i = 0; i < dev->count; i++) {
		dev->raise(&self->owner.mmio, i);
		EXPECT_EQ(1, (int)vectors_wait(self->s.fd[i], bound));
	}
	EXPECT_EQ(0, (int)setirqs_signals(&self->s));
}

TEST_F_TIMEOUT(fuzz, as_stock, FUZZ_TIMEOUT_S)
{
	const struct mode stock = MODE_STOCK, ours = MODE_PERMISSIVE;
	long calls = clock_rounds(variant->calls), n = calls * 108 / 100;
	const char *set = getenv("DIO_SEED");
	uint64_t seed = set ? strtoull(set, NULL, 0) : 1;
	bool own = variant->vectors == DIO_VFIO_VECTORS_OWN;
	struct traffic *t = &self->traffic;

	say("DIO_SEED=%llu, %ld steps", (unsigned long long)seed, n);
	self->stock = calloc(n, sizeof(*self->stock));
	ASSERT_NE(NULL, self->stock);
	open_as(_metadata, self, &stock, variant, seed);
	stock_first(self, n);

	open_as(_metadata, self, &ours, variant, seed);
	t->dev = variant->dev;
	t->owner = &self->owner;
	ASSERT_EQ(0, pthread_create(&t->thread, NULL, traffic_run, t));
	ours_then(self, n, own);
	t->stop = true;
	pthread_join(t->thread, NULL);
	say("%ld calls, %ld refused; %ld events, %llu signals", self->calls, self->refused,
	    t->raised, (unsigned long long)setirqs_signals(&self->s));
	EXPECT_EQ(0, self->divergences);
	EXPECT_LE(calls, self->calls);	/* six in a hundred steps are none */
	EXPECT_LT(n / 4, self->refused);
	EXPECT_GT(n * 9 / 10, self->refused);
	check_works(_metadata, self, variant->dev);
}

TEST_HARNESS_MAIN
