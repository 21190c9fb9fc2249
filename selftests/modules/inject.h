/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dio_cfg_inject: access.c stands between the PCI core and the buses, param.c
 * says what it does there, irq.c is about interrupts.
 */
#ifndef DIO_CFG_INJECT_H
#define DIO_CFG_INJECT_H

#include <linux/ktime.h>
#include <linux/pci.h>
#include <linux/spinlock.h>

#define INJ_RULES	16

enum inj_event { INJ_NOW, INJ_BME_OFF, INJ_FLR, INJ_D3, INJ_BUS, INJ_EVENTS };

/* From an event on, for a while or until another one. */
struct inj_window {
	enum inj_event when;
	enum inj_event until;	/* INJ_NOW: ms alone ends it */
	int ms;			/* negative: for ever */
	ktime_t end;		/* 0: has not happened */
};

struct inj_rule {
	u16 offset;
	u8 width;
	u32 mask;
	u32 value;
	struct inj_window window;
};

/* Interrupt Status as a function that mirrors its level there has it. */
struct inj_level {
	void __iomem *map;	/* NULL: as the device has it */
	u32 status;		/* offsets in the BAR; enable 0: none */
	u32 enable;
	u32 mask;
	bool msi_off;		/* only while MSI is disabled */
};

struct inj_bus {
	struct pci_bus *bus;	/* NULL: not taken */
	struct pci_ops *orig;
	struct pci_ops ops;	/* orig with our read and write */
};

struct inj {
	struct inj_bus own;	/* bus of the function */
	struct inj_bus upper;	/* bus of the bridge above, if there is one */
	unsigned int devfn;
	u8 pm, exp, msi;	/* capabilities that the function really has */
	u8 af;			/* the one that it has not, 0: none */
	bool af_lies;
	unsigned int nrules;
	struct inj_rule rule[INJ_RULES];
	struct inj_window unready;
	struct inj_rule deaf;	/* no window; value: as written; width 0: none */
	struct inj_level level;
	unsigned int seen[INJ_EVENTS];
};

/*
 * inj_lock protects all of inj but own, upper, devfn, pm, exp and msi, which
 * change only while the buses have their original operations, under
 * kernel_param_lock(). Accesses come with interrupts off, hence raw.
 */
extern raw_spinlock_t inj_lock;
extern struct inj inj;

u32 inj_get(int where, int size);
bool inj_overlaps(int where, int size, int reg, int width);
u32 inj_rule_apply(const struct inj_rule *r, int where, int size, u32 val);
u32 inj_irq_read(int where, int size, u32 val);
u32 inj_irq_write(int where, int size, u32 val);
void inj_irq_give_back(void);

void inj_window_open(struct inj_window *w);
int inj_take(struct pci_bus *bus, unsigned int devfn);
void inj_give_back(void);

#endif /* DIO_CFG_INJECT_H */
