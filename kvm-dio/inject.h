/* SPDX-License-Identifier: GPL-2.0-only */
/* An INTx that a thread of dio_vfio_pci raises. */
#ifndef DIO_KVM_INJECT_H
#define DIO_KVM_INJECT_H

#include "dio_kvm.h"
#include "vfio-ext/dio_vfio.h"

extern const struct dio_feature dio_inject_feature;
extern const struct dio_vfio_inject_ops dio_inject_ops;

#endif /* DIO_KVM_INJECT_H */
