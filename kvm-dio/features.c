// SPDX-License-Identifier: GPL-2.0-only
/* The features of this build, one row each. */
#include "dio_kvm.h"
#include "inject.h"
#include "mask_table.h"
#include "memtype.h"
#include "routes.h"
#include "store.h"

const struct dio_feature *const dio_features[DIO_NR_FEATURES] = {
	[DIO_F_CORE] = &dio_core_feature,
	[DIO_F_MEMTYPE] = &dio_memtype_feature,
	[DIO_F_STORES] = &dio_stores_feature,
	[DIO_F_MASK] = &dio_mask_feature,
	[DIO_F_ROUTES] = &dio_routes_feature,
	[DIO_F_INJECT] = &dio_inject_feature,
};
