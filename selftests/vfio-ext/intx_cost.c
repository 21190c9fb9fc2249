// SPDX-License-Identifier: GPL-2.0
/*
 * What an INTx costs the host, each way of taking it in the same boot: stock
 * vfio-pci, stock without masking at the device (nointxmask=1), ours on an MSI
 * by each recheck policy, and as the floor an MSI followed by the same system
 * call, which then ends nothing.  Below any floor are an MSI followed by an ioctl
 * that VFIO refuses at once, and an MSI alone.  Calls are counted by kprobes, exactly;
 * instructions by the TSC of a machine with icount, in runs of their own, so
 * that the probes are not in them.
 */
#include <stdlib.h>
#include <string.h>

#include "kselftest_harness.h"
#include "clock.h"
#include "figure.h"
#include "irqload.h"
#include "kcount.h"
#include "kmod.h"
#include "stage.h"

#define COUNTED 200
#define TIMED 200
#define WARM_UP 32		/* a policy that is learned is learned by then */
#define COST_TIMEOUT_S 120
#define PVM_SECONDS 4		/* pauses of 2 ms, each with a second signal (second.c) */
#define OVER_FLOOR_MAX 600	/* instructions; stock takes 900, nointxmask=1 1150 */

/* DIOK is what `recheck auto` comes to: mmio, or pvm where no table knows the device. */
enum how { STOCK, NOINTXMASK, DIOK, NONE, STATUS, TOGGLE, FLOOR, CALL, MSI, HOWS };

static const struct how_row {
	const char *name;
	struct mode mode;
	const char *settings;		/* words of diokctl dev set */
	int reads, writes;		/* of configuration space, an interrupt */
	int looks;			/* reads of a watch that may have run meanwhile */
	bool msi, own_end;
	enum irqload_end end;		/* with own_end instead of the variant's */
} hows[HOWS] = {
	[STOCK] = { "stock", MODE_STOCK, .reads = 2, .writes = 2 },
	[NOINTXMASK] = { "nointxmask=1", MODE_STOCK },
	[DIOK] = { "diok", MODE_PERMISSIVE, "intx msi recheck auto" },
	[NONE] = { "diok none", MODE_PERMISSIVE, "intx msi recheck none" },
	[STATUS] = { "diok status", MODE_PERMISSIVE, "intx msi recheck status", .reads = 1 },
	[TOGGLE] = { "diok toggle", MODE_PERMISSIVE, "intx msi recheck toggle", .reads = 3,
		     .writes = 2, .looks = 9 },
	[FLOOR] = { "MSI, idle unmask", MODE_STOCK, .msi = true },
	[CALL] = { "MSI, no ioctl", MODE_STOCK, .msi = true, .own_end = true,
		   .end = IRQLOAD_NO_IOCTL },
	[MSI] = { "MSI", MODE_STOCK, .msi = true, .own_end = true },
};

static const struct kcounter counters[] = {
	{ "reads", "pci_conf1_read pci_mmcfg_read" },
	{ "writes", "pci_conf1_write pci_mmcfg_write" },
	{ "handlers",
	  "vfio_intx_handler vfio_msihandler dio_intx_msi_handler dio_intx_line_handler" },
	{ "ioctls", "vfio_device_fops_unl_ioctl" },
};

FIXTURE(intx) {
	struct stage stage;
	struct irqload load;
	bool masking_off;		/* nointxmask=1 is loaded */
	double cycles[TIMED];
	double median[HOWS];
};

FIXTURE_VARIANT(intx) {
	const char *device, *name;
	enum irqload_end end;
	int auto_writes;		/* of configuration space, for DIOK: it is pvm */
};

FIXTURE_VARIANT_ADD(intx, edu_ioctl) {
	.device = "edu_rp", .name = "edu, unmask by ioctl", .end = IRQLOAD_IOCTL,
};

FIXTURE_VARIANT_ADD(intx, edu_eventfd) {
	.device = "edu_rp", .name = "edu, unmask by eventfd", .end = IRQLOAD_EVENTFD,
};

FIXTURE_VARIANT_ADD(intx, e1000e_ioctl) {
	.device = "e1000e_rp25", .name = "e1000e, unmask by ioctl", .end = IRQLOAD_IOCTL,
};

FIXTURE_VARIANT_ADD(intx, e1000e_eventfd) {
	.device = "e1000e_rp25", .name = "e1000e, unmask by eventfd", .end = IRQLOAD_EVENTFD,
};

/* pvm masks the MSI from the delivery to the EOI, by the irq core: dearer than stock. */
FIXTURE_VARIANT_ADD(intx, igb_eventfd) {
	.device = "igb_host", .name = "igb, unmask by eventfd", .end = IRQLOAD_EVENTFD,
	.auto_writes = 2,
};

/* The parameter is the core's for as long as it is loaded: load it again. */
static int stock_with(FIXTURE_DATA(intx) *self, bool masking_off)
{
	int rc = 0;

	if (self->masking_off == masking_off)
		return 0;
	pcidev_restore(&self->stage.dev);
	if (kmod_loaded("vfio_pci"))
		rc = kmod_unload("vfio_pci");
	if (!rc)
		rc = kmod_load_with("vfio-pci", masking_off ? "nointxmask=1" : NULL);
	if (!rc)
		self->masking_off = masking_off;
	return rc;
}

FIXTURE_SETUP(intx)
{
	self->load.owner = (struct owner)OWNER_INIT;
	if (pcidev_find(&self->stage.dev, variant->device))
		SKIP(return, "this machine has no device %s", variant->device);
	/* its causes stand for longer than it throttles (128 us): it sends again */
	if (!strncmp(variant->device, "e1000e", 6) && clock_scale() > 1)
		SKIP(return, "too slow a kernel to count an e1000e exactly");
}

FIXTURE_TEARDOWN(intx)
{
	kcount_stop();
	owner_close(&self->load.owner);
	stage_close(&self->stage);
	EXPECT_EQ(0, stock_with(self, false));
}

static int set_device(const struct stage *s, const char *settings)
{
	char command[128];

	snprintf(command, sizeof(command), "diokctl dev set %s %s", s->dev.addr, settings);
	return system(command);
}

/* The device taken one of the ways, and a first few interrupts. */
static void begin(struct __test_metadata *_metadata, FIXTURE_DATA(intx) *self,
		  const FIXTURE_VARIANT(intx) *variant, enum how how)
{
	const struct how_row *row = &hows[how];

	ASSERT_EQ(0, stock_with(self, how == NOINTXMASK));
	ASSERT_EQ(0, stage_open(&self->stage, &row->mode));
	if (row->settings)
		ASSERT_EQ(0, set_device(&self->stage, row->settings));
	ASSERT_EQ(0, irqload_open(&self->load, &self->stage.dev, row->msi,
				  row->own_end ? row->end : variant->end));
	ASSERT_EQ(0, irqload_run(&self->load, WARM_UP, NULL));
	irqload_settle(&self->load);
}

static void end(FIXTURE_DATA(intx) *self)
{
	irqload_close(&self->load);
	stage_close(&self->stage);
}

static struct figure figure_of(const FIXTURE_VARIANT(intx) *variant, enum how how, int n)
{
	return (struct figure){
		.bench = "intx", .name = variant->name, .variant = hows[how].name, .n = n,
	};
}

static void count(struct __test_metadata *_metadata, FIXTURE_DATA(intx) *self,
		  const FIXTURE_VARIANT(intx) *variant, enum how how)
{
	struct figure f = figure_of(variant, how, COUNTED);
	enum irqload_end ends = hows[how].own_end ? hows[how].end : variant->end;
	long ioctls = ends == IRQLOAD_IOCTL || ends == IRQLOAD_NO_IOCTL ? COUNTED : 0;
	long reads = hows[how].reads * COUNTED;
	bool pvm = how == DIOK && variant->auto_writes;
	long writes = (how == DIOK ? variant->auto_writes : hows[how].writes) * COUNTED;
	long more = pvm ? PVM_SECONDS * variant->auto_writes : hows[how].looks;

	begin(_metadata, self, variant, how);
	ASSERT_EQ(0, kcount_start_named(counters, ARRAY_SIZE(counters)));
	ASSERT_EQ(0, irqload_run(&self->load, COUNTED, NULL));
	figure_say(&f, "configuration reads", kcount_named("reads") / (double)COUNTED,
		   "per interrupt");
	figure_say(&f, "configuration writes", kcount_named("writes") / (double)COUNTED,
		   "per interrupt");
	figure_say(&f, "handler runs", kcount_named("handlers") / (double)COUNTED,
		   "per interrupt");
	figure_say(&f, "ioctls", kcount_named("ioctls") / (double)COUNTED,
		   "per interrupt");
	EXPECT_LE(reads, kcount_named("reads"));
	EXPECT_GE(reads + hows[how].looks, kcount_named("reads"));
	EXPECT_LE(writes, kcount_named("writes"));
	EXPECT_GE(writes + more, kcount_named("writes"));
	EXPECT_EQ(COUNTED, kcount_named("handlers"));
	EXPECT_EQ(ioctls, kcount_named("ioctls"));
	kcount_stop();
	end(self);
}

TEST_F_TIMEOUT(intx, accesses, COST_TIMEOUT_S)
{
	int how;

	for (how = 0; how < HOWS; how++)
		count(_metadata, self, variant, how);
}

static void weigh(struct __test_metadata *_metadata, FIXTURE_DATA(intx) *self,
		  const FIXTURE_VARIANT(intx) *variant, enum how how)
{
	struct figure f = figure_of(variant, how, TIMED);

	begin(_metadata, self, variant, how);
	ASSERT_EQ(0, irqload_run(&self->load, TIMED, self->cycles));
	self->median[how] = clock_median(self->cycles, TIMED);
	figure_say(&f, "instructions", self->median[how], "per interrupt");
	end(self);
}

TEST_F_TIMEOUT(intx, instructions, COST_TIMEOUT_S)
{
	int how;

	if (!irqload_counts_instructions())
		SKIP(return, "this machine does not count instructions");
	for (how = 0; how < HOWS; how++)
		weigh(_metadata, self, variant, how);
	if (clock_scale() > 1)	/* a debug kernel's instructions are its detectors' */
		return;
	for (how = variant->auto_writes ? NONE : DIOK; how <= STATUS; how++) {
		EXPECT_GT(self->median[STOCK], self->median[how]);
		EXPECT_GT(self->median[NOINTXMASK], self->median[how]);
		EXPECT_GE(OVER_FLOOR_MAX, self->median[how] - self->median[FLOOR]);
	}
	/* The limit is one that both stock forms exceed. */
	EXPECT_LT(OVER_FLOOR_MAX, self->median[STOCK] - self->median[FLOOR]);
	EXPECT_LT(OVER_FLOOR_MAX, self->median[NOINTXMASK] - self->median[FLOOR]);
}

TEST_HARNESS_MAIN
