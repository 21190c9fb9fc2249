// SPDX-License-Identifier: GPL-2.0
/*
 * Who may ask: every command that changes state or shows a device needs
 * CAP_NET_ADMIN in the initial user namespace, at the time of the request and
 * at the opening of the socket; other network namespaces have no such family.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "ground_irq.h"
#include "refusal.h"
#include "report.h"

#define NOBODY_ID	65534
#define CHILD_SKIP	77

FIXTURE(privilege) {
	struct ground_irq q;
};

FIXTURE_SETUP(privilege)
{
	GROUND_IRQ_SETUP(&self->q);
}

FIXTURE_TEARDOWN(privilege)
{
	ground_irq_close(&self->q);
}

static struct raw_msg msg;
static struct raw_answer answer;

static int irq_set_refused(int fd, const struct ground *g, const struct expect *want)
{
	raw_begin(&msg, g->family, DIO_VFIO_CMD_IRQ_SET, 0);
	raw_put_string(&msg, Q(ADDR), g->dev[GROUND_OWNED].addr);
	raw_put_u32(&msg, Q(INDEX), DIO_VFIO_IRQ_INDEX_MSIX);
	raw_put_u32(&msg, Q(HOLDOFF), GROUND_HOLDOFF * 2);
	return refused(fd, &msg, &answer, want, "irq-set", 0);
}

/* Each command in good form: dev-set changes, dev-reset resets, if let in. */
static int all_refused(int fd, const struct ground *g, int error)
{
	const struct expect want = { error, NULL, POINT_NONE };
	int bad = 0, cmd;

	for (cmd = DIO_VFIO_CMD_DEV_GET; cmd <= DIO_VFIO_CMD_RESET_GET; cmd++) {
		raw_begin(&msg, g->family, cmd,
			  cmd == DIO_VFIO_CMD_RESET_GET ? NLM_F_DUMP : 0);
		raw_put_string(&msg, A(ADDR), g->dev[0].addr);
		if (cmd == DIO_VFIO_CMD_DEV_SET)
			raw_put_u32(&msg, A(POLICY), DIO_VFIO_POLICY_OBSERVE);
		bad += refused(fd, &msg, &answer, &want, "command", cmd);
	}
	raw_begin(&msg, g->family, DIO_VFIO_CMD_DEV_GET, NLM_F_DUMP);
	bad += refused(fd, &msg, &answer, &want, "dump of devices", 0);
	raw_begin(&msg, g->family, DIO_VFIO_CMD_IRQ_GET, NLM_F_DUMP);
	bad += refused(fd, &msg, &answer, &want, "dump of interrupts", 0);
	return bad + irq_set_refused(fd, g, &want);
}

/* The one command for everybody: version and table. */
static int module_get(int fd, const struct ground *g)
{
	raw_begin(&msg, g->family, DIO_VFIO_CMD_MODULE_GET, 0);
	raw_talk(fd, &msg, &answer);
	return answer.error;
}

/* Exit status of FN in a process of its own. */
static int in_child(int (*fn)(const struct ground *g), const struct ground *g)
{
	int status = -1;
	pid_t pid = fork();

	if (!pid)
		_exit(fn(g));
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int drop(void)
{
	return setresgid(NOBODY_ID, NOBODY_ID, NOBODY_ID) ||
	       setresuid(NOBODY_ID, NOBODY_ID, NOBODY_ID);
}

static int own_socket(const struct ground *g)
{
	int fd;

	if (drop())
		return 1;
	fd = raw_open();
	if (fd < 0 || raw_family(fd, DIO_VFIO_FAMILY_NAME) != g->family)
		return 2;
	if (module_get(fd, g))
		return 3;
	return all_refused(fd, g, -EPERM) ? 4 : 0;
}

/* Events tell what registers held: not for everybody, though the socket is. */
static int listener(const struct ground *g)
{
	struct dionl nl;

	if (drop())
		return 1;
	if (dionl_open(&nl) || nl.genl.family != g->family)
		return 2;
	return genl_subscribe(&nl.genl) == -EPERM ? 0 : 4;
}

/* A socket that root opened gives its heir no privilege. */
static int inherited_socket(const struct ground *g)
{
	return drop() ? 1 : all_refused(g->fd, g, -EPERM) ? 4 : 0;
}

/* And root gets none from a socket that somebody else opened. */
static int foreign_socket(const struct ground *g)
{
	int fd;

	if (seteuid(NOBODY_ID))
		return 1;
	fd = raw_open();
	if (fd < 0 || seteuid(0))
		return 2;
	return all_refused(fd, g, -EPERM) ? 4 : 0;
}

static int refused_in_netns(const struct ground *g)
{
	int fd = raw_open(), id;

	if (fd < 0)
		return 2;
	id = raw_family(fd, DIO_VFIO_FAMILY_NAME);
	if (id != -ENOENT) {
		say("the family is seen: %d", id);
		return 3;
	}
	return all_refused(fd, g, -ENOENT) ? 4 : 0;
}

static int other_netns(const struct ground *g)
{
	return unshare(CLONE_NEWNET) ? CHILD_SKIP : refused_in_netns(g);
}

/* Root of a user namespace is nobody here, with the initial network or not. */
static int user_namespace(const struct ground *g)
{
	if (unshare(CLONE_NEWUSER))
		return CHILD_SKIP;
	return all_refused(g->fd, g, -EPERM) ? 4 : 0;
}

static int user_and_netns(const struct ground *g)
{
	return unshare(CLONE_NEWUSER | CLONE_NEWNET) ? CHILD_SKIP : refused_in_netns(g);
}

#define PRIVILEGE_TEST(who)							\
TEST_F(privilege, who)								\
{										\
	int status = in_child(who, &self->q.ground);				\
										\
	EXPECT_EQ(0, ground_irq_changes(&self->q));				\
	EXPECT_EQ(0, ground_events(&self->q.ground));				\
	if (status == CHILD_SKIP)						\
		SKIP(return, "this kernel has no such namespaces");		\
	EXPECT_EQ(0, status);							\
}

PRIVILEGE_TEST(own_socket)
PRIVILEGE_TEST(listener)
PRIVILEGE_TEST(inherited_socket)
PRIVILEGE_TEST(foreign_socket)
PRIVILEGE_TEST(other_netns)
PRIVILEGE_TEST(user_namespace)
PRIVILEGE_TEST(user_and_netns)

TEST_HARNESS_MAIN
