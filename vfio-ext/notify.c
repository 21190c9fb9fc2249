// SPDX-License-Identifier: GPL-2.0-only
/*
 * Clients in the kernel that hear of each interrupt of a device. The chain is
 * called in hard interrupt context under RCU. A client keeps the device's memory,
 * not its binding: it may detach after the device was unbound.
 */
#include <linux/slab.h>

#include "dio_dev.h"
#include "dio_vfio.h"

struct dio_vfio_irq_client {
	struct dio_vfio_dev *d;
	struct notifier_block *nb;
};

/* Is there a client? Stable with igate held. Any context. */
bool dio_notify_wanted(const struct dio_vfio_dev *d)
{
	return atomic_read(&d->irqs.nclients) && !READ_ONCE(d->irqs.gone);
}

/* An interrupt reached the host. Hard interrupt context. */
void dio_notify_arrival(struct dio_vfio_dev *d, enum dio_vfio_irq_index index, unsigned int nr)
{
	struct dio_vfio_irq irq = { .pdev = d->core.pdev, .index = index, .vector = nr };

	if (likely(!atomic_read(&d->irqs.nclients)))
		return;
	rcu_read_lock();
	/* within the section, see dio_notify_gone() */
	if (!READ_ONCE(d->irqs.gone))
		atomic_notifier_call_chain(&d->irqs.clients, DIO_VFIO_IRQ_ARRIVED, &irq);
	rcu_read_unlock();
}

/* The first client came, or the last went: the vectors' handlers and KVM follow. */
static void dio_notify_changed(struct dio_vfio_dev *d)
{
	struct dio_vec *v;
	unsigned long nr;

	lockdep_assert_held(&d->core.igate);
	xa_for_each(&d->irqs.vecs, nr, v) {
		dio_vec_bypass(v, v->irq);
		spin_lock_irq(&v->lock);
		dio_vec_apply(v);
		spin_unlock_irq(&v->lock);
	}
}

/* The device is being unbound. Sleeps. */
void dio_notify_gone(struct dio_vfio_dev *d)
{
	struct dio_vfio_irq irq = { .pdev = d->core.pdev };

	mutex_lock(&d->core.igate);
	WRITE_ONCE(d->irqs.gone, true);
	mutex_unlock(&d->core.igate);
	if (!atomic_read(&d->irqs.nclients))
		return;
	/* whoever did not see it has called the clients by now: none hears more */
	synchronize_rcu();
	atomic_notifier_call_chain(&d->irqs.clients, DIO_VFIO_IRQ_GONE, &irq);
}

/* 0 or the chain's refusal. @client is heard of from the next interrupt on. */
static int dio_notify_add(struct dio_vfio_irq_client *client)
{
	struct dio_irqs *irqs = &client->d->irqs;
	int ret;

	mutex_lock(&client->d->core.igate);
	ret = irqs->gone ? -ENODEV : atomic_notifier_chain_register(&irqs->clients, client->nb);
	if (!ret && atomic_inc_return(&irqs->nclients) == 1)
		dio_notify_changed(client->d);
	mutex_unlock(&client->d->core.igate);
	return ret;
}

struct dio_vfio_irq_client *dio_vfio_irq_attach(struct pci_dev *pdev, struct notifier_block *nb)
{
	struct dio_vfio_dev *d = dio_dev_get(pdev);
	struct dio_vfio_irq_client *client;
	int ret = -ENOMEM;

	if (!d)
		return ERR_PTR(-ENODEV);
	client = kzalloc(sizeof(*client), GFP_KERNEL);
	if (client) {
		client->d = d;
		client->nb = nb;
		ret = dio_notify_add(client);
	}
	if (!ret)
		return client;
	kfree(client);
	dio_dev_put(d);
	return ERR_PTR(ret);
}
EXPORT_SYMBOL_GPL(dio_vfio_irq_attach);

void dio_vfio_irq_detach(struct dio_vfio_irq_client *client)
{
	struct dio_vfio_dev *d = client->d;

	/* waits for calls that run */
	atomic_notifier_chain_unregister(&d->irqs.clients, client->nb);
	mutex_lock(&d->core.igate);
	if (atomic_dec_and_test(&d->irqs.nclients))
		dio_notify_changed(d);
	mutex_unlock(&d->core.igate);
	kfree(client);
	dio_dev_put(d);
}
EXPORT_SYMBOL_GPL(dio_vfio_irq_detach);

bool dio_vfio_intx_by_work(struct dio_vfio_irq_client *client)
{
	struct dio_vfio_dev *d = client->d;
	bool by_work;

	mutex_lock(&d->core.igate);
	by_work = d->irqs.intx.active && !dio_inject_by_thread(d);
	mutex_unlock(&d->core.igate);
	return by_work;
}
EXPORT_SYMBOL_GPL(dio_vfio_intx_by_work);
