/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A PCI device of the machine by its name, and its binding to a driver.
 * Rule: whoever calls pcidev_bind() calls pcidev_restore(); both are
 * idempotent, so a test that died half way does not spoil the next one.
 */
#ifndef DIO_TEST_PCIDEV_H
#define DIO_TEST_PCIDEV_H

#include <stdbool.h>
#include <stdint.h>

#define DRIVER_STOCK "vfio-pci"
#define DRIVER_DIO "dio-vfio-pci"

/* Bits of PCI_COMMAND that the tests use. */
#define COMMAND_MEM 0x0002u
#define COMMAND_BME 0x0004u
#define COMMAND_INTX_OFF 0x0400u

struct pcidev {
	char name[32];		/* name in the machine's table */
	char addr[16];		/* dddd:bb:dd.f */
	char original[64];	/* driver before pcidev_bind(), "" for none */
	bool bound;		/* pcidev_restore() has something to do */
};

/* -ENOENT when the machine has no device of that name. */
int pcidev_find(struct pcidev *d, const char *name);
int pcidev_at(struct pcidev *d, const char *name, const char *addr);
/* Name of the bound driver, "" for none. */
void pcidev_driver(const struct pcidev *d, char *buf, int size);
int pcidev_unbind(const struct pcidev *d);
int pcidev_bind(struct pcidev *d, const char *driver);
void pcidev_restore(struct pcidev *d);

/* The kernel's own reset, `echo 1 > reset`: 0 or a negative errno. */
int pcidev_reset(const struct pcidev *d);
/* reset_method: "pm", "flr", "bus" ..., "default" for the kernel's choice. */
int pcidev_set_methods(const struct pcidev *d, const char *methods);
/* "on" keeps a closed device in D0, "auto" is the default. */
int pcidev_power(const struct pcidev *d, const char *control);

/* Configuration space through sysfs: the real one, not VFIO's view. */
uint32_t pcidev_config_read(const struct pcidev *d, int offset, int width);
int pcidev_config_write(const struct pcidev *d, int offset, int width, uint32_t value);
/* Offset of a capability, 0 when there is none. */
int pcidev_cap(const struct pcidev *d, int id);

#endif
