// SPDX-License-Identifier: GPL-2.0
/*
 * The table of VMs: whom a descriptor names, what a set leaves when it is
 * refused, and that a VM that is gone, however it went, leaves neither an entry
 * nor a reference, nor anything to the next VM at its address.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/kvm.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

#include "kselftest_harness.h"
#include "clock.h"
#include "kvmstage.h"
#include "kvmvm.h"
#include "report.h"
#include "victim.h"

#define GONE_MS		20000
#define REUSE		60
#define PAIRS		2000
#define DYING		60

FIXTURE(vms) {
	struct genl nl;
	struct kvmvm vm;
	struct victim victim;
};

FIXTURE_SETUP(vms)
{
	memset(&self->vm, 0xff, sizeof(self->vm));
	self->vm.running = false;
	KVM_STAGE_SETUP(&self->nl);
}

FIXTURE_TEARDOWN(vms)
{
	victim_free(&self->victim);
	genl_close(&self->nl);
	EXPECT_EQ(0, kmod_unload(KMOD_KVM_TEST));
	/* nothing of ours keeps KVM */
	EXPECT_TRUE(wait_until(kmod_users("kvm_amd") == 0, GONE_MS));
}

static int create_vm(void)
{
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC), vm;

	if (kvm < 0)
		return -errno;
	vm = ioctl(kvm, KVM_CREATE_VM, 0);
	close(kvm);
	return vm < 0 ? -errno : vm;
}

#define EXPECT_GONE() do {							\
	EXPECT_TRUE(wait_until(kvm_stage_vms(&self->nl) == 0,			\
			       GONE_MS * clock_scale()));			\
	EXPECT_EQ(0, kvm_stage_armed(&self->nl));				\
} while (0)

static int fd_of(pid_t pid, int fd)
{
	int pidfd = syscall(SYS_pidfd_open, pid, 0), copy;

	if (pidfd < 0)
		return -errno;
	copy = syscall(SYS_pidfd_getfd, pidfd, fd, 0);
	if (copy < 0)
		copy = -errno;
	close(pidfd);
	return copy;
}

static void run_monitor(volatile struct victim_shared *shared, void *arg)
{
	static struct kvmvm v;
	volatile int *vm = arg;
	int rc = kvmvm_open(&v);

	if (rc)
		victim_fail(shared, rc);
	*vm = v.vm;
	for (;;) {
		rc = kvmvm_round(&v);
		if (rc)
			victim_fail(shared, rc);
		victim_reach(shared, 1);
	}
}

static void last_command(const struct nlmsghdr *m, void *data)
{
	*(int *)data = genl_command(m);
}

/* A monitor dies with its VM opted in: no entry, no reference, an event. */
TEST_F(vms, killed)
{
	volatile int *fd = mmap(NULL, sizeof(*fd), PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct genl events;
	struct kvmnl_vm vm;
	int copy, cmd = 0;

	ASSERT_NE(MAP_FAILED, fd);
	ASSERT_EQ(0, kvmnl_open(&events));
	ASSERT_EQ(0, genl_subscribe(&events));
	ASSERT_EQ(0, victim_start(&self->victim, 0, run_monitor, (void *)fd));
	ASSERT_EQ(0, victim_wait(&self->victim, 1, GONE_MS));
	copy = fd_of(self->victim.pid, *fd);
	ASSERT_LE(0, copy);
	ASSERT_EQ(0, kvmnl_vm_set(&self->nl, copy, DIO_KVM_MEMTYPE_PAT));
	ASSERT_EQ(0, kvmnl_vm_get(&self->nl, copy, &vm));
	EXPECT_EQ(self->victim.pid, vm.pid);
	close(copy);
	EXPECT_EQ(0, genl_listen(&events, GONE_MS, last_command, &cmd));
	EXPECT_EQ(DIO_KVM_CMD_VM_NTF, cmd);
	EXPECT_EQ(1, kvm_stage_vms(&self->nl));
	victim_kill(&self->victim);
	/* at once for whoever looks: the entry may be put away a moment later */
	EXPECT_GONE();
	EXPECT_EQ(0, genl_listen(&events, GONE_MS, last_command, &cmd));
	EXPECT_EQ(DIO_KVM_CMD_VM_DEL_NTF, cmd);
	EXPECT_EQ(0, kmod_users("kvm_amd"));
	genl_close(&events);
}

/* VMs come and go, at the same few addresses: each is new to the table. */
TEST_F_TIMEOUT(vms, address_reused, 240)
{
	struct kvmnl_vm vm;
	int i, fd, rounds = clock_rounds(REUSE);
	uint32_t last = 0;

	for (i = 0; i < rounds; i++) {
		fd = create_vm();
		ASSERT_LE(0, fd);
		ASSERT_EQ(0, kvmnl_vm_get(&self->nl, fd, &vm));
		EXPECT_EQ(DIO_KVM_MEMTYPE_OFF, vm.memtype);
		EXPECT_EQ(0, vm.id);
		if (i % 2 == 0) {
			ASSERT_EQ(0, kvmnl_vm_set(&self->nl, fd, DIO_KVM_MEMTYPE_PAT));
			ASSERT_EQ(0, kvmnl_vm_get(&self->nl, fd, &vm));
			EXPECT_LT(last, vm.id);
			last = vm.id;
		}
		close(fd);
	}
	EXPECT_GONE();
}

TEST_F(vms, on_and_off)
{
	int fd = create_vm();
	struct kvmnl_vm vm;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, kvmnl_vm_set(&self->nl, fd, DIO_KVM_MEMTYPE_OFF));
	EXPECT_EQ(0, kvm_stage_vms(&self->nl));
	ASSERT_EQ(0, kvmnl_vm_set(&self->nl, fd, DIO_KVM_MEMTYPE_PAT));
	ASSERT_EQ(0, kvmnl_vm_set(&self->nl, fd, DIO_KVM_MEMTYPE_PAT));
	EXPECT_EQ(1, kvm_stage_vms(&self->nl));
	EXPECT_NE(0, kvm_stage_armed(&self->nl));
	ASSERT_EQ(0, kvmnl_vm_set(&self->nl, fd, DIO_KVM_MEMTYPE_OFF));
	EXPECT_EQ(0, kvm_stage_vms(&self->nl));
	EXPECT_EQ(0, kvm_stage_armed(&self->nl));
	ASSERT_EQ(0, kvmnl_vm_get(&self->nl, fd, &vm));
	EXPECT_EQ(DIO_KVM_MEMTYPE_OFF, vm.memtype);
	close(fd);
}

/* Two VMs share the hooks: the last one that leaves disarms them. */
TEST_F(vms, two)
{
	int a = create_vm(), b = create_vm();
	unsigned int armed;

	ASSERT_LE(0, a);
	ASSERT_LE(0, b);
	ASSERT_EQ(0, kvmnl_vm_set(&self->nl, a, DIO_KVM_MEMTYPE_PAT));
	armed = kvm_stage_armed(&self->nl);
	ASSERT_EQ(0, kvmnl_vm_set(&self->nl, b, DIO_KVM_MEMTYPE_PAT));
	EXPECT_EQ(2, kvm_stage_vms(&self->nl));
	EXPECT_EQ(armed, kvm_stage_armed(&self->nl));
	close(a);
	EXPECT_TRUE(wait_until(kvm_stage_vms(&self->nl) == 1, GONE_MS * clock_scale()));
	EXPECT_EQ(armed, kvm_stage_armed(&self->nl));
	close(b);
	EXPECT_GONE();
}

/* A feature that fails leaves nothing: no entry, no hook. */
TEST_F(vms, set_fails)
{
	int fd = create_vm();

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, sysfs_write("1", "/sys/module/" KMOD_KVM_TEST "/parameters/fail"));
	EXPECT_EQ(-EIO, kvmnl_vm_set(&self->nl, fd, DIO_KVM_MEMTYPE_PAT));
	EXPECT_STREQ("told to fail", self->nl.text);
	EXPECT_EQ(0, kvm_stage_vms(&self->nl));
	EXPECT_EQ(0, kvm_stage_armed(&self->nl));
	close(fd);
}

TEST_F(vms, not_a_vm)
{
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC), null = open("/dev/null", O_RDONLY);
	struct kvmnl_vm vm;
	struct kvmvm v;
	int path, closed;

	ASSERT_EQ(0, kvmvm_open(&v));
	path = open("/dev/kvm", O_PATH);
	closed = dup(null);
	close(closed);
	{
		const struct { int fd, error; const char *text; } bad[] = {
			{ -1, -EBADF, "fd -1: not open" },
			{ INT_MIN, -EBADF, "fd -2147483648: not open" },
			{ INT_MAX, -EBADF, "fd 2147483647: not open" },
			{ closed, -EBADF, NULL },
			{ path, -EBADF, NULL },
			{ kvm, -EINVAL, NULL },
			{ null, -EINVAL, NULL },
			{ v.vcpu, -EINVAL, NULL },
			{ self->nl.fd, -EINVAL, NULL },
		};
		size_t i;

		for (i = 0; i < ARRAY_SIZE(bad); i++) {
			EXPECT_EQ(bad[i].error, kvmnl_vm_get(&self->nl, bad[i].fd, &vm));
			EXPECT_EQ(bad[i].error, kvmnl_vm_set(&self->nl, bad[i].fd,
							     DIO_KVM_MEMTYPE_PAT));
			EXPECT_STREQ(bad[i].text ?: self->nl.text, self->nl.text);
			EXPECT_NE(NULL, strstr(self->nl.text, bad[i].error == -EBADF ?
					       "not open" : "not a VM of KVM"));
		}
	}
	EXPECT_EQ(0, kvm_stage_vms(&self->nl));
	EXPECT_EQ(0, kvm_stage_armed(&self->nl));
	/* the instrument: a VM is taken */
	EXPECT_EQ(0, kvmnl_vm_set(&self->nl, v.vm, DIO_KVM_MEMTYPE_PAT));
	kvmvm_close(&v);
	close(kvm);
	close(path);
	close(null);
	EXPECT_GONE();
}

/* Any descriptor of any process: those of VMs are taken, no other. */
TEST_F_TIMEOUT(vms, random_pairs, 240)
{
	volatile int *vm_fd = mmap(NULL, sizeof(*vm_fd), PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int i, fd, rc, taken = 0, refused = 0, none = 0, pairs = clock_rounds(PAIRS);
	pid_t pid;

	ASSERT_EQ(0, victim_start(&self->victim, 0, run_monitor, (void *)vm_fd));
	ASSERT_EQ(0, victim_wait(&self->victim, 1, GONE_MS));
	srandom(4);
	for (i = 0; i < pairs; i++) {
		pid = random() % 3 ? self->victim.pid : random() % 400;
		fd = fd_of(pid, random() % 12);
		if (fd < 0) {
			none++;
			continue;
		}
		rc = kvmnl_vm_set(&self->nl, fd, random() % 8 ? DIO_KVM_MEMTYPE_OFF :
				  DIO_KVM_MEMTYPE_PAT);
		ASSERT_TRUE(rc == 0 || rc == -EINVAL);
		taken += !rc;
		refused += !!rc;
		close(fd);
	}
	say("%d taken, %d no VM, %d not open", taken, refused, none);
	EXPECT_LT(0, taken);
	EXPECT_LT(0, refused);
	EXPECT_LT(0, none);
	victim_kill(&self->victim);
	EXPECT_GONE();
}

struct closer {
	int fd, delay_us;
	volatile bool go;
};

static void *close_soon(void *arg)
{
	struct closer *c = arg;

	while (!c->go)
		;
	usleep(c->delay_us);
	close(c->fd);
	return NULL;
}

/* The last descriptor goes somewhere in the middle of the call. */
TEST_F_TIMEOUT(vms, dies_during_the_call, 240)
{
	int i, rc, set = 0, closed = 0, rounds = clock_rounds(DYING) + 2;
	struct closer c;
	pthread_t t;

	srandom(5);
	for (i = 0; i < rounds; i++) {
		c.fd = create_vm();
		c.go = false;
		c.delay_us = random() % (i % 2 ? 200 : 50000);
		ASSERT_LE(0, c.fd);
		ASSERT_EQ(0, pthread_create(&t, NULL, close_soon, &c));
		c.go = true;
		rc = kvmnl_vm_set(&self->nl, c.fd, DIO_KVM_MEMTYPE_PAT);
		pthread_join(t, NULL);
		ASSERT_TRUE(rc == 0 || rc == -EBADF);
		set += !rc;
		closed += !!rc;
	}
	say("%d set and died, %d closed before", set, closed);
	EXPECT_LT(0, set);
	EXPECT_LT(0, closed);
	EXPECT_GONE();
}

TEST_HARNESS_MAIN
