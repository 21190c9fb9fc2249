// SPDX-License-Identifier: GPL-2.0
/* Generic netlink transport: requests, acknowledgments, extack, events. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "genl.h"
#include "report.h"

#define ATTR_DATA(a) ((const char *)(a) + NLA_HDRLEN)
#define REPLY_BOUND_S 90	/* above the longest reset timeout, 60 s */

void genl_request(struct genl *g, struct genl_request *r, int command, int flags)
{
	struct genlmsghdr *genl;

	memset(r, 0, sizeof(*r));
	r->head = (struct nlmsghdr *)r->buf;
	r->head->nlmsg_len = NLMSG_LENGTH(GENL_HDRLEN);
	r->head->nlmsg_type = g->family;
	r->head->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	r->head->nlmsg_seq = ++g->seq;
	genl = NLMSG_DATA(r->head);
	genl->cmd = command;
	genl->version = 1;
}

void genl_put(struct genl_request *r, int type, const void *data, int len)
{
	struct nlattr *a = (struct nlattr *)(r->buf + NLMSG_ALIGN(r->head->nlmsg_len));

	a->nla_type = type;
	a->nla_len = NLA_HDRLEN + len;
	if (len)
		memcpy((char *)a + NLA_HDRLEN, data, len);
	r->head->nlmsg_len = NLMSG_ALIGN(r->head->nlmsg_len) + NLA_ALIGN(a->nla_len);
}

void genl_put_u32(struct genl_request *r, int type, uint32_t value)
{
	genl_put(r, type, &value, sizeof(value));
}

void genl_put_string(struct genl_request *r, int type, const char *value)
{
	genl_put(r, type, value, strlen(value) + 1);
}

struct genl_walk genl_walk(const struct nlmsghdr *m)
{
	const char *start = NLMSG_DATA(m);

	return (struct genl_walk){ start + GENL_HDRLEN, (const char *)m + m->nlmsg_len };
}

struct genl_walk genl_walk_nest(const struct nlattr *nest)
{
	return (struct genl_walk){ ATTR_DATA(nest), (const char *)nest + nest->nla_len };
}

const struct nlattr *genl_next(struct genl_walk *w)
{
	const struct nlattr *a = (const struct nlattr *)w->at;

	if (w->end - w->at < NLA_HDRLEN || a->nla_len < NLA_HDRLEN ||
	    w->end - w->at < a->nla_len)
		return NULL;
	w->at += NLA_ALIGN(a->nla_len);
	return a;
}

int genl_command(const struct nlmsghdr *m)
{
	return ((const struct genlmsghdr *)NLMSG_DATA(m))->cmd;
}

int genl_type(const struct nlattr *a)
{
	return a->nla_type & NLA_TYPE_MASK;
}

uint64_t genl_number(const struct nlattr *a)
{
	uint64_t value = 0;
	int len = a->nla_len - NLA_HDRLEN;

	memcpy(&value, ATTR_DATA(a), len > 8 ? 8 : len);
	return value;
}

void genl_text(const struct nlattr *a, char *buf, int size)
{
	int len = a->nla_len - NLA_HDRLEN;

	snprintf(buf, size, "%.*s", len, ATTR_DATA(a));
}

/* Extack attributes follow the error, after the request's copy unless capped. */
static int read_ack(struct genl *g, const struct nlmsghdr *m)
{
	const struct nlmsgerr *err = NLMSG_DATA(m);
	const struct nlattr *a;
	struct genl_walk w;
	int skip = sizeof(*err);

	if (!(m->nlmsg_flags & NLM_F_CAPPED))
		skip += err->msg.nlmsg_len - sizeof(err->msg);
	if (m->nlmsg_flags & NLM_F_ACK_TLVS) {
		w = (struct genl_walk){ (const char *)err + NLMSG_ALIGN(skip),
					(const char *)m + m->nlmsg_len };
		while ((a = genl_next(&w)))
			if (genl_type(a) == NLMSGERR_ATTR_MSG)
				genl_text(a, g->text, sizeof(g->text));
	}
	return err->error;
}

/* The end of a dump carries an error, and extack text behind it. */
static int read_done(struct genl *g, const struct nlmsghdr *m)
{
	const int *error = NLMSG_DATA(m);
	const struct nlattr *a;
	struct genl_walk w = { (const char *)(error + 1), (const char *)m + m->nlmsg_len };

	if (m->nlmsg_len < NLMSG_LENGTH(sizeof(*error)))
		return 0;
	if (m->nlmsg_flags & NLM_F_ACK_TLVS)
		while ((a = genl_next(&w)))
			if (genl_type(a) == NLMSGERR_ATTR_MSG)
				genl_text(a, g->text, sizeof(g->text));
	return *error;
}

/* One datagram; 1 when the request is over, with its errno in @rc. */
static int read_replies(struct genl *g, const char *buf, int len, genl_reply_fn fn, void *data,
			int *rc)
{
	const struct nlmsghdr *m = (const struct nlmsghdr *)buf;

	for (; NLMSG_OK(m, len); m = NLMSG_NEXT(m, len)) {
		if (m->nlmsg_seq != g->seq)
			continue;
		if (m->nlmsg_type == NLMSG_ERROR) {
			*rc = read_ack(g, m);
			return 1;
		}
		if (m->nlmsg_type == NLMSG_DONE) {
			*rc = read_done(g, m);
			return 1;
		}
		if (fn)
			fn(m, data);
	}
	return 0;
}

int genl_talk(struct genl *g, struct genl_request *r, genl_reply_fn fn, void *data)
{
	static __thread char buf[GENL_MESSAGE_MAX];
	int len, rc;

	g->text[0] = '\0';
	if (send(g->fd, r->head, r->head->nlmsg_len, 0) < 0)
		return -errno;
	do {
		len = recv(g->fd, buf, sizeof(buf), 0);
		if (len < 0)
			return -errno;
	} while (!read_replies(g, buf, len, fn, data, &rc));
	return rc;
}

int genl_listen(struct genl *g, int timeout_ms, genl_reply_fn fn, void *data)
{
	static __thread char buf[GENL_MESSAGE_MAX];
	struct pollfd p = { .fd = g->fd, .events = POLLIN };
	const struct nlmsghdr *m = (const struct nlmsghdr *)buf;
	int len;

	if (poll(&p, 1, timeout_ms) <= 0)
		return -ETIMEDOUT;
	len = recv(g->fd, buf, sizeof(buf), 0);
	if (len < 0)
		return -errno;
	for (; NLMSG_OK(m, len); m = NLMSG_NEXT(m, len))
		if (m->nlmsg_type == g->family)
			fn(m, data);
	return 0;
}

struct family_ids {
	const char *group_name;
	uint16_t family;
	uint32_t group;
};

static void read_group(const struct nlattr *nest, struct family_ids *ids)
{
	struct genl_walk w = genl_walk_nest(nest);
	const struct nlattr *a;
	char name[GENL_NAMSIZ] = "";
	uint32_t id = 0;

	while ((a = genl_next(&w))) {
		if (genl_type(a) == CTRL_ATTR_MCAST_GRP_NAME)
			genl_text(a, name, sizeof(name));
		else if (genl_type(a) == CTRL_ATTR_MCAST_GRP_ID)
			id = genl_number(a);
	}
	if (!strcmp(name, ids->group_name))
		ids->group = id;
}

static void read_family(const struct nlmsghdr *m, void *data)
{
	struct genl_walk groups, w = genl_walk(m);
	struct family_ids *ids = data;
	const struct nlattr *a, *group;

	while ((a = genl_next(&w))) {
		if (genl_type(a) == CTRL_ATTR_FAMILY_ID)
			ids->family = genl_number(a);
		if (genl_type(a) != CTRL_ATTR_MCAST_GROUPS)
			continue;
		groups = genl_walk_nest(a);
		while ((group = genl_next(&groups)))
			read_group(group, ids);
	}
}

int genl_open(struct genl *g, const char *family, const char *group)
{
	struct family_ids ids = { .group_name = group };
	struct timeval bound = { .tv_sec = REPLY_BOUND_S };
	struct sockaddr_nl self = { .nl_family = AF_NETLINK };
	struct genl_request r;
	int one = 1, rc;

	memset(g, 0, sizeof(*g));
	g->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	if (g->fd < 0)
		return -errno;
	setsockopt(g->fd, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one));
	setsockopt(g->fd, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one));
	setsockopt(g->fd, SOL_SOCKET, SO_RCVTIMEO, &bound, sizeof(bound));
	rc = bind(g->fd, (struct sockaddr *)&self, sizeof(self)) ? -errno : 0;
	if (!rc) {
		g->family = GENL_ID_CTRL;
		genl_request(g, &r, CTRL_CMD_GETFAMILY, 0);
		genl_put_string(&r, CTRL_ATTR_FAMILY_NAME, family);
		rc = genl_talk(g, &r, read_family, &ids);
	}
	g->family = ids.family;
	g->group = ids.group;
	if (rc)
		genl_close(g);
	return rc;
}

int genl_subscribe(struct genl *g)
{
	return setsockopt(g->fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &g->group,
			  sizeof(g->group)) ? -errno : 0;
}

void genl_close(struct genl *g)
{
	if (g->fd >= 0)
		close(g->fd);
	g->fd = -1;
}
