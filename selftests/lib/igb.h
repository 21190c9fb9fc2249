/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The 82576 as the host's own device: bound to the stock igb driver, its
 * interface up, one VF made, frames sent.
 */
#ifndef DIO_TEST_IGB_H
#define DIO_TEST_IGB_H

#include "pcidev.h"

struct igb_host {
	struct pcidev pf;
	char netdev[16];
	int packet;		/* AF_PACKET socket, -1 */
};

/* Stock igb on that device only, interface up. */
int igb_up(struct igb_host *h, const char *name);
void igb_down(struct igb_host *h);
/* Make one VF and find it; no driver is bound to it. */
int igb_make_vf(struct igb_host *h, struct pcidev *vf);
/* One broadcast ARP-like frame of 60 bytes on the wire. */
int igb_broadcast(struct igb_host *h);

#endif
