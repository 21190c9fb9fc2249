// SPDX-License-Identifier: GPL-2.0
/* A virtual machine of one page of code. */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "clock.h"
#include "kvmvm.h"

#define PAGE 4096u
#define CODE_AT 0x1000u
#define TOUCH_AT 0x100000u
#define MEMORY (TOUCH_AT + KVMVM_PAGES * PAGE)
#define WAIT_MS 60000

/* mov ebx, TOUCH_AT; 1: mov byte [ebx], 1; add ebx, PAGE; cmp ebx, MEMORY; jb 1b;
 * out 0x10, al; jmp 0
 */
static const unsigned char code[] = {
	0xbb, 0x00, 0x00, 0x10, 0x00,
	0xc6, 0x03, 0x01,
	0x81, 0xc3, 0x00, 0x10, 0x00, 0x00,
	0x81, 0xfb, MEMORY & 0xff, MEMORY >> 8 & 0xff, MEMORY >> 16 & 0xff, MEMORY >> 24,
	0x72, 0xef,
	0xe6, 0x10,
	0xeb, 0xe6,
};

bool kvmvm_possible(void)
{
	return !access("/dev/kvm", R_OK | W_OK);
}

static void flat(struct kvm_segment *s, unsigned char type)
{
	memset(s, 0, sizeof(*s));
	s->limit = 0xffffffff;
	s->type = type;
	s->present = 1;
	s->db = 1;
	s->s = 1;
	s->g = 1;
	s->selector = type & 8 ? 8 : 16;
}

static int set_up_cpu(struct kvmvm *v)
{
	struct kvm_regs regs = { .rip = CODE_AT, .rflags = 2 };
	struct kvm_sregs sregs;

	if (ioctl(v->vcpu, KVM_GET_SREGS, &sregs))
		return -errno;
	flat(&sregs.cs, 0xb);
	flat(&sregs.ds, 0x3);
	sregs.es = sregs.ds;
	sregs.fs = sregs.ds;
	sregs.gs = sregs.ds;
	sregs.ss = sregs.ds;
	sregs.cr0 |= 1;
	if (ioctl(v->vcpu, KVM_SET_SREGS, &sregs) || ioctl(v->vcpu, KVM_SET_REGS, &regs))
		return -errno;
	return 0;
}

static int set_up_memory(struct kvmvm *v)
{
	struct kvm_userspace_memory_region region = { .memory_size = MEMORY };

	v->mem = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (v->mem == MAP_FAILED)
		return -errno;
	madvise(v->mem, MEMORY, MADV_NOHUGEPAGE);
	memcpy((char *)v->mem + CODE_AT, code, sizeof(code));
	region.userspace_addr = (unsigned long)v->mem;
	return ioctl(v->vm, KVM_SET_USER_MEMORY_REGION, &region) ? -errno : 0;
}

static int set_up_vcpu(struct kvmvm *v)
{
	int size = ioctl(v->kvm, KVM_GET_VCPU_MMAP_SIZE, 0);

	if (size < 0)
		return -errno;
	v->vcpu = ioctl(v->vm, KVM_CREATE_VCPU, 0);
	if (v->vcpu < 0)
		return -errno;
	v->run_size = size;
	v->run = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, v->vcpu, 0);
	return v->run == MAP_FAILED ? -errno : set_up_cpu(v);
}

static void none(struct kvmvm *v)
{
	v->kvm = -1;
	v->vm = -1;
	v->vcpu = -1;
	v->mem = MAP_FAILED;
	v->run = MAP_FAILED;
}

int kvmvm_open(struct kvmvm *v)
{
	int rc;

	memset(v, 0, sizeof(*v));
	none(v);
	v->kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (v->kvm < 0)
		return -errno;
	v->vm = ioctl(v->kvm, KVM_CREATE_VM, 0);
	rc = v->vm < 0 ? -errno : set_up_memory(v);
	if (!rc)
		rc = set_up_vcpu(v);
	if (rc)
		kvmvm_close(v);
	return rc;
}

int kvmvm_round(struct kvmvm *v)
{
	if (madvise((char *)v->mem + TOUCH_AT, MEMORY - TOUCH_AT, MADV_DONTNEED))
		return -errno;
	do {
		if (!ioctl(v->vcpu, KVM_RUN, 0))
			return v->run->exit_reason == KVM_EXIT_IO ? 0 : -EPROTO;
	} while (errno == EINTR);
	return -errno;
}

static void *run_rounds(void *arg)
{
	struct kvmvm *v = arg;
	int rc = 0;

	if (v->nice)
		setpriority(PRIO_PROCESS, 0, v->nice);

	while (!v->stop && !rc) {
		rc = kvmvm_round(v);
		v->rounds++;
	}
	v->error = rc;
	return NULL;
}

int kvmvm_start(struct kvmvm *v)
{
	int rc;

	v->stop = false;
	rc = -pthread_create(&v->thread, NULL, run_rounds, v);
	v->running = !rc;
	return rc;
}

int kvmvm_stop(struct kvmvm *v)
{
	if (!v->running)
		return 0;
	v->stop = true;
	pthread_join(v->thread, NULL);
	v->running = false;
	return v->error;
}

int kvmvm_wait(struct kvmvm *v, unsigned long n)
{
	unsigned long until = v->rounds + n;

	if (!wait_until(v->rounds >= until || v->error, WAIT_MS * clock_scale()))
		return -ETIMEDOUT;
	return v->error;
}

void kvmvm_close(struct kvmvm *v)
{
	kvmvm_stop(v);
	if (v->run != MAP_FAILED)
		munmap(v->run, v->run_size);
	if (v->mem != MAP_FAILED)
		munmap(v->mem, MEMORY);
	if (v->vcpu >= 0)
		close(v->vcpu);
	if (v->vm >= 0)
		close(v->vm);
	if (v->kvm >= 0)
		close(v->kvm);
	none(v);
}
