/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An igb virtual function as a device with an MSI-X table and nothing else: it raises
 * a vector when VTEICS is written.
 */
#ifndef MSIX_VF_H
#define MSIX_VF_H

#include "guest.h"

#define MSIX_ENABLE	0x8000
#define MSIX_FUNCTION	0x4000	/* all vectors are masked */
#define MSIX_VECTORS	3
#define ENTRY		16
#define ENTRY_DATA	8
#define ENTRY_CTRL	12

struct msix_vf {
	struct pci_dev *dev;
	u8 cap;
	u32 registers, table, pba;
};

extern struct msix_vf msix_vf;

/* MSI-X is still off. 0, or -1: said why. */
int msix_vf_open(void);
/* Every vector raises on its bit, clears it by itself, and is not throttled. */
void msix_vf_causes(void);
/* MSIX_ENABLE and MSIX_FUNCTION as they are to be. */
void msix_vf_control(u32 bits);

static inline u32 msix_vf_entry(u32 n)
{
	return msix_vf.table + ENTRY * n;
}

/* Its bit of the pending bit array. */
static inline int msix_vf_pending(u32 n)
{
	return mmio_read(msix_vf.pba) >> n & 1;
}

void msix_vf_raise(u32 n);

#endif
