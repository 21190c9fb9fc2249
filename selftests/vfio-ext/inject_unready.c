// SPDX-License-Identifier: GPL-2.0
/*
 * A device that answers configuration reads with all ones for a while after a
 * method, and loses what is written: within the ready timeout it is waited for,
 * beyond it the method has failed, and neither harms the device.
 */
#include <errno.h>
#include <string.h>
#include <linux/pci_regs.h>

#include "kselftest_harness.h"
#include "clock.h"
#include "inject.h"
#include "owner.h"
#include "report.h"
#include "stage.h"

#define UNREADY "600"
#define UNREADY_MS 600
#define SHORT_MS 300		/* ready timeouts */
#define LONG_MS 5000
#define CORE "4000"		/* unready for so long, where the core waits */
#define CORE_MS 4000
#define HEADER 16		/* dwords */

struct unready {
	struct stage stage;
	struct dionl_reset rec;
	uint32_t header[HEADER];
};

static void read_header(const struct pcidev *d, uint32_t header[HEADER])
{
	int i;

	for (i = 0; i < HEADER; i++)
		header[i] = pcidev_config_read(d, 4 * i, 4);
}

/* Dwords of the header that are not as they were; COMMAND and STATUS may. */
static int lost_header(const struct unready *u)
{
	uint32_t header[HEADER];
	int i, lost = 0;

	read_header(&u->stage.dev, header);
	for (i = 0; i < HEADER; i++) {
		if (i == PCI_COMMAND / 4 || header[i] == u->header[i])
			continue;
		say("%s: configuration 0x%02x was 0x%08x, is 0x%08x", u->stage.dev.addr, 4 * i,
		    u->header[i], header[i]);
		lost++;
	}
	return lost;
}

static int settings(struct unready *u, uint32_t method, uint32_t next, int ready_timeout)
{
	struct dionl_set set = DIONL_SET_INIT;

	set.ready_timeout = ready_timeout;
	set.method[set.methods++] = method;
	if (next != DIO_VFIO_METHOD_NONE)
		set.method[set.methods++] = next;
	return dionl_dev_set(&u->stage.nl, u->stage.dev.addr, &set);
}

/* Kept in D0: waking it up would be a return from D3hot of its own. */
static int begin(struct unready *u, uint32_t method, uint32_t next, int ready_timeout)
{
	int rc = pcidev_power(&u->stage.dev, "on");

	if (!rc)
		rc = settings(u, method, next, ready_timeout);
	read_header(&u->stage.dev, u->header);
	return rc ? rc : inject_take(&u->stage.dev);
}

/* A device that was harmed is of no use to the next test, either. */
static int end(struct unready *u)
{
	int rc = inject_release();

	pcidev_power(&u->stage.dev, "auto");
	stage_close(&u->stage);
	return !rc && lost_header(u) ? inject_rediscover(&u->stage.dev) : rc;
}

static int reset(struct unready *u)
{
	int rc = dionl_dev_reset(&u->stage.nl, u->stage.dev.addr, false, &u->rec);

	if (!rc)
		dionl_say_reset(&u->rec);
	return rc;
}

/*
 * Without the fault the next reset finds the device as good as before. Until
 * then it may lack what could not be written while it did not answer.
 */
static void check_unharmed(struct __test_metadata *_metadata, struct unready *u,
			   uint32_t method)
{
	struct owner o = OWNER_INIT;

	EXPECT_EQ(0, inject_release());
	EXPECT_EQ(0, settings(u, method, DIO_VFIO_METHOD_NONE, LONG_MS));
	EXPECT_EQ(0, reset(u));
	EXPECT_EQ(DIO_VFIO_RESULT_VERIFIED, u->rec.result);
	EXPECT_EQ(DIO_VFIO_LEVEL_FUNCTION, u->rec.level);
	EXPECT_EQ(0, lost_header(u));
	EXPECT_EQ(0, owner_open(&o, &u->stage.dev));
	owner_close(&o);
	EXPECT_EQ(DIO_VFIO_STATE_CLEAN, stage_state(&u->stage));
	EXPECT_EQ(0, lost_header(u));
}

FIXTURE(method) {
	struct unready u;
};

FIXTURE_VARIANT(method) {
	const char *device;
	uint32_t method, next;	/* next: NONE when it is the only one */
	uint32_t honest;	/* what resets this device */
	const char *until;
	int timeout;
	uint32_t result, verdict;
	const char *reason;
};

#define METHOD(name, dev, how, then, proof, end, ms, res, all, text)		\
FIXTURE_VARIANT_ADD(method, name) {						\
	.device = dev, .method = DIO_VFIO_METHOD_##how,				\
	.next = DIO_VFIO_METHOD_##then, .honest = DIO_VFIO_METHOD_##proof,	\
	.until = end, .timeout = ms, .result = DIO_VFIO_RESULT_##res,				\
	.verdict = DIO_VFIO_RESULT_##all, .reason = text,			\
}

#define LATE "not ready after 300 ms"
#define EVER INJECT_FOR_EVER
#define LIED "canaries survived"

METHOD(flr_in_time, "igb_pf", FLR, NONE, FLR, UNREADY, LONG_MS, VERIFIED, VERIFIED, "");
METHOD(flr_hangs, "igb_pf", FLR, NONE, FLR, EVER, SHORT_MS, FAILED, FAILED, LATE);
METHOD(flr_until_bus, "igb_pf", FLR, BUS, FLR, INJECT_BUS, SHORT_MS, FAILED, VERIFIED, LATE);
METHOD(d3_in_time, "e1000e_rp25", D3, BUS, BUS, UNREADY, LONG_MS, FAILED, VERIFIED, LIED);
METHOD(d3_hangs, "e1000e_rp25", D3, NONE, BUS, EVER, SHORT_MS, FAILED, FAILED, LATE);
METHOD(d3_until_bus, "e1000e_rp25", D3, BUS, BUS, INJECT_BUS, SHORT_MS, FAILED, VERIFIED, LATE);
METHOD(bus_in_time, "edu_rp", BUS, NONE, BUS, UNREADY, LONG_MS, VERIFIED, VERIFIED, "");
METHOD(bus_hangs, "edu_rp", BUS, NONE, BUS, EVER, SHORT_MS, FAILED, FAILED, LATE);

static const char *begin_of(uint32_t method)
{
	return method == DIO_VFIO_METHOD_FLR ? INJECT_FLR :
	       method == DIO_VFIO_METHOD_D3 ? INJECT_D3 : INJECT_BUS;
}

FIXTURE_SETUP(method)
{
	struct mode permissive = MODE_PERMISSIVE;
	struct unready *u = &self->u;

	STAGE_SETUP(&u->stage, variant->device, &permissive);
	ASSERT_EQ(0, begin(u, variant->method, variant->next, variant->timeout))
		end(u);
	ASSERT_EQ(0, inject_unready(begin_of(variant->method), variant->until))
		end(u);
}

FIXTURE_TEARDOWN(method)
{
	EXPECT_EQ(0, end(&self->u));
}

static void check_step(struct __test_metadata *_metadata, const struct dionl_reset *rec,
		       const FIXTURE_VARIANT(method) *variant)
{
	const struct dionl_step *step = dionl_step_of(rec, variant->method);
	bool late = variant->timeout == SHORT_MS;

	ASSERT_NE(NULL, step);
	EXPECT_EQ(variant->result, step->result);
	EXPECT_NE(NULL, strstr(step->reason, variant->reason));
	EXPECT_EQ(late ? -ETIMEDOUT : 0, step->error);
	EXPECT_LE(late ? variant->timeout : UNREADY_MS - 50, (int)step->duration);
	EXPECT_GT(LONG_MS, (int)step->duration);
}

TEST_F(method, dev_reset)
{
	struct unready *u = &self->u;
	const struct dionl_step *next;

	ASSERT_EQ(0, reset(u));
	EXPECT_EQ(variant->verdict, u->rec.result);
	check_step(_metadata, &u->rec, variant);
	if (variant->next != DIO_VFIO_METHOD_NONE) {
		next = dionl_step_of(&u->rec, variant->next);
		ASSERT_NE(NULL, next);
		EXPECT_EQ(DIO_VFIO_RESULT_VERIFIED, next->result);
	}
	if (variant->verdict == DIO_VFIO_RESULT_VERIFIED)
		EXPECT_EQ(0, lost_header(u));
	check_unharmed(_metadata, u, variant->honest);
}

/* A device with an FLR. */
FIXTURE(device) {
	struct unready u;
	struct owner owner;
};

FIXTURE_SETUP(device)
{
	struct mode strict = MODE_STRICT;
	struct unready *u = &self->u;

	self->owner = (struct owner)OWNER_INIT;
	STAGE_SETUP(&u->stage, "igb_pf", &strict);
	ASSERT_EQ(0, begin(u, DIO_VFIO_METHOD_FLR, DIO_VFIO_METHOD_BUS, SHORT_MS))
		end(u);
}

FIXTURE_TEARDOWN(device)
{
	EXPECT_EQ(0, inject_release());
	owner_close(&self->owner);
	EXPECT_EQ(0, end(&self->u));
}

/*
 * The first method of an owner's reset is run by the PCI core, which waits up to
 * 60 s of its own: the ready timeout bounds what comes after it.
 */
TEST_F(device, ioctl_has_the_cores_bound)
{
	struct unready *u = &self->u;
	double start;

	ASSERT_EQ(0, owner_open(&self->owner, &u->stage.dev));
	EXPECT_EQ(0, settings(u, DIO_VFIO_METHOD_FLR, DIO_VFIO_METHOD_NONE, SHORT_MS));
	EXPECT_EQ(0, inject_unready(INJECT_FLR, CORE));
	stage_drain(&u->stage);
	start = clock_ms();
	EXPECT_EQ(0, owner_reset(&self->owner));
	EXPECT_LE(CORE_MS - 500, clock_ms() - start);
	EXPECT_EQ(1, stage_events(&u->stage, &u->rec, 1));
	EXPECT_EQ(DIO_VFIO_RESULT_VERIFIED, u->rec.result);
	EXPECT_EQ(0, inject_release());
	owner_close(&self->owner);
	check_unharmed(_metadata, u, DIO_VFIO_METHOD_FLR);
}

/* Not yet back from something else when the reset begins. */
TEST_F(device, unready_at_the_beginning)
{
	struct unready *u = &self->u;
	uint32_t command = pcidev_config_read(&u->stage.dev, PCI_COMMAND, 2);

	EXPECT_EQ(0, settings(u, DIO_VFIO_METHOD_FLR, DIO_VFIO_METHOD_NONE, LONG_MS));
	ASSERT_EQ(0, inject_unready(INJECT_NOW, UNREADY));
	ASSERT_EQ(0, reset(u));
	EXPECT_EQ(DIO_VFIO_RESULT_VERIFIED, u->rec.result);
	EXPECT_LE(UNREADY_MS - 50, (int)u->rec.duration);
	EXPECT_EQ(command, pcidev_config_read(&u->stage.dev, PCI_COMMAND, 2));
	EXPECT_EQ(0, lost_header(u));
	check_unharmed(_metadata, u, DIO_VFIO_METHOD_FLR);
}

/* Dead for good: nothing verifies, nothing hangs, and nobody gets it. */
TEST_F(device, dead)
{
	struct unready *u = &self->u;
	int i;

	ASSERT_EQ(0, inject_unready(INJECT_NOW, INJECT_FOR_EVER));
	EXPECT_EQ(0, reset(u));
	EXPECT_EQ(DIO_VFIO_RESULT_FAILED, u->rec.result);
	for (i = 0; i < u->rec.steps; i++)
		EXPECT_NE(DIO_VFIO_RESULT_VERIFIED, u->rec.step[i].result);
	EXPECT_GT(LONG_MS, (int)u->rec.duration);
	EXPECT_EQ(DIO_VFIO_STATE_QUARANTINED, stage_state(&u->stage));
	EXPECT_EQ(-EIO, owner_open(&self->owner, &u->stage.dev));
	/* And back among the living. */
	check_unharmed(_metadata, u, DIO_VFIO_METHOD_FLR);
}

/* All ones are no NoSoftRst+: the plan says what is the matter. */
TEST_F(device, d3_while_silent)
{
	struct unready *u = &self->u;
	const struct dionl_step *d3;

	EXPECT_EQ(0, settings(u, DIO_VFIO_METHOD_NONE, DIO_VFIO_METHOD_NONE, SHORT_MS));
	ASSERT_EQ(0, inject_unready(INJECT_NOW, INJECT_FOR_EVER));
	ASSERT_EQ(0, dionl_dev_reset(&u->stage.nl, u->stage.dev.addr, true, &u->rec));
	dionl_say_reset(&u->rec);
	d3 = dionl_step_of(&u->rec, DIO_VFIO_METHOD_D3);
	ASSERT_NE(NULL, d3);
	EXPECT_EQ(DIO_VFIO_RESULT_UNAVAILABLE, d3->result);
	EXPECT_STREQ("device does not answer", d3->reason);
	check_unharmed(_metadata, u, DIO_VFIO_METHOD_FLR);
}

TEST_HARNESS_MAIN
