// SPDX-License-Identifier: GPL-2.0
/*
 * The store fast path comes and goes while guests store: switched on and off, the
 * VM killed, the module unloaded and loaded, each many times. Nothing that a guest
 * counts is lost, and the module goes. In so many interrupts some are QEMU's own
 * doing (doubled.h): they are counted, and the guest's handler survives them.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <linux/dio_kvm.h>

#include "kselftest_harness.h"
#include "clock.h"
#include "doubled.h"
#include "kmod.h"
#include "report.h"
#include "sysfs.h"
#include "vmpair.h"

#define CYCLES		100	/* an RCU-tasks grace period or two each */
#define EXPEDITED	"/sys/kernel/rcu_expedited"
#define KILLS		10
#define LIFE_TIMEOUT_S	600

/*
 * A self-IPI whose EOI the handler leaves to the code, the EOI, and a count in R13;
 * each 64 rounds user space is told, and a byte of memory says whether to go on.
 */
static void endless(struct seq *s)
{
	uint32_t icr = VM_APIC + 0x300, vector = 0x44083, at = VM_EOI, zero = 0;
	unsigned int loop;
	int32_t rel;

	loop = s->at;
	seq_bytes(s, (const uint8_t []){ 0xc7, 0x04, 0x25 }, 3);
	seq_bytes(s, &icr, 4);
	seq_bytes(s, &vector, 4);
	seq_bytes(s, (const uint8_t []){ 0xfb, 0x90, 0x90, 0xfa, 0xc7, 0x04, 0x25 }, 7);
	seq_bytes(s, &at, 4);
	seq_bytes(s, &zero, 4);
	seq_bytes(s, (const uint8_t []){ 0x49, 0xff, 0xc5, 0x41, 0xf6, 0xc5, 0x3f, 0x75 }, 8);
	seq_bytes(s, (const uint8_t []){ loop - (s->at + 1) }, 1);
	/* out; cmpb $0, VM_DATA; jz loop */
	seq_bytes(s, (const uint8_t []){ 0xe7, VM_PORT_CALL, 0x80, 0x3c, 0x25 }, 5);
	seq_bytes(s, (const uint32_t []){ VM_DATA }, 4);
	seq_bytes(s, (const uint8_t []){ 0x00, 0x0f, 0x84 }, 3);
	rel = loop - (s->at + 4);
	seq_bytes(s, &rel, 4);
}

struct guest {
	struct vm vm;
	pthread_t thread;
	int ret;
};

/* A second interrupt in the handler must not write over the frame of the first. */
static void same_stack(struct vm *vm)
{
	for (int v = 0; v < 256; v++)
		vm->mem[VM_IDT + 16 * v + 4] = 0;
}

static int guest_open(struct guest *g)
{
	struct seq s;
	int ret;

	memset(g, 0, sizeof(*g));
	ret = vm_load() ?: vm_open(&g->vm, VM_LONG);
	if (ret)
		return ret;
	g->vm.endless = true;
	same_stack(&g->vm);
	seq_begin(&s, VM_LONG, 1, g->vm.mem + VM_CODE);
	endless(&s);
	seq_end(&s);
	return 0;
}

static void *guest_thread(void *data)
{
	struct guest *g = data;

	/* one processor: the guest has what is left of it */
	if (clock_is_cheap())
		setpriority(PRIO_PROCESS, 0, 10);
	g->ret = vm_run(&g->vm, 0);
	return NULL;
}

static void guest_stop(struct guest *g)
{
	*(volatile uint8_t *)(g->vm.mem + VM_DATA) = 1;
	pthread_join(g->thread, NULL);
}

/* Each round is one interrupt and one EOI, whoever does it. */
static bool guest_right(struct guest *g)
{
	struct kvm_regs regs;
	int doubled = doubled_count();

	if (g->ret || ioctl(g->vm.cpu, KVM_GET_REGS, &regs))
		return false;
	say("%llu rounds, %u interrupts, %d of them QEMU's", regs.r13, vm_log_count(&g->vm),
	    doubled);
	return regs.r13 + doubled == vm_log_count(&g->vm);
}

FIXTURE(life) {
	struct guest guest;
};

FIXTURE_SETUP(life)
{
	/* half of each test is grace periods, with a virtual CPU that is never idle */
	sysfs_write("1", EXPEDITED);
	ASSERT_EQ(0, guest_open(&self->guest));
	ASSERT_EQ(0, doubled_watch());
	doubled_forget();
}

FIXTURE_TEARDOWN(life)
{
	doubled_unwatch();
	vm_close(&self->guest.vm);
	sysfs_write("0", EXPEDITED);
}

static const uint32_t modes[] = { DIO_KVM_STORES_EOI, DIO_KVM_STORES_ALL, DIO_KVM_STORES_OFF };

TEST_F_TIMEOUT(life, switched, LIFE_TIMEOUT_S)
{
	struct guest *g = &self->guest;
	int i, n = clock_rounds(CYCLES);

	ASSERT_EQ(0, pthread_create(&g->thread, NULL, guest_thread, g));
	for (i = 0; i < 3 * n; i++)
		EXPECT_EQ(0, vm_stores_set(&g->vm, modes[i % 3], NULL, 0));
	guest_stop(g);
	EXPECT_TRUE(guest_right(g));
}

/* Unloading switches it off; the guest goes on. */
TEST_F_TIMEOUT(life, unloaded, LIFE_TIMEOUT_S)
{
	struct guest *g = &self->guest;
	int i, n = clock_rounds(CYCLES) / 10 + 1;
	struct vm_stores st;
	unsigned long fast = 0;

	ASSERT_EQ(0, pthread_create(&g->thread, NULL, guest_thread, g));
	for (i = 0; i < n; i++) {
		EXPECT_EQ(0, kmod_load("dio_kvm"));
		EXPECT_EQ(0, vm_stores_set(&g->vm, DIO_KVM_STORES_ALL, NULL, 0));
		EXPECT_TRUE(wait_until(!vm_stores_get(&g->vm, &st) && st.eoi, 10000));
		fast += st.eoi;
		EXPECT_EQ(0, kmod_unload("dio_kvm"));
	}
	guest_stop(g);
	say("%lu EOIs by the fast path", fast);
	EXPECT_TRUE(guest_right(g));
}

/* A VMM that dies with the fast path on leaves nothing. */
TEST_F_TIMEOUT(life, killed, LIFE_TIMEOUT_S)
{
	struct vm_stores st;
	struct guest g;
	int i, status;
	pid_t pid;

	for (i = 0; i < clock_rounds(KILLS) + 1; i++) {
		pid = fork();
		if (!pid) {
			if (guest_open(&g) || vm_stores_set(&g.vm, DIO_KVM_STORES_ALL, NULL, 0))
				_exit(1);
			pthread_create(&g.thread, NULL, guest_thread, &g);
			if (!wait_until(!vm_stores_get(&g.vm, &st) && st.eoi, 10000))
				_exit(1);
			raise(SIGKILL);
		}
		ASSERT_EQ(pid, waitpid(pid, &status, 0));
		EXPECT_TRUE(WIFSIGNALED(status));
	}
	EXPECT_EQ(0, kmod_unload("dio_kvm"));
}

TEST_HARNESS_MAIN
