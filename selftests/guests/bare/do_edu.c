// SPDX-License-Identifier: GPL-2.0
/*
 * Behaviours for QEMU's teaching device (1234:11e8).
 *
 *   run=edu-state                   what the last owner left in it
 *   run=edu-irq mode=intx|msi count=100
 *   run=edu-dma count=2             there and back, compared; 0 = for ever
 *
 * A transfer takes 100 ms. Addresses stay inside the device's 4 KiB buffer:
 * the model does not check them well.
 */
#include "guest.h"

#define EDU_LIVENESS	0x04
#define EDU_IRQ_STATUS	0x24
#define EDU_IRQ_RAISE	0x60
#define EDU_IRQ_ACK	0x64
#define EDU_DMA_SRC	0x80
#define EDU_DMA_DST	0x88
#define EDU_DMA_COUNT	0x90
#define EDU_DMA_CMD	0x98
#define CMD_RUN		1
#define CMD_TO_RAM	2
#define EDU_BUFFER	0x40000
#define DMA_BYTES	4096
#define DMA_WORDS	(DMA_BYTES / 4)
#define TAKEN_MS	3900	/* a busy host may be away for seconds; the timer wraps at 4000 */

static u32 out_page[DMA_WORDS] __attribute__((aligned(4096)));
static u32 in_page[DMA_WORDS] __attribute__((aligned(4096)));
static u32 edu;

static int edu_open(struct pci_dev **found)
{
	struct pci_dev *dev = pci_target();

	if (!dev || dev->vendor != 0x1234 || dev->device != 0x11e8) {
		say("@@ fail the target is no edu\n");
		return -1;
	}
	pci_enable(dev);
	edu = dev->bar[0];
	if (found)
		*found = dev;
	return 0;
}

int do_edu_state(void)
{
	if (edu_open(NULL))
		return -1;
	say("@@ edu liveness %X src %X dst %X count %X cmd %X irq %X\n",
	    mmio_read(edu + EDU_LIVENESS), mmio_read(edu + EDU_DMA_SRC),
	    mmio_read(edu + EDU_DMA_DST), mmio_read(edu + EDU_DMA_COUNT),
	    mmio_read(edu + EDU_DMA_CMD), mmio_read(edu + EDU_IRQ_STATUS));
	return 0;
}

static void acknowledge(void)
{
	mmio_write(edu + EDU_IRQ_ACK, ~0u);
}

int do_edu_irq(void)
{
	u32 n, count = arg_number("count", 100);
	struct pci_dev *dev;
	int msi = arg_is("mode", "msi");

	if (edu_open(&dev))
		return -1;
	acknowledge();
	irq_init(acknowledge);
	if (msi ? irq_route_msi(dev) : irq_route_intx(dev)) {
		say("@@ fail edu offers no %s\n", msi ? "MSI" : "INTx pin");
		return -1;
	}
	say("@@ irq-start\n");
	for (n = 0; n < count; n++) {
		u32 since = ticks();

		mmio_write(edu + EDU_IRQ_RAISE, 1);
		while (irq_count == n && !expired(since, TAKEN_MS))
			asm volatile("pause");
		if (irq_count != n + 1)
			break;
	}
	say("@@ irqs raised %u taken %u by %s\n", n, irq_count, msi ? "msi" : "intx");
	if (irq_count != count) {
		say("@@ fail %u interrupts taken, %u expected\n", irq_count, count);
		return -1;
	}
	return 0;
}

static void dma_start(u32 source, u32 destination, u32 command)
{
	mmio_write(edu + EDU_DMA_SRC, source);
	mmio_write(edu + EDU_DMA_DST, destination);
	mmio_write(edu + EDU_DMA_COUNT, DMA_BYTES);
	mmio_write(edu + EDU_DMA_CMD, command | CMD_RUN);
}

static int dma_wait(void)
{
	u32 since = ticks();

	while (mmio_read(edu + EDU_DMA_CMD) & CMD_RUN) {
		if (expired(since, 3000)) {
			say("@@ fail transfer still running after 3000 ms\n");
			return -1;
		}
	}
	return 0;
}

static int there_and_back(u32 seed)
{
	u32 i, wrong = 0;

	for (i = 0; i < DMA_WORDS; i++) {
		out_page[i] = seed * 0x9e3779b9u + i;
		in_page[i] = 0;
	}
	dma_start((u32)out_page, EDU_BUFFER, 0);
	if (dma_wait())
		return -1;
	dma_start(EDU_BUFFER, (u32)in_page, CMD_TO_RAM);
	if (dma_wait())
		return -1;
	for (i = 0; i < DMA_WORDS; i++)
		wrong += in_page[i] != out_page[i];
	if (wrong)
		say("@@ fail %u of %u words differ after the round trip\n", wrong, DMA_WORDS);
	return wrong ? -1 : 0;
}

int do_edu_dma(void)
{
	u32 n, count = arg_number("count", 2);

	if (edu_open(NULL))
		return -1;
	for (n = 0; n < count; n++)
		if (there_and_back(n + 1))
			return -1;
	if (count) {
		say("@@ dma %u round trips of %u bytes\n", count, DMA_BYTES);
		return 0;
	}
	/* A transfer is in flight whenever this guest is killed. */
	dma_start(EDU_BUFFER, (u32)in_page, CMD_TO_RAM);
	say("@@ dma-running to %X\n", (u32)in_page);
	while (!dma_wait())
		dma_start(EDU_BUFFER, (u32)in_page, CMD_TO_RAM);
	return -1;
}
