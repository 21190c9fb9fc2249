// SPDX-License-Identifier: GPL-2.0-only
/* Who offers what dio_vfio.h asks of another module; one of each kind. */
#include <linux/module.h>

#include "dio_dev.h"
#include "dio_vfio.h"

static DEFINE_MUTEX(dio_offer_lock);
static const struct dio_vfio_offer *dio_offers[DIO_VFIO_NR_OFFERS];	/* dio_offer_lock */

/* The offer with a reference to its module, or NULL. Sleeps. */
const struct dio_vfio_offer *dio_offer_get(enum dio_vfio_offer_kind kind)
{
	const struct dio_vfio_offer *offer;

	mutex_lock(&dio_offer_lock);
	offer = dio_offers[kind];
	if (offer && !try_module_get(offer->owner))
		offer = NULL;
	mutex_unlock(&dio_offer_lock);
	return offer;
}

int dio_vfio_offer(enum dio_vfio_offer_kind kind, const struct dio_vfio_offer *offer)
{
	int ret = -EBUSY;

	mutex_lock(&dio_offer_lock);
	if (!dio_offers[kind]) {
		dio_offers[kind] = offer;
		ret = 0;
	}
	mutex_unlock(&dio_offer_lock);
	return ret;
}
EXPORT_SYMBOL_GPL(dio_vfio_offer);

void dio_vfio_withdraw(enum dio_vfio_offer_kind kind, const struct dio_vfio_offer *offer)
{
	mutex_lock(&dio_offer_lock);
	if (dio_offers[kind] == offer)
		dio_offers[kind] = NULL;
	mutex_unlock(&dio_offer_lock);
}
EXPORT_SYMBOL_GPL(dio_vfio_withdraw);
