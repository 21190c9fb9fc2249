// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where a target's interrupts come from. dio_vfio_pci is asked by symbol_get():
 * this module loads without it, and holds it only while a device is a source.
 */
#include <linux/irq.h>
#include <linux/module.h>
#include <linux/timekeeping.h>

#include "../vfio-ext/dio_vfio.h"
#include "dio_rt.h"
#include "netlink.h"

/* Hard interrupt context, or the end of the device under RCU. */
static int dio_source_notified(struct notifier_block *nb, unsigned long action, void *data)
{
	struct dio_rt *t = container_of(nb, struct dio_rt, nb);
	const struct dio_vfio_irq *irq = data;

	if (action == DIO_VFIO_IRQ_GONE) {
		WRITE_ONCE(t->fast.gone, true);
		dio_rt_changed();
		return NOTIFY_OK;
	}
	WRITE_ONCE(t->fast.intx, irq->index == DIO_VFIO_IRQ_INDEX_INTX);
	if (dio_event_arrived(t, ktime_get_mono_fast_ns()))
		dio_boost_kick(t);
	return NOTIFY_OK;
}

/* A warning: what reserves the thread does not help the work before it. */
static void dio_source_by_work(struct dio_rt *t, struct netlink_ext_ack *extack)
{
	bool (*by_work)(struct dio_vfio_irq_client *client) = symbol_get(dio_vfio_intx_by_work);

	/* its module is held by dio_vfio_irq_attach: this finds it */
	if (by_work(t->client))
		DIO_RT_ERR(extack, "%s: a loaded CPU delays its INTx (irq set inject thread)",
			   pci_name(t->config.pdev));
	symbol_put(dio_vfio_intx_by_work);
}

static int dio_source_device(struct dio_rt *t, struct netlink_ext_ack *extack)
{
	struct dio_vfio_irq_client *(*attach)(struct pci_dev *pdev, struct notifier_block *nb);
	const char *name = pci_name(t->config.pdev);
	struct dio_vfio_irq_client *client;

	attach = symbol_get(dio_vfio_irq_attach);
	if (!attach) {
		DIO_RT_ERR(extack, "%s: dio_vfio_pci is not loaded", name);
		return -ENODEV;
	}
	t->nb.notifier_call = dio_source_notified;
	client = attach(t->config.pdev, &t->nb);
	if (IS_ERR(client)) {
		symbol_put(dio_vfio_irq_attach);
		DIO_RT_ERR(extack, "%s: not bound to dio-vfio-pci", name);
		return PTR_ERR(client);
	}
	t->client = client;
	dio_source_by_work(t, extack);
	return 0;
}

/* The target's interrupts count from now on; with dio_rt_lock. Sleeps. */
int dio_source_attach(struct dio_rt *t, struct netlink_ext_ack *extack)
{
	switch (t->config.source) {
	case DIO_SCHED_SOURCE_DEVICE:
		return dio_source_device(t, extack);
	case DIO_SCHED_SOURCE_IRQ:
		if (irq_get_irq_data(t->config.irq))
			return dio_probe_irq(t);
		DIO_RT_ERR(extack, "irq %u: no such interrupt", t->config.irq);
		return -ENOENT;
	default:
		return 0;
	}
}

/* No more interrupts when it returns; with dio_rt_lock. Sleeps. */
void dio_source_detach(struct dio_rt *t)
{
	if (t->config.source == DIO_SCHED_SOURCE_IRQ)
		dio_probe_irq_end(t);
	if (!t->client)
		return;
	/* its module is held by dio_vfio_irq_attach: this finds it */
	symbol_get(dio_vfio_irq_detach)(t->client);
	symbol_put(dio_vfio_irq_detach);
	symbol_put(dio_vfio_irq_attach);
	t->client = NULL;
}
