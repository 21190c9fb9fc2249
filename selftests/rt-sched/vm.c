// SPDX-License-Identifier: GPL-2.0
/*
 * Virtual CPUs named by their VM: the right thread is served, halt polling is off
 * while it is reserved and back after it, a configuration that defeats the purpose
 * is refused, and a VM that dies is let go of.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "clock.h"
#include "kmod.h"
#include "owner.h"
#include "report.h"
#include "schednl.h"
#include "stage.h"
#include "thread.h"

#define VCPUS		2
#define GONE_MS		4000
#define RAM		4096
#define KILLS		20

/* A VM whose virtual CPUs run `hlt` in real mode, each in a thread of its own. */
struct vm {
	int kvm, fd, vcpu[VCPUS];
	pthread_t thread[VCPUS];
	volatile pid_t tid[VCPUS];
	uint8_t *ram;
};

struct vcpu_arg {
	struct vm *vm;
	int nr;
};

static void *run(void *data)
{
	struct vcpu_arg *arg = data;
	struct kvm_mp_state halted = { .mp_state = KVM_MP_STATE_RUNNABLE };

	ioctl(arg->vm->vcpu[arg->nr], KVM_SET_MP_STATE, &halted);
	arg->vm->tid[arg->nr] = syscall(SYS_gettid);
	for (;;)
		ioctl(arg->vm->vcpu[arg->nr], KVM_RUN, 0);
	return NULL;
}

static int start_vcpu(struct vm *vm, int nr)
{
	static struct vcpu_arg arg[VCPUS];
	struct kvm_sregs sregs;
	struct kvm_regs regs = { .rip = 0, .rflags = 2 };
	int fd = ioctl(vm->fd, KVM_CREATE_VCPU, nr);

	if (fd < 0)
		return -errno;
	/* the monitor has it mapped; KVM_RUN wants that */
	mmap(NULL, 3 * RAM, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ioctl(fd, KVM_GET_SREGS, &sregs);
	sregs.cs.base = 0;
	sregs.cs.selector = 0;
	ioctl(fd, KVM_SET_SREGS, &sregs);
	ioctl(fd, KVM_SET_REGS, &regs);
	vm->vcpu[nr] = fd;
	arg[nr] = (struct vcpu_arg) { vm, nr };
	return -pthread_create(&vm->thread[nr], NULL, run, &arg[nr]);
}

static int vm_start(struct vm *vm, bool irqchip)
{
	struct kvm_userspace_memory_region slot = { .memory_size = RAM };
	int rc = 0;

	vm->kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	vm->fd = ioctl(vm->kvm, KVM_CREATE_VM, 0);
	if (vm->fd < 0 || (irqchip && ioctl(vm->fd, KVM_CREATE_IRQCHIP)))
		return -errno;
	vm->ram = mmap(NULL, RAM, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	memset(vm->ram, 0xf4, RAM);	/* hlt */
	slot.userspace_addr = (uintptr_t)vm->ram;
	if (ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &slot))
		return -errno;
	for (int i = 0; !rc && i < VCPUS; i++)
		rc = start_vcpu(vm, i);
	return rc ? rc : wait_until(vm->tid[0] && vm->tid[1], 5000) ? 0 : -ETIMEDOUT;
}

FIXTURE(vm) {
	struct genl nl;
	struct vm vm;
};

FIXTURE_SETUP(vm)
{
	ASSERT_EQ(0, kmod_load("kvm_amd"));
	ASSERT_EQ(0, schednl_open(&self->nl));
}

FIXTURE_TEARDOWN(vm)
{
	genl_close(&self->nl);
	EXPECT_EQ(0, kmod_unload(MODULE));
}

static int reserve(struct genl *nl, int fd, int vcpu, uint64_t runtime)
{
	struct schednl_set set = SCHEDNL_SET;

	set.vm_fd = fd;
	set.vcpu = vcpu;
	set.mode = DIO_SCHED_MODE_RESERVE;
	set.runtime = runtime;
	set.period = 10 * MS;
	return schednl_set(nl, &set);
}

TEST_F(vm, the_right_thread)
{
	struct own own[VCPUS], now;
	struct schednl_target t;

	ASSERT_EQ(0, vm_start(&self->vm, true));
	for (int i = 0; i < VCPUS; i++)
		ASSERT_EQ(0, thread_own(self->vm.tid[i], &own[i]));
	ASSERT_EQ(0, wait_until(reserve(&self->nl, self->vm.fd, 1, 2 * MS) == 0, 2000) ? 0 : 1)
		TH_LOG("%s", self->nl.text);
	ASSERT_EQ(0, schednl_get(&self->nl, self->vm.tid[1], &t));
	EXPECT_EQ(DIO_SCHED_STATE_ACTIVE, t.state);
	ASSERT_EQ(0, thread_own(self->vm.tid[1], &now));
	EXPECT_EQ(SCHED_DEADLINE, now.policy);
	EXPECT_TRUE(thread_is(self->vm.tid[0], &own[0], true));
	EXPECT_EQ(-EINVAL, reserve(&self->nl, self->vm.fd, VCPUS, 2 * MS));
	EXPECT_NE(NULL, strstr(self->nl.text, "vcpu 2: the VM has 2"));
	EXPECT_EQ(0, schednl_del(&self->nl, self->vm.tid[1]));
	EXPECT_TRUE(thread_is(self->vm.tid[1], &own[1], true));
	EXPECT_EQ(-EINVAL, reserve(&self->nl, self->vm.kvm, 0, 2 * MS));
	EXPECT_EQ(-EINVAL, reserve(&self->nl, self->vm.vcpu[0], 0, 2 * MS));
}

/* A VM that KVM gives no interrupts is refused, and may be forced. */
TEST_F(vm, guard)
{
	struct schednl_set set = SCHEDNL_SET;

	ASSERT_EQ(0, vm_start(&self->vm, false));
	set.vm_fd = self->vm.fd;
	set.mode = DIO_SCHED_MODE_RESERVE;
	set.runtime = 1 * MS;
	set.period = 10 * MS;
	EXPECT_EQ(-EOPNOTSUPP, schednl_set(&self->nl, &set));
	EXPECT_NE(NULL, strstr(self->nl.text, "no irqchip in KVM"))
		TH_LOG("%s", self->nl.text);
	set.force = 1;
	EXPECT_EQ(0, schednl_set(&self->nl, &set))
		TH_LOG("%s", self->nl.text);
}

/* The VM in a process that is killed; its descriptor is known here. */
static pid_t vm_process(int *fd)
{
	char control[CMSG_SPACE(sizeof(int))] = { 0 };
	char byte = 0;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
			      .msg_controllen = sizeof(control) };
	struct cmsghdr *c = (void *)control;
	int pair[2];
	pid_t pid;

	socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
	pid = fork();
	if (!pid) {
		static struct vm vm;

		if (vm_start(&vm, true))
			_exit(1);
		*c = (struct cmsghdr) { CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS };
		memcpy(CMSG_DATA(c), &vm.fd, sizeof(int));
		sendmsg(pair[1], &msg, 0);
		for (;;)
			pause();
	}
	close(pair[1]);
	*fd = recvmsg(pair[0], &msg, 0) == 1 ? *(int *)CMSG_DATA(c) : -1;
	close(pair[0]);
	return pid;
}

TEST_F(vm, vms_that_die)
{
	for (int i = 0; i < KILLS / (clock_scale() > 1 ? 4 : 1); i++) {
		pid_t pid;
		int fd;

		pid = vm_process(&fd);
		ASSERT_LE(0, fd);
		ASSERT_TRUE(wait_until(reserve(&self->nl, fd, i % VCPUS, 1 * MS) == 0, 2000))
			TH_LOG("%s", self->nl.text);
		close(fd);
		if (i % 4)
			usleep(i * 500);
		thread_kill(pid);
		EXPECT_TRUE(wait_until(schednl_count(&self->nl) == 0, GONE_MS * clock_scale()));
	}
	/* KVM has no VM left: nothing holds one */
	EXPECT_TRUE(wait_until(kmod_unload("kvm_amd") == 0, GONE_MS));
}

/* Interrupts that reach the host and no irqfd: the monitor's loop delivers them. */
TEST_F(vm, monitor_in_the_path)
{
	struct mode mode = MODE_PERMISSIVE;
	struct schednl_set set = SCHEDNL_SET;
	int event = eventfd(0, EFD_NONBLOCK);
	struct owner owner = OWNER_INIT;
	struct schednl_target t;
	struct stage stage;

	ASSERT_EQ(0, vm_start(&self->vm, true));
	STAGE_SETUP(&stage, "edu_rp", &mode);
	ASSERT_EQ(0, dionl_dev_vectors(&stage.nl, stage.dev.addr, DIO_VFIO_VECTORS_OWN));
	ASSERT_EQ(0, owner_open(&owner, &stage.dev));
	owner_enable(&owner, COMMAND_MEM | COMMAND_BME);
	ASSERT_EQ(0, owner_irq(&owner, VFIO_PCI_MSI_IRQ_INDEX, event));
	set.vm_fd = self->vm.fd;
	set.mode = DIO_SCHED_MODE_BOOST;
	set.source = DIO_SCHED_SOURCE_DEVICE;
	set.addr = stage.dev.addr;
	set.runtime = 1 * MS;
	set.period = 10 * MS;
	ASSERT_TRUE(wait_until(schednl_set(&self->nl, &set) == 0, 2000))
		TH_LOG("%s", self->nl.text);
	ASSERT_EQ(0, schednl_get(&self->nl, self->vm.tid[0], &t));
	EXPECT_EQ(DIO_SCHED_STATE_ACTIVE, t.state);
	mmio_write(&owner.mmio, 0, 0x60, 4, 1);
	mmio_write(&owner.mmio, 0, 0x64, 4, 1);
	EXPECT_TRUE(wait_until(!schednl_get(&self->nl, self->vm.tid[0], &t) &&
			       t.state == DIO_SCHED_STATE_SUSPENDED, 5000 * clock_scale()));
	EXPECT_EQ(1, t.interrupts);
	EXPECT_NE(NULL, strstr(t.reason, "no irqfd"))
		TH_LOG("%s", t.reason);
	/* the variant driver is held while it is a source, and no longer */
	EXPECT_EQ(-EAGAIN, kmod_unload(KMOD_DIO));
	EXPECT_EQ(0, schednl_del(&self->nl, self->vm.tid[0]));
	owner_close(&owner);
	stage_close(&stage);
}

TEST_HARNESS_MAIN
