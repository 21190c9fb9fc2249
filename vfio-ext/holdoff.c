// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hold-off: after a delivery the vector is silent for an interval. The device's
 * pending bit merges what comes meanwhile, and is asked at the end; a vector
 * without a mask bit is merged by its handler. What waits at the end is delivered
 * then, and begins the next interval, so that a device that goes quiet has its
 * last event delivered within one interval.
 */
#include "dio_dev.h"
#include "dio_vfio.h"

/* In hard interrupt context, see dio_vec_apply(). */
static enum hrtimer_restart dio_holdoff_end(struct hrtimer *timer)
{
	struct dio_vec *v = container_of(timer, struct dio_vec, timer);
	unsigned long flags;

	spin_lock_irqsave(&v->lock, flags);
	dio_vec_release(v, &v->held);
	spin_unlock_irqrestore(&v->lock, flags);
	/* it was started anew if an interval has begun */
	return HRTIMER_NORESTART;
}

void dio_holdoff_init(struct dio_vec *v)
{
	dio_hrtimer_setup(&v->timer, dio_holdoff_end, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
}

/* An interval from now on. The caller calls dio_vec_apply(). */
void dio_holdoff_begin(struct dio_vec *v)
{
	lockdep_assert_held(&v->lock);
	v->held = true;
	hrtimer_start(&v->timer, ns_to_ktime(v->holdoff), HRTIMER_MODE_REL);
}

/**
 * dio_holdoff_set() - the interval of a vector from its next delivery on
 * @v: the vector; igate is held
 * @ns: nanoseconds; 0 is off and ends an interval that runs
 *
 * Sleeps.
 */
void dio_holdoff_set(struct dio_vec *v, u64 ns)
{
	if (ns)
		dio_vec_bypass(v, false);
	spin_lock_irq(&v->lock);
	v->holdoff = ns;
	dio_vec_apply(v);
	spin_unlock_irq(&v->lock);
	if (ns)
		return;
	hrtimer_cancel(&v->timer);
	spin_lock_irq(&v->lock);
	dio_vec_release(v, &v->held);
	spin_unlock_irq(&v->lock);
	dio_vec_bypass(v, true);
}

static int dio_holdoff_all(struct dio_vfio_dev *d, u64 ns)
{
	struct dio_vec *v;
	unsigned long nr;

	d->irqs.holdoff_all = ns;
	xa_for_each(&d->irqs.vecs, nr, v)
		dio_holdoff_set(v, ns);
	return 0;
}

static int dio_holdoff_one(struct dio_vfio_dev *d, unsigned int nr, u64 ns)
{
	struct dio_vec *v = dio_vectors_get(d, nr);

	if (IS_ERR(v))
		return PTR_ERR(v);
	dio_holdoff_set(v, ns);
	return 0;
}

/* May vectors of @index be held off now? igate is held. */
static int dio_holdoff_check(struct dio_vfio_dev *d, bool msix, int vector)
{
	struct dio_irqs *irqs = &d->irqs;
	struct dio_cfg cfg;

	dio_dev_get_cfg(d, &cfg);
	if (!irqs->vectors_on && (cfg.vectors != DIO_VFIO_VECTORS_OWN ||
				  d->core.irq_type == VFIO_PCI_MSI_IRQ_INDEX ||
				  d->core.irq_type == VFIO_PCI_MSIX_IRQ_INDEX))
		return -EOPNOTSUPP;
	if (irqs->vectors_on && irqs->msix != msix)
		return -EINVAL;
	/* -1, all of them, wants one; there is none once the owner has closed */
	return max(vector, 0) < (int)(msix ? irqs->nmsix : irqs->nmsi) ? 0 : -EINVAL;
}

/* dio_vfio_irq_holdoff() of a bound device. Sleeps. */
int dio_holdoff_dev(struct dio_vfio_dev *d, enum dio_vfio_irq_index index, int vector, u32 us)
{
	u64 ns = (u64)us * NSEC_PER_USEC;
	int ret;

	if (index == DIO_VFIO_IRQ_INDEX_INTX)
		return -EOPNOTSUPP;
	if (us > DIO_VFIO_HOLDOFF_MAX_US || vector < -1)
		return -EINVAL;
	mutex_lock(&d->core.igate);
	ret = READ_ONCE(d->opened) ?
	      dio_holdoff_check(d, index == DIO_VFIO_IRQ_INDEX_MSIX, vector) : -ENODEV;
	if (!ret)
		ret = vector < 0 ? dio_holdoff_all(d, ns) : dio_holdoff_one(d, vector, ns);
	mutex_unlock(&d->core.igate);
	return ret;
}

int dio_vfio_irq_holdoff(struct pci_dev *pdev, enum dio_vfio_irq_index index, int vector, u32 us)
{
	struct dio_vfio_dev *d = dio_dev_get(pdev);
	int ret;

	if (!d)
		return -ENODEV;
	ret = dio_holdoff_dev(d, index, vector, us);
	dio_dev_put(d);
	return ret;
}
EXPORT_SYMBOL_GPL(dio_vfio_irq_holdoff);
