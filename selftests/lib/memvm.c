// SPDX-License-Identifier: GPL-2.0
/* See memvm.h. */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "memvm.h"
#include "report.h"

#define PAGE 4096ull
#define SMALL_SLOT 0x400000ull
#define SMALL_SLOT_SIZE 0x400000ull
#define CODE SMALL_SLOT
#define TABLES (SMALL_SLOT + 0x1000)		/* PML4, PDPT, a directory */
#define GDT (SMALL_SLOT + 0x4000)
#define IDT (SMALL_SLOT + 0x5000)
#define STUBS (SMALL_SLOT + 0x6000)
#define EXCEPTIONS 32
#define LIST(cpu) (SMALL_SLOT + 0x10000 + (cpu) * 0x40000ull)
#define STACK(cpu) LIST((cpu) + 1)		/* downwards */
#define LIST_MAX 8000
#define DEVICE "/sys/bus/pci/devices/0000:00:1f.2/resource5"
#define POOL "/proc/sys/vm/nr_hugepages"
#define POOL_PAGES 12
#define CR0_LONG 0x80010033ull
#define CR0_CD (1ull << 30)

enum op { OP_HALT, OP_TOUCH, OP_READ, OP_WRMSR, OP_CR0 };

const unsigned int memvm_fixed_msr[11] = {
	0x250, 0x258, 0x259, 0x268, 0x269, 0x26a, 0x26b, 0x26c, 0x26d, 0x26e, 0x26f,
};

/* %rsi: the list, of {operation, rcx, rdx} */
asm(".pushsection .rodata\n"
	"memvm_code:\n"
	"1: mov (%rsi), %rax\n"
	"   mov 8(%rsi), %rcx\n"
	"   mov 16(%rsi), %rdx\n"
	"   add $24, %rsi\n"
	"   cmp $1, %al\n je 2f\n"
	"   cmp $2, %al\n je 3f\n"
	"   cmp $3, %al\n je 4f\n"
	"   cmp $4, %al\n je 5f\n"
	"   hlt\n"
	"2: invlpg (%rcx)\n mov %rdx, (%rcx)\n jmp 1b\n"
	"3: invlpg (%rcx)\n mov (%rcx), %eax\n jmp 1b\n"
	"4: mov %edx, %eax\n shr $32, %rdx\n wrmsr\n jmp 1b\n"
	"5: mov %rdx, %cr0\n jmp 1b\n"
	/* an exception ends it, with what the processor has pushed and CR2 */
	"memvm_fault:\n"
	"   pop %rdi\n pop %r8\n pop %r9\n pop %r10\n mov %cr2, %r11\n"
	"   out %al, $0x10\n hlt\n"
	"memvm_code_end:\n"
	".popsection\n");

static long pool(long pages)
{
	FILE *f = fopen(POOL, "r+");
	long was = -1;

	if (!f)
		return -1;
	if (fscanf(f, "%ld", &was) != 1)
		was = -1;
	rewind(f);
	fprintf(f, "%ld\n", pages);
	fclose(f);
	return was;
}

static uint8_t *map(size_t size, int flags)
{
	uint8_t *at = mmap(NULL, size, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);

	if (at == MAP_FAILED)
		return NULL;
	/* the kernel may make huge pages of its own of the small ones */
	madvise(at, size, MADV_NOHUGEPAGE);
	return memset(at, 0, size);
}

static uint8_t *map_device(void)
{
	int fd = open(DEVICE, O_RDWR | O_CLOEXEC);
	uint8_t *at;

	if (fd < 0)
		return NULL;
	at = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	return at == MAP_FAILED ? NULL : at;
}

static int slot(struct memvm *v, int n, uint64_t gpa, uint64_t size, const void *at)
{
	struct kvm_userspace_memory_region r = {
		.slot = n, .guest_phys_addr = gpa, .memory_size = size,
		.userspace_addr = (uintptr_t)at,
	};

	if (!at) {
		say("memory for 0x%llx: %s", (unsigned long long)gpa, strerror(errno));
		return -ENOMEM;
	}
	return ioctl(v->vm, KVM_SET_USER_MEMORY_REGION, &r) ? -errno : 0;
}

/* Linear is guest-physical, by pages of 2 MiB, for 1 GiB. */
static void identity(struct memvm *v)
{
	uint64_t *table = (uint64_t *)(v->small + (TABLES - SMALL_SLOT));
	int i;

	table[0] = (TABLES + PAGE) | 3;
	table[512] = (TABLES + 2 * PAGE) | 3;
	for (i = 0; i < 512; i++)
		table[1024 + i] = i * MEMVM_HUGE_PAGE | 0x83;
}

static void *guest(struct memvm *v, uint64_t gpa)
{
	return v->small + (gpa - SMALL_SLOT);
}

/* A stub pushes its vector: without one an exception is a triple fault that says nothing. */
static void exceptions(struct memvm *v)
{
	uint64_t *gdt = guest(v, GDT), *idt = guest(v, IDT);
	unsigned int i;

	gdt[1] = 0x00af9b000000ffffull;
	gdt[2] = 0x00cf93000000ffffull;
	for (i = 0; i < EXCEPTIONS; i++) {
		uint64_t stub = STUBS + 8 * i;
		int32_t rel = CODE + (memvm_fault - memvm_code) - (stub + 7);

		idt[2 * i] = (stub & 0xffff) | 8 << 16 | 0x8e0000000000ull | stub >> 16 << 48;
		memcpy(guest(v, stub), (uint8_t []){ 0x6a, i, 0xe9 }, 3);
		memcpy(guest(v, stub + 3), &rel, 4);
	}
}

static int set_up_memory(struct memvm *v)
{
	int rc;

	v->old_pool = pool(POOL_PAGES);
	v->low = map(MEMVM_LOW_SIZE, MAP_HUGETLB);
	v->huge = map(MEMVM_HUGE_SIZE, MAP_HUGETLB);
	v->small = map(SMALL_SLOT_SIZE, 0);
	v->mmio = map_device();
	rc = slot(v, 0, MEMVM_LOW, MEMVM_LOW_SIZE, v->low);
	rc = rc ?: slot(v, 1, SMALL_SLOT, SMALL_SLOT_SIZE, v->small);
	rc = rc ?: slot(v, 2, MEMVM_HUGE, MEMVM_HUGE_SIZE, v->huge);
	rc = rc ?: slot(v, 3, MEMVM_MMIO, PAGE, v->mmio);
	if (rc)
		return rc;
	memcpy(guest(v, CODE), memvm_code, memvm_code_end - memvm_code);
	identity(v);
	exceptions(v);
	return 0;
}

static int set_cpuid(struct memvm *v, int fd)
{
	struct {
		struct kvm_cpuid2 head;
		struct kvm_cpuid_entry2 entry[128];
	} c = { .head.nent = 128 };
	unsigned int i, bits = 36;

	if (ioctl(v->kvm, KVM_GET_SUPPORTED_CPUID, &c) || ioctl(fd, KVM_SET_CPUID2, &c))
		return -errno;
	for (i = 0; i < c.head.nent; i++)
		if (c.entry[i].function == 0x80000008)
			bits = c.entry[i].eax & 0xff;
	v->mask = (1ull << bits) - 1;
	return 0;
}

static int set_mode(int fd)
{
	struct kvm_segment code = {
		.limit = 0xffffffff, .selector = 8, .present = 1, .type = 11, .s = 1, .l = 1,
		.g = 1,
	};
	struct kvm_segment data = code;
	struct kvm_sregs s;

	data.type = 3;
	data.selector = 16;
	data.l = 0;
	data.db = 1;
	if (ioctl(fd, KVM_GET_SREGS, &s))
		return -errno;
	s.cs = code;
	s.ds = data;
	s.es = data;
	s.fs = data;
	s.gs = data;
	s.ss = data;
	s.gdt = (struct kvm_dtable) { .base = GDT, .limit = 23 };
	s.idt = (struct kvm_dtable) { .base = IDT, .limit = 16 * EXCEPTIONS - 1 };
	s.cr0 = CR0_LONG;
	s.cr3 = TABLES;
	s.cr4 |= 0x20;
	s.efer = 0x500;
	return ioctl(fd, KVM_SET_SREGS, &s) ? -errno : 0;
}

static int set_up_cpu(struct memvm *v, int n)
{
	int rc;

	v->cpu[n] = ioctl(v->vm, KVM_CREATE_VCPU, n);
	if (v->cpu[n] < 0)
		return -errno;
	v->run[n] = mmap(NULL, v->run_size, PROT_READ | PROT_WRITE, MAP_SHARED, v->cpu[n], 0);
	if (v->run[n] == MAP_FAILED)
		return -errno;
	rc = set_cpuid(v, v->cpu[n]);
	return rc ? rc : set_mode(v->cpu[n]);
}

int memvm_open(struct memvm *v, int cpus)
{
	int rc, n;

	memset(v, 0, sizeof(*v));
	v->cpus = cpus;
	v->vm = -1;
	for (n = 0; n < MEMVM_CPUS; n++) {
		v->cpu[n] = -1;
		v->run[n] = MAP_FAILED;
	}
	v->kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	v->vm = v->kvm < 0 ? -1 : ioctl(v->kvm, KVM_CREATE_VM, 0);
	rc = v->vm < 0 ? -errno : set_up_memory(v);
	v->run_size = ioctl(v->kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	for (n = 0; n < cpus && !rc; n++)
		rc = set_up_cpu(v, n);
	if (rc) {
		say("no virtual machine: %s", strerror(-rc));
		memvm_close(v);
	}
	return rc;
}

static void unmap(void *at, size_t size)
{
	if (at && at != MAP_FAILED)
		munmap(at, size);
}

void memvm_close(struct memvm *v)
{
	int n;

	for (n = 0; n < MEMVM_CPUS; n++) {
		unmap(v->run[n], v->run_size);
		if (v->cpu[n] >= 0)
			close(v->cpu[n]);
	}
	if (v->vm >= 0)
		close(v->vm);
	if (v->kvm >= 0)
		close(v->kvm);
	unmap(v->low, MEMVM_LOW_SIZE);
	unmap(v->small, SMALL_SLOT_SIZE);
	unmap(v->huge, MEMVM_HUGE_SIZE);
	unmap(v->mmio, PAGE);
	if (v->old_pool >= 0)
		pool(v->old_pool);
	memvm_none(v);
}

void memvm_none(struct memvm *v)
{
	int n;

	memset(v, 0, sizeof(*v));
	v->kvm = -1;
	v->vm = -1;
	v->old_pool = -1;
	for (n = 0; n < MEMVM_CPUS; n++)
		v->cpu[n] = -1;
}

static void add(struct memvm *v, int cpu, enum op op, uint64_t a, uint64_t b)
{
	uint64_t *at = (uint64_t *)(v->small + (LIST(cpu) - SMALL_SLOT)) + 3 * v->commands[cpu];

	if (v->commands[cpu] >= LIST_MAX)
		abort();
	at[0] = op;
	at[1] = a;
	at[2] = b;
	v->commands[cpu]++;
}

void memvm_touch(struct memvm *v, int cpu, uint64_t gpa)
{
	add(v, cpu, OP_TOUCH, gpa, gpa);
}

void memvm_read(struct memvm *v, int cpu, uint64_t gpa)
{
	add(v, cpu, OP_READ, gpa, 0);
}

void memvm_wrmsr(struct memvm *v, int cpu, unsigned int msr, uint64_t value)
{
	add(v, cpu, OP_WRMSR, msr, value);
}

void memvm_cache_disable(struct memvm *v, int cpu, bool disable)
{
	add(v, cpu, OP_CR0, 0, CR0_LONG | (disable ? CR0_CD : 0));
}

int memvm_go(struct memvm *v, int cpu)
{
	add(v, cpu, OP_HALT, 0, 0);
	v->commands[cpu] = 0;
	return memvm_again(v, cpu);
}

int memvm_again(struct memvm *v, int cpu)
{
	struct kvm_regs regs = {
		.rip = CODE, .rflags = 2, .rsi = LIST(cpu), .rsp = STACK(cpu),
	};
	struct kvm_run *run = v->run[cpu];

	if (ioctl(v->cpu[cpu], KVM_SET_REGS, &regs))
		return -errno;
	while (ioctl(v->cpu[cpu], KVM_RUN, 0))
		if (errno != EINTR && errno != EAGAIN)
			return -errno;
	if (run->exit_reason == KVM_EXIT_HLT)
		return 0;
	ioctl(v->cpu[cpu], KVM_GET_REGS, &regs);
	say("vCPU %d: exit %u at 0x%llx, rcx 0x%llx rdx 0x%llx", cpu, run->exit_reason,
	    regs.rip, regs.rcx, regs.rdx);
	if (run->exit_reason == KVM_EXIT_IO)
		say("exception %llu, stack 0x%llx 0x%llx 0x%llx, cr2 0x%llx, rsi 0x%llx",
		    regs.rdi, regs.r8, regs.r9, regs.r10, regs.r11, regs.rsi);
	return -EPROTO;
}

int memvm_set_msr(struct memvm *v, int cpu, unsigned int msr, uint64_t value)
{
	struct {
		struct kvm_msrs head;
		struct kvm_msr_entry entry;
	} m = { .head.nmsrs = 1, .entry = { .index = msr, .data = value } };
	int n = ioctl(v->cpu[cpu], KVM_SET_MSRS, &m);

	return n < 0 ? -errno : n;
}

uint64_t memvm_mask(const struct memvm *v, uint64_t size)
{
	return (v->mask & ~(size - 1)) | MTRR_V;
}
