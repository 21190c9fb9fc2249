/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Cases of the store fast path: a pair of VMs, code made of few pieces, and what
 * is expected of both and of the counters. 64-bit code.
 */
#ifndef DIO_TEST_CASES_H
#define DIO_TEST_CASES_H

#include <string.h>
#include <sys/ioctl.h>
#include <linux/dio_kvm.h>

#include "kselftest_harness.h"
#include "report.h"
#include "vmpair.h"

FIXTURE(cases) {
	struct vmpair pair;
	struct seq s;
};

FIXTURE_SETUP(cases)
{
	memset(&self->pair, 0, sizeof(self->pair));
	ASSERT_EQ(0, vmpair_open(&self->pair, VM_LONG, DIO_KVM_STORES_ALL));
	seq_begin(&self->s, VM_LONG, 1, self->pair.code);
}

FIXTURE_TEARDOWN(cases)
{
	vmpair_close(&self->pair);
}

#define BYTES(s, ...) \
	seq_bytes(s, (const uint8_t []){ __VA_ARGS__ }, sizeof((const uint8_t []){ __VA_ARGS__ }))

/* movl $value, address: 11 bytes */
static inline void put32(struct seq *s, uint32_t address, uint32_t value)
{
	BYTES(s, 0xc7, 0x04, 0x25);
	seq_bytes(s, &address, 4);
	seq_bytes(s, &value, 4);
}

static inline void eoi(struct seq *s)
{
	put32(s, VM_EOI, 0);
}

static inline void ipi(struct seq *s, unsigned int vector)
{
	put32(s, VM_APIC + 0x300, 0x44000 | vector);
}

static inline void tpr(struct seq *s, unsigned int value)
{
	put32(s, VM_APIC + 0x80, value);
}

/* Interrupts come between sti's shadow and cli. */
static inline void window(struct seq *s)
{
	BYTES(s, 0xfb, 0x90, 0x90, 0xfa);
}

static inline void call_user(struct seq *s, uint32_t value)
{
	seq_set(s, 0, value);
	BYTES(s, 0xe7, VM_PORT_CALL);
}

static inline void move_pin(struct vm *vm, uint32_t value)
{
	vm_irq_line(vm, value >> 1, value & 1);
}

#define RUN()	do {								\
	seq_end(&self->s);							\
	EXPECT_TRUE(vmpair_same(&self->pair));					\
	st = vmpair_stores(&self->pair);					\
	vm_stores_say(&st);							\
} while (0)

#define EXPECT_VECTORS(...) do {						\
	static const uint8_t want[] = { __VA_ARGS__ };				\
	unsigned int nr;							\
										\
	EXPECT_EQ(sizeof(want), vm_log_count(&self->pair.fast));		\
	for (nr = 0; nr < sizeof(want); nr++)					\
		EXPECT_EQ(want[nr], vm_log_vector(&self->pair.fast, nr));	\
} while (0)

/* Register of the APIC's ISR that has @vector. */
static inline bool in_service(struct vm *vm, unsigned int vector)
{
	return vm_apic_read(vm, 0x100 + vector / 32 * 16) >> vector % 32 & 1;
}

#endif
