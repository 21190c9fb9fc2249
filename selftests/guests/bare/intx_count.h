/* SPDX-License-Identifier: GPL-2.0 */
/* What do_intx.c counts, and what intx_modes.c does to a device under it. */
#ifndef INTX_COUNT_H
#define INTX_COUNT_H

#include "intx.h"

#define WAIT_MS	3900	/* the timer wraps after 4000 */

struct counts {
	u32 raised, seen;	/* causes */
	u32 irqs, spurious;	/* runs of the handler, those without a cause */
	u32 lost, twice;	/* causes */
	u32 early;		/* a cause seen while the line was closed */
	u32 wrong;		/* Interrupt Status was not that of the level */
	u32 first, own;		/* raised of cause[0]; what the device counted of it */
};

struct intx_mode {
	const char *name;	/* NULL: the end of the table */
	int (*round)(u32 n);	/* 0, or -1: said why */
};

extern const struct intx_mode intx_modes[];

extern const struct intx_device *intx;
extern struct pci_dev *intx_pci;
extern struct counts counts;
extern volatile u32 intx_waiting;	/* raised and not yet seen */
extern volatile int intx_closed;	/* masked or disabled: none may come */
/* What the handler does; intx_take() unless a mode says otherwise. */
extern void (*intx_act)(u32 standing);

void intx_raise(u32 causes);		/* and count it */
void intx_take(u32 causes);		/* clear it and count it as seen */
extern u32 intx_patience;		/* milliseconds until one is taken for lost */
int intx_wait(const volatile u32 *what);	/* until it is 0: 0, or -1: in vain */
void intx_settle(void);			/* until all is seen, or lost */
int intx_restart(void);

#endif
