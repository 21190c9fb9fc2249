/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Generic netlink without a library: one socket, one request at a time, the
 * kernel's extack text kept.  Replies are walked by a callback.
 */
#ifndef DIO_TEST_GENL_H
#define DIO_TEST_GENL_H

#include <stdint.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>

#define GENL_MESSAGE_MAX 32768

struct genl {
	int fd;
	uint16_t family;
	uint32_t group;		/* multicast group, for genl_subscribe() */
	uint32_t seq;
	char text[256];		/* extack text of the last request, or "" */
};

/* Request under construction. */
struct genl_request {
	struct nlmsghdr *head;
	char buf[1024];
};

typedef void (*genl_reply_fn)(const struct nlmsghdr *reply, void *data);

/* Socket and the ids of @family and of its group; 0 or a negative errno. */
int genl_open(struct genl *g, const char *family, const char *group);
void genl_close(struct genl *g);
void genl_request(struct genl *g, struct genl_request *r, int command, int flags);
void genl_put(struct genl_request *r, int type, const void *data, int len);
void genl_put_u32(struct genl_request *r, int type, uint32_t value);
void genl_put_string(struct genl_request *r, int type, const char *value);
/* Send, hand every reply to @fn (may be NULL), return the final errno. */
int genl_talk(struct genl *g, struct genl_request *r, genl_reply_fn fn, void *data);
int genl_subscribe(struct genl *g);
/* Hand the messages of one datagram to @fn; -ETIMEDOUT when none came. */
int genl_listen(struct genl *g, int timeout_ms, genl_reply_fn fn, void *data);

/* Walk of attributes: genl_walk() or genl_walk_nest(), then genl_next() until NULL. */
struct genl_walk {
	const char *at, *end;
};

struct genl_walk genl_walk(const struct nlmsghdr *m);
struct genl_walk genl_walk_nest(const struct nlattr *nest);
const struct nlattr *genl_next(struct genl_walk *w);
int genl_command(const struct nlmsghdr *m);
int genl_type(const struct nlattr *a);
uint64_t genl_number(const struct nlattr *a);
void genl_text(const struct nlattr *a, char *buf, int size);

#endif
