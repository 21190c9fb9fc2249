/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interrupts: eventfd signals without a count (6.8), high resolution timers set
 * up in one call (6.13), MSI-X vectors that are allocated one by one (6.2), and
 * the producers of irq bypass, whose token became an eventfd (6.17).
 */
#ifndef DIO_COMPAT_IRQ_H
#define DIO_COMPAT_IRQ_H

#include <linux/eventfd.h>
#include <linux/hrtimer.h>
#include <linux/irqbypass.h>
#include <linux/pci.h>
#include <linux/vfio_pci_core.h>

/* Any context. */
static inline void dio_eventfd_signal(struct eventfd_ctx *ctx)
{
#ifdef DIO_HAVE_EVENTFD_SIGNAL_COUNT
	eventfd_signal(ctx, 1);
#else
	eventfd_signal(ctx);
#endif
}

static inline void dio_hrtimer_setup(struct hrtimer *timer,
				     enum hrtimer_restart (*fn)(struct hrtimer *),
				     clockid_t clock, enum hrtimer_mode mode)
{
#ifdef DIO_HAVE_HRTIMER_SETUP
	hrtimer_setup(timer, fn, clock, mode);
#else
	hrtimer_init(timer, clock, mode);
	timer->function = fn;
#endif
}

/*
 * The Linux number of an MSI or MSI-X vector; one that is not allocated yet is,
 * where the kernel can do that while MSI-X is on. A negative errno if it has none.
 * Memory decoding is on. Sleeps.
 */
static inline int dio_msi_irq(struct vfio_pci_core_device *core, unsigned int nr, bool msix)
{
	int irq = pci_irq_vector(core->pdev, nr);
#ifdef DIO_HAVE_MSIX_ALLOC_IRQ_AT
	struct msi_map map;

	if (irq <= 0 && msix && core->has_dyn_msix) {
		map = pci_msix_alloc_irq_at(core->pdev, nr, NULL);
		return map.index < 0 ? map.index : map.virq;
	}
#endif
	return irq ? irq : -EINVAL;
}

/*
 * Where no vector can be added while MSI or MSI-X is on, vfio-pci-core refuses those
 * that were not allocated at first (@allocated), also without an eventfd.
 */
static inline bool dio_msi_in_range(unsigned int start, unsigned int count, unsigned int allocated,
				    bool eventfd)
{
#ifdef DIO_HAVE_MSIX_ALLOC_IRQ_AT
	return true;
#else
	return start + count <= allocated && !(eventfd && start >= allocated);
#endif
}

/* The producer's eventfd must stay until it is unregistered. Sleeps. */
static inline int dio_bypass_register(struct irq_bypass_producer *producer,
				      struct eventfd_ctx *ctx, int irq)
{
#ifdef DIO_HAVE_IRQ_BYPASS_TOKEN
	producer->token = ctx;
	producer->irq = irq;
	return irq_bypass_register_producer(producer);
#else
	return irq_bypass_register_producer(producer, ctx, irq);
#endif
}

#endif /* DIO_COMPAT_IRQ_H */
