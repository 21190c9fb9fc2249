// SPDX-License-Identifier: GPL-2.0-only
/*
 * A client of dio_vfio_pci's interrupt notifier and hold-off, for tests: it counts
 * what it is told and in which context. It takes the three functions of dio_vfio.h
 * by name, so that it loads without dio_vfio_pci.
 *
 * Parameters in /sys/module/dio_irq_probe/parameters/:
 *   device   DDDD:BB:DD.F (hexadecimal): attach; empty: detach
 *   holdoff  INDEX VECTOR US (decimal): dio_vfio_irq_holdoff() of the device
 *   seen     what was told since the last attach: arrived, of these intx, msi and
 *            msix, the number of the last vector; wrong: not in hard interrupt
 *            context with interrupts off, of another device, or after gone; gone
 */
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/string.h>

#include <dio_vfio.h>

static struct {
	struct pci_dev *pdev;
	struct dio_vfio_irq_client *client;	/* NULL: not attached */
	raw_spinlock_t lock;			/* of all below */
	unsigned long arrived, by_index[3], wrong, gone;
	unsigned int last;
} probe = {
	.lock = __RAW_SPIN_LOCK_UNLOCKED(probe.lock),
};

static DEFINE_MUTEX(probe_lock);		/* of pdev and client */

static int probe_call(struct notifier_block *nb, unsigned long action, void *data)
{
	bool right = in_hardirq() && irqs_disabled();
	const struct dio_vfio_irq *irq = data;
	unsigned long flags;

	raw_spin_lock_irqsave(&probe.lock, flags);
	if (action == DIO_VFIO_IRQ_GONE) {
		probe.gone++;
	} else {
		probe.arrived++;
		if (irq->index < ARRAY_SIZE(probe.by_index))
			probe.by_index[irq->index]++;
		probe.last = irq->vector;
		probe.wrong += !right || irq->pdev != probe.pdev || probe.gone;
	}
	raw_spin_unlock_irqrestore(&probe.lock, flags);
	return NOTIFY_OK;
}

static struct notifier_block probe_nb = { .notifier_call = probe_call };

static void probe_detach(void)
{
	typeof(dio_vfio_irq_detach) *detach;

	if (!probe.client)
		return;
	/* the module is there: it was got when the client was attached */
	detach = symbol_get(dio_vfio_irq_detach);
	if (!WARN_ON(!detach)) {
		detach(probe.client);
		symbol_put(dio_vfio_irq_detach);
	}
	symbol_put(dio_vfio_irq_attach);
	probe.client = NULL;
	pci_dev_put(probe.pdev);
	probe.pdev = NULL;
}

/* The reference of dio_vfio_irq_attach() is kept while the client is attached. */
static int probe_attach(struct pci_dev *pdev)
{
	typeof(dio_vfio_irq_attach) *attach = symbol_get(dio_vfio_irq_attach);
	struct dio_vfio_irq_client *client;

	if (!attach)
		return -ENOENT;
	probe.arrived = 0;
	memset(probe.by_index, 0, sizeof(probe.by_index));
	probe.wrong = 0;
	probe.gone = 0;
	probe.pdev = pdev;
	client = attach(pdev, &probe_nb);
	if (!IS_ERR(client)) {
		probe.client = client;
		return 0;
	}
	probe.pdev = NULL;
	symbol_put(dio_vfio_irq_attach);
	return PTR_ERR(client);
}

static int probe_device_set(const char *text, const struct kernel_param *kp)
{
	unsigned int domain, bus, slot, fn;
	struct pci_dev *pdev;
	int ret = 0;

	mutex_lock(&probe_lock);
	probe_detach();
	if (!*skip_spaces(text))
		goto out;
	ret = -EINVAL;
	if (sscanf(text, "%x:%x:%x.%x", &domain, &bus, &slot, &fn) != 4)
		goto out;
	pdev = pci_get_domain_bus_and_slot(domain, bus, PCI_DEVFN(slot, fn));
	ret = pdev ? probe_attach(pdev) : -ENXIO;
	if (ret)
		pci_dev_put(pdev);
out:
	mutex_unlock(&probe_lock);
	return ret;
}

static int probe_holdoff_set(const char *text, const struct kernel_param *kp)
{
	typeof(dio_vfio_irq_holdoff) *holdoff;
	int ret = -EINVAL, index, vector;
	u32 us;

	if (sscanf(text, "%d %d %u", &index, &vector, &us) != 3)
		return -EINVAL;
	holdoff = symbol_get(dio_vfio_irq_holdoff);
	if (!holdoff)
		return -ENOENT;
	mutex_lock(&probe_lock);
	if (probe.pdev)
		ret = holdoff(probe.pdev, index, vector, us);
	mutex_unlock(&probe_lock);
	symbol_put(dio_vfio_irq_holdoff);
	return ret;
}

static int probe_seen_get(char *buf, const struct kernel_param *kp)
{
	unsigned long flags;
	int n;

	raw_spin_lock_irqsave(&probe.lock, flags);
	n = scnprintf(buf, PAGE_SIZE,
		      "arrived %lu intx %lu msi %lu msix %lu last %u wrong %lu gone %lu\n",
		      probe.arrived, probe.by_index[DIO_VFIO_IRQ_INDEX_INTX],
		      probe.by_index[DIO_VFIO_IRQ_INDEX_MSI],
		      probe.by_index[DIO_VFIO_IRQ_INDEX_MSIX], probe.last, probe.wrong,
		      probe.gone);
	raw_spin_unlock_irqrestore(&probe.lock, flags);
	return n;
}

static const struct kernel_param_ops probe_device_ops = { .set = probe_device_set };
static const struct kernel_param_ops probe_holdoff_ops = { .set = probe_holdoff_set };
static const struct kernel_param_ops probe_seen_ops = { .get = probe_seen_get };

module_param_cb(device, &probe_device_ops, NULL, 0200);
module_param_cb(holdoff, &probe_holdoff_ops, NULL, 0200);
module_param_cb(seen, &probe_seen_ops, NULL, 0400);

static void __exit probe_exit(void)
{
	probe_detach();
}
module_exit(probe_exit);

MODULE_LICENSE("GPL");
MODULE_AUTHOR("The diok developers");
MODULE_DESCRIPTION("Client of dio_vfio_pci's interrupt notifier, for tests");
