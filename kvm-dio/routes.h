/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DIO_ROUTES_H
#define DIO_ROUTES_H

#include "dio_kvm.h"

extern const struct dio_feature dio_routes_feature;

#endif /* DIO_ROUTES_H */
