/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What `dev set` and `dev bind` may set. All of a command line's settings go
 * into one message: the kernel applies them whole or not at all.
 */
#ifndef DIOKCTL_SETTINGS_H
#define DIOKCTL_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include <netlink/netlink.h>

#include "args.h"

struct settings {
	uint32_t given;		/* bit N: attribute DIO_VFIO_A_DEV_N is set */
	uint32_t policy;
	uint32_t level;
	struct method_list methods;
	bool d3_force;
	uint32_t ready_timeout;
	uint32_t idle_timeout;
	uint32_t drain;
	uint32_t intx;
	uint32_t recheck;
	uint32_t vectors;
};

/* All words that are left; EXIT_OK or EXIT_USAGE with the reason said. */
int settings_parse(struct args *args, struct settings *set);

/* 0, or -1 when the message is full. */
int settings_put(struct nl_msg *msg, const struct settings *set);

#endif
