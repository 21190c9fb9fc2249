// SPDX-License-Identifier: GPL-2.0-only
/*
 * What this module does for devices of dio_vfio_pci, which may come and go while it is
 * loaded, and which it does not keep.
 */
#include <linux/module.h>
#include <linux/notifier.h>

#include "inject.h"
#include "mask_table.h"

static void dio_offer_masks(void)
{
	typeof(dio_vfio_mask_register) *fn = symbol_get(dio_vfio_mask_register);

	if (!fn)
		return;
	if (fn(&dio_mask_ops))
		pr_warn("somebody else keeps the masks of guests\n");
	symbol_put(dio_vfio_mask_register);
}

static void dio_offer_inject(void)
{
	typeof(dio_vfio_inject_register) *fn = symbol_get(dio_vfio_inject_register);

	if (!fn)
		return;
	if (fn(&dio_inject_ops))
		pr_warn("somebody else raises the INTx of guests\n");
	symbol_put(dio_vfio_inject_register);
}

static int dio_offer_module(struct notifier_block *nb, unsigned long event, void *data)
{
	const struct module *mod = data;

	if (event == MODULE_STATE_LIVE && !strcmp(mod->name, "dio_vfio_pci")) {
		dio_offer_masks();
		dio_offer_inject();
	}
	return NOTIFY_OK;
}

static struct notifier_block dio_offer_nb = { .notifier_call = dio_offer_module };

int dio_offer_init(void)
{
	int ret = register_module_notifier(&dio_offer_nb);

	if (ret)
		return ret;
	dio_offer_masks();
	dio_offer_inject();
	return 0;
}

static void dio_withdraw_masks(void)
{
	typeof(dio_vfio_mask_unregister) *fn = symbol_get(dio_vfio_mask_unregister);

	if (!fn)
		return;
	fn(&dio_mask_ops);
	symbol_put(dio_vfio_mask_unregister);
}

static void dio_withdraw_inject(void)
{
	typeof(dio_vfio_inject_unregister) *fn = symbol_get(dio_vfio_inject_unregister);

	if (!fn)
		return;
	fn(&dio_inject_ops);
	symbol_put(dio_vfio_inject_unregister);
}

/* No open device has either: each holds this module. */
void dio_offer_exit(void)
{
	unregister_module_notifier(&dio_offer_nb);
	dio_withdraw_masks();
	dio_withdraw_inject();
}
