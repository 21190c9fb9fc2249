// SPDX-License-Identifier: GPL-2.0
/*
 * The store fast path and the interrupt controllers, in the manner of
 * kvm-unit-tests: what a guest must see, that it is what it sees without the fast
 * path, and by which of the two ways it came to be.
 */
#include <stdio.h>
#include <unistd.h>
#include <sys/eventfd.h>
#include <sys/stat.h>

#include "cases.h"
#include "clock.h"
#include "sysfs.h"

#define TRACE		"/sys/kernel/tracing/instances/dio_apic"
#define TRACE_ENABLE	TRACE "/events/kvm/kvm_apic/enable"
#define TICK_TIMES	5
#define LEVEL_GSI	8
#define LEVEL_VECTOR	0x5b		/* its handler leaves the EOI to the code */

TEST_F(cases, edge)
{
	struct vm_stores st;
	int i;

	vmpair_call(&self->pair, move_pin);
	for (i = 0; i < TICK_TIMES; i++) {
		call_user(&self->s, 1);
		call_user(&self->s, 0);
		window(&self->s);
	}
	RUN();
	EXPECT_VECTORS(0x30, 0x30, 0x30, 0x30, 0x30);
	EXPECT_EQ(TICK_TIMES, st.eoi);
}

/* A line that is still high at the EOI interrupts again; one that is low does not. */
TEST_F(cases, level)
{
	struct vm_stores st;

	vmpair_call(&self->pair, move_pin);
	call_user(&self->s, LEVEL_GSI << 1 | 1);
	window(&self->s);
	eoi(&self->s);
	window(&self->s);
	call_user(&self->s, LEVEL_GSI << 1);
	eoi(&self->s);
	window(&self->s);
	RUN();
	EXPECT_VECTORS(LEVEL_VECTOR, LEVEL_VECTOR);
	EXPECT_EQ(2, st.eoi);
	EXPECT_FALSE(in_service(&self->pair.fast, LEVEL_VECTOR));
}

static int trigger[2], resample[2];

static bool line_is_high(struct vm *vm)
{
	struct kvm_irqchip chip = { .chip_id = KVM_IRQCHIP_IOAPIC };

	return !ioctl(vm->fd, KVM_GET_IRQCHIP, &chip) && chip.chip.ioapic.irr >> LEVEL_GSI & 1;
}

/* KVM raises the line from a work item. */
static void raise_level(struct vm *vm, uint32_t value)
{
	uint64_t one = 1;

	(void)!write(trigger[value], &one, sizeof(one));
	if (!wait_until(line_is_high(vm), 10000))
		say("the line does not rise");
}

static int level_irqfd(struct vm *vm, int nr)
{
	struct kvm_irqfd irqfd = { .gsi = LEVEL_GSI, .flags = KVM_IRQFD_FLAG_RESAMPLE };

	irqfd.fd = eventfd(0, EFD_CLOEXEC);
	trigger[nr] = irqfd.fd;
	irqfd.resamplefd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	resample[nr] = irqfd.resamplefd;
	return ioctl(vm->fd, KVM_IRQFD, &irqfd);
}

static void raise_stock(struct vm *vm, uint32_t value)
{
	(void)value;
	raise_level(vm, 0);
}

static void raise_fast(struct vm *vm, uint32_t value)
{
	(void)value;
	raise_level(vm, 1);
}

/* An EOI tells the owner of a level interrupt, which is how vfio serves INTx. */
TEST_F(cases, resample)
{
	struct vm_stores st;
	uint64_t count;
	int i;

	ASSERT_EQ(0, level_irqfd(&self->pair.stock, 0));
	ASSERT_EQ(0, level_irqfd(&self->pair.fast, 1));
	self->pair.stock.call = raise_stock;
	self->pair.fast.call = raise_fast;
	for (i = 0; i < TICK_TIMES; i++) {
		call_user(&self->s, 0);
		window(&self->s);
		eoi(&self->s);
		window(&self->s);
	}
	RUN();
	EXPECT_EQ(TICK_TIMES, st.eoi);
	EXPECT_EQ(TICK_TIMES, vm_log_count(&self->pair.fast));
	for (i = 0; i < 2; i++) {
		count = 0;
		EXPECT_EQ(sizeof(count), read(resample[i], &count, sizeof(count)));
		EXPECT_EQ(TICK_TIMES, count);
	}
}

TEST_F(cases, back_to_back)
{
	struct vm_stores st;

	ipi(&self->s, 0x81);
	ipi(&self->s, 0x92);
	ipi(&self->s, 0xa0);
	ipi(&self->s, 0x92);
	window(&self->s);
	RUN();
	EXPECT_VECTORS(0xa0, 0x92, 0x81);
	EXPECT_EQ(3, st.eoi);
}

/* What is in service, and TPR, hold back what is not above them. */
TEST_F(cases, priority)
{
	struct vm_stores st;

	ipi(&self->s, 0x83);
	window(&self->s);
	ipi(&self->s, 0x70);
	ipi(&self->s, 0x91);
	window(&self->s);
	tpr(&self->s, 0x80);
	eoi(&self->s);
	window(&self->s);
	ipi(&self->s, 0xa1);
	window(&self->s);
	tpr(&self->s, 0);
	window(&self->s);
	RUN();
	EXPECT_VECTORS(0x83, 0x91, 0xa1, 0x70);
	EXPECT_EQ(4, st.eoi);
	EXPECT_EQ(0, vm_apic_read(&self->pair.fast, 0xa0));
}

TEST_F(cases, nothing_in_service)
{
	struct vm_stores st;

	eoi(&self->s);
	eoi(&self->s);
	ipi(&self->s, 0x81);
	window(&self->s);
	RUN();
	EXPECT_VECTORS(0x81);
	EXPECT_EQ(3, st.eoi);
}

/* Another width is no EOI; another register is not ours. */
TEST_F(cases, widths)
{
	struct vm_stores st;

	ipi(&self->s, 0x83);
	window(&self->s);
	seq_set(&self->s, 3, VM_EOI);
	BYTES(&self->s, 0x88, 0x03, 0x66, 0x89, 0x03, 0x48, 0x89, 0x03);
	put32(&self->s, VM_EOI + 4, 0);
	RUN();
	EXPECT_EQ(0, st.eoi);
	EXPECT_EQ(3, st.slow[SLOW_ADDRESS]);
	EXPECT_EQ(2, st.slow[SLOW_REGISTER]);
	EXPECT_TRUE(in_service(&self->pair.fast, 0x83));
}

static void change_sregs(struct vm *vm, uint64_t apic_base)
{
	struct kvm_sregs s;

	ioctl(vm->cpu, KVM_GET_SREGS, &s);
	s.apic_base = apic_base;
	if (ioctl(vm->cpu, KVM_SET_SREGS, &s))
		say("KVM_SET_SREGS refuses APIC base %llx", (unsigned long long)apic_base);
}

static void apic_x2(struct vm *vm)
{
	change_sregs(vm, VM_APIC | 0xd00);
}

static void apic_off(struct vm *vm)
{
	change_sregs(vm, VM_APIC | 0x100);
}

static void apic_moved(struct vm *vm)
{
	change_sregs(vm, 0xfed00000 | 0x900);
}

TEST_F(cases, apic_elsewhere)
{
	static void (*const set[])(struct vm *vm) = { apic_x2, apic_off, apic_moved };
	struct vm_stores st;
	int i;

	eoi(&self->s);
	eoi(&self->s);
	seq_end(&self->s);
	for (i = 0; i < 3; i++) {
		self->pair.prepare = set[i];
		EXPECT_TRUE(vmpair_same(&self->pair));
		st = vmpair_stores(&self->pair);
		EXPECT_EQ(0, st.eoi);
		EXPECT_EQ(2, st.slow[SLOW_APIC]);
	}
}

/* Of mode eoi, devices are KVM's. */
TEST_F(cases, eoi_alone)
{
	struct vm_stores st;

	ASSERT_EQ(0, vm_stores_set(&self->pair.fast, DIO_KVM_STORES_EOI, NULL, 0));
	eoi(&self->s);
	put32(&self->s, VM_MMIO, 1);
	RUN();
	EXPECT_EQ(1, st.eoi);
	EXPECT_EQ(0, st.device);
}

static unsigned int traced_eois(void)
{
	FILE *trace = fopen(TRACE "/trace", "r");
	unsigned int n = 0;
	char line[256];

	while (trace && fgets(line, sizeof(line), trace))
		n += !!strstr(line, "apic_write APIC_EOI");
	if (trace)
		fclose(trace);
	return n;
}

/* Who listens to KVM's event of a store hears of those of both VMs. */
TEST_F(cases, traced)
{
	struct vm_stores st;
	unsigned int heard;

	ASSERT_EQ(0, mkdir(TRACE, 0700));
	EXPECT_EQ(0, sysfs_write("1", TRACE_ENABLE));
	eoi(&self->s);
	eoi(&self->s);
	RUN();
	heard = traced_eois();
	EXPECT_EQ(0, sysfs_write("0", TRACE_ENABLE));
	EXPECT_EQ(0, rmdir(TRACE));
	EXPECT_LE(2, st.eoi);
	EXPECT_EQ(2 * st.eoi, heard);
}

TEST_HARNESS_MAIN
