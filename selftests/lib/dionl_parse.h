/* SPDX-License-Identifier: GPL-2.0 */
/* Messages of the dio_vfio family into structures; inside the library only. */
#ifndef DIO_TEST_DIONL_PARSE_H
#define DIO_TEST_DIONL_PARSE_H

#include "dionl.h"

/* The structures must be zeroed: an absent attribute leaves its field. */
void dionl_parse_dev(const struct nlmsghdr *m, struct dionl_dev *dev);
void dionl_parse_irq(const struct nlmsghdr *m, struct dionl_irq *irq);
void dionl_parse_reset(const struct nlmsghdr *m, struct dionl_reset *rec);

#endif
