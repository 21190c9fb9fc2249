// SPDX-License-Identifier: GPL-2.0-only
/*
 * An EOI that is none. KVM (since 6.2) and QEMU tell a device model of an EOI also
 * when a guest unmasks its interrupt controller's pin with the interrupt still
 * waiting there, and drop what waited: a model that knows its level asserts again.
 * Where the policy cannot see the level, each EOI after which nothing waited is
 * followed by a second signal, a few milliseconds after the last one. Its own EOI
 * plans none: one interrupt without a cause at the end of a busy time, none lost.
 */
#include "dio_dev.h"

#define DIO_SECOND_DELAY	(msecs_to_jiffies(2) + 1)

/* An EOI found nothing. dio_intx.lock is held. */
void dio_second_plan(struct dio_vfio_dev *d)
{
	struct dio_intx *ix = &d->irqs.intx;

	lockdep_assert_held(&ix->lock);
	if (ix->on_line || !dio_recheck_blind(ix))
		return;
	if (ix->second) {
		ix->second = false;
		return;
	}
	ix->eoi = jiffies;
	if (ix->second_planned)
		return;
	ix->second_planned = true;
	queue_delayed_work(system_wq, &ix->second_work, DIO_SECOND_DELAY);
}

void dio_second_work(struct work_struct *work)
{
	struct dio_intx *ix = container_of(to_delayed_work(work), struct dio_intx, second_work);
	bool fire = false;

	spin_lock_irq(&ix->lock);
	if (ix->active && time_before(jiffies, ix->eoi + DIO_SECOND_DELAY)) {
		queue_delayed_work(system_wq, &ix->second_work, DIO_SECOND_DELAY);
	} else {
		ix->second_planned = false;
		fire = dio_intx_step(ix->d, DIO_INTX_SECOND);
	}
	spin_unlock_irq(&ix->lock);
	if (fire)
		dio_intx_fire(ix->d);
}
