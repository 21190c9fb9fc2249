// SPDX-License-Identifier: GPL-2.0-only
/*
 * One MSI or MSI-X vector of an owner: its handler, why it is silent, and what it
 * owes. Masked by the owner, parked without an eventfd, and held off are reasons to
 * disable the interrupt in the irq core, which masks it in the device, whose pending
 * bit then remembers. A mask of the owner's guest is a fourth one; vector_keep.c.
 * Where the device has no mask bit it stays enabled and the handler remembers.
 *
 * The short way of the handler is one counter, two tests and the signal, without
 * a lock. It is closed by dio_vec.slow or by the eventfd's absence, and whoever
 * closes it for good waits with synchronize_irq().
 */
#include <linux/irq.h>
#include <linux/irqdesc.h>
#include <linux/msi.h>

#include "dio_dev.h"

static bool dio_vec_core_silent(const struct dio_vec *v)
{
	return v->masked || v->parked || v->held;
}

bool dio_vec_silent(const struct dio_vec *v)
{
	return dio_vec_core_silent(v) || v->kept;
}

/*
 * Let the irq core, and the handler, follow what has changed. disable_irq_nosync()
 * and enable_irq() are legal in hard interrupt context here: the chips of PCI MSI
 * have no bus lock, and nothing but desc->lock is taken.
 */
void dio_vec_apply(struct dio_vec *v)
{
	lockdep_assert_held(&v->lock);
	v->watched = v->holdoff || dio_notify_wanted(v->d) ||
		     (!v->maskable && dio_vec_silent(v));
	WRITE_ONCE(v->slow, v->watched || v->kept);
	if (!v->irq || !v->maskable)
		return;
	if (!v->off && dio_vec_core_silent(v)) {
		v->off = true;
		disable_irq_nosync(v->irq);
	} else if (v->off && !dio_vec_silent(v)) {
		v->off = false;
		enable_irq(v->irq);
	}
}

void dio_vec_silence(struct dio_vec *v, bool *reason)
{
	*reason = true;
	dio_vec_apply(v);
}

/* Does the device remember an event of a masked vector? It sends it when it is unmasked. */
static bool dio_vec_waits(const struct dio_vec *v)
{
	const struct dio_irqs *irqs = &v->d->irqs;
	u32 word = 0;

	if (irqs->pba && (READ_ONCE(irqs->forced) || dio_memory_decodes(v->d)))
		word = readl(irqs->pba + v->nr / 32 * 4);
	else if (v->pending_at)
		pci_read_config_dword(v->d->core.pdev, v->pending_at, &word);
	return !PCI_POSSIBLE_ERROR(word) && word & BIT(v->nr % 32);
}

void dio_vec_deliver(struct dio_vec *v)
{
	dio_count(v->n.delivered);
	dio_eventfd_signal(v->trigger);
	if (v->holdoff)
		dio_holdoff_begin(v);
}

/*
 * The last reason is gone. What came meanwhile is delivered once: by the device if
 * it remembers, else here, and then a new interval may begin at once.
 */
static void dio_vec_catch_up(struct dio_vec *v, bool held)
{
	bool device = dio_vec_waits(v), host = v->pend;

	v->pend = false;
	if (!device && !host)
		return;
	if (held)
		dio_count(v->n.merged);
	else
		dio_count(v->n.pending);
	if (device && !held)
		dio_count(v->n.while_masked);
	if (!device)
		dio_vec_deliver(v);
}

void dio_vec_release(struct dio_vec *v, bool *reason)
{
	lockdep_assert_held(&v->lock);
	if (!*reason)
		return;
	*reason = false;
	if (!dio_vec_silent(v))
		dio_vec_catch_up(v, reason == &v->held);
	dio_vec_apply(v);
}

/* The long way of the handler: hold-off, clients, or not the time to deliver. */
static void dio_vec_arrive(struct dio_vec *v)
{
	struct dio_vfio_dev *d = v->d;
	unsigned long flags;

	dio_notify_arrival(d, d->irqs.msix ? DIO_VFIO_IRQ_INDEX_MSIX : DIO_VFIO_IRQ_INDEX_MSI,
			   v->nr);
	spin_lock_irqsave(&v->lock, flags);
	v->arrived++;
	if (!dio_vec_silent(v))
		dio_vec_deliver(v);
	else
		v->pend = true;
	if (v->parked)
		dio_count(v->n.spurious);
	else if (v->masked)
		dio_count(v->n.while_masked);
	dio_vec_apply(v);
	/* the irq core may have unmasked it on the way to here */
	if (v->kept)
		dio_vec_remask(v);
	spin_unlock_irqrestore(&v->lock, flags);
}

static irqreturn_t dio_vec_handler(int irq, void *arg)
{
	struct dio_vec *v = arg;
	struct eventfd_ctx *trigger = READ_ONCE(v->trigger);

	dio_count(v->n.interrupts);
	if (likely(trigger && !READ_ONCE(v->slow)))
		dio_eventfd_signal(trigger);
	else
		dio_vec_arrive(v);
	return IRQ_HANDLED;
}

/* VFIO_IRQ_SET_ACTION_TRIGGER without an eventfd: as if the device had sent it. */
void dio_vec_loopback(struct dio_vec *v)
{
	unsigned long flags;

	spin_lock_irqsave(&v->lock, flags);
	if (dio_vec_silent(v))
		v->pend = true;
	else
		dio_vec_deliver(v);
	dio_vec_apply(v);
	spin_unlock_irqrestore(&v->lock, flags);
}

/*
 * The counters as they are told. An arrival that took the short way was delivered.
 * An interrupt that comes now may be in one of them only.
 */
void dio_vec_count(struct dio_vec *v, struct dio_irq_count *n)
{
	unsigned long flags;

	spin_lock_irqsave(&v->lock, flags);
	*n = v->n;
	n->interrupts = READ_ONCE(v->n.interrupts);
	n->delivered += max_t(s64, n->interrupts - v->arrived, 0);
	spin_unlock_irqrestore(&v->lock, flags);
}

static int dio_vec_connect(struct irq_bypass_producer *producer, struct irq_bypass_consumer *c)
{
	WRITE_ONCE(container_of(producer, struct dio_vec, producer)->bypass, true);
	return 0;
}

static void dio_vec_disconnect(struct irq_bypass_producer *producer,
			       struct irq_bypass_consumer *c)
{
	WRITE_ONCE(container_of(producer, struct dio_vec, producer)->bypass, false);
}

/*
 * Offer the vector to KVM for posting, or withdraw it: a posted interrupt does not
 * reach the host, so not while somebody here wants to see or space them. igate is
 * held. Sleeps.
 */
void dio_vec_bypass(struct dio_vec *v, bool on)
{
	int ret;

	on = on && v->trigger && !v->holdoff && !dio_notify_wanted(v->d);
	if (on == v->producing)
		return;
	v->producing = false;
	if (!on) {
		irq_bypass_unregister_producer(&v->producer);
		return;
	}
	v->producer.add_consumer = dio_vec_connect;
	v->producer.del_consumer = dio_vec_disconnect;
	ret = dio_bypass_register(&v->producer, v->trigger, v->irq);
	v->producing = !ret;
	if (ret)
		pci_dbg(v->d->core.pdev, "vector %u: irq bypass: %d\n", v->nr, ret);
}

/*
 * Write the message of a silent vector again, as vfio-pci-core does before it
 * requests one: a reset behind our back may have cleared it. desc->lock keeps a
 * change of affinity out, which would be lost.
 */
static void dio_vec_refresh(struct dio_vec *v)
{
	struct irq_desc *desc = irq_data_to_desc(irq_get_irq_data(v->irq));
	struct msi_msg msg;
	unsigned long flags;

	raw_spin_lock_irqsave(&desc->lock, flags);
	get_cached_msi_msg(v->irq, &msg);
	pci_write_msi_msg(v->irq, &msg);
	raw_spin_unlock_irqrestore(&desc->lock, flags);
}

/**
 * dio_vec_trigger() - give a requested vector another eventfd, or none
 * @v: the vector; igate is held
 * @ctx: the eventfd, whose reference is the vector's from now on, or NULL
 * @fd: its number, for those who ask what it is; -1 if there is none
 *
 * An eventfd for another costs no access to the device; where one of the two is
 * missing memory decoding must be on. The old one gets no signal after this. Sleeps.
 */
void dio_vec_trigger(struct dio_vec *v, struct eventfd_ctx *ctx, int fd)
{
	struct eventfd_ctx *old = v->trigger;
	int old_fd = v->trigger_fd;

	if (!old && !ctx)
		return;
	dio_vec_bypass(v, false);
	if (!old && v->d->irqs.msix)
		dio_vec_refresh(v);
	spin_lock_irq(&v->lock);
	WRITE_ONCE(v->trigger, ctx);
	v->trigger_fd = fd;
	if (ctx)
		dio_vec_release(v, &v->parked);
	else
		dio_vec_silence(v, &v->parked);
	if (old && ctx)
		dio_count(v->n.swaps);
	spin_unlock_irq(&v->lock);
	if (old)
		synchronize_irq(v->irq);
	dio_keep_switched(v, old, ctx, old_fd);
	if (old)
		eventfd_ctx_put(old);
	dio_vec_bypass(v, true);
}

/**
 * dio_vec_request() - request the interrupt of a vector, silent until it gets an eventfd
 * @v: the vector; igate is held, memory decoding is on
 *
 * Return: 0; -EINVAL if the vector is not among those that were allocated and the
 * kernel cannot add one; what request_irq() answers. Sleeps.
 */
int dio_vec_request(struct dio_vec *v)
{
	struct dio_vfio_dev *d = v->d;
	bool msix = d->irqs.msix;
	int ret, irq = dio_msi_irq(&d->core, v->nr, msix);
	struct msi_desc *desc;

	if (irq < 0)
		return irq;
	desc = irq_get_msi_desc(irq);
	v->maskable = desc->pci.msi_attrib.can_mask;
	v->pending_at = !msix && v->maskable ?
			desc->pci.mask_pos + PCI_MSI_PENDING_32 - PCI_MSI_MASK_32 : 0;
	snprintf(v->name, sizeof(v->name), "vfio-msi%s[%u](%s)", msix ? "x" : "", v->nr,
		 pci_name(d->core.pdev));
	ret = request_irq(irq, dio_vec_handler, v->maskable ? IRQF_NO_AUTOEN : 0, v->name, v);
	if (ret)
		return ret;
	/* disable_irq() must reach the device, not the next interrupt */
	irq_set_status_flags(irq, IRQ_DISABLE_UNLAZY);
	spin_lock_irq(&v->lock);
	v->off = v->maskable;
	v->irq = irq;
	WRITE_ONCE(v->data, irq_get_irq_data(irq));
	spin_unlock_irq(&v->lock);
	return 0;
}

/* The end of it: the vector has no eventfd. Sleeps. */
void dio_vec_free(struct dio_vec *v)
{
	int irq = v->irq;

	/* keep.c may be masking it */
	spin_lock_irq(&v->lock);
	WRITE_ONCE(v->data, NULL);
	WRITE_ONCE(v->irq, 0);
	v->off = false;
	spin_unlock_irq(&v->lock);
	free_irq(irq, v);
}
