// SPDX-License-Identifier: GPL-2.0
/*
 * Calls and dumps on libnl, see nl.h. A request always asks for an ack, so
 * that a call has one end: the ack, the error, or the end of the dump.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/dio_vfio.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>

#include "diokctl.h"
#include "nl.h"

#define DUMP_TRIES	16
#define RECEIVE_BUFFER	(1 << 20)

struct transfer {
	struct nl_conn *conn;
	struct nl_list *reply;
	const struct nlmsghdr *request;
	bool done;
	bool changed;		/* the kernel's list changed during the dump */
	bool out_of_memory;
};

int dio_nl_list_add(struct nl_list *list, struct nl_msg *msg)
{
	struct nl_msg **more = realloc(list->msg, (list->n + 1) * sizeof(*more));

	if (!more)
		return -1;
	list->msg = more;
	nlmsg_get(msg);
	list->msg[list->n++] = msg;
	return 0;
}

void dio_nl_list_free(struct nl_list *list)
{
	while (list->n)
		nlmsg_free(list->msg[--list->n]);
	free(list->msg);
	list->msg = NULL;
}

/* A refusal must come with its text, and a burst of events must fit. */
static int tune_socket(struct nl_sock *sk)
{
	int fd = nl_socket_get_fd(sk);
	int one = 1, size = RECEIVE_BUFFER;

	if (setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one)) ||
	    setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one)))
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		nl_socket_set_buffer_size(sk, size, 0);
	nl_socket_enable_msg_peek(sk);
	return nl_socket_set_msg_buf_size(sk, 32768);
}

/*
 * The kernel would load the module for who asks for its family: whether it
 * is loaded is for the administrator to say, so look before asking.
 */
static int resolve_family(struct nl_conn *conn)
{
	const struct nl_family *of = conn->of;

	if (!family_loaded(of)) {
		refuse("module %s is not loaded (modprobe %s)", of->module, of->module);
		return -1;
	}
	conn->family = genl_ctrl_resolve(conn->sk, of->name);
	if (conn->family >= 0)
		return 0;
	refuse("the kernel has no netlink family %s in this network namespace: use the initial one",
	       of->name);
	return -1;
}

int dio_nl_open(struct nl_conn *conn)
{
	return dio_nl_open_family(conn, &family_vfio);
}

int dio_nl_open_family(struct nl_conn *conn, const struct nl_family *family)
{
	int err;

	memset(conn, 0, sizeof(*conn));
	conn->of = family;
	conn->sk = nl_socket_alloc();
	if (!conn->sk) {
		refuse("no memory for a netlink socket");
		return -1;
	}
	err = genl_connect(conn->sk);
	if (err) {
		refuse("generic netlink: %s", nl_geterror(err));
		goto fail;
	}
	if (tune_socket(conn->sk)) {
		refuse("netlink socket options: %s", strerror(errno));
		goto fail;
	}
	if (resolve_family(conn))
		goto fail;
	return 0;
fail:
	dio_nl_close(conn);
	return -1;
}

int dio_nl_join(struct nl_conn *conn)
{
	const struct nl_family *of = conn->of;
	int group = genl_ctrl_resolve_grp(conn->sk, of->name, of->group);
	int err = group < 0 ? group : nl_socket_add_membership(conn->sk, group);

	if (!err)
		return 0;
	refuse("netlink group %s/%s: %s", of->name, of->group, nl_geterror(err));
	return -1;
}

void dio_nl_close(struct nl_conn *conn)
{
	nl_socket_free(conn->sk);
	conn->sk = NULL;
}

/* Each set of attributes has an address of its own. */
static int addr_attr(int cmd)
{
	switch (cmd) {
	case DIO_VFIO_CMD_RESET_GET:
		return DIO_VFIO_A_RESET_ADDR;
	case DIO_VFIO_CMD_IRQ_GET:
	case DIO_VFIO_CMD_IRQ_SET:
		return DIO_VFIO_A_IRQ_ADDR;
	default:
		return DIO_VFIO_A_DEV_ADDR;
	}
}

struct nl_msg *dio_nl_request(struct nl_conn *conn, int cmd, const char *addr)
{
	struct nl_msg *msg = nlmsg_alloc();

	if (!msg)
		return NULL;
	if (!genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, conn->family, 0, 0,
			 (uint8_t)cmd, conn->of->version))
		goto fail;
	if (!addr)
		return msg;
	if (!nla_put_string(msg, addr_attr(cmd), addr))
		return msg;
fail:
	nlmsg_free(msg);
	return NULL;
}

static int on_valid(struct nl_msg *msg, void *arg)
{
	struct transfer *t = arg;

	if (dio_nl_list_add(t->reply, msg))
		t->out_of_memory = true;
	return NL_OK;
}

/* An ack of success may bring a warning of the kernel. */
static int on_ack(struct nl_msg *msg, void *arg)
{
	struct transfer *t = arg;
	struct nl_fail note;

	dio_nl_fail_parse(&note, t->conn->of, nlmsg_hdr(msg), t->request);
	if (*note.text)
		warning("%s", note.text);
	t->done = true;
	return NL_STOP;
}

static int on_finish(struct nl_msg *msg, void *arg)
{
	struct transfer *t = arg;

	dio_nl_fail_parse(&t->conn->fail, t->conn->of, nlmsg_hdr(msg), t->request);
	t->done = true;
	return NL_STOP;
}

static int on_error(struct sockaddr_nl *peer, struct nlmsgerr *err, void *arg)
{
	struct transfer *t = arg;
	struct nlmsghdr *answer = (void *)((char *)err - NLMSG_HDRLEN);

	(void)peer;
	dio_nl_fail_parse(&t->conn->fail, t->conn->of, answer, t->request);
	t->done = true;
	return NL_STOP;
}

static int on_changed(struct nl_msg *msg, void *arg)
{
	struct transfer *t = arg;

	(void)msg;
	t->changed = true;
	return NL_OK;
}

static struct nl_cb *make_callbacks(struct transfer *t)
{
	struct nl_cb *cb = nl_cb_alloc(NL_CB_DEFAULT);

	if (!cb)
		return NULL;
	nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, on_valid, t);
	nl_cb_set(cb, NL_CB_ACK, NL_CB_CUSTOM, on_ack, t);
	nl_cb_set(cb, NL_CB_FINISH, NL_CB_CUSTOM, on_finish, t);
	nl_cb_set(cb, NL_CB_DUMP_INTR, NL_CB_CUSTOM, on_changed, t);
	nl_cb_err(cb, NL_CB_CUSTOM, on_error, t);
	return cb;
}

static int receive_all(struct transfer *t)
{
	struct nl_cb *cb = make_callbacks(t);
	int err = cb ? 0 : -NLE_NOMEM;

	while (!err && !t->done) {
		err = nl_recvmsgs(t->conn->sk, cb);
		if (t->done)
			err = 0;
	}
	nl_cb_put(cb);
	if (!err && t->out_of_memory)
		err = -NLE_NOMEM;
	if (err)
		dio_nl_fail_local(&t->conn->fail, EIO, nl_geterror(err));
	return t->conn->fail.error ? -1 : 0;
}

static int transfer(struct nl_conn *conn, struct nl_msg *msg,
		    struct nl_list *reply, bool *changed)
{
	struct transfer t = { .conn = conn, .reply = reply };
	int err;

	memset(&conn->fail, 0, sizeof(conn->fail));
	if (!msg) {
		dio_nl_fail_local(&conn->fail, ENOMEM, "no memory for a message");
		return -1;
	}
	err = nl_send_auto(conn->sk, msg);
	t.request = nlmsg_hdr(msg);
	if (err < 0) {
		dio_nl_fail_local(&conn->fail, EIO, nl_geterror(err));
		err = -1;
	} else {
		err = receive_all(&t);
	}
	nlmsg_free(msg);
	*changed = t.changed;
	return err;
}

int dio_nl_call(struct nl_conn *conn, struct nl_msg *msg, struct nl_list *reply)
{
	bool changed;

	return transfer(conn, msg, reply, &changed);
}

int dio_nl_dump(struct nl_conn *conn, int cmd, const char *addr,
		struct nl_list *reply)
{
	bool changed = false;
	int try;

	for (try = 0; try < DUMP_TRIES; try++) {
		struct nl_msg *msg = dio_nl_request(conn, cmd, addr);

		if (msg)
			nlmsg_hdr(msg)->nlmsg_flags |= NLM_F_DUMP;
		dio_nl_list_free(reply);
		if (transfer(conn, msg, reply, &changed))
			return -1;
		if (!changed)
			return 0;
	}
	dio_nl_fail_local(&conn->fail, EAGAIN,
			  "the list does not stop changing, try again");
	return -1;
}

int dio_nl_refused(const struct nl_conn *conn, const char *addr)
{
	char text[512];

	dio_nl_fail_format(&conn->fail, addr, text, sizeof(text));
	return refuse("%s", text);
}
