// SPDX-License-Identifier: GPL-2.0-only
/*
 * Is the level still high? A device that sends a message only when its interrupt
 * condition begins says nothing when the owner left one of several causes
 * standing; on a line the interrupt controller would see it at the EOI.
 *
 * A policy of the device table or of an administrator is used as it is. Else it
 * is learned: a device that mirrors Interrupt Status in MSI mode shows it in one
 * of the first messages; then one configuration read an EOI is exact. A device
 * that never does gets per-vector masking if it has it.
 */
#include "dio_dev.h"

#define DIO_RECHECK_SAMPLES	16

bool dio_status_high(struct pci_dev *pdev)
{
	u16 status;

	pci_read_config_word(pdev, PCI_STATUS, &status);
	return status != U16_MAX && status & PCI_STATUS_INTERRUPT;
}

/* Interrupt Status is that of the line while MSI is off, whatever the device. */
bool dio_toggle_high(struct pci_dev *pdev)
{
	bool high;

	dio_msi_enable_bit(pdev, false);
	high = dio_status_high(pdev);
	dio_msi_enable_bit(pdev, true);
	return high;
}

/*
 * The cause register of the device table. Whoever changes memory decoding holds
 * memory_lock; then the watch looks again when it is over.
 */
static enum dio_level dio_cause_level(struct dio_vfio_dev *d)
{
	const struct dio_cause *c = d->row ? d->row->cause : NULL;
	struct dio_intx *ix = &d->irqs.intx;
	u32 cause = 0, enable = ~0U;

	if (!c || !ix->cause)
		return DIO_LEVEL_UNKNOWN;
	if (!down_read_trylock(&d->core.memory_lock)) {
		ix->look = true;
		mod_delayed_work(system_wq, &ix->watch, 0);
		return DIO_LEVEL_UNKNOWN;
	}
	if (dio_memory_decodes(d)) {
		cause = ioread32(ix->cause + c->status);
		if (c->enable)
			enable = ioread32(ix->cause + c->enable);
	}
	up_read(&d->core.memory_lock);
	if (cause == ~0U || (c->gate && !(enable & c->gate)) || !(cause & enable & c->mask))
		return DIO_LEVEL_LOW;
	return DIO_LEVEL_HIGH;
}

/**
 * dio_recheck_level() - does the device ask for service?
 * @d: the device; dio_intx.lock is held. Any context but hard interrupt
 *
 * Only the cause register is taken for a "no": what else there is may be blind
 * for some of a device's causes, and an interrupt too many is better than one lost.
 *
 * Return: would its INTx be asserted now?
 */
enum dio_level dio_recheck_level(struct dio_vfio_dev *d)
{
	struct dio_intx *ix = &d->irqs.intx;

	lockdep_assert_held(&ix->lock);
	if (ix->on_line)
		return DIO_LEVEL_UNKNOWN;	/* dio_carrier_unmask() has told */
	switch (ix->policy) {
	case DIO_VFIO_RECHECK_AUTO:
	case DIO_VFIO_RECHECK_STATUS:
		return dio_status_high(d->core.pdev) ? DIO_LEVEL_HIGH : DIO_LEVEL_UNKNOWN;
	case DIO_VFIO_RECHECK_TOGGLE:
		return dio_toggle_high(d->core.pdev) ? DIO_LEVEL_HIGH : DIO_LEVEL_UNKNOWN;
	case DIO_VFIO_RECHECK_MMIO:
		return dio_cause_level(d);
	default:
		return DIO_LEVEL_UNKNOWN;
	}
}

/* No level is seen by the policy: what may have been missed is taken for there. */
bool dio_recheck_blind(const struct dio_intx *ix)
{
	return ix->policy == DIO_VFIO_RECHECK_NONE || ix->policy == DIO_VFIO_RECHECK_PVM ||
	       ix->policy == DIO_VFIO_RECHECK_AUTO;
}

/*
 * From the delivery to the EOI the MSI is masked, and its pending bit keeps. So it is
 * while the policy is unknown: it may become this one, and nothing is lost before.
 */
bool dio_recheck_masks(const struct dio_intx *ix)
{
	return ix->policy == DIO_VFIO_RECHECK_PVM ||
	       (ix->policy == DIO_VFIO_RECHECK_AUTO && ix->maskable);
}

/* While the policy is unknown: what does Interrupt Status say as a message comes? */
void dio_recheck_learn(struct dio_vfio_dev *d)
{
	struct dio_intx *ix = &d->irqs.intx;

	lockdep_assert_held(&ix->lock);
	if (ix->on_line || ix->quiet)	/* Interrupt Status is the line's then */
		return;
	if (dio_status_high(d->core.pdev))
		ix->policy = DIO_VFIO_RECHECK_STATUS;
	else if (++ix->samples >= DIO_RECHECK_SAMPLES)
		ix->policy = ix->maskable ? DIO_VFIO_RECHECK_PVM : DIO_VFIO_RECHECK_NONE;
	else
		return;
	d->irqs.learned = ix->policy;
	dio_intx_news(d, DIO_VFIO_IRQ_EVENT_LEARNED);
}

/* The policy to begin with: set, of the table, learned before, or to be learned. */
enum dio_vfio_recheck dio_recheck_first(struct dio_vfio_dev *d, enum dio_vfio_recheck set)
{
	if (set != DIO_VFIO_RECHECK_AUTO)
		return set;
	if (d->row && d->row->cause)
		return DIO_VFIO_RECHECK_MMIO;
	return d->irqs.learned;
}

const char *dio_recheck_name(enum dio_vfio_recheck policy)
{
	static const char * const names[] = {
		[DIO_VFIO_RECHECK_AUTO] = "auto",
		[DIO_VFIO_RECHECK_NONE] = "none",
		[DIO_VFIO_RECHECK_STATUS] = "status",
		[DIO_VFIO_RECHECK_PVM] = "pvm",
		[DIO_VFIO_RECHECK_TOGGLE] = "toggle",
		[DIO_VFIO_RECHECK_MMIO] = "mmio",
	};

	return policy < ARRAY_SIZE(names) ? names[policy] : "?";
}

/* Can the device do that? NULL, or why not. */
const char *dio_recheck_unavailable(struct dio_vfio_dev *d, enum dio_vfio_recheck policy)
{
	struct pci_dev *pdev = d->core.pdev;

	if (policy == DIO_VFIO_RECHECK_MMIO && !(d->row && d->row->cause))
		return "no cause register in the device table";
	if (policy == DIO_VFIO_RECHECK_PVM && !dio_msi_maskable(pdev))
		return "no per-vector masking";
	if (policy == DIO_VFIO_RECHECK_TOGGLE && !pdev->msi_cap)
		return "no MSI capability";
	return NULL;
}

/* What the owner reads in Interrupt Status while its INTx is ours. */
bool dio_recheck_status(struct dio_vfio_dev *d, bool device)
{
	struct dio_intx *ix = &d->irqs.intx;
	enum dio_level level = DIO_LEVEL_UNKNOWN;
	unsigned long flags;

	spin_lock_irqsave(&ix->lock, flags);
	if (ix->on_line || ix->policy == DIO_VFIO_RECHECK_STATUS)
		level = device ? DIO_LEVEL_HIGH : DIO_LEVEL_LOW;
	else if (ix->policy == DIO_VFIO_RECHECK_MMIO)
		level = dio_cause_level(d);
	if (level == DIO_LEVEL_UNKNOWN && (device || ix->line || ix->pending))
		level = DIO_LEVEL_HIGH;
	spin_unlock_irqrestore(&ix->lock, flags);
	return level == DIO_LEVEL_HIGH;
}
