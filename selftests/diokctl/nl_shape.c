// SPDX-License-Identifier: GPL-2.0
/*
 * Messages that are wrong in shape rather than in an attribute: headers,
 * flags, commands, dumps of what has none, and settings that are well formed
 * but make no sense together. Refused, nothing changed, no event.
 */
#include <errno.h>
#include <string.h>

#include "kselftest_harness.h"
#include "refusal.h"
#include "report.h"

FIXTURE(shape) {
	struct ground ground;
	struct raw_msg msg;
	struct raw_answer answer;
};

FIXTURE_SETUP(shape)
{
	GROUND_SETUP(&self->ground);
}

FIXTURE_TEARDOWN(shape)
{
	ground_close(&self->ground);
}

/* An address and what else a command may need, so that only CMD is wrong. */
static void begin(struct raw_msg *m, const struct ground *g, int cmd, int flags)
{
	raw_begin(m, g->family, cmd, flags);
	raw_put_string(m, A(ADDR), g->dev[0].addr);
}

TEST_F(shape, command_unknown)
{
	static const struct expect want = { -EOPNOTSUPP, NULL, POINT_NONE };
	static const int cmds[] = { 0, DIO_VFIO_CMD_DEV_NTF, DIO_VFIO_CMD_RESET_NTF,
				    DIO_VFIO_CMD_DEV_DEL_NTF, DIO_VFIO_CMD_IRQ_NTF,
				    DIO_VFIO_CMD_MAX + 1, 255 };
	struct ground *g = &self->ground;
	int bad = 0, dump;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cmds); i++) {
		for (dump = 0; dump < 2; dump++) {
			begin(&self->msg, g, cmds[i], dump ? NLM_F_DUMP : 0);
			bad += refused(g->fd, &self->msg, &self->answer, &want,
				       "unknown command", cmds[i]);
		}
	}
	EXPECT_EQ(0, bad);
	EXPECT_UNTOUCHED();
}

TEST_F(shape, do_for_dump_and_reverse)
{
	static const struct expect want = { -EOPNOTSUPP, NULL, POINT_NONE };
	static const struct { int cmd, flags; } wrong[] = {
		{ DIO_VFIO_CMD_MODULE_GET, NLM_F_DUMP },
		{ DIO_VFIO_CMD_DEV_SET, NLM_F_DUMP },
		{ DIO_VFIO_CMD_DEV_RESET, NLM_F_DUMP },
		{ DIO_VFIO_CMD_DEV_RELEASE, NLM_F_DUMP },
		{ DIO_VFIO_CMD_RESET_GET, 0 },
		{ DIO_VFIO_CMD_IRQ_GET, 0 },
		{ DIO_VFIO_CMD_IRQ_SET, NLM_F_DUMP },
	};
	struct ground *g = &self->ground;
	int bad = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		begin(&self->msg, g, wrong[i].cmd, wrong[i].flags);
		bad += refused(g->fd, &self->msg, &self->answer, &want,
			       wrong[i].flags ? "dump" : "do", wrong[i].cmd);
	}
	EXPECT_EQ(0, bad);
	EXPECT_UNTOUCHED();
}

TEST_F(shape, header)
{
	static const struct expect reserved = { -EINVAL, "reserved", POINT_NONE };
	static const struct expect cut = { -EINVAL, NULL, POINT_NONE };
	struct ground *g = &self->ground;
	struct genlmsghdr *genl = NLMSG_DATA(&self->msg.head);
	int bad = 0, cmd, len;

	for (cmd = DIO_VFIO_CMD_MODULE_GET; cmd <= DIO_VFIO_CMD_RESET_GET; cmd++) {
		begin(&self->msg, g, cmd, cmd == DIO_VFIO_CMD_RESET_GET ? NLM_F_DUMP : 0);
		genl->reserved = 0x55aa;
		bad += refused(g->fd, &self->msg, &self->answer, &reserved, "reserved", cmd);
		begin(&self->msg, g, cmd, NLM_F_CREATE);
		bad += refused(g->fd, &self->msg, &self->answer, &reserved, "flags", cmd);
		for (len = NLMSG_HDRLEN; len < (int)NLMSG_LENGTH(GENL_HDRLEN); len++) {
			begin(&self->msg, g, cmd, 0);
			self->msg.head.nlmsg_len = len;
			self->msg.size = len;
			bad += refused(g->fd, &self->msg, &self->answer, &cut, "cut", len);
		}
	}
	EXPECT_EQ(0, bad);
	EXPECT_UNTOUCHED();
}

/* nlmsg_len that lies: the kernel drops such a message, and answers the next. */
TEST_F(shape, length_lies)
{
	static const struct expect dropped = { RAW_NO_ANSWER, NULL, POINT_NONE };
	static const uint32_t lengths[] = { 0, 1, NLMSG_HDRLEN - 1, 1000, 0x7fffffff, UINT32_MAX };
	struct ground *g = &self->ground;
	int bad = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		begin(&self->msg, g, DIO_VFIO_CMD_DEV_RESET, 0);
		self->msg.head.nlmsg_len = lengths[i];
		bad += refused(g->fd, &self->msg, &self->answer, &dropped, "length",
			       (int)lengths[i]);
		raw_begin(&self->msg, g->family, DIO_VFIO_CMD_MODULE_GET, 0);
		raw_talk(g->fd, &self->msg, &self->answer);
		EXPECT_EQ(0, self->answer.error);
		EXPECT_EQ(1, self->answer.replies);
	}
	EXPECT_EQ(0, bad);
	EXPECT_UNTOUCHED();
}

/* Bytes behind the attributes, and attributes whose length lies. */
TEST_F(shape, leftover)
{
	static const struct expect want = { -EINVAL, "bytes leftover", POINT_NONE };
	static const struct { const char *what; struct nlattr attr; } bad_attrs[] = {
		{ "length 0", { 0, DIO_VFIO_A_DEV_POLICY } },
		{ "length 3", { 3, DIO_VFIO_A_DEV_POLICY } },
		{ "beyond the end", { 8, DIO_VFIO_A_DEV_POLICY } },
		{ "far beyond", { 0xffff, DIO_VFIO_A_DEV_POLICY } },
	};
	struct ground *g = &self->ground;
	int bad = 0, cmd;
	size_t i;

	for (cmd = DIO_VFIO_CMD_DEV_GET; cmd <= DIO_VFIO_CMD_RESET_GET; cmd++) {
		int flags = cmd == DIO_VFIO_CMD_RESET_GET ? NLM_F_DUMP : 0;

		begin(&self->msg, g, cmd, flags);
		raw_tail(&self->msg, "xyz", 3);
		bad += refused(g->fd, &self->msg, &self->answer, &want, "3 bytes", cmd);
		for (i = 0; i < ARRAY_SIZE(bad_attrs); i++) {
			begin(&self->msg, g, cmd, flags);
			raw_tail(&self->msg, &bad_attrs[i].attr, sizeof(struct nlattr));
			bad += refused(g->fd, &self->msg, &self->answer, &want,
				       bad_attrs[i].what, cmd);
		}
	}
	EXPECT_EQ(0, bad);
	EXPECT_UNTOUCHED();
}

/* A flag has no value. */
TEST_F(shape, flag_with_value)
{
	static const struct expect want = { -ERANGE, "policy validation", POINT_LAST };
	static const char ones[] = { 1, 1, 1, 1, 1, 1, 1, 1 };
	struct ground *g = &self->ground;
	uint32_t len;
	int bad = 0;

	for (len = 1; len <= sizeof(ones); len++) {
		begin(&self->msg, g, DIO_VFIO_CMD_DEV_RESET, 0);
		raw_put(&self->msg, A(DRY_RUN), ones, len);
		bad += refused(g->fd, &self->msg, &self->answer, &want, "dry-run length",
			       (int)len);
	}
	EXPECT_EQ(0, bad);
	EXPECT_UNTOUCHED();
}

/* edu_rp behind a port offers bus alone: these cannot be its order. */
static const struct {
	const char *what;
	uint32_t method[4];
	int n;
	struct expect want;
} orders[] = {
	{ "twice", { DIO_VFIO_METHOD_BUS, DIO_VFIO_METHOD_BUS }, 2,
	  { -EINVAL, "bus", POINT_LAST } },
	{ "none last", { DIO_VFIO_METHOD_BUS, DIO_VFIO_METHOD_NONE }, 2,
	  { -EINVAL, "none", POINT_LAST } },
	{ "none first", { DIO_VFIO_METHOD_NONE, DIO_VFIO_METHOD_BUS }, 2,
	  { -EINVAL, "none", POINT_LAST } },
	{ "none twice", { DIO_VFIO_METHOD_NONE, DIO_VFIO_METHOD_NONE }, 2,
	  { -EINVAL, "none", POINT_LAST } },
	{ "flr, not offered", { DIO_VFIO_METHOD_FLR }, 1, { -EOPNOTSUPP, "flr: ", POINT_LAST } },
	{ "af-flr, not offered", { DIO_VFIO_METHOD_AF_FLR }, 1,
	  { -EOPNOTSUPP, "af-flr: ", POINT_LAST } },
};

TEST_F(shape, order_of_methods)
{
	struct ground *g = &self->ground;
	int bad = 0, i;
	size_t o;

	for (o = 0; o < ARRAY_SIZE(orders); o++) {
		begin(&self->msg, g, DIO_VFIO_CMD_DEV_SET, 0);
		raw_put_u32(&self->msg, A(DRAIN), 1);
		for (i = 0; i < orders[o].n; i++)
			raw_put_u32(&self->msg, A(METHOD), orders[o].method[i]);
		bad += refused(g->fd, &self->msg, &self->answer, &orders[o].want,
			       orders[o].what, (int)o);
	}
	EXPECT_EQ(0, bad);
	EXPECT_UNTOUCHED();
}

/* More methods than there are: no list may overflow. */
TEST_F(shape, methods_thousand)
{
	static const struct expect want = { -EINVAL, "bus", POINT_NONE };
	struct ground *g = &self->ground;
	int i;

	begin(&self->msg, g, DIO_VFIO_CMD_DEV_SET, 0);
	for (i = 0; i < 1000; i++)
		raw_put_u32(&self->msg, A(METHOD), DIO_VFIO_METHOD_BUS);
	EXPECT_EQ(0, refused(g->fd, &self->msg, &self->answer, &want, "methods", 1000));
	EXPECT_UNTOUCHED();
}

TEST_F(shape, release_of_none)
{
	static const struct expect want = { -EINVAL, "not in quarantine", POINT_NONE };
	struct ground *g = &self->ground;

	begin(&self->msg, g, DIO_VFIO_CMD_DEV_RELEASE, 0);
	EXPECT_EQ(0, refused(g->fd, &self->msg, &self->answer, &want, "release", 0));
	EXPECT_UNTOUCHED();
}

/* The tests above can fail: the same ground sees a change that is allowed. */
TEST_F(shape, a_good_message_is_seen)
{
	struct ground *g = &self->ground;

	begin(&self->msg, g, DIO_VFIO_CMD_DEV_SET, 0);
	raw_put_u32(&self->msg, A(DRAIN), 1);
	raw_talk(g->fd, &self->msg, &self->answer);
	EXPECT_EQ(0, self->answer.error);
	EXPECT_EQ(1, ground_changes(g));
	EXPECT_EQ(1, ground_events(g));
}

TEST_HARNESS_MAIN
