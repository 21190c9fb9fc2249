/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The bare guest: a PVH program without an operating system that does one
 * thing to its devices. One file per concern; a behaviour is a function of
 * the table in main.c. Lines that begin with "@@ " are for tests to match.
 */
#ifndef GUEST_H
#define GUEST_H

#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

/* main.c, called by head.S */
void guest_main(u32 start_info);

/* io.c: ports, memory, the serial line */
static inline void outb(u16 port, u8 value)
{
	asm volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline void outw(u16 port, u16 value)
{
	asm volatile("outw %0, %1" : : "a"(value), "Nd"(port));
}

static inline void outl(u16 port, u32 value)
{
	asm volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}

static inline u8 inb(u16 port)
{
	u8 value;

	asm volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline u16 inw(u16 port)
{
	u16 value;

	asm volatile("inw %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline u32 inl(u16 port)
{
	u32 value;

	asm volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline u32 mmio_read(u32 address)
{
	return *(volatile u32 *)address;
}

static inline void mmio_write(u32 address, u32 value)
{
	*(volatile u32 *)address = value;
}

static inline void mmio_write8(u32 address, u8 value)
{
	*(volatile u8 *)address = value;
}

static inline void mmio_write16(u32 address, u16 value)
{
	*(volatile u16 *)address = value;
}

void serial_init(void);
/* printf with %s %c %u %x %X (8 digits) %w (4 digits) %b (2 digits) */
void say(const char *format, ...);

/* vmm.c: what the virtual machine monitor does besides running this guest */
char hear(void);		/* waits for a letter on the serial line */
void vmm_settle_init(void);
void vmm_settle(void);		/* until it has dealt with all events so far */

/* args.c: "name=value" words of the command line */
void args_init(u32 start_info);
const char *arg(const char *name);	/* value up to a space or NUL, or NULL */
int arg_is(const char *name, const char *value);
u32 arg_number(const char *name, u32 otherwise);
u32 number(const char **text);		/* hexadecimal after 0x, else decimal */

/* pci.c */
struct pci_dev {
	u8 bus, slot, function;
	u16 vendor, device;
	u32 class;
	u32 bar[6], size[6];	/* memory address given by us, 0 = none */
};

void pci_scan(void);
/* The first device that "dev=vvvv:dddd" names, else the first assignable. */
struct pci_dev *pci_target(void);
void pci_each(void (*each)(struct pci_dev *dev));
u32 pci_read(const struct pci_dev *dev, u8 offset, int bytes);
void pci_write(const struct pci_dev *dev, u8 offset, int bytes, u32 value);
u8 pci_find_cap(const struct pci_dev *dev, u8 id);	/* offset, or 0 */
void pci_enable(const struct pci_dev *dev);		/* memory + bus master */
int pci_flr(struct pci_dev *dev);		/* 0, or -1: said why */

/* irq.c: one interrupt of the target device, by INTx or by MSI, and one pin */
extern volatile u32 irq_count;
void irq_init(void (*handler)(void));
void irq_take_all(void);			/* every vector, not only ours */
#define IRQ_MANY	6
void irq_many(u32 first, void (*handler)(u32 n));	/* vectors FIRST + n, n < IRQ_MANY */
int irq_route_intx(const struct pci_dev *dev);	/* 0, or -1: no INTx pin */
void irq_mask_intx(int masked);			/* at the I/O APIC */
void irq_route_pin(u32 pin, void (*handler)(void));	/* another one, by edges */
int irq_route_msi(const struct pci_dev *dev);	/* 0, or -1: no MSI capability */
void irq_message(u32 *address, u32 *data);	/* of an MSI or MSI-X for it */

/* power.c */
void power_init(void);
u32 ticks(void);		/* of the ACPI timer, 24 bits */
int expired(u32 since, u32 ms);	/* ms < 4000 */
void delay(u32 ms);
__attribute__((noreturn)) void power_off(void);		/* QEMU's status 0 */
__attribute__((noreturn)) void power_fail(void);	/* QEMU's status 3 */

/* Behaviours: 0 = done as it should be; they say what went wrong. */
int do_probe(void);
int do_peek(void);
int do_poke(void);
int do_flr(void);
int do_edu_state(void);
int do_edu_irq(void);
int do_edu_dma(void);
int do_intx(void);
int do_msix_pairs(void);
int do_msix_pending(void);
int do_msix_random(void);
int do_hostile(void);

#endif
