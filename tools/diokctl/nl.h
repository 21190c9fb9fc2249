/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The netlink layer: one connection to a family, calls and dumps
 * that give back whole messages, and the kernel's refusals in words. Replies
 * are collected before anything is printed: a dump that the kernel marks as
 * inconsistent is read again and never shown half.
 */
#ifndef DIOKCTL_NL_H
#define DIOKCTL_NL_H

#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>

#include "family.h"
#include "nl_fail.h"

struct nl_conn {
	struct nl_sock *sk;
	const struct nl_family *of;
	int family;
	struct nl_fail fail;	/* why the last call or dump failed */
};

struct nl_list {
	struct nl_msg **msg;
	size_t n;
};

/* These print why they fail, and return 0 or -1. */
int dio_nl_open_family(struct nl_conn *conn, const struct nl_family *family);
int dio_nl_open(struct nl_conn *conn);		/* family_vfio */
int dio_nl_join(struct nl_conn *conn);

void dio_nl_close(struct nl_conn *conn);

/*
 * A request for command CMD; with ADDR that of a device, in family_vfio alone.
 * NULL when out of memory.
 */
struct nl_msg *dio_nl_request(struct nl_conn *conn, int cmd, const char *addr);

/*
 * Send MSG (freed here) and collect what comes back; 0 or -1 with
 * conn->fail filled. The caller frees *reply either way.
 */
int dio_nl_call(struct nl_conn *conn, struct nl_msg *msg, struct nl_list *reply);
int dio_nl_dump(struct nl_conn *conn, int cmd, const char *addr,
		struct nl_list *reply);

int dio_nl_list_add(struct nl_list *list, struct nl_msg *msg);
void dio_nl_list_free(struct nl_list *list);

/* Say conn->fail on stderr, about ADDR if not NULL; the exit code. */
int dio_nl_refused(const struct nl_conn *conn, const char *addr);

#endif
