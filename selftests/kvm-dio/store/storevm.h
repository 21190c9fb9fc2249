/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A VM of /dev/kvm with one processor, KVM's own interrupt controllers and no
 * monitor behind it: its memory, its modes, and a record of all that reached user
 * space. Two of them that get the same code must end the same.
 */
#ifndef DIO_TEST_STOREVM_H
#define DIO_TEST_STOREVM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/kvm.h>

/* Guest physical memory. */
#define VM_MEMORY	(4u << 20)
#define VM_GDT		0x1000
#define VM_TSS		0x1800
#define VM_IDT		0x2000
#define VM_TABLES	0x3000		/* of pages: two sets of 0x5000 */
#define VM_PAE		0xd000
#define VM_STUBS	0xe000		/* one of 16 bytes for each vector */
#define VM_HANDLER	0xf800
#define VM_CODE		0x10000
#define VM_CODE_SIZE	0x10000
#define VM_CODE_HIGH	(VM_CODE | 0xffffffffull << 32)	/* the same, in 64-bit code */
#define VM_STACKS	0x30000
#define VM_LOG		0x40000		/* u32 entries; from 0x10 on {vector, ip} */
#define VM_LOG_ENTRIES	4096
#define VM_DATA		0x60000
#define VM_APIC		0xfee00000u
#define VM_EOI		0xfee000b0u
#define VM_IOAPIC	0xfec00000u
/* Nobody's addresses, but for ioeventfds and a coalesced zone. */
#define VM_MMIO		0xd0000000u
#define VM_EVENTFDS	6
#define VM_COALESCED	0xd0002000u

/* Ports: the end of the code; a command to the test; an exception that ends it. */
#define VM_PORT_END	0xf4
#define VM_PORT_CALL	0xf5
#define VM_PORT_FATAL	0xf6

enum vm_mode { VM_LONG, VM_FLAT32, VM_PAE32, VM_CODE16 };
extern const char *const vm_mode_name[];

struct vm_eventfd {
	uint32_t addr, len;
	bool match;
	uint64_t datamatch;
	int fd;
};

struct vm {
	enum vm_mode mode;
	int kvm, fd, cpu;
	struct kvm_run *run;
	uint8_t *mem;
	struct vm_eventfd event[VM_EVENTFDS];
	/* what user space saw, as a number; and how often */
	uint64_t seen;
	unsigned long exits, mmio_exits;
	bool fatal;
	bool quiet;		/* an unexpected exit is expected */
	bool endless;		/* it ends when its test tells it to: no limit */
	unsigned int limit_ms;	/* of a run; 0: what is enough for each */
	/* called for VM_PORT_CALL with EAX; NULL: recorded only */
	void (*call)(struct vm *vm, uint32_t value);
};

/* Which build of dio_kvm: "dio_kvm", unless a test says otherwise. */
extern const char *vm_module;
/* The processor's module of KVM, and that; 0 or a negative errno. */
int vm_load(void);
bool vm_intel(void);
/* 0 or a negative errno. */
int vm_open(struct vm *vm, enum vm_mode mode);
void vm_close(struct vm *vm);
/* Registers, segments, interrupt controllers and log as after vm_open(). */
int vm_reset(struct vm *vm);
/*
 * From VM_CODE + @offset to VM_PORT_END; 0, -EIO for an exit that nobody expects,
 * -ETIME if it does not come to its end.
 */
int vm_run(struct vm *vm, uint64_t offset);
/* The same with registers of the caller's. */
int vm_run_regs(struct vm *vm, const struct kvm_regs *regs);
int vm_irq_line(struct vm *vm, int pin, int level);
/* One number for all that the guest and its devices can be asked for. */
uint64_t vm_state(struct vm *vm);
void vm_state_say(struct vm *vm, const char *who);
uint32_t vm_log_count(const struct vm *vm);
uint32_t vm_log_vector(const struct vm *vm, unsigned int nr);
uint32_t vm_log_ip(const struct vm *vm, unsigned int nr);
uint32_t vm_apic_read(struct vm *vm, unsigned int offset);

/* VMs with the fast path on, through netlink. */
struct vm_stores {
	uint64_t eoi, device;
	uint64_t slow[16];
};

enum {
	SLOW_REGISTER, SLOW_DEVICE, SLOW_STATE, SLOW_APIC, SLOW_MEMORY, SLOW_CODE,
	SLOW_INSN, SLOW_ADDRESS, SLOW_DEBUG, SLOW_SHADOW, SLOW_PMU, SLOW_REASONS,
};

extern const char *const vm_slow_name[];
int vm_stores_set(const struct vm *vm, uint32_t mode, char *text, int size);
int vm_stores_get(const struct vm *vm, struct vm_stores *s);

#endif
