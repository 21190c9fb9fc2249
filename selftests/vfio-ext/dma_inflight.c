// SPDX-License-Identifier: GPL-2.0
/*
 * A transfer that outlives its owner, or its reset.  edu writes 4 KiB 100 ms
 * after the start; meanwhile the owner is killed, replaced, or resets it.  On
 * stock the next owner's page, or the page after a "successful" reset, is
 * overwritten: 1024 of 1024 words.  Ours first waits for the device to be
 * idle, with bus master off: 0.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <linux/pci_regs.h>

#include "kselftest_harness.h"
#include "clock.h"
#include "edu.h"
#include "kcount.h"
#include "kmsg.h"
#include "owner.h"
#include "report.h"
#include "stage.h"
#include "victim.h"

#define IOVA 0x10000000ull
#define PATTERN 0xdeadbeefu
#define WATCH_MS 300		/* three times edu's delay */
#define STEP_BOUND_MS 5000
#define SHORT_IDLE_MS 10	/* far below edu's 100 ms */
#define DMA_TIMEOUT_S 120
#define TRIES 5			/* stock: the race against 100 ms must be won once */

FIXTURE(dma) {
	struct stage stage;
	struct owner owner;
	struct victim victim;
	uint32_t *page, *next_page;
	double started;
};

/*
 * Faults that the IOMMU reported: calls of its interrupt handler.  The log
 * cannot be counted, the kernel limits its rate to a few lines in 5 s.
 */
static const char *const fault_handler[] = { "dmar_fault" };

FIXTURE_VARIANT(dma) {
	const char *device;
	struct mode mode;
	bool resets;	/* the device has a reset method */
};

FIXTURE_VARIANT_ADD(dma, stock_root_bus) { .device = "edu_root", .mode = MODE_STOCK };
FIXTURE_VARIANT_ADD(dma, stock_port) {
	.device = "edu_rp", .mode = MODE_STOCK, .resets = true,
};
FIXTURE_VARIANT_ADD(dma, diok_root_bus) { .device = "edu_root", .mode = MODE_PERMISSIVE };
FIXTURE_VARIANT_ADD(dma, diok_port) {
	.device = "edu_rp", .mode = MODE_PERMISSIVE, .resets = true,
};

static uint32_t *make_page(void)
{
	void *p = mmap(NULL, EDU_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

FIXTURE_SETUP(dma)
{
	self->owner = (struct owner)OWNER_INIT;
	STAGE_SETUP(&self->stage, variant->device, &variant->mode);
	self->page = make_page();
	self->next_page = make_page();
	ASSERT_TRUE(self->page && self->next_page)
		stage_close(&self->stage);
	ASSERT_EQ(0, kcount_start(fault_handler, 1))
		stage_close(&self->stage);
}

FIXTURE_TEARDOWN(dma)
{
	victim_free(&self->victim);
	owner_close(&self->owner);
	stage_close(&self->stage);
	kcount_stop();
}

/* Own the device, fill its buffer with the pattern, start the write. */
static int own_and_start(struct owner *o, const struct pcidev *d, uint32_t *page)
{
	int rc = owner_open(o, d);

	if (rc)
		return rc;
	owner_enable(o, COMMAND_MEM | COMMAND_BME);
	rc = owner_map(o, page, IOVA, EDU_SIZE);
	if (rc)
		return rc;
	for (int i = 0; i < EDU_WORDS; i++)
		page[i] = PATTERN;
	rc = edu_load(&o->mmio, IOVA);
	memset(page, 0x11, EDU_SIZE);
	if (!rc)
		edu_start(&o->mmio, IOVA);
	return rc;
}

static void start_here(struct __test_metadata *_metadata, FIXTURE_DATA(dma) *self)
{
	ASSERT_EQ(0, own_and_start(&self->owner, &self->stage.dev, self->page));
	self->started = clock_ms();
}

static void victim_run(volatile struct victim_shared *shared, void *arg)
{
	FIXTURE_DATA(dma) *self = arg;
	int rc = own_and_start(&self->owner, &self->stage.dev, self->page);

	if (rc)
		victim_fail(shared, rc);
	victim_reach(shared, 1);
}

static void start_and_kill(struct __test_metadata *_metadata, FIXTURE_DATA(dma) *self)
{
	ASSERT_EQ(0, victim_start(&self->victim, 1, victim_run, self));
	ASSERT_EQ(0, victim_wait(&self->victim, 1, STEP_BOUND_MS));
	self->started = self->victim.shared->at[1];
	victim_kill(&self->victim);
}

/* Words of @page that the transfer wrote, watched to the end of the window. */
static int watch(FIXTURE_DATA(dma) *self, const uint32_t *page, const char *what)
{
	double left = self->started + WATCH_MS - clock_ms();
	int words;

	wait_until(edu_words(page, PATTERN) == EDU_WORDS, left > 0 ? left : 0);
	words = edu_words(page, PATTERN);
	say("%s %s, %s: %d of %d words written, watched until %.0f ms", self->stage.dev.name,
	    self->stage.mode.driver, what, words, EDU_WORDS, clock_ms() - self->started);
	return words;
}

/* Control of the instrument: undisturbed, it lands whoever drives. */
TEST_F_TIMEOUT(dma, plain, DMA_TIMEOUT_S)
{
	start_here(_metadata, self);
	EXPECT_EQ(EDU_WORDS, watch(self, self->page, "undisturbed"));
}

/* A debug kernel needs more than edu's 100 ms to bury an owner. */
static bool loses_the_race(void)
{
	return clock_scale() > 1;
}

TEST_F_TIMEOUT(dma, killed, DMA_TIMEOUT_S)
{
	if (loses_the_race())
		SKIP(return, "too slow here to kill an owner within edu's 100 ms");
	start_and_kill(_metadata, self);
	EXPECT_EQ(0, watch(self, self->page, "killed, old page"));
	EXPECT_EQ(0, kcount_total());
}

/* The next owner has the same IOVA, as all VMs have. */
static double reuse(struct __test_metadata *_metadata, FIXTURE_DATA(dma) *self, int *words)
{
	double ready;

	start_and_kill(_metadata, self);
	memset(self->next_page, 0x22, EDU_SIZE);
	ASSERT_EQ(0, owner_open(&self->owner, &self->stage.dev));
	ASSERT_EQ(0, owner_map(&self->owner, self->next_page, IOVA, EDU_SIZE));
	owner_enable(&self->owner, COMMAND_MEM | COMMAND_BME);
	ready = clock_ms() - self->started;
	say("%s: next owner ready %.1f ms after the start", self->stage.dev.name, ready);
	*words = watch(self, self->next_page, "killed, next owner's page");
	owner_close(&self->owner);
	return ready;
}

TEST_F_TIMEOUT(dma, killed_and_reused, DMA_TIMEOUT_S)
{
	int words = 0, i;

	if (mode_is_dio(&variant->mode)) {
		reuse(_metadata, self, &words);
		EXPECT_EQ(0, words);
		return;
	}
	if (loses_the_race())
		SKIP(return, "too slow here to be the next owner within edu's 100 ms");
	for (i = 0; i < TRIES; i++)
		if (reuse(_metadata, self, &words) < EDU_DELAY_MS * 0.9)
			break;
	EXPECT_EQ(EDU_WORDS, words);
}

/* The next owner maps nothing; when it was ready, in ms after the start. */
static double reuse_unmapped(struct __test_metadata *_metadata, FIXTURE_DATA(dma) *self)
{
	double ready;
	int words;

	start_and_kill(_metadata, self);
	ASSERT_EQ(0, owner_open(&self->owner, &self->stage.dev));
	owner_enable(&self->owner, COMMAND_MEM | COMMAND_BME);
	ready = clock_ms() - self->started;
	words = watch(self, self->page, "killed, next owner maps nothing");
	EXPECT_TRUE(!words || loses_the_race());
	owner_close(&self->owner);
	return ready;
}

/* Without a mapping the IOMMU stops it: stock needs it to, ours does not. */
TEST_F_TIMEOUT(dma, killed_and_reused_without_mapping, DMA_TIMEOUT_S)
{
	bool dio = mode_is_dio(&variant->mode);
	long faults;
	int i;

	if (!dio && loses_the_race())
		SKIP(return, "too slow here to be the next owner within edu's 100 ms");
	if (!dio)
		kmsg_allow_dmar();
	for (i = 0; i < TRIES; i++)
		if (reuse_unmapped(_metadata, self) < EDU_DELAY_MS * 0.9 || dio)
			break;
	faults = kcount_total();
	say("%s %s: %ld DMAR faults", self->stage.dev.name, variant->mode.driver, faults);
	EXPECT_EQ(dio, faults == 0);
}

/* The owner's own mistake: the IOMMU stops it under any driver. */
TEST_F_TIMEOUT(dma, unmapped, DMA_TIMEOUT_S)
{
	kmsg_allow_dmar();
	start_here(_metadata, self);
	ASSERT_EQ(0, owner_unmap(&self->owner, IOVA, EDU_SIZE));
	EXPECT_EQ(0, watch(self, self->page, "unmapped"));
	EXPECT_LE(1, kcount_total());
}

TEST_F_TIMEOUT(dma, bus_master_off, DMA_TIMEOUT_S)
{
	start_here(_metadata, self);
	owner_disable(&self->owner, COMMAND_BME);
	EXPECT_EQ(0, watch(self, self->page, "bus master off"));
	EXPECT_FALSE(edu_busy(&self->owner.mmio));
	EXPECT_EQ(0, kcount_total());
}

static void after_reset(struct __test_metadata *_metadata, FIXTURE_DATA(dma) *self,
			const FIXTURE_VARIANT(dma) *variant, int rc, const char *what)
{
	say("%s %s %s: rc %d after %.1f ms", self->stage.dev.name, variant->mode.driver, what, rc,
	    clock_ms() - self->started);
	EXPECT_EQ(variant->resets ? 0 : -EINVAL, rc);
	if (!mode_is_dio(&variant->mode)) {
		EXPECT_EQ(EDU_WORDS, watch(self, self->page, what));
		return;
	}
	/* When the reset returns nothing can land any more. */
	EXPECT_FALSE(edu_busy(&self->owner.mmio));
	EXPECT_EQ(0, edu_words(self->page, PATTERN));
	EXPECT_EQ(0, watch(self, self->page, what));
}

TEST_F_TIMEOUT(dma, device_reset, DMA_TIMEOUT_S)
{
	start_here(_metadata, self);
	after_reset(_metadata, self, variant, owner_reset(&self->owner), "VFIO_DEVICE_RESET");
}

TEST_F_TIMEOUT(dma, sysfs_reset, DMA_TIMEOUT_S)
{
	int rc;

	start_here(_metadata, self);
	rc = pcidev_reset(&self->stage.dev);
	if (!variant->resets) {
		/* The kernel offers no such file for this device. */
		EXPECT_GT(0, rc);
		watch(self, self->page, "no sysfs reset");
		return;
	}
	after_reset(_metadata, self, variant, rc, "sysfs reset");
}

static bool bus_master(const struct pcidev *d)
{
	return pcidev_config_read(d, PCI_COMMAND, 2) & PCI_COMMAND_MASTER;
}

/*
 * The device is given less time than its transfer takes: the reset cannot
 * wait for it, so bus master must not come back with the restored state.
 * Stock waits for nothing, and bus master is back.
 */
TEST_F_TIMEOUT(dma, idle_timeout, DMA_TIMEOUT_S)
{
	struct dionl_set set = DIONL_SET_INIT;
	bool dio = mode_is_dio(&variant->mode);
	struct stage *s = &self->stage;
	struct dionl_reset rec;

	set.idle_timeout = SHORT_IDLE_MS;
	if (dio)
		ASSERT_EQ(0, dionl_dev_set(&s->nl, s->dev.addr, &set));
	start_here(_metadata, self);
	stage_drain(s);
	say("%s: VFIO_DEVICE_RESET rc %d", s->dev.name, owner_reset(&self->owner));
	EXPECT_EQ(!dio, bus_master(&s->dev));
	EXPECT_EQ(dio ? 0 : EDU_WORDS, watch(self, self->page, "short idle timeout"));
	if (!dio || !variant->resets)
		return;
	ASSERT_EQ(1, stage_events(s, &rec, 1));
	EXPECT_EQ(DIO_VFIO_IDLE_TIMEOUT, rec.idle);
	EXPECT_LE(SHORT_IDLE_MS, (int)rec.idle_time);
}

TEST_HARNESS_MAIN
