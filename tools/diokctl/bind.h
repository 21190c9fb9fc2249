/* SPDX-License-Identifier: GPL-2.0 */
/* `dev bind` and `dev unbind`, and what they share with the other verbs. */
#ifndef DIOKCTL_BIND_H
#define DIOKCTL_BIND_H

#include "nl.h"
#include "settings.h"
#include "show.h"

int dev_bind(struct args *args);
int dev_unbind(struct args *args);

/* The next word as an address; EXIT_OK or EXIT_USAGE. */
int dev_addr(struct args *args, char addr[ADDR_SIZE]);

/* No words may be left. */
int dev_end(const struct args *args);

/* Read the device; EXIT_OK or EXIT_REFUSED with the reason said. */
int dev_read(struct nl_conn *conn, const char *addr, struct dev_summary *sum);

/* Send a dev-set; EXIT_OK or EXIT_REFUSED with the reason said. */
int dev_apply(struct nl_conn *conn, const char *addr, const struct settings *set);

#endif
