// SPDX-License-Identifier: GPL-2.0-only
/*
 * What this module does for devices of dio_vfio_pci, which may come and go while it is
 * loaded, and which it does not keep.
 */
#include <linux/module.h>
#include <linux/notifier.h>

#include "inject.h"
#include "mask_table.h"

static const struct {
	const struct dio_vfio_offer *offer;
	const char *what;
} dio_offers[DIO_VFIO_NR_OFFERS] = {
	[DIO_VFIO_OFFER_MASK]	= { &dio_mask_ops.offer, "keeps the masks of guests" },
	[DIO_VFIO_OFFER_INJECT]	= { &dio_inject_ops.offer, "raises the INTx of guests" },
};

static void dio_offer_all(void)
{
	typeof(dio_vfio_offer) *fn = symbol_get(dio_vfio_offer);
	unsigned int i;

	if (!fn)
		return;
	for (i = 0; i < DIO_VFIO_NR_OFFERS; i++)
		if (fn(i, dio_offers[i].offer))
			pr_warn("somebody else %s\n", dio_offers[i].what);
	symbol_put(dio_vfio_offer);
}

static int dio_offer_module(struct notifier_block *nb, unsigned long event, void *data)
{
	const struct module *mod = data;

	if (event == MODULE_STATE_LIVE && !strcmp(mod->name, "dio_vfio_pci"))
		dio_offer_all();
	return NOTIFY_OK;
}

static struct notifier_block dio_offer_nb = { .notifier_call = dio_offer_module };

int dio_offer_init(void)
{
	int ret = register_module_notifier(&dio_offer_nb);

	if (!ret)
		dio_offer_all();
	return ret;
}

/* No open device has any of it: each holds this module. */
void dio_offer_exit(void)
{
	typeof(dio_vfio_withdraw) *fn;
	unsigned int i;

	unregister_module_notifier(&dio_offer_nb);
	fn = symbol_get(dio_vfio_withdraw);
	if (!fn)
		return;
	for (i = 0; i < DIO_VFIO_NR_OFFERS; i++)
		fn(i, dio_offers[i].offer);
	symbol_put(dio_vfio_withdraw);
}
