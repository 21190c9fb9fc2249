/* SPDX-License-Identifier: GPL-2.0 */
/* Interrupts of owners, printed: a table, and the events about one of them. */
#ifndef DIOKCTL_IRQ_SHOW_H
#define DIOKCTL_IRQ_SHOW_H

#include <stdbool.h>

#include "nl.h"

/* A document of its own: an array in JSON, a table with a head in text. */
void show_irqs(const struct nl_list *irqs);

/* The members and the line of an event, in the object that the caller opened. */
void show_irq_event(struct nl_msg *msg);

/* Is it one? */
bool show_irq_valid(struct nl_msg *msg);

#endif
