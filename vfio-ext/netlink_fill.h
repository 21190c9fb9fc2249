/* SPDX-License-Identifier: GPL-2.0-only */
/* Filling of dio_vfio's answers and events. */
#ifndef DIO_NETLINK_FILL_H
#define DIO_NETLINK_FILL_H

#include <linux/skbuff.h>

#include "dio_dev.h"

int dio_fill_module(struct sk_buff *skb);
int dio_fill_dev(struct sk_buff *skb, struct dio_vfio_dev *d);
int dio_fill_addr(struct sk_buff *skb, struct dio_vfio_dev *d);
int dio_fill_reset(struct sk_buff *skb, struct dio_vfio_dev *d,
		   const struct dio_record *rec);

/* netlink_fill_irq.c */
int dio_fill_intx(struct sk_buff *skb, struct dio_vfio_dev *d);
int dio_fill_vec(struct sk_buff *skb, struct dio_vfio_dev *d, struct dio_vec *v);
int dio_fill_irq_event(struct sk_buff *skb, struct dio_vfio_dev *d,
		       enum dio_vfio_irq_event event);

#endif /* DIO_NETLINK_FILL_H */
