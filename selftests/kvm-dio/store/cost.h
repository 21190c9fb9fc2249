/* SPDX-License-Identifier: GPL-2.0 */
/* The loops of cost.S: each times one operation of a guest. */
#ifndef DIO_TEST_COST_H
#define DIO_TEST_COST_H

#include <stdint.h>

extern const uint8_t cost_start[], cost_end[];
extern const uint8_t cost_empty[], cost_eoi_idle[], cost_eoi[], cost_ioapic[], cost_ioeventfd[],
		     cost_user_store[], cost_user_load[], cost_pv_eoi[], cost_x2apic_eoi[];

#endif
