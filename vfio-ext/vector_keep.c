// SPDX-License-Identifier: GPL-2.0-only
/*
 * A vector's mask bit under a mask of the owner's guest, which comes and goes with
 * each interrupt. It is written by the functions of the MSI chip with desc->lock held,
 * as the irq core writes it, but the interrupt stays enabled there: that would be
 * dearer than the rest of it.
 *
 * So the irq core may unmask what is kept: when an interrupt has come while one was
 * being handled, and where it moves one only as it arrives. An interrupt that comes of
 * that meets dio_vec.slow, is kept until the guest unmasks, and masks again.
 */
#include <linux/irq.h>
#include <linux/irqdesc.h>
#include <linux/msi.h>

#include "dio_dev.h"

/* Not by disable_irq(), which masks and tells the irq core so. */
static void dio_vec_write_mask(struct dio_vec *v)
{
	if (v->off || v->kept)
		pci_msi_mask_irq(v->data);
	else
		pci_msi_unmask_irq(v->data);
}

/* Write the mask bit as it should be. desc->lock keeps all other writers out. */
void dio_vec_remask(struct dio_vec *v)
{
	struct irq_desc *desc;

	lockdep_assert_held(&v->lock);
	if (!v->data || !v->maskable)
		return;
	desc = irq_data_to_desc(v->data);
	raw_spin_lock(&desc->lock);
	dio_vec_write_mask(v);
	raw_spin_unlock(&desc->lock);
}

/*
 * A guest's mask that its VMM does not see (keep.c), or the end of it. No look at the
 * pending bit: the device has one, and sends what it remembers. Any context.
 */
void dio_vec_keep(struct dio_vec *v, bool keep)
{
	unsigned long flags;

	spin_lock_irqsave(&v->lock, flags);
	v->kept = keep;
	if (keep)
		dio_count(v->n.kept);
	if (!dio_vec_silent(v) && v->pend) {
		v->pend = false;
		dio_count(v->n.pending);
		dio_vec_deliver(v);
	}
	dio_vec_apply(v);
	dio_vec_remask(v);
	spin_unlock_irqrestore(&v->lock, flags);
}

/* May a guest's mask of it be kept, as it is now? memory_lock is held. */
bool dio_vec_may_keep(const struct dio_vec *v)
{
	return !READ_ONCE(v->d->irqs.keep_idle) && READ_ONCE(v->maskable) &&
	       dio_memory_decodes(v->d);
}

/* v->lock is held. */
static bool dio_vec_try_toggle(struct dio_vec *v, bool keep)
{
	struct irq_desc *desc;
	bool quick;

	if (!v->data || v->off || v->pend)
		return false;
	desc = irq_data_to_desc(v->data);
	raw_spin_lock(&desc->lock);
	quick = !keep || !irqd_irq_inprogress(v->data);
	if (quick) {
		v->kept = keep;
		v->n.kept += keep;
		WRITE_ONCE(v->slow, v->watched || keep);
		dio_vec_write_mask(v);
	}
	raw_spin_unlock(&desc->lock);
	return quick;
}

/**
 * dio_vec_toggle() - the same, where there is nothing else to do or to wait for
 * @v: the vector
 * @keep: mask, or unmask
 *
 * Any context.
 * Return: false, and nothing was done, if the device must not be reached now, there is
 * another reason for silence, an interrupt that only the host remembers, or a handler
 * under way.
 */
bool dio_vec_toggle(struct dio_vec *v, bool keep)
{
	struct rw_semaphore *memory = &v->d->core.memory_lock;
	bool quick = false;
	unsigned long flags;

	if (!down_read_trylock(memory))
		return false;
	if (dio_vec_may_keep(v)) {
		spin_lock_irqsave(&v->lock, flags);
		quick = dio_vec_try_toggle(v, keep);
		spin_unlock_irqrestore(&v->lock, flags);
	}
	up_read(memory);
	return quick;
}

/*
 * Wait for a handler that began before dio_vec_keep(). One that begins after it sees
 * dio_vec.slow: both are under desc->lock. Sleeps.
 */
void dio_vec_settle(struct dio_vec *v)
{
	struct irq_data *data;
	bool running;

	rcu_read_lock();
	data = READ_ONCE(v->data);
	running = data && irqd_irq_inprogress(data);
	rcu_read_unlock();
	/* one that is freed meanwhile has been waited for */
	if (running)
		synchronize_irq(v->irq);
}
