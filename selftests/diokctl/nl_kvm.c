// SPDX-License-Identifier: GPL-2.0
/*
 * Malformed messages to every command of dio_kvm, random ones, and who may ask:
 * refused with the right errno, text and attribute; no VM is in the table
 * afterwards. A row is a message; adding one is adding a row.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/kvm.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "kmod.h"
#include "kvmnl.h"
#include "refusal.h"
#include "report.h"

#define V(attr)		DIO_KVM_A_VM_##attr
#define NOBODY_ID	65534
#define MESSAGES	5000
#define ERRORS		140

FIXTURE(kvm) {
	int fd, family, vm;
	struct genl nl;
	struct raw_msg msg;
	struct raw_answer answer;
};

FIXTURE_SETUP(kvm)
{
	int kvm;

	if (kmod_load("kvm_amd"))
		SKIP(return, "no KVM on this machine");
	ASSERT_EQ(0, kmod_load("dio_kvm"));
	self->fd = raw_open();
	ASSERT_LE(0, self->fd);
	self->family = raw_family(self->fd, DIO_KVM_FAMILY_NAME);
	ASSERT_LT(0, self->family);
	ASSERT_EQ(0, kvmnl_open(&self->nl));
	kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, kvm);
	self->vm = ioctl(kvm, KVM_CREATE_VM, 0);
	ASSERT_LE(0, self->vm);
	close(kvm);
}

FIXTURE_TEARDOWN(kvm)
{
	EXPECT_EQ(0, kvmnl_vm_count(&self->nl, NULL));
	close(self->vm);
	close(self->fd);
	genl_close(&self->nl);
	EXPECT_EQ(0, kmod_unload("dio_kvm"));
}

#define POLICY	"integer out of range"
#define LENGTH	"invalid attribute length"

/* A row: an attribute behind, or instead of, a good descriptor. */
static const struct {
	const char *what;
	int cmd, flags;
	bool fd;
	int type;
	uint32_t size, value;
	struct expect want;
} rows[] = {
	{ "no fd", DIO_KVM_CMD_VM_GET, 0, false, -1, 0, 0,
	  { -EINVAL, "fd: a descriptor of the VM is missing", POINT_MISSING_OF(V(FD)) } },
	{ "no fd", DIO_KVM_CMD_VM_SET, 0, false, V(MEMTYPE), 4, 1,
	  { -EINVAL, "fd: a descriptor of the VM is missing", POINT_MISSING_OF(V(FD)) } },
	{ "closed", DIO_KVM_CMD_VM_GET, 0, false, V(FD), 4, 999,
	  { -EBADF, "fd 999: not open", POINT_LAST } },
	{ "negative", DIO_KVM_CMD_VM_SET, 0, false, V(FD), 4, (uint32_t)-100,
	  { -EBADF, "fd -100: not open", POINT_LAST } },
	{ "no VM", DIO_KVM_CMD_VM_SET, 0, false, V(FD), 4, 0,
	  { -EINVAL, "fd 0: not a VM of KVM", POINT_LAST } },
	{ "fd of 1", DIO_KVM_CMD_VM_GET, 0, false, V(FD), 1, 0, { -EINVAL, LENGTH, POINT_LAST } },
	{ "fd of 8", DIO_KVM_CMD_VM_SET, 0, false, V(FD), 8, 0, { -EINVAL, LENGTH, POINT_LAST } },
	{ "memtype 3", DIO_KVM_CMD_VM_SET, 0, true, V(MEMTYPE), 4, 3,
	  { -ERANGE, POLICY, POINT_LAST } },
	{ "memtype max", DIO_KVM_CMD_VM_SET, 0, true, V(MEMTYPE), 4, UINT32_MAX,
	  { -ERANGE, POLICY, POINT_LAST } },
	{ "memtype of 2", DIO_KVM_CMD_VM_SET, 0, true, V(MEMTYPE), 2, 0,
	  { -EINVAL, LENGTH, POINT_LAST } },
	{ "memtype in get", DIO_KVM_CMD_VM_GET, 0, true, V(MEMTYPE), 4, 0,
	  { -EINVAL, NULL, POINT_LAST } },
	{ "id", DIO_KVM_CMD_VM_SET, 0, true, V(ID), 4, 1, { -EINVAL, NULL, POINT_LAST } },
	{ "pid", DIO_KVM_CMD_VM_SET, 0, true, V(PID), 4, 1, { -EINVAL, NULL, POINT_LAST } },
	{ "type 0", DIO_KVM_CMD_VM_SET, 0, true, 0, 4, 1, { -EINVAL, NULL, POINT_LAST } },
	{ "type 999", DIO_KVM_CMD_VM_SET, 0, true, 999, 4, 1,
	  { -EINVAL, "Unknown attribute type", POINT_LAST } },
	{ "set dumped", DIO_KVM_CMD_VM_SET, NLM_F_DUMP, true, V(MEMTYPE), 4, 1,
	  { -EOPNOTSUPP, NULL, POINT_NONE } },
	{ "event asked for", DIO_KVM_CMD_VM_NTF, 0, true, -1, 0, 0,
	  { -EOPNOTSUPP, NULL, POINT_NONE } },
	{ "no command", 99, 0, true, -1, 0, 0, { -EOPNOTSUPP, NULL, POINT_NONE } },
};

TEST_F(kvm, malformed)
{
	static const char zeros[64];
	char value[64];
	int bad = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		raw_begin(&self->msg, self->family, rows[i].cmd, rows[i].flags);
		if (rows[i].fd)
			raw_put_u32(&self->msg, V(FD), (uint32_t)self->vm);
		memcpy(value, zeros, sizeof(value));
		memcpy(value, &rows[i].value, sizeof(rows[i].value));
		if (rows[i].type >= 0)
			raw_put(&self->msg, rows[i].type, value, rows[i].size);
		bad += refused(self->fd, &self->msg, &self->answer, &rows[i].want, rows[i].what,
			       rows[i].cmd);
	}
	EXPECT_EQ(0, bad);
}

/* Random attributes and flags, among them one that no command has: never a success. */
TEST_F(kvm, random)
{
	unsigned int errors[ERRORS] = { 0 }, silent = 0;
	uint64_t z = 0x64696f6b2d6b766dULL;
	uint32_t i, n, poison;
	uint8_t data[32];

	for (i = 0; i < MESSAGES; i++) {
		z = z * 6364136223846793005ULL + 1442695040888963407ULL;
		raw_begin(&self->msg, self->family, (z >> 60) % (DIO_KVM_CMD_MAX + 2),
			  z >> 59 & 1 ? NLM_F_DUMP : 0);
		if (z >> 58 & 1)
			raw_put_u32(&self->msg, V(FD), z >> 57 & 1 ? (uint32_t)self->vm : z >> 30);
		poison = (z >> 50) % 4;
		for (n = 0; n <= (z >> 50) % 4; n++) {
			memset(data, (int)(z >> (8 + n)), sizeof(data));
			if (n == poison)
				raw_put_u32(&self->msg, 999, (uint32_t)z);
			else
				raw_put(&self->msg, (z >> (20 + n)) % 8, data,
					(z >> (24 + n)) % 32);
		}
		raw_talk(self->fd, &self->msg, &self->answer);
		if (self->answer.error == RAW_NO_ANSWER)
			silent++;
		else if (-self->answer.error < ERRORS)
			errors[-self->answer.error]++;
	}
	for (i = 0; i < ERRORS; i++)
		if (errors[i])
			say("%5u x %s", errors[i], i ? strerror((int)i) : "success");
	say("%5u x no answer", silent);
	/* module-get has no policy for attributes and ignores them, as do those of others */
	EXPECT_LT(100, errors[EINVAL]);
	EXPECT_LT(100, errors[EOPNOTSUPP]);
}

static int everything(int fd, int family, int vm, int error)
{
	static struct raw_answer answer;
	static struct raw_msg msg;
	const struct expect want = { error, NULL, POINT_NONE };
	int bad = 0;

	raw_begin(&msg, family, DIO_KVM_CMD_MODULE_GET, 0);
	bad += refused(fd, &msg, &answer, &want, "module-get", 0);
	raw_begin(&msg, family, DIO_KVM_CMD_VM_GET, NLM_F_DUMP);
	bad += refused(fd, &msg, &answer, &want, "dump", 0);
	raw_begin(&msg, family, DIO_KVM_CMD_VM_GET, 0);
	raw_put_u32(&msg, V(FD), (uint32_t)vm);
	bad += refused(fd, &msg, &answer, &want, "vm-get", 0);
	raw_begin(&msg, family, DIO_KVM_CMD_VM_SET, 0);
	raw_put_u32(&msg, V(FD), (uint32_t)vm);
	raw_put_u32(&msg, V(MEMTYPE), DIO_KVM_MEMTYPE_OFF);
	return bad + refused(fd, &msg, &answer, &want, "vm-set", 0);
}

/* Nobody without CAP_NET_ADMIN, by whomever the socket was opened; root is let in. */
TEST_F(kvm, privilege)
{
	int own;

	EXPECT_EQ(0, everything(self->fd, self->family, self->vm, 0));
	ASSERT_EQ(0, seteuid(NOBODY_ID));
	own = raw_open();
	ASSERT_LE(0, own);
	EXPECT_EQ(0, everything(own, self->family, self->vm, -EPERM));
	EXPECT_EQ(0, everything(self->fd, self->family, self->vm, -EPERM));
	EXPECT_EQ(-EPERM, genl_subscribe(&self->nl));
	ASSERT_EQ(0, seteuid(0));
	EXPECT_EQ(0, everything(own, self->family, self->vm, -EPERM));
	close(own);
}

TEST_HARNESS_MAIN
