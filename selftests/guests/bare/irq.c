// SPDX-License-Identifier: GPL-2.0
/*
 * Interrupts in the way of a modern guest: local APIC and I/O APIC, one
 * vector for the device under test. INTx pins A-D of all slots go through the
 * PIIX3 router to I/O APIC pins 10 and 11, level triggered.
 */
#include "guest.h"

#define VECTOR		0x40
#define VECTOR_PIN	0x41
#define SPURIOUS	0xff
#define LAPIC		0xfee00000u
#define LAPIC_ID	(LAPIC + 0x20)
#define LAPIC_EOI	(LAPIC + 0xb0)
#define LAPIC_SVR	(LAPIC + 0xf0)
#define LAPIC_ENABLE	0x100
#define IOAPIC		0xfec00000u
#define IOAPIC_LEVEL	0x8000
#define IOAPIC_MASKED	0x10000
#define PIRQ_ROUTE	0x60
#define MSI_ENABLE	0x1
#define MSI_64BIT	0x80

struct gate {
	u16 low, selector, type, high;
};

struct frame;

static struct gate idt[256];
static const struct pci_dev piix3 = { .slot = 1, .function = 0 };
static void (*device_handler)(void), (*pin_handler)(void);
static void (*many_handler)(u32 n);
static u32 intx_line;
volatile u32 irq_count;

static __attribute__((interrupt)) void on_device(struct frame *frame)
{
	(void)frame;
	irq_count++;
	device_handler();
	mmio_write(LAPIC_EOI, 0);
}

static __attribute__((interrupt)) void on_pin(struct frame *frame)
{
	(void)frame;
	pin_handler();
	mmio_write(LAPIC_EOI, 0);
}

static __attribute__((interrupt)) void on_spurious(struct frame *frame)
{
	(void)frame;
}

static __attribute__((interrupt)) void on_exception(struct frame *frame)
{
	say("@@ fail exception at %X\n", *(u32 *)frame);
	power_fail();
}

static void set_gate(int n, void (*entry)(struct frame *))
{
	u32 at = (u32)entry;

	idt[n] = (struct gate){ at, 0x08, 0x8e00, at >> 16 };
}

void irq_init(void (*handler)(void))
{
	struct {
		u16 limit;
		u32 base;
	} __attribute__((packed)) pointer = { sizeof(idt) - 1, (u32)idt };
	int i;

	for (i = 0; i < 32; i++)
		set_gate(i, on_exception);
	set_gate(VECTOR, on_device);
	set_gate(SPURIOUS, on_spurious);
	device_handler = handler;
	outb(0x21, 0xff);	/* the old controllers stay silent */
	outb(0xa1, 0xff);
	asm volatile("lidt %0" : : "m"(pointer));
	mmio_write(LAPIC_SVR, LAPIC_ENABLE | SPURIOUS);
	asm volatile("sti");
}

/* Whatever vector it comes by, exceptions included: all are the device's. */
void irq_take_all(void)
{
	int i;

	for (i = 0; i < 256; i++)
		set_gate(i, on_device);
}

#define ON_MANY(n)							\
static __attribute__((interrupt)) void on_many_##n(struct frame *frame)	\
{									\
	(void)frame;							\
	many_handler(n);						\
	mmio_write(LAPIC_EOI, 0);					\
}

ON_MANY(0)
ON_MANY(1)
ON_MANY(2)
ON_MANY(3)
ON_MANY(4)
ON_MANY(5)

void irq_many(u32 first, void (*handler)(u32 n))
{
	void (*const entry[IRQ_MANY])(struct frame *) = {
		on_many_0, on_many_1, on_many_2, on_many_3, on_many_4, on_many_5,
	};
	int n;

	many_handler = handler;
	for (n = 0; n < IRQ_MANY; n++)
		set_gate(first + n, entry[n]);
}

static void ioapic_write(u32 index, u32 value)
{
	mmio_write(IOAPIC, index);
	mmio_write(IOAPIC + 0x10, value);
}

int irq_route_intx(const struct pci_dev *dev)
{
	u8 pin = pci_read(dev, 0x3d, 1);
	u32 id = mmio_read(LAPIC_ID) >> 24;

	if (!pin)
		return -1;
	intx_line = 10 + ((dev->slot - 1 + pin - 1) & 1);
	pci_write(&piix3, PIRQ_ROUTE, 4, 0x0b0a0b0a);
	ioapic_write(0x10 + 2 * intx_line + 1, id << 24);
	irq_mask_intx(0);
	return 0;
}

void irq_mask_intx(int masked)
{
	ioapic_write(0x10 + 2 * intx_line,
		     IOAPIC_LEVEL | VECTOR | (masked ? IOAPIC_MASKED : 0));
}

void irq_route_pin(u32 pin, void (*handler)(void))
{
	pin_handler = handler;
	set_gate(VECTOR_PIN, on_pin);
	ioapic_write(0x10 + 2 * pin + 1, mmio_read(LAPIC_ID) & 0xff000000u);
	ioapic_write(0x10 + 2 * pin, VECTOR_PIN);
}

void irq_message(u32 *address, u32 *data)
{
	*address = LAPIC | (mmio_read(LAPIC_ID) >> 24) << 12;
	*data = VECTOR;
}

int irq_route_msi(const struct pci_dev *dev)
{
	u8 cap = pci_find_cap(dev, 0x05);
	u32 control, id = mmio_read(LAPIC_ID) >> 24;

	if (!cap)
		return -1;
	control = pci_read(dev, cap + 2, 2);
	pci_write(dev, cap + 4, 4, LAPIC | id << 12);
	if (control & MSI_64BIT)
		pci_write(dev, cap + 8, 4, 0);
	pci_write(dev, cap + (control & MSI_64BIT ? 12 : 8), 2, VECTOR);
	pci_write(dev, cap + 2, 2, (control & ~0x70u) | MSI_ENABLE);
	return 0;
}
