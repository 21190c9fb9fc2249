// SPDX-License-Identifier: GPL-2.0
/*
 * Raw generic netlink, see raw.h. The kernel answers a request inside
 * send() and a dump as it is read: an answer that is not there at once
 * does not come, so nothing here waits.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "raw.h"

#define ATTR_DATA(a)	((const char *)(a) + NLA_HDRLEN)

int raw_open(void)
{
	struct sockaddr_nl local = { .nl_family = AF_NETLINK };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	int one = 1, size = 1 << 20;

	if (fd < 0)
		return -errno;
	/* Without privilege the default size has to do. */
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	if (bind(fd, (struct sockaddr *)&local, sizeof(local)) ||
	    setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one))) {
		int err = -errno;

		close(fd);
		return err;
	}
	return fd;
}

void raw_begin(struct raw_msg *m, int family, int cmd, int flags)
{
	static uint32_t sequence;
	struct genlmsghdr *genl;

	m->size = NLMSG_LENGTH(GENL_HDRLEN);
	m->last = 0;
	memset(m->byte, 0, m->size);
	m->head.nlmsg_len = m->size;
	m->head.nlmsg_type = (uint16_t)family;
	m->head.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | NLM_F_ACK | flags);
	m->head.nlmsg_seq = ++sequence;
	genl = NLMSG_DATA(&m->head);
	genl->cmd = (uint8_t)cmd;
	genl->version = 1;
}

void raw_tail(struct raw_msg *m, const void *data, uint32_t len)
{
	if (len)
		memcpy(m->byte + m->size, data, len);
	m->size += len;
	m->head.nlmsg_len = m->size;
}

void raw_put(struct raw_msg *m, int type, const void *data, uint32_t len)
{
	static const char pad[NLA_ALIGNTO];
	struct nlattr attr = {
		.nla_len = (uint16_t)(NLA_HDRLEN + len),
		.nla_type = (uint16_t)type,
	};

	m->last = m->size;
	raw_tail(m, &attr, sizeof(attr));
	raw_tail(m, data, len);
	raw_tail(m, pad, NLA_ALIGN(len) - len);
}

void raw_put_u32(struct raw_msg *m, int type, uint32_t value)
{
	raw_put(m, type, &value, sizeof(value));
}

void raw_put_string(struct raw_msg *m, int type, const char *value)
{
	raw_put(m, type, value, (uint32_t)strlen(value) + 1);
}

/* The attribute at *AT, which moves on; NULL at the end. */
static const struct nlattr *next_attr(const char **at, const char *end)
{
	const struct nlattr *attr = (const struct nlattr *)*at;

	if (end - *at < NLA_HDRLEN || attr->nla_len < NLA_HDRLEN ||
	    end - *at < attr->nla_len)
		return NULL;
	*at += NLA_ALIGN(attr->nla_len);
	return attr;
}

static void read_range(struct raw_answer *a, const struct nlattr *nest)
{
	const char *at = ATTR_DATA(nest), *end = (const char *)nest + nest->nla_len;
	const struct nlattr *attr;

	while ((attr = next_attr(&at, end))) {
		if (attr->nla_type == NL_POLICY_TYPE_ATTR_MIN_VALUE_U)
			memcpy(&a->min, ATTR_DATA(attr), sizeof(a->min));
		if (attr->nla_type == NL_POLICY_TYPE_ATTR_MAX_VALUE_U) {
			memcpy(&a->max, ATTR_DATA(attr), sizeof(a->max));
			a->has_range = true;
		}
	}
}

static void read_extack(struct raw_answer *a, const char *at, const char *end)
{
	const struct nlattr *attr;

	while ((attr = next_attr(&at, end))) {
		switch (attr->nla_type & NLA_TYPE_MASK) {
		case NLMSGERR_ATTR_MSG:
			snprintf(a->text, sizeof(a->text), "%s", ATTR_DATA(attr));
			break;
		case NLMSGERR_ATTR_OFFS:
			a->has_offset = true;
			memcpy(&a->offset, ATTR_DATA(attr), sizeof(a->offset));
			break;
		case NLMSGERR_ATTR_MISS_TYPE:
			a->has_missing = true;
			memcpy(&a->missing, ATTR_DATA(attr), sizeof(a->missing));
			break;
		case NLMSGERR_ATTR_POLICY:
			read_range(a, attr);
			break;
		}
	}
}

/* True when M ends the answer. */
static bool read_message(struct raw_answer *a, const struct nlmsghdr *m)
{
	const char *end = (const char *)m + m->nlmsg_len;
	const struct nlmsgerr *err = NLMSG_DATA(m);
	const char *at;

	if (m->nlmsg_type != NLMSG_ERROR && m->nlmsg_type != NLMSG_DONE) {
		a->replies++;
		return false;
	}
	a->error = err->error;
	if (!(m->nlmsg_flags & NLM_F_ACK_TLVS))
		return true;
	at = (const char *)NLMSG_DATA(m);
	if (m->nlmsg_type == NLMSG_DONE)
		at += sizeof(int);
	else if (m->nlmsg_flags & NLM_F_CAPPED)
		at += sizeof(*err);
	else
		at += sizeof(*err) + NLMSG_ALIGN(err->msg.nlmsg_len) - NLMSG_HDRLEN;
	read_extack(a, at, end);
	return true;
}

static void read_answer(int fd, uint32_t sequence, struct raw_answer *a)
{
	static char buf[RAW_SIZE * 2];
	struct nlmsghdr *m;

	for (;;) {
		ssize_t len = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);

		if (len < 0 && errno == EINTR)
			continue;
		if (len <= 0) {
			a->error = len && errno != EAGAIN ? -errno : RAW_NO_ANSWER;
			return;
		}
		for (m = (void *)buf; NLMSG_OK(m, len); m = NLMSG_NEXT(m, len))
			if (m->nlmsg_seq == sequence && read_message(a, m))
				return;
	}
}

void raw_talk(int fd, struct raw_msg *m, struct raw_answer *a)
{
	memset(a, 0, sizeof(*a));
	/*
	 * Without an address the kernel is the peer, and it checks the opener
	 * of the socket as well as the sender: sendto() would spare the first.
	 */
	if (send(fd, m->byte, m->size, 0) < 0) {
		a->error = -errno;
		return;
	}
	read_answer(fd, m->head.nlmsg_seq, a);
}

int raw_family(int fd, const char *name)
{
	struct raw_msg m;
	char buf[8192];
	struct nlmsghdr *head = (void *)buf;
	const struct nlattr *attr;
	const char *at;
	ssize_t len;

	raw_begin(&m, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 0);
	m.head.nlmsg_flags = NLM_F_REQUEST;
	raw_put_string(&m, CTRL_ATTR_FAMILY_NAME, name);
	if (send(fd, m.byte, m.size, 0) < 0)
		return -errno;
	len = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);
	if (len < 0)
		return -errno;
	if (!NLMSG_OK(head, len))
		return -EBADMSG;
	if (head->nlmsg_type == NLMSG_ERROR)
		return ((struct nlmsgerr *)NLMSG_DATA(head))->error;
	at = (const char *)NLMSG_DATA(head) + GENL_HDRLEN;
	while ((attr = next_attr(&at, buf + head->nlmsg_len)))
		if (attr->nla_type == CTRL_ATTR_FAMILY_ID)
			return *(const uint16_t *)ATTR_DATA(attr);
	return -ENOENT;
}
