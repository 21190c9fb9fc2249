// SPDX-License-Identifier: GPL-2.0
/*
 * A level on the line that no handler takes away takes the line from all of its
 * users ("nobody cared").  So a device must be silent there whenever its owner has
 * no INTx on the line: before it is enabled, after it is disabled, and whatever the
 * owner does to configuration space meanwhile, with its own view of it unchanged.
 *
 * The device raises its INTx then, and another user of the line tells how often its
 * handler ran for that.  With stock vfio-pci, and with intx line, which is stock, it
 * runs each time, and the kernel counts each as unhandled; the handler takes the
 * level away before there are enough of them.
 */
#include <string.h>
#include <sys/eventfd.h>
#include <linux/pci_regs.h>

#include "kselftest_harness.h"
#include "clock.h"
#include "kmod.h"
#include "lineuser.h"
#include "report.h"
#include "stage.h"
#include "vectors.h"

#define PULSES 50
#define TOGGLES 50
#define RAISED_MS 1000
#define PM_D3HOT 3

#define NIC_ICR 0xc0
#define NIC_ICS 0xc8
#define NIC_IMS 0xd0
#define NIC_TXDW 0x1

/* What raises the INTx of a device, and how that is taken away. */
struct source {
	const char *device;
	int status, ack;
	void (*raise)(const struct mmio *m);
};

static void edu_raise(const struct mmio *m)
{
	mmio_write(m, 0, 0x60, 4, 1);
}

static void igb_raise(const struct mmio *m)
{
	mmio_write(m, 0, NIC_IMS, 4, NIC_TXDW);
	mmio_write(m, 0, NIC_ICS, 4, NIC_TXDW);
}

static const struct source edu = { "edu_rp", 0x24, 0x64, edu_raise };
static const struct source igb = { "igb_pf", NIC_ICR, NIC_ICR, igb_raise };

struct rig {
	struct stage stage;
	struct owner owner;
	const struct source *source;
	int fd;
	bool seen;			/* by the line's other user */
};

/* How the device is owned; @vectors: who serves MSI. */
struct owning {
	struct mode mode;
	int intx, vectors;
	bool seen;
};

#define OWNED_BY_STOCK { .mode = MODE_STOCK, .seen = true }
#define OWNED_LINE { .mode = MODE_PERMISSIVE, .intx = DIO_VFIO_INTX_LINE,		\
		     .vectors = DIO_VFIO_VECTORS_OWN, .seen = true }
#define OWNED_AUTO { .mode = MODE_PERMISSIVE, .intx = DIO_VFIO_INTX_AUTO,		\
		     .vectors = DIO_VFIO_VECTORS_OWN }
#define OWNED_MSI { .mode = MODE_OBSERVE, .intx = DIO_VFIO_INTX_MSI,			\
		    .vectors = DIO_VFIO_VECTORS_STOCK }

static int share(const struct rig *r)
{
	return lineuser_share(&r->stage.dev, 0, r->source->status, r->source->ack);
}

static void rig_open(struct __test_metadata *_metadata, struct rig *r,
		     const struct owning *owning)
{
	struct dionl_set set = DIONL_SET_INIT;
	struct stage *s = &r->stage;

	r->seen = owning->seen;
	set.intx = owning->intx;
	set.vectors = owning->vectors;
	if (mode_is_dio(&s->mode))
		ASSERT_EQ(0, dionl_dev_set(&s->nl, s->dev.addr, &set));
	ASSERT_EQ(0, owner_open(&r->owner, &s->dev));
	owner_enable(&r->owner, COMMAND_MEM | COMMAND_BME);
	ASSERT_EQ(0, share(r));
}

static void rig_close(struct __test_metadata *_metadata, struct rig *r)
{
	EXPECT_EQ(0, lineuser_leave());
	owner_close(&r->owner);
	stage_close(&r->stage);
	close(r->fd);
}

static void raise_one(const struct rig *r)
{
	r->source->raise(&r->owner.mmio);
}

static void ack(const struct rig *r)
{
	mmio_write(&r->owner.mmio, 0, r->source->ack, 4, ~0u);
}

static long raised(void)
{
	struct lineuser_seen seen;

	return lineuser_seen(&seen) ? -1 : (long)seen.raised;
}

static bool disabled_in_device(const struct rig *r)
{
	return pcidev_config_read(&r->stage.dev, PCI_COMMAND, 2) & COMMAND_INTX_OFF;
}

/* What the owner sees of an interrupt that stands is as with stock. */
static void check_view(struct __test_metadata *_metadata, const struct rig *r, bool disabled)
{
	uint32_t reg = owner_config_read(&r->owner, PCI_COMMAND, 4);

	EXPECT_EQ(disabled, !!(reg & COMMAND_INTX_OFF));
	EXPECT_TRUE(reg >> 16 & PCI_STATUS_INTERRUPT);
}

/* The device asks for service, and has no INTx: who hears of it? */
static void pulses(struct __test_metadata *_metadata, const struct rig *r)
{
	struct lineuser_seen now;
	long before = raised();
	int i;

	EXPECT_EQ(!r->seen, disabled_in_device(r));
	for (i = 1; i <= PULSES; i++) {
		raise_one(r);
		if (!r->seen)
			check_view(_metadata, r, false);
		else if (!wait_until(raised() == before + i, RAISED_MS * clock_scale()))
			break;
		ack(r);
	}
	ASSERT_EQ(0, lineuser_seen(&now));
	say("%d times raised: %ld seen on line %d, %lu of the last ones unhandled", PULSES,
	    now.raised - before, now.irq, now.unhandled);
	EXPECT_EQ(r->seen ? PULSES : 0, (long)now.raised - before);
}

static int intx(const struct rig *r, bool on)
{
	return owner_irq(&r->owner, VFIO_PCI_INTX_IRQ_INDEX, on ? r->fd : -1);
}

static int msi(const struct rig *r, bool on)
{
	return owner_irq(&r->owner, VFIO_PCI_MSI_IRQ_INDEX, on ? r->fd : -1);
}

static int set_power(const struct rig *r, int state)
{
	int cap = pcidev_cap(&r->stage.dev, PCI_CAP_ID_PM);

	return cap ? owner_config_write(&r->owner, cap + PCI_PM_CTRL, 2, state) : -1;
}

FIXTURE(unclaimed) {
	struct rig rig;
};

FIXTURE_VARIANT(unclaimed) {
	struct owning owning;
};

FIXTURE_VARIANT_ADD(unclaimed, stock) { .owning = OWNED_BY_STOCK };
FIXTURE_VARIANT_ADD(unclaimed, line) { .owning = OWNED_LINE };
FIXTURE_VARIANT_ADD(unclaimed, auto) { .owning = OWNED_AUTO };
FIXTURE_VARIANT_ADD(unclaimed, msi) { .owning = OWNED_MSI };

FIXTURE_SETUP(unclaimed)
{
	struct rig *r = &self->rig;

	r->owner = (struct owner)OWNER_INIT;
	r->source = &edu;
	r->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	STAGE_SETUP(&r->stage, edu.device, &variant->owning.mode);
	rig_open(_metadata, r, &variant->owning);
}

FIXTURE_TEARDOWN(unclaimed)
{
	rig_close(_metadata, &self->rig);
}

TEST_F(unclaimed, not_enabled)
{
	pulses(_metadata, &self->rig);
}

TEST_F(unclaimed, disabled)
{
	ASSERT_EQ(0, intx(&self->rig, true));
	ASSERT_EQ(0, intx(&self->rig, false));
	pulses(_metadata, &self->rig);
}

TEST_F(unclaimed, after_msi)
{
	ASSERT_EQ(0, msi(&self->rig, true));
	ASSERT_EQ(0, msi(&self->rig, false));
	pulses(_metadata, &self->rig);
}

/* An MSI comes behind Interrupt Disable, too. */
TEST_F(unclaimed, during_msi)
{
	struct rig *r = &self->rig;

	ASSERT_EQ(0, msi(r, true));
	owner_enable(&r->owner, COMMAND_INTX_OFF);
	owner_disable(&r->owner, COMMAND_INTX_OFF);
	EXPECT_EQ(!r->seen, disabled_in_device(r));
	raise_one(r);
	EXPECT_EQ(1, (int)vectors_wait(r->fd, RAISED_MS * clock_scale()));
	ack(r);
}

/* A level that stands while the owner clears its bit is not seen for a moment even. */
TEST_F(unclaimed, owner_clears_its_bit)
{
	struct rig *r = &self->rig;
	long before = raised();
	int i;

	for (i = 0; i < TOGGLES; i++) {
		owner_enable(&r->owner, COMMAND_INTX_OFF);
		EXPECT_TRUE(disabled_in_device(r));
		raise_one(r);
		check_view(_metadata, r, true);
		owner_disable(&r->owner, COMMAND_INTX_OFF);
		if (r->seen && !wait_until(raised() > before + i, RAISED_MS * clock_scale()))
			break;
		ack(r);
	}
	EXPECT_EQ(r->seen ? TOGGLES : 0, raised() - before);
	pulses(_metadata, r);
}

TEST_F(unclaimed, reset)
{
	struct rig *r = &self->rig;

	ASSERT_EQ(0, pcidev_reset(&r->stage.dev));
	owner_enable(&r->owner, COMMAND_MEM | COMMAND_BME);
	pulses(_metadata, r);
}

/* The INTx works as ever, each time that it is enabled again. */
TEST_F(unclaimed, enabled_again)
{
	struct rig *r = &self->rig;
	int i;

	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, msi(r, true));
		ASSERT_EQ(0, msi(r, false));
		ASSERT_EQ(0, lineuser_leave());
		ASSERT_EQ(0, intx(r, true));
		raise_one(r);
		EXPECT_EQ(1, (int)vectors_wait(r->fd, RAISED_MS * clock_scale()));
		ack(r);
		EXPECT_EQ(0, vectors_act(&r->owner, VFIO_PCI_INTX_IRQ_INDEX,
					 VFIO_IRQ_SET_ACTION_UNMASK, 0, 1));
		ASSERT_EQ(0, intx(r, false));
		vectors_take(r->fd);
		ASSERT_EQ(0, share(r));
	}
	pulses(_metadata, r);
}

/* A device that can sleep. */
FIXTURE(power) {
	struct rig rig;
};

FIXTURE_VARIANT(power) {
	struct owning owning;
};

FIXTURE_VARIANT_ADD(power, stock) { .owning = OWNED_BY_STOCK };
FIXTURE_VARIANT_ADD(power, line) { .owning = OWNED_LINE };
FIXTURE_VARIANT_ADD(power, auto) { .owning = OWNED_AUTO };
FIXTURE_VARIANT_ADD(power, msi) { .owning = OWNED_MSI };

FIXTURE_SETUP(power)
{
	struct rig *r = &self->rig;

	r->owner = (struct owner)OWNER_INIT;
	r->source = &igb;
	r->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	STAGE_SETUP(&r->stage, igb.device, &variant->owning.mode);
	rig_open(_metadata, r, &variant->owning);
}

FIXTURE_TEARDOWN(power)
{
	rig_close(_metadata, &self->rig);
}

TEST_F(power, back_from_d3)
{
	ASSERT_EQ(0, set_power(&self->rig, PM_D3HOT));
	ASSERT_EQ(0, set_power(&self->rig, 0));
	pulses(_metadata, &self->rig);
}

/* COMMAND comes back as it was on the way into D3, with an INTx. */
TEST_F(power, disabled_in_d3)
{
	ASSERT_EQ(0, intx(&self->rig, true));
	ASSERT_EQ(0, set_power(&self->rig, PM_D3HOT));
	ASSERT_EQ(0, intx(&self->rig, false));
	ASSERT_EQ(0, set_power(&self->rig, 0));
	pulses(_metadata, &self->rig);
}

TEST_F(power, after_msix)
{
	struct rig *r = &self->rig;

	ASSERT_EQ(0, owner_irq(&r->owner, VFIO_PCI_MSIX_IRQ_INDEX, r->fd));
	ASSERT_EQ(0, owner_irq(&r->owner, VFIO_PCI_MSIX_IRQ_INDEX, -1));
	pulses(_metadata, r);
}

TEST_HARNESS_MAIN
