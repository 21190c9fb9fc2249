// SPDX-License-Identifier: GPL-2.0
/*
 * A level on the line that no handler takes away takes the line from all of its
 * users: "nobody cared".  So a device must be silent there whenever its owner has
 * no unmasked INTx: before it is enabled, after it is disabled, while it is masked,
 * and nothing that an owner may do to configuration space may end that.  Ours is
 * made to assert its INTx then, and the handler of the line's other user must not
 * run.  Stock vfio-pci would hang the line at the first time: there it is only seen
 * that the device is not silent.
 */
#include <string.h>
#include <sys/eventfd.h>
#include <linux/pci_regs.h>

#include "kselftest_harness.h"
#include "clock.h"
#include "irqload.h"
#include "kcount.h"
#include "kmod.h"
#include "stage.h"
#include "vectors.h"

#define PULSES 200
#define OWN 20
#define E1000E_ICR 0xc0
#define E1000E_ICS 0xc8
#define E1000E_IMS 0xd0
#define E1000E_TXDW 0x1
#define PM_D3HOT 3

static const struct kcounter handlers = {
	"line", "vfio_intx_handler dio_intx_line_handler"
};

FIXTURE(unclaimed) {
	struct stage stage, other;
	struct irqload load;		/* the other user of the line */
	struct owner owner;
	int fd;
};

FIXTURE_VARIANT(unclaimed) {
	struct mode mode;
	int intx;
};

FIXTURE_VARIANT_ADD(unclaimed, stock) { .mode = MODE_STOCK, .intx = DIONL_UNSET };
FIXTURE_VARIANT_ADD(unclaimed, diok_auto) {
	.mode = MODE_PERMISSIVE, .intx = DIO_VFIO_INTX_AUTO,
};

FIXTURE_VARIANT_ADD(unclaimed, diok_msi) {
	.mode = MODE_PERMISSIVE, .intx = DIO_VFIO_INTX_MSI,
};

FIXTURE_SETUP(unclaimed)
{
	const struct mode stock = MODE_STOCK;
	struct dionl_set set = DIONL_SET_INIT;

	self->owner = (struct owner)OWNER_INIT;
	self->load.owner = (struct owner)OWNER_INIT;
	if (pcidev_find(&self->stage.dev, "e1000e_rp25") ||
	    pcidev_find(&self->other.dev, "edu_root"))
		SKIP(return, "this machine has no devices e1000e_rp25 and edu_root");
	self->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, kmod_load(KMOD_DIO));
	ASSERT_EQ(0, stage_open(&self->other, &stock));
	ASSERT_EQ(0, irqload_open(&self->load, &self->other.dev, false, IRQLOAD_IOCTL));
	ASSERT_EQ(0, irqload_run(&self->load, OWN, NULL));
	ASSERT_EQ(0, stage_open(&self->stage, &variant->mode));
	set.intx = variant->intx;
	if (mode_is_dio(&variant->mode))
		ASSERT_EQ(0, dionl_dev_set(&self->stage.nl, self->stage.dev.addr, &set));
	ASSERT_EQ(0, owner_open(&self->owner, &self->stage.dev));
	owner_enable(&self->owner, COMMAND_MEM | COMMAND_BME);
}

FIXTURE_TEARDOWN(unclaimed)
{
	kcount_stop();
	owner_close(&self->owner);
	owner_close(&self->load.owner);
	stage_close(&self->stage);
	stage_close(&self->other);
	close(self->fd);
}

/* Each pulse is over before a handler could have run twice for it, if none did. */
static long handlers_of_pulses(const struct mmio *m)
{
	long runs = -1;
	int i;

	mmio_write(m, 0, E1000E_IMS, 4, E1000E_TXDW);
	if (kcount_start_named(&handlers, 1))
		return -1;
	for (i = 0; i < PULSES; i++) {
		mmio_write(m, 0, E1000E_ICS, 4, E1000E_TXDW);
		mmio_read(m, 0, E1000E_ICR, 4);
	}
	runs = kcount_named(handlers.name);
	kcount_stop();
	return runs;
}

/* The device asks for nothing now: what the line's other user sees of it. */
static void expect_silence(struct __test_metadata *_metadata, FIXTURE_DATA(unclaimed) *self)
{
	bool silent = pcidev_config_read(&self->stage.dev, PCI_COMMAND, 2) & COMMAND_INTX_OFF;

	if (!mode_is_dio(&self->stage.mode)) {
		EXPECT_FALSE(silent);
		return;
	}
	ASSERT_TRUE(silent);
	EXPECT_EQ(0, handlers_of_pulses(&self->owner.mmio));
	EXPECT_EQ(0, irqload_run(&self->load, OWN, NULL));
}

static int set_power(FIXTURE_DATA(unclaimed) *self, int state)
{
	int cap = pcidev_cap(&self->stage.dev, PCI_CAP_ID_PM);

	return owner_config_write(&self->owner, cap + PCI_PM_CTRL, 2, state);
}

static int mask(FIXTURE_DATA(unclaimed) *self)
{
	return vectors_act(&self->owner, VFIO_PCI_INTX_IRQ_INDEX, VFIO_IRQ_SET_ACTION_MASK, 0, 1);
}

TEST_F(unclaimed, not_enabled)
{
	expect_silence(_metadata, self);
}

TEST_F(unclaimed, disabled)
{
	ASSERT_EQ(0, owner_irq(&self->owner, VFIO_PCI_INTX_IRQ_INDEX, self->fd));
	ASSERT_EQ(0, owner_irq(&self->owner, VFIO_PCI_INTX_IRQ_INDEX, -1));
	expect_silence(_metadata, self);
}

TEST_F(unclaimed, after_msi)
{
	ASSERT_EQ(0, owner_irq(&self->owner, VFIO_PCI_MSI_IRQ_INDEX, self->fd));
	ASSERT_EQ(0, owner_irq(&self->owner, VFIO_PCI_MSI_IRQ_INDEX, -1));
	expect_silence(_metadata, self);
}

TEST_F(unclaimed, interrupt_disable_cleared)
{
	owner_enable(&self->owner, COMMAND_INTX_OFF);
	owner_disable(&self->owner, COMMAND_INTX_OFF);
	expect_silence(_metadata, self);
}

TEST_F(unclaimed, reset)
{
	ASSERT_EQ(0, owner_reset(&self->owner));
	expect_silence(_metadata, self);
}

TEST_F(unclaimed, back_from_d3)
{
	ASSERT_EQ(0, set_power(self, PM_D3HOT));
	ASSERT_EQ(0, set_power(self, 0));
	expect_silence(_metadata, self);
}

/* vfio-pci-core restores the COMMAND of the way into D3, without the mask. */
TEST_F(unclaimed, masked_in_d3)
{
	ASSERT_EQ(0, owner_irq(&self->owner, VFIO_PCI_INTX_IRQ_INDEX, self->fd));
	ASSERT_EQ(0, set_power(self, PM_D3HOT));
	ASSERT_EQ(0, mask(self));
	ASSERT_EQ(0, set_power(self, 0));
	expect_silence(_metadata, self);
}

TEST_HARNESS_MAIN
