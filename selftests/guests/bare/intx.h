/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Devices whose interrupt causes can be raised at will, as a driver of an
 * INTx-only guest sees them: a level that is high while an enabled cause
 * stands. A row for each device: intx_nic.c, intx_edu.c, intx_hda.c; the
 * behaviour that runs on them: do_intx.c.
 */
#ifndef INTX_H
#define INTX_H

#include "guest.h"

#define CAUSES	8

struct intx_device {
	const char *name;
	u16 vendor, device;
	u32 cause[CAUSES];		/* a bit each */
	/* Enable the causes; none stands. Also after a reset. */
	int (*start)(struct pci_dev *dev);
	u32 (*standing)(void);		/* until clear(), see read_clears */
	void (*raise)(u32 causes);
	void (*clear)(u32 causes);
	int read_clears;		/* standing() lets the level drop */
	/* Events of cause[0] since the last call, by a counter of the device; or NULL. */
	u32 (*counted)(void);
	/* FLR, or its own; needs start() again. NULL: it has none. */
	int (*reset)(struct pci_dev *dev);
};

extern const struct intx_device intx_edu, intx_e1000e, intx_igb, intx_hda;

#endif
