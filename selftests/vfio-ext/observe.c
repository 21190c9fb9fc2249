// SPDX-License-Identifier: GPL-2.0
/*
 * Loading and binding change nothing: in the default policy the driver gives
 * a VFIO user what vfio-pci gives, byte for byte, and a reset leaves in the
 * registers what stock leaves, with the same return code.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "kselftest_harness.h"
#include "report.h"
#include "resetrun.h"

#define ANSWER_BYTES 512
#define OBSERVE_TIMEOUT_S 60

/* Everything that VFIO tells about a device, as it was answered. */
struct answers {
	struct vfio_device_info info;
	char region[VFIO_PCI_NUM_REGIONS][ANSWER_BYTES];
	struct vfio_irq_info irq[VFIO_PCI_NUM_IRQS];
	unsigned char config[256];	/* VFIO's view of the header and capabilities */
};

FIXTURE(observe) {
	struct stage stage;
};

FIXTURE_VARIANT(observe) {
	const char *device;
	const struct canary_reg *regs;
};

FIXTURE_VARIANT_ADD(observe, e1000e) { .device = "e1000e_rp25", .regs = canary_e1000e };
FIXTURE_VARIANT_ADD(observe, igb_pf) { .device = "igb_pf", .regs = canary_igb };
FIXTURE_VARIANT_ADD(observe, nvme) { .device = "nvme", .regs = canary_nvme };
FIXTURE_VARIANT_ADD(observe, virtio_noflr) { .device = "virtio_noflr", .regs = canary_virtio };
FIXTURE_VARIANT_ADD(observe, edu) { .device = "edu_rp", .regs = canary_edu };
FIXTURE_VARIANT_ADD(observe, edu_root_bus) { .device = "edu_root", .regs = canary_edu };

FIXTURE_SETUP(observe)
{
	if (pcidev_find(&self->stage.dev, variant->device))
		SKIP(return, "this machine has no device %s", variant->device);
}

FIXTURE_TEARDOWN(observe)
{
	stage_close(&self->stage);
}

static int ask(const struct owner *o, struct answers *a)
{
	struct vfio_region_info *region;
	int i;

	a->info.argsz = sizeof(a->info);
	if (ioctl(o->device, VFIO_DEVICE_GET_INFO, &a->info))
		return -errno;
	for (i = 0; i < VFIO_PCI_NUM_REGIONS; i++) {
		region = (struct vfio_region_info *)a->region[i];
		region->argsz = ANSWER_BYTES;
		region->index = i;
		/* Not every region exists; the errno is part of the answer. */
		if (ioctl(o->device, VFIO_DEVICE_GET_REGION_INFO, region))
			region->flags = errno;
	}
	for (i = 0; i < VFIO_PCI_NUM_IRQS; i++) {
		a->irq[i].argsz = sizeof(a->irq[i]);
		a->irq[i].index = i;
		if (ioctl(o->device, VFIO_DEVICE_GET_IRQ_INFO, &a->irq[i]))
			a->irq[i].flags = errno;
	}
	return pread(o->device, a->config, sizeof(a->config), o->config) ==
	       sizeof(a->config) ? 0 : -EIO;
}

static void collect(struct __test_metadata *_metadata, FIXTURE_DATA(observe) *self,
		    const struct mode *mode, struct answers *a)
{
	struct owner o;

	memset(a, 0, sizeof(*a));
	ASSERT_EQ(0, stage_open(&self->stage, mode));
	ASSERT_EQ(0, owner_open(&o, &self->stage.dev));
	EXPECT_EQ(0, ask(&o, a));
	owner_close(&o);
	stage_close(&self->stage);
}

TEST_F(observe, same_answers)
{
	struct mode stock = MODE_STOCK, observe = MODE_OBSERVE;
	struct answers *a = calloc(2, sizeof(*a));
	int i;

	ASSERT_NE(NULL, a);
	collect(_metadata, self, &stock, &a[0]);
	collect(_metadata, self, &observe, &a[1]);
	EXPECT_EQ(0, memcmp(&a[0].info, &a[1].info, sizeof(a[0].info)));
	for (i = 0; i < VFIO_PCI_NUM_REGIONS; i++)
		EXPECT_EQ(0, memcmp(a[0].region[i], a[1].region[i], ANSWER_BYTES)) {
			say("region %d differs", i);
		}
	for (i = 0; i < VFIO_PCI_NUM_IRQS; i++)
		EXPECT_EQ(0, memcmp(&a[0].irq[i], &a[1].irq[i], sizeof(a[0].irq[i]))) {
			say("irq index %d differs", i);
		}
	for (i = 0; i < (int)sizeof(a[0].config); i++)
		EXPECT_EQ(a[0].config[i], a[1].config[i]) {
			say("configuration space differs at 0x%x", i);
		}
	free(a);
}

/* The driver's default, as bound by hand, is the observing policy. */
TEST_F(observe, is_the_default)
{
	struct mode observe = MODE_OBSERVE;
	struct dionl nl;
	struct dionl_dev dev;

	ASSERT_EQ(0, pcidev_bind(&self->stage.dev, DRIVER_DIO));
	ASSERT_EQ(0, dionl_open(&nl));
	ASSERT_EQ(0, dionl_dev_get(&nl, self->stage.dev.addr, &dev));
	EXPECT_EQ(observe.policy, (int)dev.policy);
	EXPECT_EQ(0, dev.resets);
	EXPECT_EQ(DIO_VFIO_STATE_UNKNOWN, dev.state);
	dionl_close(&nl);
}

static void compare_runs(struct __test_metadata *_metadata, const struct reset_run *stock,
			 const struct reset_run *ours)
{
	const struct canary *a = stock->canaries.value, *b = ours->canaries.value;
	int i;

	EXPECT_EQ(stock->rc, ours->rc);
	EXPECT_EQ(stock->can_reset, ours->can_reset);
	EXPECT_EQ(stock->command, ours->command);
	ASSERT_EQ(stock->canaries.count, ours->canaries.count);
	for (i = 0; i < stock->canaries.count; i++, a++, b++) {
		EXPECT_EQ(a->planted, b->planted);
		EXPECT_EQ(a->after, b->after) {
			say("%s after %s", a->reg.name, reset_how_name(stock->how));
		}
	}
}

TEST_F_TIMEOUT(observe, resets_as_stock, OBSERVE_TIMEOUT_S)
{
	struct mode mode[2] = { MODE_STOCK, MODE_OBSERVE };
	static struct reset_run run[2][HOWS];
	int i;

	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, stage_open(&self->stage, &mode[i]));
		EXPECT_EQ(0, reset_run(&self->stage, variant->regs, HOW_IOCTL, HOWS, run[i]));
		stage_close(&self->stage);
	}
	for (i = 0; i < HOWS; i++)
		compare_runs(_metadata, &run[0][i], &run[1][i]);
}

TEST_HARNESS_MAIN
