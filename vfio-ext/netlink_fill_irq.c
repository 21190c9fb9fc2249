// SPDX-License-Identifier: GPL-2.0-only
/* Filling of answers and events on interrupts; 0 or -EMSGSIZE, as netlink_fill.c. */
#include <net/genetlink.h>

#include "netlink_fill.h"

struct dio_counter {
	int attr;
	size_t offset;
};

#define COUNTER(a, field)	{ DIO_VFIO_A_IRQ_##a, offsetof(struct dio_irq_count, field) }

static const struct dio_counter dio_counters[] = {
	COUNTER(INTERRUPTS, interrupts),
	COUNTER(DELIVERED, delivered),
	COUNTER(WHILE_MASKED, while_masked),
	COUNTER(PENDING, pending),
	COUNTER(RECHECKS, rechecks),
	COUNTER(SPURIOUS, spurious),
	COUNTER(MERGED, merged),
	COUNTER(SWAPS, swaps),
	COUNTER(STORMS, storms),
	COUNTER(KEPT, kept),
	COUNTER(RAISED, raised),
};

static int dio_fill_counts(struct sk_buff *skb, const struct dio_irq_count *n)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(dio_counters); i++) {
		const u64 *count = (const void *)n + dio_counters[i].offset;

		if (nla_put_u64_64bit(skb, dio_counters[i].attr, READ_ONCE(*count),
				      DIO_VFIO_A_IRQ_PAD))
			return -EMSGSIZE;
	}
	return 0;
}

static int dio_fill_irq(struct sk_buff *skb, struct dio_vfio_dev *d, u32 index, u32 nr, u32 via)
{
	return nla_put_string(skb, DIO_VFIO_A_IRQ_ADDR, pci_name(d->core.pdev)) ||
	       nla_put_u32(skb, DIO_VFIO_A_IRQ_INDEX, index) ||
	       nla_put_u32(skb, DIO_VFIO_A_IRQ_VECTOR, nr) ||
	       nla_put_u32(skb, DIO_VFIO_A_IRQ_VIA, via) ? -EMSGSIZE : 0;
}

static int dio_fill_flag(struct sk_buff *skb, int attr, bool set)
{
	return set ? nla_put_flag(skb, attr) : 0;
}

/* The INTx of an owner that is ours; igate is held. */
int dio_fill_intx(struct sk_buff *skb, struct dio_vfio_dev *d)
{
	struct dio_intx *ix = &d->irqs.intx;

	if (dio_fill_irq(skb, d, DIO_VFIO_IRQ_INDEX_INTX, 0,
			 ix->on_line ? DIO_VFIO_IRQ_VIA_LINE : DIO_VFIO_IRQ_VIA_MSI) ||
	    nla_put_u32(skb, DIO_VFIO_A_IRQ_HOST_IRQ, ix->irq) ||
	    dio_fill_flag(skb, DIO_VFIO_A_IRQ_ENABLED, ix->trigger) ||
	    dio_fill_flag(skb, DIO_VFIO_A_IRQ_MASKED, READ_ONCE(ix->masked)) ||
	    nla_put_u32(skb, DIO_VFIO_A_IRQ_RECHECK, READ_ONCE(ix->policy)) ||
	    nla_put_u32(skb, DIO_VFIO_A_IRQ_INJECT, dio_inject_who(d)))
		return -EMSGSIZE;
	return dio_fill_counts(skb, &ix->n);
}

/* One vector of our own; igate is held. */
int dio_fill_vec(struct sk_buff *skb, struct dio_vfio_dev *d, struct dio_vec *v)
{
	bool msix = d->irqs.msix;
	struct dio_irq_count n;

	if (dio_fill_irq(skb, d, msix ? DIO_VFIO_IRQ_INDEX_MSIX : DIO_VFIO_IRQ_INDEX_MSI, v->nr,
			 msix ? DIO_VFIO_IRQ_VIA_MSIX : DIO_VFIO_IRQ_VIA_MSI) ||
	    nla_put_u32(skb, DIO_VFIO_A_IRQ_HOST_IRQ, v->irq) ||
	    dio_fill_flag(skb, DIO_VFIO_A_IRQ_ENABLED, v->irq && v->trigger) ||
	    dio_fill_flag(skb, DIO_VFIO_A_IRQ_MASKED, READ_ONCE(v->masked)) ||
	    dio_fill_flag(skb, DIO_VFIO_A_IRQ_BYPASS, READ_ONCE(v->bypass)) ||
	    nla_put_u32(skb, DIO_VFIO_A_IRQ_HOLDOFF,
			(u32)div_u64(READ_ONCE(v->holdoff), NSEC_PER_USEC)) ||
	    (msix && nla_put_u32(skb, DIO_VFIO_A_IRQ_MASK, dio_keep_who(d))))
		return -EMSGSIZE;
	dio_vec_count(v, &n);
	return dio_fill_counts(skb, &n);
}

int dio_fill_irq_event(struct sk_buff *skb, struct dio_vfio_dev *d, enum dio_vfio_irq_event event)
{
	struct dio_intx *ix = &d->irqs.intx;
	u32 via = READ_ONCE(ix->on_line) ? DIO_VFIO_IRQ_VIA_LINE : DIO_VFIO_IRQ_VIA_MSI;

	if (dio_fill_irq(skb, d, DIO_VFIO_IRQ_INDEX_INTX, 0, via))
		return -EMSGSIZE;
	return nla_put_u32(skb, DIO_VFIO_A_IRQ_EVENT, event) ||
	       nla_put_u32(skb, DIO_VFIO_A_IRQ_RECHECK, READ_ONCE(ix->policy)) ? -EMSGSIZE : 0;
}
