// SPDX-License-Identifier: GPL-2.0
/* See tinyvm.h. */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "tinyvm.h"

#define RAM		4096

struct vcpu_arg {
	struct tinyvm *vm;
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

static int start_vcpu(struct tinyvm *vm, int nr)
{
	static struct vcpu_arg arg[TINYVM_VCPUS];
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

int tinyvm_start(struct tinyvm *vm, bool irqchip)
{
	struct kvm_userspace_memory_region slot = { .memory_size = RAM };
	int rc = 0;

	vm->kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	vm->fd = ioctl(vm->kvm, KVM_CREATE_VM, 0);
	if (vm->fd < 0 || (irqchip && ioctl(vm->fd, KVM_CREATE_IRQCHIP)))
		return -errno;
	vm->ram = mmap(NULL, RAM, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	memset(vm->ram, 0xf4, RAM);	/* hlt */
	if (vm->busy)
		memcpy(vm->ram, "\xeb\xfe", 2);	/* jmp to itself */
	slot.userspace_addr = (uintptr_t)vm->ram;
	if (ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &slot))
		return -errno;
	for (int i = 0; !rc && i < TINYVM_VCPUS; i++)
		rc = start_vcpu(vm, i);
	return rc ? rc : wait_until(vm->tid[0] && vm->tid[1], 5000) ? 0 : -ETIMEDOUT;
}

pid_t tinyvm_process(bool busy, int *fd, pid_t *tid)
{
	char control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec iov = { tid, sizeof(*tid) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
			      .msg_controllen = sizeof(control) };
	struct cmsghdr *c = (void *)control;
	int pair[2];
	pid_t pid;

	socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
	pid = fork();
	if (!pid) {
		static struct tinyvm vm;

		vm.busy = busy;
		if (tinyvm_start(&vm, true))
			_exit(1);
		*tid = vm.tid[0];
		*c = (struct cmsghdr) { CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS };
		memcpy(CMSG_DATA(c), &vm.fd, sizeof(int));
		sendmsg(pair[1], &msg, 0);
		for (;;)
			pause();
	}
	close(pair[1]);
	*fd = recvmsg(pair[0], &msg, 0) == sizeof(*tid) ? *(int *)CMSG_DATA(c) : -1;
	close(pair[0]);
	return pid;
}
