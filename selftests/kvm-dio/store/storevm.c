// SPDX-License-Identifier: GPL-2.0
/* A VM of /dev/kvm: its parts, its modes, one run. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "storevm.h"
#include "report.h"
#include "handlers.h"

const char *const vm_mode_name[] = { "64-bit", "32-bit", "32-bit PAE", "16-bit" };

/* Selectors: flat code and data, then the segments of 16-bit code. */
enum {
	SEL_CODE64 = 0x08,
	SEL_DATA = 0x10,
	SEL_CODE32 = 0x18,
	SEL_CODE16 = 0x20,
	SEL_SS16 = 0x28,
	SEL_DS16 = 0x30,
	SEL_ES16 = 0x38,
	SEL_FS16 = 0x40,
	SEL_GS16 = 0x48,
	SEL_TSS = 0x50,
};

static int try(int ret, const char *what)
{
	if (ret < 0) {
		ret = -errno;
		say("%s: %s", what, strerror(errno));
	}
	return ret;
}

static void *at(const struct vm *vm, uint32_t addr)
{
	return vm->mem + addr;
}

/* Long mode: all below 2 MiB by pages of 4 KiB, 3 to 4 GiB by 2 MiB; again at the top. */
static void tables_long(struct vm *vm, uint32_t where)
{
	uint64_t *p4 = at(vm, where), *p3 = at(vm, where + 0x1000), *p2 = at(vm, where + 0x2000);
	uint64_t *high = at(vm, where + 0x3000), *p1 = at(vm, where + 0x4000);
	int i;

	p4[0] = (where + 0x1000) | 3;
	p4[511] = p4[0];
	p3[0] = (where + 0x2000) | 3;
	p3[508] = p3[0];
	p3[3] = (where + 0x3000) | 3;
	p3[511] = p3[3];
	p2[0] = (where + 0x4000) | 3;
	p2[1] = 0x200000 | 0x83;
	for (i = 0; i < 512; i++) {
		p1[i] = i * 4096ull | 0x63;
		high[i] = (0xc0000000ull + ((uint64_t)i << 21)) | 0xfb;
	}
}

static void tables_pae(struct vm *vm)
{
	uint64_t *p3 = at(vm, VM_PAE);

	p3[0] = (VM_TABLES + 0x2000) | 1;
	p3[3] = (VM_TABLES + 0x3000) | 1;
}

static uint64_t descriptor(uint32_t base, uint32_t limit, uint16_t flags)
{
	return (limit & 0xffff) | (base & 0xffffffull) << 16 | (uint64_t)(flags & 0xff) << 40 |
	       (uint64_t)(limit >> 16 & 0xf) << 48 | (uint64_t)(flags >> 8 & 0xf) << 52 |
	       (uint64_t)(base >> 24) << 56;
}

static struct kvm_segment segment(uint16_t sel, uint32_t base, uint32_t limit, uint16_t flags)
{
	return (struct kvm_segment) {
		.selector = sel, .base = base,
		.limit = flags & 0x800 ? limit << 12 | 0xfff : limit,
		.type = flags & 0xf, .s = 1, .present = 1, .g = flags >> 11 & 1,
		.db = flags >> 10 & 1, .l = flags >> 9 & 1,
	};
}

struct seg_row {
	uint16_t sel;
	uint32_t base, limit;
	uint16_t flags;		/* as in a descriptor: G D L 0, then the access byte */
};

static const struct seg_row rows[] = {
	{ SEL_CODE64, 0, 0xfffff, 0xa9b }, { SEL_DATA, 0, 0xfffff, 0xc93 },
	{ SEL_CODE32, 0, 0xfffff, 0xc9b }, { SEL_CODE16, VM_CODE, 0xffff, 0x09b },
	{ SEL_SS16, VM_STACKS, 0xfffff, 0xc93 }, { SEL_DS16, VM_APIC - 0x100, 0xfffff, 0xc93 },
	{ SEL_ES16, VM_IOAPIC - 0x20, 0xfffff, 0xc93 }, { SEL_FS16, VM_MMIO, 0xfffff, 0xc93 },
	{ SEL_GS16, VM_DATA, 0xfffff, 0xc93 },
};

static struct kvm_segment row_segment(uint16_t sel)
{
	unsigned int i;

	for (i = 0; rows[i].sel != sel; i++)
		;
	return segment(sel, rows[i].base, rows[i].limit, rows[i].flags);
}

static void gdt_fill(struct vm *vm)
{
	uint64_t *gdt = at(vm, VM_GDT);
	unsigned int i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		gdt[rows[i].sel / 8] = descriptor(rows[i].base, rows[i].limit, rows[i].flags);
	gdt[SEL_TSS / 8] = descriptor(VM_TSS, 0x67, 0x08b);
	/* one stack for all interrupts of 64-bit code: RSP may be anything */
	*(uint64_t *)(vm->mem + VM_TSS + 0x24) = VM_STACKS + 0x8000;
}

/* A stub pushes its vector; one of an exception with an error code ends the run. */
static void stub_fill(struct vm *vm, unsigned int vector, bool handled)
{
	uint8_t *stub = at(vm, VM_STUBS + 16 * vector);
	int32_t rel = VM_HANDLER - (VM_STUBS + 16 * vector + 10);

	if (!handled) {
		memcpy(stub, (uint8_t []){ 0xb0, vector, 0xe6, VM_PORT_FATAL, 0xf4 }, 5);
		return;
	}
	stub[0] = 0x68;
	memcpy(stub + 1, (uint32_t []){ vector }, 4);
	stub[5] = 0xe9;
	memcpy(stub + 6, &rel, 4);
}

static void idt_fill(struct vm *vm)
{
	bool wide = vm->mode == VM_LONG;
	unsigned int v, size = wide ? 16 : 8;
	uint32_t stub;

	for (v = 0; v < 256; v++) {
		stub = VM_STUBS + 16 * v;
		*(uint64_t *)(vm->mem + VM_IDT + v * size) = stub | 0x8e0000000000ull |
			(uint64_t)(wide ? SEL_CODE64 : SEL_CODE32) << 16 | (wide ? 1ull << 32 : 0);
		stub_fill(vm, v, v >= 32 || v == 1);
	}
	if (wide)
		memcpy(at(vm, VM_HANDLER), handler64, handler64_end - handler64);
	else
		memcpy(at(vm, VM_HANDLER), handler32, handler32_end - handler32);
}

static void memory_fill(struct vm *vm)
{
	memset(vm->mem, 0, VM_MEMORY);
	tables_long(vm, VM_TABLES);
	tables_long(vm, VM_TABLES + 0x5000);
	tables_pae(vm);
	gdt_fill(vm);
	idt_fill(vm);
}

static void segments_16(struct kvm_sregs *s)
{
	s->cs = row_segment(SEL_CODE16);
	s->ss = row_segment(SEL_SS16);
	s->ds = row_segment(SEL_DS16);
	s->es = row_segment(SEL_ES16);
	s->fs = row_segment(SEL_FS16);
	s->gs = row_segment(SEL_GS16);
}

static void segments_flat(struct kvm_sregs *s, uint16_t code)
{
	s->cs = row_segment(code);
	s->ss = row_segment(SEL_DATA);
	s->ds = s->ss;
	s->es = s->ss;
	s->fs = s->ss;
	s->gs = s->ss;
	/* not flat, so that their base counts */
	s->fs.base = VM_MMIO - 0x1230;
	s->gs.base = 0x4560;
}

static int sregs_fill(struct vm *vm)
{
	struct kvm_sregs s;
	int ret = try(ioctl(vm->cpu, KVM_GET_SREGS, &s), "KVM_GET_SREGS");

	if (ret)
		return ret;
	s.gdt = (struct kvm_dtable) { .base = VM_GDT, .limit = 0x7f };
	s.idt = (struct kvm_dtable) { .base = VM_IDT, .limit = 0xfff };
	s.tr = segment(SEL_TSS, VM_TSS, 0x67, 0x00b);
	s.tr.s = 0;
	s.cr0 = 0x33;
	s.cr3 = 0;
	s.cr4 = 0;
	s.efer = 0;
	if (vm->mode == VM_LONG) {
		s.cr0 |= 1u << 31;
		s.cr3 = VM_TABLES;
		s.cr4 = 0x20;
		s.efer = 0x500;
	} else if (vm->mode == VM_PAE32) {
		s.cr0 |= 1u << 31;
		s.cr3 = VM_PAE;
		s.cr4 = 0x20;
	}
	s.apic_base = VM_APIC | 0x900;
	if (vm->mode == VM_CODE16)
		segments_16(&s);
	else
		segments_flat(&s, vm->mode == VM_LONG ? SEL_CODE64 : SEL_CODE32);
	return try(ioctl(vm->cpu, KVM_SET_SREGS, &s), "KVM_SET_SREGS");
}

static int apic_fill(struct vm *vm)
{
	struct kvm_lapic_state a;
	int ret = try(ioctl(vm->cpu, KVM_GET_LAPIC, &a), "KVM_GET_LAPIC");

	if (ret)
		return ret;
	memset(a.regs + 0x80, 0, 4);			/* TPR */
	memset(a.regs + 0x100, 0, 0x180);		/* ISR, TMR, IRR */
	memcpy(a.regs + 0xf0, (uint32_t []){ 0x1ff }, 4);	/* on */
	memcpy(a.regs + 0x350, (uint32_t []){ 0x10000 }, 4);	/* nothing from the PIC */
	return try(ioctl(vm->cpu, KVM_SET_LAPIC, &a), "KVM_SET_LAPIC");
}

/* Pins 0 to 7: edge, 0x30 and every fourth; 8 to 15: level, 0x5b and every fourth. */
static int ioapic_fill(struct vm *vm)
{
	struct kvm_irqchip chip = { .chip_id = KVM_IRQCHIP_IOAPIC };
	struct kvm_ioapic_state *io = &chip.chip.ioapic;
	int i, ret = try(ioctl(vm->fd, KVM_GET_IRQCHIP, &chip), "KVM_GET_IRQCHIP");

	if (ret)
		return ret;
	io->ioregsel = 0;
	io->irr = 0;
	for (i = 0; i < 24; i++) {
		io->redirtbl[i].bits = 1 << 16;
		if (i < 16)
			io->redirtbl[i].bits = i < 8 ? 0x30 + i * 4 :
					       (0x5b + (i - 8) * 4) | 1 << 15;
	}
	return try(ioctl(vm->fd, KVM_SET_IRQCHIP, &chip), "KVM_SET_IRQCHIP");
}

int vm_reset(struct vm *vm)
{
	struct kvm_vcpu_events events = {};
	struct kvm_debugregs debug = {};
	uint64_t count;
	int i, ret;

	for (i = 0; i < VM_EVENTFDS; i++)
		while (read(vm->event[i].fd, &count, sizeof(count)) > 0)
			;
	vm->seen = 0;
	vm->exits = 0;
	vm->mmio_exits = 0;
	vm->fatal = false;
	for (i = 0; i < 16; i++)
		vm_irq_line(vm, i, 0);
	ret = sregs_fill(vm) ?: apic_fill(vm) ?: ioapic_fill(vm);
	debug.dr6 = 0xffff0ff0;
	debug.dr7 = 0x400;
	if (!ret)
		ret = try(ioctl(vm->cpu, KVM_SET_VCPU_EVENTS, &events), "KVM_SET_VCPU_EVENTS");
	if (!ret)
		ret = try(ioctl(vm->cpu, KVM_SET_DEBUGREGS, &debug), "KVM_SET_DEBUGREGS");
	*(uint32_t *)at(vm, VM_LOG) = 0;
	return ret;
}

static int cpuid_fill(struct vm *vm)
{
	static struct {
		struct kvm_cpuid2 head;
		struct kvm_cpuid_entry2 entry[100];
	} c;

	c.head.nent = 100;
	return try(ioctl(vm->kvm, KVM_GET_SUPPORTED_CPUID, &c), "KVM_GET_SUPPORTED_CPUID") ?:
	       try(ioctl(vm->cpu, KVM_SET_CPUID2, &c), "KVM_SET_CPUID2");
}

/* Of 4, 8, 2 and 1 bytes, one only for a value, and one of any length. */
static int eventfds_fill(struct vm *vm)
{
	static const struct vm_eventfd set[VM_EVENTFDS] = {
		{ .addr = VM_MMIO, .len = 4 }, { .addr = VM_MMIO + 0x10, .len = 8 },
		{ .addr = VM_MMIO + 0x20, .len = 2 }, { .addr = VM_MMIO + 0x31, .len = 1 },
		{ .addr = VM_MMIO + 0x40, .len = 4, .match = true, .datamatch = 0x1234 },
		{ .addr = VM_MMIO + 0x50, .len = 0 },
	};
	struct kvm_ioeventfd io;
	int i, ret = 0;

	for (i = 0; i < VM_EVENTFDS && !ret; i++) {
		vm->event[i] = set[i];
		vm->event[i].fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
		io = (struct kvm_ioeventfd) {
			.addr = set[i].addr, .len = set[i].len, .fd = vm->event[i].fd,
			.flags = set[i].match ? KVM_IOEVENTFD_FLAG_DATAMATCH : 0,
			.datamatch = set[i].datamatch,
		};
		ret = try(ioctl(vm->fd, KVM_IOEVENTFD, &io), "KVM_IOEVENTFD");
	}
	return ret;
}

static int devices_fill(struct vm *vm)
{
	struct kvm_coalesced_mmio_zone zone = { .addr = VM_COALESCED, .size = 0x1000 };

	return eventfds_fill(vm) ?:
	       try(ioctl(vm->fd, KVM_REGISTER_COALESCED_MMIO, &zone), "KVM_REGISTER_COALESCED_MMIO");
}

static int memory_map(struct vm *vm)
{
	struct kvm_userspace_memory_region region = { .memory_size = VM_MEMORY };

	vm->mem = mmap(NULL, VM_MEMORY, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (vm->mem == MAP_FAILED)
		return -errno;
	region.userspace_addr = (uintptr_t)vm->mem;
	return try(ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &region), "memory");
}

int vm_open(struct vm *vm, enum vm_mode mode)
{
	int ret, size;

	memset(vm, 0, sizeof(*vm));
	vm->mode = mode;
	vm->kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (vm->kvm < 0)
		return -errno;
	vm->fd = try(ioctl(vm->kvm, KVM_CREATE_VM, 0), "KVM_CREATE_VM");
	if (vm->fd < 0)
		return vm->fd;
	ret = try(ioctl(vm->fd, KVM_SET_TSS_ADDR, 0xfffbd000), "KVM_SET_TSS_ADDR") ?:
	      try(ioctl(vm->fd, KVM_CREATE_IRQCHIP, 0), "KVM_CREATE_IRQCHIP") ?: memory_map(vm);
	if (ret)
		return ret;
	vm->cpu = try(ioctl(vm->fd, KVM_CREATE_VCPU, 0), "KVM_CREATE_VCPU");
	if (vm->cpu < 0)
		return vm->cpu;
	size = ioctl(vm->kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	vm->run = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, vm->cpu, 0);
	if (vm->run == MAP_FAILED)
		return -errno;
	memory_fill(vm);
	return cpuid_fill(vm) ?: devices_fill(vm) ?: vm_reset(vm);
}

void vm_close(struct vm *vm)
{
	int i;

	for (i = 0; i < VM_EVENTFDS; i++)
		if (vm->event[i].fd > 0)
			close(vm->event[i].fd);
	if (vm->run)
		munmap(vm->run, ioctl(vm->kvm, KVM_GET_VCPU_MMAP_SIZE, 0));
	if (vm->cpu > 0)
		close(vm->cpu);
	if (vm->fd > 0)
		close(vm->fd);
	if (vm->mem)
		munmap(vm->mem, VM_MEMORY);
	if (vm->kvm > 0)
		close(vm->kvm);
	memset(vm, 0, sizeof(*vm));
}

int vm_irq_line(struct vm *vm, int pin, int level)
{
	struct kvm_irq_level irq = { .irq = pin, .level = level };

	return try(ioctl(vm->fd, KVM_IRQ_LINE, &irq), "KVM_IRQ_LINE");
}
