/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The messages of the dio_vfio family, printed: one place for what show,
 * reset and monitor have in common. Each prints members into the JSON
 * object that the caller has opened.
 */
#ifndef DIOKCTL_SHOW_H
#define DIOKCTL_SHOW_H

#include <stdbool.h>
#include <stdint.h>

#include <netlink/netlink.h>

#include "args.h"

/* The scalar attributes of a reset record that callers decide on. */
struct reset_summary {
	char addr[ADDR_SIZE];
	uint64_t id;
	uint32_t result;
	uint32_t level;
	bool dry_run;
};

/* The same of a device. */
struct dev_summary {
	char addr[ADDR_SIZE];
	uint32_t state;
	uint64_t last_id;
	uint32_t has;		/* bit N: attribute DIO_VFIO_A_DEV_N is there */
};

/* 0, or -1 when the message is not one of its kind. */
int show_reset_read(struct nl_msg *msg, struct reset_summary *sum);
int show_dev_read(struct nl_msg *msg, struct dev_summary *sum);

/* One line, and with FULL the steps and the residue in lines of their own. */
void show_reset(struct nl_msg *msg, bool full, const char *indent);
void show_reset_verdict(struct nl_msg *msg);

/* A device in lines, without its records; LINE: in one line, for monitor. */
void show_dev(struct nl_msg *msg, struct nl_msg *last);
void show_dev_line(struct nl_msg *msg);

/* ISO 8601 with microseconds and offset; of now, and of CLOCK_BOOTTIME ns. */
#define STAMP_SIZE	40
void stamp_now(char buf[STAMP_SIZE]);
void stamp_boottime(uint64_t ns, char buf[STAMP_SIZE]);

#endif
