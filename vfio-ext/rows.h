/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The device table: which registers of a device tell whether a reset reached
 * it, and how to see that its DMA has ended. A new device is a new row in
 * rows.c; no code elsewhere names a device.
 */
#ifndef DIO_ROWS_H
#define DIO_ROWS_H

#include <linux/pci.h>
#include <linux/types.h>
#include <uapi/linux/dio_vfio.h>

struct dio_vfio_dev;

/* Places of a register beside the BARs 0 to 5. */
#define DIO_SPACE_CONFIG	255

/* The value after a reset is not known (loaded from an EEPROM, say). */
#define DIO_REG_ANY		BIT(0)
/* Not planted: bits that start DMA; set by the owner, clear after a reset. */
#define DIO_REG_STOP		BIT(1)
/* Not written: a value that is there anyway and is lost by a reset. */
#define DIO_REG_PRESENT		BIT(2)
/* pci_restore_state() rewrites it: only between a method and the restore. */
#define DIO_REG_HEADER		BIT(3)
/* No specification says that a reset clears it; no proof that none happened. */
#define DIO_REG_WEAK		BIT(4)
/* Not of the device table: configuration space, MSI, MSI-X. */
#define DIO_REG_GENERIC		BIT(5)
/* Reads as the complement of what was written. */
#define DIO_REG_INVERTED	BIT(6)

/**
 * struct dio_reg - a register, or a block of equal ones, used as canaries
 * @name: the data sheet's name
 * @space: BAR number, or DIO_SPACE_CONFIG
 * @width: bytes an access, 1, 2, 4 or 8
 * @offset: of the first one, from the row's base
 * @count: number of equal registers, 0 stands for 1
 * @stride: bytes from one to the next
 * @flags: DIO_REG_*
 * @leaves: BIT(method) of methods that are known not to clear it
 * @mask: bits that are compared
 * @write: the canary
 * @expect: value read after a reset, under @mask
 * @scrub: value to write where the method left it; reads as @expect then
 */
struct dio_reg {
	const char *name;
	u8 space;
	u8 width;
	u32 offset;
	u16 count;
	u16 stride;
	u32 flags;
	u32 leaves;
	u64 mask;
	u64 write;
	u64 expect;
	u64 scrub;
};

/**
 * struct dio_idle - how to stop a device's DMA and see that it has ended
 * @space: BAR number
 * @width: bytes an access
 * @stop: offset of the control register, valid if @clear or @set is not 0
 * @clear: bits to clear in it
 * @set: bits to set in it; taken back when the device is handed on
 * @offset: offset of the status register
 * @mask: bits of it that tell
 * @value: what they read when no DMA is under way
 */
struct dio_idle {
	u8 space;
	u8 width;
	u32 stop;
	u64 clear;
	u64 set;
	u32 offset;
	u64 mask;
	u64 value;
};

/**
 * struct dio_cause - a device's interrupt level, read without changing it
 * @bar: BAR number
 * @span: bytes of it to map
 * @status: offset of the cause register, 32 bits, not cleared by a read
 * @enable: offset of the register that enables causes, bit for bit; 0 for none
 * @mask: bits of @status that are causes
 * @gate: a bit of @enable that has to be set for any, or 0
 */
struct dio_cause {
	u8 bar;
	u32 span;
	u32 status;
	u32 enable;
	u32 mask;
	u32 gate;
};

/**
 * struct dio_row - a device, or a class of devices with standard registers
 * @vendor: PCI vendor, if @class is 0
 * @device: PCI device, if @class is 0
 * @device_mask: bits of the device id that count
 * @class: class code with programming interface, or 0
 * @name: what people call it
 * @regs: its canaries
 * @nregs: number of @regs
 * @idle: stop and idle indication, may be NULL
 * @cause: interrupt level of an INTx, may be NULL
 * @base: finds what offsets are relative to, NULL for offset 0 of each BAR;
 *	memory decoding is on when it is called. 0 or a negative errno.
 * @reset: device-specific reset, NULL if none. Sleeps. 0 or a negative errno.
 */
struct dio_row {
	u32 vendor;
	u32 device;
	u32 device_mask;
	u32 class;
	const char *name;
	const struct dio_reg *regs;
	unsigned int nregs;
	const struct dio_idle *idle;
	const struct dio_cause *cause;
	int (*base)(struct dio_vfio_dev *d, u8 *bar, u32 *offset);
	int (*reset)(struct dio_vfio_dev *d);
};

extern const struct dio_row dio_rows[];
extern const unsigned int dio_nrows;

const struct dio_row *dio_row_find(const struct pci_dev *pdev);

#endif /* DIO_ROWS_H */
