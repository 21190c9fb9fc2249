// SPDX-License-Identifier: GPL-2.0
/*
 * The receive ring of a killed e1000e owner.  Stock's D3 "reset" leaves it
 * enabled: the next owner, who only turns bus master on, finds descriptors
 * and packets written into its memory.  Ours leaves no ring.
 *
 *      igb (host, AF_PACKET broadcast) --- hub --- e1000e (assigned)
 */
#include <string.h>
#include <sys/mman.h>

#include "kselftest_harness.h"
#include "clock.h"
#include "igb.h"
#include "owner.h"
#include "report.h"
#include "stage.h"
#include "victim.h"

#define IOVA 0x10000000ull
#define MEMORY 65536
#define RING_ENTRIES 16
#define BUFFER_BYTES 2048
#define OLD_BUFFERS 0x1000	/* of the killed owner, behind its ring */
#define NEW_BUFFERS 0x8000	/* where the next owner's own pointers point */
#define OLD_FRAMES 3		/* received by the owner that is killed */
#define FRAMES 24		/* more than the ring has descriptors */
#define STEP_BOUND_MS 10000
#define SETTLE_MS 200

#define E1000_CTRL 0x0000
#define E1000_CTRL_SLU 0x40
#define E1000_STATUS 0x0008
#define E1000_STATUS_LU 0x2
#define E1000_RCTL 0x0100
#define E1000_RCTL_ON 0x0400801a	/* strip CRC, broadcast, all, enable */
#define E1000_RDBAL 0x2800
#define E1000_RDBAH 0x2804
#define E1000_RDLEN 0x2808
#define E1000_RDH 0x2810
#define E1000_RDT 0x2818
#define E1000_RXDCTL 0x2828
#define E1000_RXDCTL_ENABLE 0x02000000

FIXTURE(leak) {
	struct stage stage;
	struct igb_host host;
	struct owner owner;
	struct victim victim;
	uint8_t *old_memory, *memory, *expected;
};

FIXTURE_VARIANT(leak) {
	struct mode mode;
	bool pointers;	/* the next owner's data look like pointers */
};

FIXTURE_VARIANT_ADD(leak, stock_zeros) { .mode = MODE_STOCK };
FIXTURE_VARIANT_ADD(leak, stock_pointers) { .mode = MODE_STOCK, .pointers = true };
FIXTURE_VARIANT_ADD(leak, diok_zeros) { .mode = MODE_PERMISSIVE };
FIXTURE_VARIANT_ADD(leak, diok_pointers) { .mode = MODE_PERMISSIVE, .pointers = true };

static uint8_t *make_memory(void)
{
	return mmap(NULL, MEMORY, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

FIXTURE_SETUP(leak)
{
	self->owner = (struct owner)OWNER_INIT;
	STAGE_SETUP(&self->stage, "e1000e_rp25", &variant->mode);
	self->old_memory = make_memory();
	self->memory = make_memory();
	self->expected = make_memory();
	ASSERT_EQ(0, igb_up(&self->host, "igb_host")) {
		stage_close(&self->stage);
	}
}

/* At the exit of the program, not of a case: a link takes seconds to come up. */
__attribute__((destructor)) static void host_down(void)
{
	igb_down("igb_host");
}

FIXTURE_TEARDOWN(leak)
{
	victim_free(&self->victim);
	owner_close(&self->owner);
	igb_put(&self->host);
	stage_close(&self->stage);
}

static uint32_t reg(const struct owner *o, uint32_t offset)
{
	return mmio_read(&o->mmio, 0, offset, 4);
}

static void set(const struct owner *o, uint32_t offset, uint32_t value)
{
	mmio_write(&o->mmio, 0, offset, 4, value);
}

static void put_pointers(uint8_t *memory, uint64_t buffers)
{
	uint64_t *descriptor = (uint64_t *)memory;
	int i;

	for (i = 0; i < RING_ENTRIES; i++)
		descriptor[2 * i] = IOVA + buffers + i * BUFFER_BYTES;
}

static void enable_ring(const struct owner *o)
{
	set(o, E1000_RCTL, 0);
	set(o, E1000_RDBAL, IOVA);
	set(o, E1000_RDBAH, 0);
	set(o, E1000_RDLEN, RING_ENTRIES * 16);
	set(o, E1000_RDH, 0);
	set(o, E1000_RDT, RING_ENTRIES - 1);
	set(o, E1000_RXDCTL, E1000_RXDCTL_ENABLE);
	set(o, E1000_RCTL, E1000_RCTL_ON);
}

/* Until the device has taken what it takes: its head stands still. */
static void settle(const struct owner *o)
{
	uint32_t head;

	do {
		head = reg(o, E1000_RDH);
	} while (wait_until(reg(o, E1000_RDH) != head, SETTLE_MS));
}

/*
 * Point 1: the link is up and the ring fresh; frames that the hub had kept
 * for a device without a link are gone.  Point 2: the frames have arrived.
 */
static void victim_run(volatile struct victim_shared *shared, void *arg)
{
	FIXTURE_DATA(leak) *self = arg;
	struct owner *o = &self->owner;
	int rc = owner_open(o, &self->stage.dev);

	if (!rc)
		rc = owner_map(o, self->old_memory, IOVA, MEMORY);
	if (rc)
		victim_fail(shared, rc);
	owner_enable(o, COMMAND_MEM | COMMAND_BME);
	put_pointers(self->old_memory, OLD_BUFFERS);
	set(o, E1000_CTRL, reg(o, E1000_CTRL) | E1000_CTRL_SLU);
	enable_ring(o);
	while (!(reg(o, E1000_STATUS) & E1000_STATUS_LU))
		usleep(POLL_STEP_US);
	settle(o);
	put_pointers(self->old_memory, OLD_BUFFERS);
	enable_ring(o);
	victim_reach(shared, 1);
	while (reg(o, E1000_RDH) < OLD_FRAMES)
		usleep(POLL_STEP_US);
	victim_reach(shared, 2);
}

static void own_ring_and_die(struct __test_metadata *_metadata, FIXTURE_DATA(leak) *self)
{
	int i;

	ASSERT_EQ(0, victim_start(&self->victim, 2, victim_run, self));
	ASSERT_EQ(0, victim_wait(&self->victim, 1, STEP_BOUND_MS));
	for (i = 0; i < OLD_FRAMES; i++)
		ASSERT_EQ(0, igb_broadcast(&self->host));
	ASSERT_EQ(0, victim_wait(&self->victim, 2, STEP_BOUND_MS));
	victim_kill(&self->victim);
	memset(self->old_memory, 0, MEMORY);
}

static int changed_bytes(const uint8_t *a, const uint8_t *b, int from)
{
	int i, n = 0;

	for (i = from; i < MEMORY; i++)
		n += a[i] != b[i];
	return n;
}

static void send_frames(struct __test_metadata *_metadata, FIXTURE_DATA(leak) *self)
{
	int i;

	for (i = 0; i < FRAMES; i++)
		EXPECT_EQ(0, igb_broadcast(&self->host));
	settle(&self->owner);
}

TEST_F(leak, next_owner)
{
	int changed, payload;

	own_ring_and_die(_metadata, self);
	if (variant->pointers)
		put_pointers(self->memory, NEW_BUFFERS);
	memcpy(self->expected, self->memory, MEMORY);
	ASSERT_EQ(0, owner_open(&self->owner, &self->stage.dev));
	ASSERT_EQ(0, owner_map(&self->owner, self->memory, IOVA, MEMORY));
	owner_enable(&self->owner, COMMAND_MEM | COMMAND_BME);
	say("next owner finds RCTL 0x%x RDBAL 0x%x", reg(&self->owner, E1000_RCTL),
	    reg(&self->owner, E1000_RDBAL));
	send_frames(_metadata, self);
	changed = changed_bytes(self->memory, self->expected, 0);
	payload = changed_bytes(self->memory, self->expected, NEW_BUFFERS);
	say("%s: %d bytes of the next owner changed, %d of them packet payload",
	    variant->mode.driver, changed, payload);
	if (mode_is_dio(&variant->mode)) {
		EXPECT_EQ(0, changed);
		EXPECT_EQ(0, reg(&self->owner, E1000_RCTL) & 2);
		return;
	}
	/* The rest of the old ring: at least the status byte of each descriptor. */
	EXPECT_LE(RING_ENTRIES - 1 - OLD_FRAMES, changed);
	EXPECT_EQ(variant->pointers ? (RING_ENTRIES - 1 - OLD_FRAMES) * IGB_FRAME_BYTES : 0,
		  payload);
}

TEST_HARNESS_MAIN
