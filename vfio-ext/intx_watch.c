// SPDX-License-Identifier: GPL-2.0-only
/*
 * The watch over an INTx on an MSI. Some devices ignore MSI Enable, or send
 * nothing until a register of their own is set: as long as no message came, a
 * level that stands means that one is missing, and the carrier becomes the line.
 * The watch also looks again where a look had to be put off, and goes on for the
 * policy toggle, which is blind while it toggles.
 */
#include <linux/ratelimit.h>

#include "dio_dev.h"

#define DIO_INTX_STUCK	3	/* looks in a row, DIO_INTX_WATCH apart */

/* Tell about it from process context. dio_intx.lock is held. */
void dio_intx_news(struct dio_vfio_dev *d, enum dio_vfio_irq_event event)
{
	struct dio_intx *ix = &d->irqs.intx;

	__set_bit(event, &ix->news);
	schedule_work(&ix->news_work);
}

static void dio_intx_log(struct dio_vfio_dev *d, enum dio_vfio_irq_event event)
{
	static DEFINE_RATELIMIT_STATE(storms, 10 * HZ, 3);
	struct pci_dev *pdev = d->core.pdev;

	switch (event) {
	case DIO_VFIO_IRQ_EVENT_FALLBACK:
		pci_warn(pdev, "INTx: no MSI came from the device, back on its line\n");
		break;
	case DIO_VFIO_IRQ_EVENT_MUTE:
		pci_warn(pdev, "INTx: no MSI came from the device, and it has no line\n");
		break;
	case DIO_VFIO_IRQ_EVENT_STORM:
		if (__ratelimit(&storms))
			pci_warn(pdev, "INTx: messages in a storm, masked until the EOI\n");
		break;
	case DIO_VFIO_IRQ_EVENT_LEARNED:
		pci_dbg(pdev, "INTx: recheck policy %u learned\n", d->irqs.learned);
		break;
	}
}

void dio_intx_news_work(struct work_struct *work)
{
	struct dio_intx *ix = container_of(work, struct dio_intx, news_work);
	unsigned long news;
	unsigned int event;

	spin_lock_irq(&ix->lock);
	news = ix->news;
	ix->news = 0;
	spin_unlock_irq(&ix->lock);
	for_each_set_bit(event, &news, BITS_PER_LONG) {
		dio_intx_log(ix->d, event);
		dio_netlink_irq_event(ix->d, event);
	}
}

/* A message is a memory write: without bus master none can come. */
bool dio_master_is_on(const struct dio_vfio_dev *d)
{
	u16 cmd;

	pci_read_config_word(d->core.pdev, PCI_COMMAND, &cmd);
	return cmd & PCI_COMMAND_MASTER;
}

/* One look: true if the device has asked in vain for long enough. */
static bool dio_intx_stuck(struct dio_vfio_dev *d)
{
	struct dio_intx *ix = &d->irqs.intx;
	bool stuck;

	spin_lock_irq(&ix->lock);
	if (ix->masked || ix->disabled || !dio_status_high(d->core.pdev))
		ix->stuck = 0;
	else
		ix->stuck++;
	stuck = ix->stuck >= DIO_INTX_STUCK;
	spin_unlock_irq(&ix->lock);
	return stuck;
}

static void dio_intx_give_up_msi(struct dio_vfio_dev *d)
{
	struct dio_intx *ix = &d->irqs.intx;
	int ret = dio_intx_to_line(d);

	d->irqs.msi_dead = true;
	if (ret && ret != -ENODEV)
		pci_err(d->core.pdev, "INTx: the line %d cannot be had: error %d\n",
			ix->line_irq, ret);
	spin_lock_irq(&ix->lock);
	dio_intx_news(d, ret ? DIO_VFIO_IRQ_EVENT_MUTE : DIO_VFIO_IRQ_EVENT_FALLBACK);
	spin_unlock_irq(&ix->lock);
}

/*
 * An owner that does not switch bus master on, as drivers without DMA do: no
 * message can come, so the level is looked at, with MSI off for the moment. True
 * if it works like that.
 */
static bool dio_intx_without_master(struct dio_vfio_dev *d)
{
	struct dio_intx *ix = &d->irqs.intx;
	bool fire = false, often;

	spin_lock_irq(&ix->lock);
	if (!ix->masked && !ix->disabled && !ix->quiet && dio_toggle_high(d->core.pdev)) {
		ix->pending = true;
		fire = dio_intx_step(d, DIO_INTX_RECHECK);
		ix->stuck += fire;
	}
	often = ix->stuck >= DIO_INTX_STUCK;
	spin_unlock_irq(&ix->lock);
	if (fire)
		dio_intx_fire(d);
	return often;
}

/* No message so far. True if the carrier has become the line, or should have. */
static bool dio_intx_unheard(struct dio_vfio_dev *d)
{
	if (!dio_master_is_on(d)) {
		if (!dio_intx_without_master(d))
			return false;
		dio_intx_give_up_msi(d);
		d->irqs.msi_dead = false;	/* another owner may do it */
		return true;
	}
	if (!dio_intx_stuck(d))
		return false;
	dio_intx_give_up_msi(d);
	return true;
}

/* With config_sem and igate. True if the watch is still of use. */
static bool dio_intx_look(struct dio_vfio_dev *d)
{
	struct dio_intx *ix = &d->irqs.intx;
	bool poll;

	if (!ix->active || ix->on_line)
		return false;
	if (!READ_ONCE(ix->heard) && dio_intx_unheard(d))
		return false;
	poll = ix->policy == DIO_VFIO_RECHECK_TOGGLE;
	if ((poll || xchg(&ix->look, false)) && dio_intx_event(d, DIO_INTX_RECHECK))
		dio_intx_fire(d);
	return poll || !READ_ONCE(ix->heard);
}

/* dio_intx_off() waits for this with both locks in hand: never block on them. */
void dio_intx_watch(struct work_struct *work)
{
	struct dio_intx *ix = container_of(to_delayed_work(work), struct dio_intx, watch);
	struct dio_vfio_dev *d = ix->d;
	bool again = true;

	if (down_write_trylock(&d->irqs.config_sem)) {
		if (mutex_trylock(&d->irqs.msi_lock)) {
			if (mutex_trylock(&d->core.igate)) {
				again = dio_intx_look(d);
				mutex_unlock(&d->core.igate);
			}
			mutex_unlock(&d->irqs.msi_lock);
		}
		up_write(&d->irqs.config_sem);
	}
	if (again)
		queue_delayed_work(system_wq, &ix->watch, DIO_INTX_WATCH);
}
