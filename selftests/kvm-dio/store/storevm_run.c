// SPDX-License-Identifier: GPL-2.0
/* One run of a VM, and all that can be seen of it as one number. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/ioctl.h>
#include <sys/time.h>

#include "clock.h"
#include "irqload.h"
#include "storevm.h"
#include "report.h"

#define RUN_EXITS_MAX 1000000
/* Most end within a tenth of one. Where an instruction takes a nanosecond, they are long. */
#define RUN_MS_MAX (irqload_counts_instructions() ? 2000u : 20000u)
#define COALESCED_MAX ((4096 - sizeof(struct kvm_coalesced_mmio_ring)) / \
		       sizeof(struct kvm_coalesced_mmio))

static uint64_t mix(uint64_t sum, const void *data, size_t n)
{
	const uint8_t *p = data;

	while (n--)
		sum = (sum ^ *p++) * 0x100000001b3ull;
	return sum;
}

/* Writes that KVM kept for later came before what made it return. */
static void seen_coalesced(struct vm *vm)
{
	struct kvm_coalesced_mmio_ring *ring = (void *)((uint8_t *)vm->run +
		KVM_COALESCED_MMIO_PAGE_OFFSET * 4096);
	const struct kvm_coalesced_mmio *m;

	while (ring->first != ring->last) {
		m = &ring->coalesced_mmio[ring->first];
		vm->seen = mix(vm->seen, &m->phys_addr, sizeof(m->phys_addr));
		vm->seen = mix(vm->seen, m->data, m->len);
		ring->first = (ring->first + 1) % COALESCED_MAX;
	}
}

/* A read finds a value that depends on all that was seen before. */
static void seen_mmio(struct vm *vm)
{
	uint64_t answer;

	vm->mmio_exits++;
	vm->seen = mix(vm->seen, &vm->run->mmio.phys_addr, 8);
	vm->seen = mix(vm->seen, &vm->run->mmio.len, 4);
	vm->seen = mix(vm->seen, &vm->run->mmio.is_write, 1);
	if (vm->run->mmio.is_write) {
		vm->seen = mix(vm->seen, vm->run->mmio.data, vm->run->mmio.len);
		return;
	}
	answer = vm->seen * 0x9e3779b97f4a7c15ull;
	memcpy(vm->run->mmio.data, &answer, 8);
}

static uint32_t io_value(const struct vm *vm)
{
	uint32_t value = 0;

	memcpy(&value, (uint8_t *)vm->run + vm->run->io.data_offset, vm->run->io.size);
	return value;
}

/* True: that was the end. */
static bool seen_io(struct vm *vm)
{
	uint32_t value = io_value(vm);

	vm->seen = mix(vm->seen, &vm->run->io.port, 2);
	if (vm->run->io.port == VM_PORT_END)
		return true;
	vm->seen = mix(vm->seen, &value, 4);
	if (vm->run->io.port == VM_PORT_FATAL) {
		vm->fatal = true;
		return true;
	}
	if (vm->run->io.port == VM_PORT_CALL && vm->call)
		vm->call(vm, value);
	return false;
}

static volatile sig_atomic_t overdue;

static void on_alarm(int signal)
{
	(void)signal;
	overdue = 1;
}

/* KVM_RUN is interrupted then, and again and again: once it may be about to begin. */
static void limit(unsigned int ms)
{
	struct itimerval t = { { 0, ms ? 100000 : 0 }, { ms / 1000, ms % 1000 * 1000 } };
	struct sigaction action = { .sa_handler = on_alarm };

	overdue = 0;
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &t, NULL);
}

static int run_to_end(struct vm *vm)
{
	struct kvm_regs regs;
	int i;

	for (i = 0; vm->endless || i < RUN_EXITS_MAX; i++) {
		if (ioctl(vm->cpu, KVM_RUN, 0) < 0) {
			if (errno == EINTR && overdue)
				return -ETIME;
			if (errno == EINTR)
				continue;
			say("KVM_RUN: %s", strerror(errno));
			return -errno;
		}
		vm->exits++;
		seen_coalesced(vm);
		if (vm->run->exit_reason == KVM_EXIT_MMIO)
			seen_mmio(vm);
		else if (vm->run->exit_reason != KVM_EXIT_IO)
			break;
		else if (seen_io(vm))
			return 0;
	}
	ioctl(vm->cpu, KVM_GET_REGS, &regs);
	if (!vm->quiet)
		say("%s guest: exit %u (suberror %u) at rip %llx, after %lu exits",
		    vm_mode_name[vm->mode], vm->run->exit_reason, vm->run->internal.suberror,
		    regs.rip, vm->exits);
	vm->seen = mix(vm->seen, &vm->run->exit_reason, 4);
	return -EIO;
}

/* Finish the instruction that left: without it KVM would redo it in the next run. */
static void run_settle(struct vm *vm)
{
	vm->run->immediate_exit = 1;
	ioctl(vm->cpu, KVM_RUN, 0);
	vm->run->immediate_exit = 0;
}

int vm_run_regs(struct vm *vm, const struct kvm_regs *regs)
{
	int ret;

	if (ioctl(vm->cpu, KVM_SET_REGS, regs))
		return -errno;
	limit(vm->endless ? 0 : (vm->limit_ms ?: RUN_MS_MAX) * clock_scale());
	ret = run_to_end(vm);
	limit(0);
	run_settle(vm);
	return ret;
}

int vm_run(struct vm *vm, uint64_t offset)
{
	struct kvm_regs regs = {
		.rip = (vm->mode == VM_CODE16 ? 0 : VM_CODE) + offset,
		.rsp = (vm->mode == VM_CODE16 ? 0 : VM_STACKS) + 0xf000,
		.rflags = 2,
	};

	return vm_run_regs(vm, &regs);
}

uint32_t vm_apic_read(struct vm *vm, unsigned int offset)
{
	struct kvm_lapic_state a;
	uint32_t value = 0;

	if (!ioctl(vm->cpu, KVM_GET_LAPIC, &a))
		memcpy(&value, a.regs + offset, 4);
	return value;
}

static uint64_t apic_state(struct vm *vm, uint64_t sum)
{
	struct kvm_lapic_state a = {};

	ioctl(vm->cpu, KVM_GET_LAPIC, &a);
	/* up to the timer, whose count is time */
	return mix(sum, a.regs, 0x380);
}

static uint64_t ioapic_state(struct vm *vm, uint64_t sum)
{
	struct kvm_irqchip chip = { .chip_id = KVM_IRQCHIP_IOAPIC };

	ioctl(vm->fd, KVM_GET_IRQCHIP, &chip);
	return mix(sum, &chip.chip.ioapic, sizeof(chip.chip.ioapic));
}

static uint64_t events_state(struct vm *vm, uint64_t sum)
{
	uint64_t count;
	int i;

	for (i = 0; i < VM_EVENTFDS; i++) {
		count = 0;
		if (read(vm->event[i].fd, &count, sizeof(count)) < 0)
			count = 0;
		sum = mix(sum, &count, sizeof(count));
	}
	return sum;
}

static uint64_t cpu_state(struct vm *vm, uint64_t sum)
{
	struct kvm_vcpu_events events = {};
	struct kvm_debugregs debug = {};
	struct kvm_regs regs = {};
	struct kvm_sregs sregs = {};

	ioctl(vm->cpu, KVM_GET_REGS, &regs);
	ioctl(vm->cpu, KVM_GET_SREGS, &sregs);
	ioctl(vm->cpu, KVM_GET_VCPU_EVENTS, &events);
	ioctl(vm->cpu, KVM_GET_DEBUGREGS, &debug);
	sum = mix(sum, &regs, sizeof(regs));
	sum = mix(sum, &sregs, sizeof(sregs));
	sum = mix(sum, &events, sizeof(events));
	return mix(sum, &debug, sizeof(debug));
}

uint64_t vm_state(struct vm *vm)
{
	uint64_t sum = mix(vm->seen, &vm->fatal, 1);

	sum = cpu_state(vm, sum);
	sum = apic_state(vm, sum);
	sum = ioapic_state(vm, sum);
	sum = events_state(vm, sum);
	return mix(sum, vm->mem, VM_DATA + 0x10000);
}

void vm_state_say(struct vm *vm, const char *who)
{
	struct kvm_regs r = {};
	uint32_t n = vm_log_count(vm);

	ioctl(vm->cpu, KVM_GET_REGS, &r);
	say("%s: seen %llx exits %lu mmio %lu fatal %d cpu %llx apic %llx ioapic %llx memory %llx",
	    who, (unsigned long long)vm->seen, vm->exits, vm->mmio_exits, vm->fatal,
	    (unsigned long long)cpu_state(vm, 0), (unsigned long long)apic_state(vm, 0),
	    (unsigned long long)ioapic_state(vm, 0),
	    (unsigned long long)mix(0, vm->mem, VM_DATA + 0x10000));
	say("%s: rip %llx rsp %llx rflags %llx rax %llx, %u interrupts", who, r.rip, r.rsp,
	    r.rflags, r.rax, n);
	if (n)
		say("%s: the last: vector %x at %x", who, vm_log_vector(vm, n - 1),
		    vm_log_ip(vm, n - 1));
}

static uint32_t log_word(const struct vm *vm, unsigned int offset)
{
	uint32_t value;

	memcpy(&value, vm->mem + VM_LOG + offset, 4);
	return value;
}

uint32_t vm_log_count(const struct vm *vm)
{
	return log_word(vm, 0);
}

uint32_t vm_log_vector(const struct vm *vm, unsigned int nr)
{
	return log_word(vm, 0x10 + nr % VM_LOG_ENTRIES * 8);
}

uint32_t vm_log_ip(const struct vm *vm, unsigned int nr)
{
	return log_word(vm, 0x14 + nr % VM_LOG_ENTRIES * 8);
}
