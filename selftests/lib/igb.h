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

#define IGB_FRAME_BYTES 60

/* Stock igb on that device only, interface up; nothing to do if it is. */
int igb_up(struct igb_host *h, const char *name);
/* Forget the host: it stays up, for the next case. */
void igb_put(struct igb_host *h);
/* VFs gone, driver unbound. */
void igb_down(const char *name);
/* The first VF, made if there is none; no driver is bound to it. */
int igb_make_vf(struct igb_host *h, struct pcidev *vf);
/* One broadcast frame of IGB_FRAME_BYTES on the wire, no byte of it zero. */
int igb_broadcast(struct igb_host *h);

#endif
