// SPDX-License-Identifier: GPL-2.0
/*
 * MSI-X of an igb virtual function, driven by its table. The function raises a
 * vector when VTEICS is written: no traffic, no other cause, exact counts.
 *
 *   run=msix-pairs vector=1 count=1000
 *	obeys letters from the serial line and says "@@ did SEQ WAY N" after each:
 *	count times the way of masking and unmasking that the letter names, N the
 *	TSC ticks of one (median). q ends.
 *   run=msix-pending vector=1 count=10000 events=3 mask=1
 *	count times: mask, raise 1 to events interrupts, unmask; each time exactly
 *	one may be delivered, and only after the unmask. With mask=0 the same
 *	without masking, which must be noticed.
 */
#include "guest.h"

#define CAP_MSIX	0x11
#define MSIX_ENABLE	0x8000
#define MSIX_VECTORS	3
#define ENTRY		16
#define ENTRY_DATA	8
#define ENTRY_CTRL	12

#define VTEICS		0x1520
#define VTEIMS		0x1524
#define VTEIAC		0x152c
#define VTEIAM		0x1530
#define VTEITR		0x1680

#define SAMPLES_MAX	2048

static u32 registers, table, pba, entry, vector;
static u32 address, data;	/* of the message */
static u32 samples[SAMPLES_MAX];

static void mask(void)
{
	mmio_write(entry + ENTRY_CTRL, 1);
}

static void unmask(void)
{
	mmio_write(entry + ENTRY_CTRL, 0);
}

static void raise(void)
{
	mmio_write(registers + VTEICS, 1u << vector);
}

static void nothing(void)
{
}

/* Every vector raises on its bit, clears it by itself, and is not throttled. */
static void ready_causes(void)
{
	u32 all = (1u << MSIX_VECTORS) - 1, n;

	for (n = 0; n < MSIX_VECTORS; n++)
		mmio_write(registers + VTEITR + 4 * n, 0);
	mmio_write(registers + VTEIAM, 0);
	mmio_write(registers + VTEIAC, all);
	mmio_write(registers + VTEIMS, all);
}

static int msix_open(void)
{
	struct pci_dev *dev = pci_target();
	u32 where;
	u8 cap;

	cap = dev ? pci_find_cap(dev, CAP_MSIX) : 0;
	if (!cap || dev->vendor != 0x8086 || dev->device != 0x10ca) {
		say("@@ fail the target is no igb virtual function\n");
		return -1;
	}
	pci_enable(dev);
	vector = arg_number("vector", 1);
	registers = dev->bar[0];
	where = pci_read(dev, cap + 4, 4);
	table = dev->bar[where & 7] + (where & ~7u);
	where = pci_read(dev, cap + 8, 4);
	pba = dev->bar[where & 7] + (where & ~7u);
	entry = table + ENTRY * vector;
	irq_message(&address, &data);
	mmio_write(entry, address);
	mmio_write(entry + 4, 0);
	mmio_write(entry + ENTRY_DATA, data);
	pci_write(dev, cap + 2, 2, pci_read(dev, cap + 2, 2) | MSIX_ENABLE);
	unmask();
	ready_causes();
	return 0;
}

/* True once COUNT interrupts were taken. */
static int taken(u32 count)
{
	u32 since = ticks();

	while (irq_count < count && !expired(since, 1000))
		asm volatile("pause");
	return irq_count >= count;
}

/* The driver's least, Linux' mask and unmask, and Linux' change of affinity. */
static void way_write(void)
{
	mask();
	unmask();
}

static void way_linux(void)
{
	mask();
	mmio_read(table);
	unmask();
}

static void way_affinity(void)
{
	mask();
	mmio_read(table);
	mmio_write(entry, address);
	mmio_write(entry + 4, 0);
	mmio_write(entry + ENTRY_DATA, data);
	unmask();
	mmio_read(table);
}

/* An interrupt whose handler masks and unmasks. */
static void way_interrupt(void)
{
	u32 before = irq_count;

	raise();
	taken(before + 1);
}

static int masking;

static void handler(void)
{
	if (masking)
		way_linux();
}

static const struct way {
	char letter;
	const char *name;
	void (*run)(void);
} ways[] = {
	{ 'n', "none", nothing },
	{ 'w', "write", way_write },
	{ 'l', "linux", way_linux },
	{ 'a', "affinity", way_affinity },
	{ 'i', "interrupt", way_interrupt },
};

static u32 median(u32 n)
{
	u32 gap, i, j, value;

	for (gap = n / 2; gap; gap /= 2) {
		for (i = gap; i < n; i++) {
			value = samples[i];
			for (j = i; j >= gap && samples[j - gap] > value; j -= gap)
				samples[j] = samples[j - gap];
			samples[j] = value;
		}
	}
	return samples[n / 2];
}

static u32 tsc(void)
{
	u32 low;

	asm volatile("rdtsc" : "=a"(low) : : "edx");
	return low;
}

static void run_way(const struct way *way, u32 count, u32 sequence)
{
	u32 n, begin;

	masking = way->run == way_interrupt;
	for (n = 0; n < count; n++) {
		begin = tsc();
		way->run();
		samples[n] = tsc() - begin;
	}
	masking = 0;
	say("@@ did %u %s %u\n", sequence, way->name, median(count));
}

int do_msix_pairs(void)
{
	u32 count = arg_number("count", 1000), sequence = 0, before, i;
	char letter;

	if (count > SAMPLES_MAX || msix_open())
		return -1;
	irq_init(handler);
	raise();
	if (!taken(1)) {
		say("@@ fail no interrupt by MSI-X\n");
		return -1;
	}
	say("@@ ready\n");
	while ((letter = hear()) != 'q') {
		before = irq_count;
		for (i = 0; i < sizeof(ways) / sizeof(*ways); i++)
			if (ways[i].letter == letter)
				run_way(&ways[i], count, ++sequence);
		if (letter == 'i' && irq_count - before != count) {
			say("@@ fail %u interrupts of %u\n", irq_count - before, count);
			return -1;
		}
	}
	return 0;
}

struct rounds {
	u32 right, early, lost, more, shown;
};

static void one_round(struct rounds *r, u32 events, int masked)
{
	u32 before = irq_count;
	int early;

	if (masked) {
		mask();
		mmio_read(table);
	}
	while (events--)
		raise();
	vmm_settle();
	early = irq_count != before;
	r->early += early;
	r->shown += (mmio_read(pba) >> vector) & 1;
	unmask();
	if (!taken(before + 1)) {
		r->lost++;
		return;
	}
	vmm_settle();
	if (irq_count > before + 1)
		r->more++;
	else
		r->right += !early;
}

int do_msix_pending(void)
{
	u32 n, count = arg_number("count", 1000), events = arg_number("events", 3);
	int masked = arg_number("mask", 1);
	struct rounds r = { 0 };

	if (!events || msix_open())
		return -1;
	vmm_settle_init();
	irq_init(nothing);
	for (n = 0; n < count; n++)
		one_round(&r, 1 + n % events, masked);
	say("@@ rounds %u right %u early %u lost %u more %u shown %u\n", count, r.right,
	    r.early, r.lost, r.more, r.shown);
	return 0;
}
