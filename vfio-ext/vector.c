// SPDX-License-Identifier: GPL-2.0-only
/*
 * MSI and MSI-X of our own, as a whole: on, off, and what the device has missed.
 * core.irq_type says what is on, as vfio-pci-core's writes of configuration space
 * want it, and is back to none before vfio-pci-core closes. All with igate held.
 */
#include <linux/io.h>
#include <linux/irq.h>
#include <linux/log2.h>
#include <linux/msi.h>
#include <linux/slab.h>

#include "dio_dev.h"

/* A vector's state, made if this is its first use; ERR_PTR(-ENOMEM). */
struct dio_vec *dio_vectors_get(struct dio_vfio_dev *d, unsigned int nr)
{
	struct dio_vec *v = xa_load(&d->irqs.vecs, nr);
	int ret;

	lockdep_assert_held(&d->core.igate);
	if (v)
		return v;
	v = kzalloc(sizeof(*v), GFP_KERNEL_ACCOUNT);
	if (!v)
		return ERR_PTR(-ENOMEM);
	v->d = d;
	v->nr = nr;
	v->parked = true;
	v->trigger_fd = -1;
	v->holdoff = d->irqs.holdoff_all;
	spin_lock_init(&v->lock);
	dio_holdoff_init(v);
	ret = xa_insert(&d->irqs.vecs, nr, v, GFP_KERNEL_ACCOUNT);
	if (!ret)
		return v;
	kfree(v);
	return ERR_PTR(ret);
}

/* One that was never requested. */
void dio_vectors_drop(struct dio_vfio_dev *d, struct dio_vec *v)
{
	lockdep_assert_held(&d->core.igate);
	xa_erase(&d->irqs.vecs, v->nr);
	kfree_rcu(v, rcu);
}

/* The pending bits, where their BAR can be mapped; all is well without them. */
static void __iomem *dio_vectors_map_pba(struct dio_vfio_dev *d)
{
	struct pci_dev *pdev = d->core.pdev;
	resource_size_t start, size = DIV_ROUND_UP(d->irqs.nmsix, 64) * 8;
	u32 pba;
	u8 bar;

	pci_read_config_dword(pdev, pdev->msix_cap + PCI_MSIX_PBA, &pba);
	bar = pba & PCI_MSIX_PBA_BIR;
	start = pba & PCI_MSIX_PBA_OFFSET;
	if (bar >= PCI_STD_NUM_BARS || !(pci_resource_flags(pdev, bar) & IORESOURCE_MEM) ||
	    pci_resource_flags(pdev, bar) & IORESOURCE_UNSET ||
	    start + size > pci_resource_len(pdev, bar))
		return NULL;
	return ioremap(pci_resource_start(pdev, bar) + start, size);
}

/* 0; the number there is, if it is less than @nvec; a negative errno. */
int dio_vectors_enable(struct dio_vfio_dev *d, bool msix, unsigned int nvec)
{
	struct pci_dev *pdev = d->core.pdev;
	u16 cmd = dio_memory_begin(d);
	int ret = pci_alloc_irq_vectors(pdev, 1, nvec, msix ? PCI_IRQ_MSIX : PCI_IRQ_MSI);

	if (ret > 0 && ret < nvec)
		pci_free_irq_vectors(pdev);
	dio_memory_end(d, cmd);
	if (ret < 0 || ret < nvec)
		return ret;
	d->irqs.msix = msix;
	d->irqs.allocated = nvec;
	d->core.irq_type = msix ? VFIO_PCI_MSIX_IRQ_INDEX : VFIO_PCI_MSI_IRQ_INDEX;
	if (msix)
		d->irqs.pba = dio_vectors_map_pba(d);
	else
		d->core.msi_qmax = order_base_2(nvec);
	WRITE_ONCE(d->irqs.vectors_on, true);
	return 0;
}

static void dio_vectors_down(struct dio_vec *v)
{
	if (v->irq) {
		dio_vec_trigger(v, NULL, -1);
		dio_vec_free(v);
	}
	/* it is parked: no interval begins any more, and none ends it */
	hrtimer_cancel(&v->timer);
	v->masked = false;
	v->held = false;
	v->pend = false;
}

/* Our MSI or MSI-X off, if it is on; counters and hold-off stay. Sleeps. */
void dio_vectors_disable(struct dio_vfio_dev *d)
{
	struct dio_irqs *irqs = &d->irqs;
	struct dio_vec *v;
	unsigned long nr;
	u16 cmd;

	lockdep_assert_held(&d->core.igate);
	if (!irqs->vectors_on)
		return;
	/* free_irq() leaves MSI on with an empty message: a write to address 0 */
	if (!irqs->msix)
		dio_msi_enable_bit(d->core.pdev, false);
	cmd = dio_memory_begin(d);
	xa_for_each(&irqs->vecs, nr, v)
		dio_vectors_down(v);
	pci_free_irq_vectors(d->core.pdev);
	dio_memory_end(d, cmd);
	/* that has cleared Interrupt Disable, and nobody listens to the line */
	if (d->core.nointx)
		pci_intx(d->core.pdev, 0);
	if (irqs->pba)
		iounmap(irqs->pba);
	irqs->pba = NULL;
	dio_keep_off(d);
	WRITE_ONCE(irqs->vectors_on, false);
	d->core.irq_type = VFIO_PCI_NUM_IRQS;
}

/* The owner is gone; no vector exists until the next one opens the device. */
void dio_vectors_free(struct dio_vfio_dev *d)
{
	struct dio_vec *v;
	unsigned long nr;

	lockdep_assert_held(&d->core.igate);
	xa_for_each(&d->irqs.vecs, nr, v)
		kfree(v);
	xa_destroy(&d->irqs.vecs);
	d->irqs.holdoff_all = 0;
	d->irqs.nmsi = 0;
	d->irqs.nmsix = 0;
}

/*
 * Write every vector's mask bit as it should be: what was written while memory
 * decoding or the power was off did not reach the device, and a vector that stays
 * masked by that would never be heard of again. memory_lock is not held. Sleeps.
 */
void dio_vectors_resync(struct dio_vfio_dev *d)
{
	struct dio_vec *v;
	unsigned long nr;

	down_read(&d->core.memory_lock);
	xa_for_each(&d->irqs.vecs, nr, v) {
		if (!v->irq || !v->maskable || !dio_memory_decodes(d))
			continue;
		spin_lock_irq(&v->lock);
		dio_vec_remask(v);
		spin_unlock_irq(&v->lock);
	}
	up_read(&d->core.memory_lock);
}
