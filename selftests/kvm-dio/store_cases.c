// SPDX-License-Identifier: GPL-2.0
/*
 * The store fast path and the code that stores: other instructions, code that
 * changes or is mapped elsewhere, ends of pages, traps, shadows, breakpoints. As
 * store_apic: what a guest must see, as without the fast path, and by which way.
 */
#include "cases.h"

#define FAR_CODE	0x1f0000	/* mapped by a page table entry of its own */
#define FAR_OTHER	0x1e0000
#define CR3_OTHER	(VM_TABLES + 0x5000)

static struct kvm_regs regs_of(struct vm *vm)
{
	struct kvm_regs regs = {};

	ioctl(vm->cpu, KVM_GET_REGS, &regs);
	return regs;
}

/* movs, stos, or, xchg: an EOI each, with all that they do beside it. */
TEST_F(cases, other_instructions)
{
	static const uint8_t code[][2] = { { 0xa5 }, { 0xab }, { 0x09, 0x07 }, { 0x87, 0x07 } };
	struct vm_stores st;
	struct kvm_regs regs;
	int i;

	for (i = 0; i < 4; i++) {
		ipi(&self->s, 0x83);
		window(&self->s);
		seq_set(&self->s, 6, VM_DATA);
		seq_set(&self->s, 7, VM_EOI);
		seq_set(&self->s, 0, 0x1234);
		seq_bytes(&self->s, code[i], i < 2 ? 1 : 2);
		if (i == 1)
			BYTES(&self->s, 0x49, 0x89, 0xf8);	/* mov %rdi, %r8 */
	}
	RUN();
	EXPECT_EQ(4, vm_log_count(&self->pair.fast));
	EXPECT_EQ(0, st.eoi);
	/* those whose first access is a load may fault by that one alone */
	EXPECT_LE(2, st.slow[SLOW_INSN]);
	EXPECT_FALSE(in_service(&self->pair.fast, 0x83));
	regs = regs_of(&self->pair.fast);
	EXPECT_EQ(VM_EOI + 4, regs.r8);
	EXPECT_EQ(0, regs.rax);		/* of xchg: EOI reads as 0 */
}

/* The same address has another instruction the second time. */
TEST_F(cases, self_modifying)
{
	struct vm_stores st;
	uint32_t where;

	ipi(&self->s, 0x83);
	window(&self->s);
	seq_set(&self->s, 3, VM_EOI);
	seq_set(&self->s, 6, 2);
	where = VM_CODE + self->s.at;
	BYTES(&self->s, 0x89, 0x03);			/* mov %eax, (%rbx) */
	ipi(&self->s, 0x83);
	window(&self->s);
	BYTES(&self->s, 0xc6, 0x04, 0x25);		/* movb $0x88, where */
	seq_bytes(&self->s, &where, 4);
	BYTES(&self->s, 0x88, 0xff, 0xce, 0x75);	/* dec %esi; jnz where */
	BYTES(&self->s, where - VM_CODE - (self->s.at + 1));
	RUN();
	EXPECT_EQ(1, st.eoi);
	EXPECT_EQ(1, st.slow[SLOW_ADDRESS]);
	EXPECT_TRUE(in_service(&self->pair.fast, 0x83));
}

static void far_code(struct vm *vm)
{
	/* the other one stores a byte, which is no EOI */
	static const uint8_t store[] = { 0x89, 0x03, 0xc3 }, other[] = { 0x88, 0x03, 0xc3 };
	uint64_t *second = (void *)(vm->mem + CR3_OTHER + 0x4000);
	uint64_t *first = (void *)(vm->mem + VM_TABLES + 0x4000);

	memcpy(vm->mem + FAR_CODE, store, sizeof(store));
	memcpy(vm->mem + FAR_OTHER, other, sizeof(other));
	first[FAR_CODE >> 12] = FAR_CODE | 0x63;
	second[FAR_CODE >> 12] = FAR_OTHER | 0x63;
}

static void call_far(struct seq *s)
{
	seq_set(s, 3, VM_EOI);
	seq_set(s, 1, FAR_CODE);
	BYTES(s, 0xff, 0xd1);
}

static void load_cr3(struct seq *s, uint32_t cr3)
{
	seq_set(s, 0, cr3);
	BYTES(s, 0x0f, 0x22, 0xd8);
}

/* Two address spaces have different code at one address. */
TEST_F(cases, another_cr3)
{
	struct vm_stores st;
	int i;

	self->pair.prepare = far_code;
	for (i = 0; i < 3; i++) {
		load_cr3(&self->s, VM_TABLES);
		call_far(&self->s);
		call_far(&self->s);
		load_cr3(&self->s, CR3_OTHER);
		call_far(&self->s);
	}
	load_cr3(&self->s, VM_TABLES);
	RUN();
	EXPECT_EQ(6, st.eoi);
	EXPECT_EQ(3, st.slow[SLOW_ADDRESS]);
}

/* The guest maps another page there, in the same address space. */
TEST_F(cases, remapped)
{
	uint32_t entry = VM_TABLES + 0x4000 + (FAR_CODE >> 12) * 8;
	static const uint8_t invlpg[] = { 0x0f, 0x01, 0x39 };	/* (%rcx) */
	struct vm_stores st;
	int i;

	self->pair.prepare = far_code;
	for (i = 0; i < 3; i++) {
		call_far(&self->s);
		call_far(&self->s);
		put32(&self->s, entry, FAR_OTHER | 0x63);
		seq_bytes(&self->s, invlpg, sizeof(invlpg));
		call_far(&self->s);
		put32(&self->s, entry, FAR_CODE | 0x63);
		seq_bytes(&self->s, invlpg, sizeof(invlpg));
	}
	RUN();
	EXPECT_EQ(6, st.eoi);
	EXPECT_EQ(3, st.slow[SLOW_ADDRESS]);
}

/* A store that ends with its page is ours, one that goes on in the next is not. */
TEST_F(cases, page_end)
{
	static const int left[] = { 11, 10, 5, 1 };
	struct vm_stores st;
	unsigned int end;
	int32_t rel;
	int i;

	for (i = 0; i < 4; i++) {
		end = (self->s.at + 4096) & ~4095u;
		rel = end - left[i] - (self->s.at + 5);
		BYTES(&self->s, 0xe9);
		seq_bytes(&self->s, &rel, 4);
		self->s.at = end - left[i];
		eoi(&self->s);
	}
	RUN();
	EXPECT_EQ(1, st.eoi);
	EXPECT_EQ(3, st.slow[SLOW_INSN]);
}

/* Data over the end of a page of devices. */
TEST_F(cases, data_over_page_end)
{
	struct vm_stores st;
	int i;

	/* the first store to a page makes it one of MMIO */
	for (i = 0; i < 2; i++) {
		put32(&self->s, VM_COALESCED + 0xffc, 0x11223344);
		put32(&self->s, VM_COALESCED + 0xffe, 0x11223344);
		put32(&self->s, VM_COALESCED - 2, 0x11223344);
	}
	RUN();
	EXPECT_EQ(1, st.device);
	EXPECT_EQ(2, st.slow[SLOW_ADDRESS]);
	EXPECT_EQ(1, st.slow[SLOW_DEVICE]);
}

/* Single step: #DB behind the store, as behind each instruction. */
TEST_F(cases, single_step)
{
	struct vm_stores st;
	uint32_t behind;

	seq_set(&self->s, 3, VM_EOI);
	BYTES(&self->s, 0x9c, 0x81, 0x0c, 0x24, 0x00, 0x01, 0x00, 0x00, 0x9d);
	BYTES(&self->s, 0x89, 0x03);
	behind = VM_CODE + self->s.at;
	BYTES(&self->s, 0x9c, 0x81, 0x24, 0x24, 0xff, 0xfe, 0xff, 0xff, 0x9d);
	RUN();
	EXPECT_EQ(behind, vm_log_ip(&self->pair.fast, 0));
	EXPECT_EQ(1, vm_log_vector(&self->pair.fast, 0));
	EXPECT_EQ(1, st.slow[SLOW_DEBUG]);
	EXPECT_EQ(0, st.eoi);
}

/*
 * Behind sti and behind a load of SS the store is what the shadow ends with: the
 * interrupt that this EOI lets through comes before the next instruction.
 */
TEST_F(cases, shadow)
{
	struct vm_stores st;
	uint32_t behind[2];
	int i;

	for (i = 0; i < 2; i++) {
		ipi(&self->s, 0x83);
		window(&self->s);
		ipi(&self->s, 0x71);
		seq_set(&self->s, 3, VM_EOI);
		seq_set(&self->s, 1, 0x10);
		if (i)
			BYTES(&self->s, 0xfb, 0x90, 0x8e, 0xd1);	/* mov %ecx, %ss */
		else
			BYTES(&self->s, 0xfb);
		BYTES(&self->s, 0x89, 0x03);
		behind[i] = VM_CODE + self->s.at;
		BYTES(&self->s, 0xfa);
	}
	RUN();
	EXPECT_VECTORS(0x83, 0x71, 0x83, 0x71);
	for (i = 0; i < 2; i++)
		EXPECT_EQ(behind[i], vm_log_ip(&self->pair.fast, 2 * i + 1));
	EXPECT_EQ(2, st.slow[SLOW_SHADOW]);
}

static void memory_there(struct vm *vm, uint32_t value)
{
	struct kvm_userspace_memory_region region = {
		.slot = 1, .guest_phys_addr = VM_MMIO, .memory_size = value ? 0x1000 : 0,
		.userspace_addr = (uintptr_t)vm->mem + FAR_OTHER,
	};

	if (ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &region))
		say("memory at the devices: refused");
}

/* Memory over a device hides it, from the first store on. */
TEST_F(cases, memory_over_device)
{
	struct vm_stores st;
	uint32_t found;

	vmpair_call(&self->pair, memory_there);
	put32(&self->s, VM_MMIO, 1);
	put32(&self->s, VM_MMIO, 2);
	call_user(&self->s, 1);
	put32(&self->s, VM_MMIO, 3);
	put32(&self->s, VM_MMIO, 4);
	call_user(&self->s, 0);
	put32(&self->s, VM_MMIO, 5);
	put32(&self->s, VM_MMIO, 6);
	RUN();
	memcpy(&found, self->pair.fast.mem + FAR_OTHER, 4);
	EXPECT_EQ(4, found);
	EXPECT_LE(2, st.device);
	EXPECT_GE(4, st.device);
}

/* A guest debugger sees each instruction. */
TEST_F(cases, breakpoint)
{
	struct vm_stores st;

	seq_set(&self->s, 0, 0x2000);			/* breakpoint 0 at address 0x2000 */
	BYTES(&self->s, 0x0f, 0x23, 0xc0);
	seq_set(&self->s, 0, 0x401);
	BYTES(&self->s, 0x0f, 0x23, 0xf8);
	eoi(&self->s);
	seq_set(&self->s, 0, 0x400);
	BYTES(&self->s, 0x0f, 0x23, 0xf8);
	eoi(&self->s);
	RUN();
	EXPECT_EQ(1, st.slow[SLOW_DEBUG]);
	EXPECT_EQ(1, st.eoi);
}

TEST_HARNESS_MAIN
