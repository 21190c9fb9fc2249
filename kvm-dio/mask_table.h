/* SPDX-License-Identifier: GPL-2.0-only */
/* The MSI-X table of an assigned device on KVM's MMIO bus, see mask_table.c. */
#ifndef DIO_MASK_TABLE_H
#define DIO_MASK_TABLE_H

#include "dio_kvm.h"

extern const struct dio_feature dio_mask_feature;

int dio_mask_init(void);
void dio_mask_exit(void);

#endif /* DIO_MASK_TABLE_H */
