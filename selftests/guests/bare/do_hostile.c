// SPDX-License-Identifier: GPL-2.0
/*
 * A guest that means no good: it flips single bits of COMMAND, STATUS, the power
 * control, MSI, and MSI-X with its table, at random, and lets the device interrupt
 * meanwhile by whatever stands there.
 *
 *   run=hostile seed=1 seconds=20 [dev=8086:10d3]
 *
 * Says "@@ hostile SECONDS OPERATIONS INTERRUPTS ROUNDS" once a second; in each round
 * every bit of each of these registers was flipped. Its own messages
 * may reset or stop it; a virtual machine that ended for that is started again.
 */
#include "guest.h"

#define PCI_COMMAND	0x04
#define PCI_STATUS	0x06
#define CAP_PM		0x01
#define CAP_MSI		0x05
#define CAP_MSIX	0x11
#define PM_CTRL		4
#define PM_STATE	0x3
#define MSI_CTRL	2
#define MSI_BYTES	24
#define MSI_ENABLE	0x1
#define MSI_MESSAGES	0x70	/* how many, as a power of two */
#define MSIX_CTRL	2
#define MSIX_TABLE	4
#define MSIX_ENABLE	0x8000
#define ENTRY_WORDS	4
#define COMMAND_ON	0x6	/* memory, bus master; Interrupt Disable clear */
#define NIC_ICR		0xc0
#define FLIPS		32	/* between two times of order */
#define MSI_FLIPS	4	/* at once: there are many bits of it, */
#define TABLE_FLIPS	32	/* and of a table by far the most */
#define CLASSES		6	/* kinds of registers, see enum bits */
#define STORM		100	/* interrupts meanwhile */

struct register_bits {
	u16 device, offset;
	u32 bits;
};

/* What makes the device interrupt: enabled causes, and causes. */
static const struct register_bits enables[] = {
	{ 0x10d3, 0xd0, 0x01f00004 }, { 0x10d3, 0xe4, 0x800cba98 },
	{ 0x10c9, 0xd0, 0x00000004 }, { 0x10c9, 0x1514, 0x00000010 },
	{ 0x10c9, 0x152c, 0x000003ff }, { 0x10c9, 0x1524, 0x000003ff },
	{ 0x10ca, 0x1680, 0 }, { 0x10ca, 0x1684, 0 }, { 0x10ca, 0x1688, 0 },
	{ 0x10ca, 0x1530, 0 }, { 0x10ca, 0x152c, 0x00000007 }, { 0x10ca, 0x1524, 0x00000007 },
};

static const struct register_bits causes[] = {
	{ 0x10d3, 0xc8, 0x01f00004 }, { 0x10c9, 0xc8, 0x00000004 },
	{ 0x10c9, 0x1520, 0x000003ff }, { 0x10ca, 0x1520, 0x00000007 },
};

static struct pci_dev *target;
static u8 pm, msi, msix;
static u32 table, vectors, seed, operations;
static u32 irqs_before;		/* the flips since the last time of order */
static int has_line;

static u32 dice(u32 sides)
{
	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	return seed % sides;
}

static void write_registers(const struct register_bits *r, u32 count, u32 choose)
{
	for (; count; count--, r++)
		if (r->device == target->device)
			mmio_write(target->bar[0] + r->offset, r->bits & choose);
}

static void mask_line(int masked)
{
	if (has_line)
		irq_mask_intx(masked);
}

/* The bits of a kind of registers one after the other; the order of kinds is random. */
enum bits { BITS_COMMAND, BITS_STATUS, BITS_MSI, BITS_MSIX, BITS_TABLE, BITS_POWER };

static struct {
	u32 all, flipped;
} sweep[CLASSES];

static u32 next_bit(enum bits kind, u32 bits)
{
	sweep[kind].all = bits;
	return sweep[kind].flipped++ % bits;
}

/* Rounds of the kind that is behind; what the device does not have is no kind. */
static u32 rounds(void)
{
	u32 kind, done, least = ~0u;

	for (kind = 0; kind < CLASSES; kind++) {
		done = sweep[kind].all ? sweep[kind].flipped / sweep[kind].all : ~0u;
		if (done < least)
			least = done;
	}
	return operations ? least : 0;
}

static void flip_config(enum bits kind, u8 offset, u32 bytes)
{
	u32 bit = next_bit(kind, 8 * bytes);
	u8 at = offset + bit / 8;

	pci_write(target, at, 1, pci_read(target, at, 1) ^ 1u << bit % 8);
}

/*
 * QEMU 10 aborts when the number of messages changes while MSI is enabled, and when
 * MSI-X is enabled beside it: that would be the end, and nothing of it reach the host.
 */
static void flip_msi(void)
{
	u32 value, bit;
	u8 at, bits;

	if (!msi)
		return;
	bit = next_bit(BITS_MSI, 8 * MSI_BYTES);
	at = bit / 8;
	bits = 1u << bit % 8;
	value = pci_read(target, msi + at, 1);
	if (at == MSI_CTRL && msix)
		pci_write(target, msix + MSIX_CTRL, 2, 0);
	if (at == MSI_CTRL && bits & MSI_MESSAGES) {
		value &= ~MSI_ENABLE;
		pci_write(target, msi + at, 1, value);
	}
	pci_write(target, msi + at, 1, value ^ bits);
}

static void flip_msix(void)
{
	if (!msix)
		return;
	if (msi)
		pci_write(target, msi + MSI_CTRL, 1, 0);
	flip_config(BITS_MSIX, msix + MSIX_CTRL, 2);
}

static void flip_table(void)
{
	u32 at, bit;

	if (!vectors)
		return;
	bit = next_bit(BITS_TABLE, 32 * vectors * ENTRY_WORDS);
	at = table + bit / 32 * 4;
	mmio_write(at, mmio_read(at) ^ 1u << bit % 32);
}

/* One message of MSI and of each vector as they should be, one of the two enabled. */
static void messages_in_order(u32 which)
{
	u32 n, address, data;

	irq_message(&address, &data);
	for (n = 0; n < vectors; n++) {
		mmio_write(table + 16 * n, address);
		mmio_write(table + 16 * n + 4, 0);
		mmio_write(table + 16 * n + 8, data);
		mmio_write(table + 16 * n + 12, 0);
	}
	if (msi)
		pci_write(target, msi + MSI_CTRL, 2, 0);
	if (msix)
		pci_write(target, msix + MSIX_CTRL, 2, which == 2 ? MSIX_ENABLE : 0);
	if (which == 1)
		irq_route_msi(target);
}

/* Everything in order for once, so that the next flips hit a device at work. */
static void in_order(void)
{
	irqs_before = irq_count;
	if (pm)
		pci_write(target, pm + PM_CTRL, 2, pci_read(target, pm + PM_CTRL, 2) & ~PM_STATE);
	pci_write(target, PCI_COMMAND, 2, COMMAND_ON);
	messages_in_order(dice(3));
	mask_line(0);
	mmio_read(target->bar[0] + NIC_ICR);	/* only a new cause interrupts */
	write_registers(enables, sizeof(enables) / sizeof(*enables), ~0u);
}

static void flip(void)
{
	u32 n;

	operations++;
	switch (dice(8)) {
	case 0:
		flip_config(BITS_COMMAND, PCI_COMMAND, 2);
		break;
	case 1:
		flip_config(BITS_STATUS, PCI_STATUS, 2);
		break;
	case 2:
		for (n = 0; n < MSI_FLIPS; n++)
			flip_msi();
		break;
	case 3:
		flip_msix();
		break;
	case 4:
		for (n = 0; n < TABLE_FLIPS; n++)
			flip_table();
		break;
	case 5:
		if (pm)
			flip_config(BITS_POWER, pm + PM_CTRL, 2);
		break;
	case 6:
		mask_line(dice(2));
		break;
	default:
		write_registers(causes, sizeof(causes) / sizeof(*causes), dice(~0u));
	}
}

/*
 * Whatever the line was raised for is over, or it would never go down; where that
 * does not reach the device the line is closed, or nothing else would run.
 */
static void on_interrupt(void)
{
	mmio_read(target->bar[0] + NIC_ICR);
	if (irq_count - irqs_before > STORM)
		mask_line(1);
}

static int hostile_open(void)
{
	u32 where;

	target = pci_target();
	if (!target)
		return -1;
	pm = pci_find_cap(target, CAP_PM);
	msi = pci_find_cap(target, CAP_MSI);
	msix = pci_find_cap(target, CAP_MSIX);
	if (msix) {
		where = pci_read(target, msix + MSIX_TABLE, 4);
		table = target->bar[where & 7] + (where & ~7u);
		vectors = (pci_read(target, msix + MSIX_CTRL, 2) & 0x7ff) + 1;
	}
	seed = arg_number("seed", 1) | 1;
	irq_init(on_interrupt);
	irq_take_all();
	has_line = !irq_route_intx(target);
	return 0;
}

int do_hostile(void)
{
	u32 second, since, seconds = arg_number("seconds", 20);
	int n;

	if (hostile_open())
		return -1;
	for (second = 0; second < seconds; second++) {
		say("@@ hostile %u %u %u %u\n", second, operations, irq_count, rounds());
		for (since = ticks(); !expired(since, 1000); ) {
			in_order();
			for (n = 0; n < FLIPS; n++)
				flip();
		}
	}
	say("@@ hostile %u %u %u %u\n", second, operations, irq_count, rounds());
	return 0;
}
