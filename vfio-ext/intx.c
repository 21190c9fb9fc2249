// SPDX-License-Identifier: GPL-2.0-only
/*
 * The state machine of an INTx whose carrier on the host is an MSI. A message is
 * an edge and an INTx is a level: what came between the assertion and the EOI
 * must be seen at the EOI, by the latch (pending) or by asking the device
 * (dio_recheck_level()). intx.pml is the model of this file, event by event.
 *
 * dio_intx.lock is held around each event, in any context; the eventfd is
 * signalled after it was dropped, because eventfd_signal() may call back.
 */
#include "dio_dev.h"

/* Messages since the last EOI that make a storm. */
#define DIO_INTX_STORM	64

/* The tests build it with an answer that is wrong at times, which they must notice. */
#ifndef DIO_RECHECK
#define DIO_RECHECK(due) (due)
#endif

static bool dio_intx_assert(struct dio_vfio_dev *d)
{
	struct dio_intx *ix = &d->irqs.intx;

	ix->masked = true;
	ix->line = true;
	ix->pending = false;
	if (!ix->on_line && dio_recheck_masks(ix))
		dio_carrier_mask(d);
	return true;
}

/*
 * The owner can be interrupted again: what waited is delivered now, unless the
 * device itself says that it wants nothing any more (many send a message for what
 * the owner is serving already). A carrier that was masked may have missed a
 * message, or tell that it is still asserted.
 */
static bool dio_intx_reopen(struct dio_vfio_dev *d)
{
	struct dio_intx *ix = &d->irqs.intx;
	bool waited = dio_carrier_unmask(d) || ix->pending;
	enum dio_level level = dio_recheck_level(d);
	bool due = level == DIO_LEVEL_HIGH || (waited && level != DIO_LEVEL_LOW);

	if (DIO_RECHECK(due)) {
		if (waited)
			dio_count(ix->n.pending);
		else
			dio_count(ix->n.rechecks);
		return dio_intx_assert(d);
	}
	ix->masked = false;
	ix->line = false;
	ix->pending = false;
	return false;
}

static bool dio_intx_arrive(struct dio_vfio_dev *d)
{
	struct dio_intx *ix = &d->irqs.intx;

	dio_count(ix->n.interrupts);
	ix->heard = true;
	ix->second = false;
	if (ix->on_line)
		dio_carrier_mask(d);
	if (!ix->masked && !ix->disabled) {
		/* later the owner may have served it, and Interrupt Status tell nothing */
		if (unlikely(ix->policy == DIO_VFIO_RECHECK_AUTO))
			dio_recheck_learn(d);
		return dio_intx_assert(d);
	}
	dio_count(ix->n.while_masked);
	if (ix->on_line)
		return false;	/* a level is still there when it is looked at */
	ix->pending = true;
	if (++ix->burst == DIO_INTX_STORM) {
		dio_count(ix->n.storms);
		dio_carrier_mask(d);
		dio_intx_news(d, DIO_VFIO_IRQ_EVENT_STORM);
	}
	return false;
}

/* Nothing is signalled any more when this has returned, nor what was about to be. */
static bool dio_intx_mask(struct dio_vfio_dev *d)
{
	struct dio_intx *ix = &d->irqs.intx;

	ix->masked = true;
	ix->pending |= ix->due;
	ix->due = false;
	return false;
}

static bool dio_intx_eoi(struct dio_vfio_dev *d)
{
	struct dio_intx *ix = &d->irqs.intx;

	if (!ix->masked)
		return false;
	ix->burst = 0;
	if (ix->disabled) {
		ix->masked = false;
		ix->line = false;
		dio_second_plan(d);
		return false;
	}
	if (dio_intx_reopen(d))
		return true;
	dio_second_plan(d);
	return false;
}

static bool dio_intx_recheck(struct dio_vfio_dev *d)
{
	struct dio_intx *ix = &d->irqs.intx;

	if (ix->masked || ix->disabled)
		return false;
	ix->burst = 0;
	return dio_intx_reopen(d);
}

/* See second.c: once more, for an EOI that may have been none. */
static bool dio_intx_second(struct dio_vfio_dev *d)
{
	struct dio_intx *ix = &d->irqs.intx;

	if (ix->masked || ix->on_line || ix->pending)	/* a real one comes anyway */
		return false;
	ix->second = true;
	if (ix->disabled) {
		ix->pending = true;
		return false;
	}
	dio_count(ix->n.rechecks);
	return dio_intx_assert(d);
}

/* The device is as after power on; the owner's mask stays until its EOI. */
static bool dio_intx_reset(struct dio_vfio_dev *d)
{
	struct dio_intx *ix = &d->irqs.intx;

	ix->pending = false;
	ix->line = false;
	ix->burst = 0;
	if (!ix->on_line)
		dio_carrier_unmask(d);
	dio_carrier_restore(d);
	return false;
}

/* The same with dio_intx.lock held. */
bool dio_intx_step(struct dio_vfio_dev *d, enum dio_intx_event event)
{
	struct dio_intx *ix = &d->irqs.intx;

	/* resets and EOIs come from outside of igate; the latter count always */
	if (!ix->active) {
		if (event == DIO_INTX_UNMASK) {
			ix->masked = false;
			ix->line = false;
		}
		return false;
	}
	switch (event) {
	case DIO_INTX_ARRIVE:
		return dio_intx_arrive(d);
	case DIO_INTX_MASK:
		return dio_intx_mask(d);
	case DIO_INTX_UNMASK:
		return dio_intx_eoi(d);
	case DIO_INTX_DISABLE:
		ix->disabled = true;
		return false;
	case DIO_INTX_ENABLE:
		ix->disabled = false;
		return dio_intx_recheck(d);
	case DIO_INTX_SECOND:
		return dio_intx_second(d);
	case DIO_INTX_RECHECK:
		return dio_intx_recheck(d);
	case DIO_INTX_RESET:
		return dio_intx_reset(d);
	}
	return false;
}

/**
 * dio_intx_event() - one event of the state machine
 * @d: the device; its INTx is ours
 * @event: what happened
 *
 * Any context, hard interrupt included.
 *
 * Return: true if the owner has to be told, by dio_intx_fire().
 */
bool dio_intx_event(struct dio_vfio_dev *d, enum dio_intx_event event)
{
	struct dio_intx *ix = &d->irqs.intx;
	unsigned long flags;
	bool fire;

	spin_lock_irqsave(&ix->lock, flags);
	fire = dio_intx_step(d, event);
	spin_unlock_irqrestore(&ix->lock, flags);
	return fire;
}

/* DIO_INTX_ARRIVE in hard interrupt context, where interrupts are off already. */
bool dio_intx_message(struct dio_vfio_dev *d)
{
	struct dio_intx *ix = &d->irqs.intx;
	bool fire;

	spin_lock(&ix->lock);
	fire = ix->active && dio_intx_arrive(d);
	spin_unlock(&ix->lock);
	return fire;
}

/* Tell the owner, by the thread or by a signal from here. */
void dio_intx_fire_by(struct dio_vfio_dev *d, bool thread)
{
	struct dio_intx *ix = &d->irqs.intx;
	struct eventfd_ctx *trigger = READ_ONCE(ix->trigger);

	if (!trigger) {
		dio_count(ix->n.spurious);
		return;
	}
	dio_count(ix->n.delivered);
	if (thread)
		dio_inject_fire(d);
	else
		dio_eventfd_signal(trigger);
}

/* The same as is set. Not with a lock held that an eventfd's listener may take. */
void dio_intx_fire(struct dio_vfio_dev *d)
{
	dio_intx_fire_by(d, dio_inject_by_thread(d));
}
