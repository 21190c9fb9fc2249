// SPDX-License-Identifier: GPL-2.0
/*
 * Virtual CPUs named by their VM: the right thread is served, halt polling is off
 * while it is reserved and back after it, a configuration that defeats the purpose
 * is refused, and a VM that dies is let go of.
 */
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "clock.h"
#include "kmod.h"
#include "owner.h"
#include "report.h"
#include "schednl.h"
#include "stage.h"
#include "thread.h"
#include "tinyvm.h"

#define GONE_MS		4000
#define KILLS		20

FIXTURE(vm) {
	struct genl nl;
	struct tinyvm vm;
};

FIXTURE_SETUP(vm)
{
	ASSERT_EQ(0, kmod_load("kvm_amd"));
	ASSERT_EQ(0, schednl_open(&self->nl));
}

FIXTURE_TEARDOWN(vm)
{
	genl_close(&self->nl);
	EXPECT_EQ(0, kmod_unload(MODULE));
}

TEST_F(vm, the_right_thread)
{
	struct own own[TINYVM_VCPUS], now;
	struct schednl_target t;

	ASSERT_EQ(0, tinyvm_start(&self->vm, true));
	for (int i = 0; i < TINYVM_VCPUS; i++)
		ASSERT_EQ(0, thread_own(self->vm.tid[i], &own[i]));
	ASSERT_TRUE(wait_until(!schednl_reserve_vcpu(&self->nl, self->vm.fd, 1, 2 * MS), 2000))
		TH_LOG("%s", self->nl.text);
	ASSERT_EQ(0, schednl_get(&self->nl, self->vm.tid[1], &t));
	EXPECT_EQ(DIO_SCHED_STATE_ACTIVE, t.state);
	ASSERT_EQ(0, thread_own(self->vm.tid[1], &now));
	EXPECT_EQ(SCHED_DEADLINE, now.policy);
	EXPECT_TRUE(thread_is(self->vm.tid[0], &own[0], true));
	EXPECT_EQ(-EINVAL, schednl_reserve_vcpu(&self->nl, self->vm.fd, TINYVM_VCPUS, 2 * MS));
	EXPECT_NE(NULL, strstr(self->nl.text, "vcpu 2: the VM has 2"));
	EXPECT_EQ(0, schednl_del(&self->nl, self->vm.tid[1]));
	EXPECT_TRUE(thread_is(self->vm.tid[1], &own[1], true));
	EXPECT_EQ(-EINVAL, schednl_reserve_vcpu(&self->nl, self->vm.kvm, 0, 2 * MS));
	EXPECT_EQ(-EINVAL, schednl_reserve_vcpu(&self->nl, self->vm.vcpu[0], 0, 2 * MS));
}

/* A VM that KVM gives no interrupts is refused, and may be forced. */
TEST_F(vm, guard)
{
	struct schednl_set set = SCHEDNL_SET;

	ASSERT_EQ(0, tinyvm_start(&self->vm, false));
	set.vm_fd = self->vm.fd;
	set.mode = DIO_SCHED_MODE_RESERVE;
	set.runtime = 1 * MS;
	set.period = 10 * MS;
	EXPECT_EQ(-EOPNOTSUPP, schednl_set(&self->nl, &set));
	EXPECT_NE(NULL, strstr(self->nl.text, "no irqchip in KVM"))
		TH_LOG("%s", self->nl.text);
	set.force = 1;
	EXPECT_EQ(0, schednl_set(&self->nl, &set))
		TH_LOG("%s", self->nl.text);
}

TEST_F(vm, vms_that_die)
{
	for (int i = 0; i < KILLS / (clock_scale() > 1 ? 4 : 1); i++) {
		pid_t pid, tid;
		int fd;

		pid = tinyvm_process(false, &fd, &tid);
		ASSERT_LE(0, fd);
		ASSERT_TRUE(wait_until(!schednl_reserve_vcpu(&self->nl, fd, i % TINYVM_VCPUS,
							     1 * MS), 2000))
			TH_LOG("%s", self->nl.text);
		close(fd);
		if (i % 4)
			usleep(i * 500);
		thread_kill(pid);
		EXPECT_TRUE(wait_until(schednl_count(&self->nl) == 0, GONE_MS * clock_scale()));
	}
	/* KVM has no VM left: nothing holds one */
	EXPECT_TRUE(wait_until(kmod_unload("kvm_amd") == 0, GONE_MS));
}

/* Interrupts that reach the host and no irqfd: the monitor's loop delivers them. */
TEST_F(vm, monitor_in_the_path)
{
	struct mode mode = MODE_PERMISSIVE;
	struct schednl_set set = SCHEDNL_SET;
	int event = eventfd(0, EFD_NONBLOCK);
	struct owner owner = OWNER_INIT;
	struct schednl_target t;
	struct stage stage;

	ASSERT_EQ(0, tinyvm_start(&self->vm, true));
	STAGE_SETUP(&stage, "edu_rp", &mode);
	ASSERT_EQ(0, dionl_dev_vectors(&stage.nl, stage.dev.addr, DIO_VFIO_VECTORS_OWN));
	ASSERT_EQ(0, owner_open(&owner, &stage.dev));
	owner_enable(&owner, COMMAND_MEM | COMMAND_BME);
	ASSERT_EQ(0, owner_irq(&owner, VFIO_PCI_MSI_IRQ_INDEX, event));
	set.vm_fd = self->vm.fd;
	set.mode = DIO_SCHED_MODE_BOOST;
	set.source = DIO_SCHED_SOURCE_DEVICE;
	set.addr = stage.dev.addr;
	set.runtime = 1 * MS;
	set.period = 10 * MS;
	ASSERT_TRUE(wait_until(schednl_set(&self->nl, &set) == 0, 2000))
		TH_LOG("%s", self->nl.text);
	ASSERT_EQ(0, schednl_get(&self->nl, self->vm.tid[0], &t));
	EXPECT_EQ(DIO_SCHED_STATE_ACTIVE, t.state);
	mmio_write(&owner.mmio, 0, 0x60, 4, 1);
	mmio_write(&owner.mmio, 0, 0x64, 4, 1);
	EXPECT_TRUE(wait_until(!schednl_get(&self->nl, self->vm.tid[0], &t) &&
			       t.state == DIO_SCHED_STATE_SUSPENDED, 5000 * clock_scale()));
	EXPECT_EQ(1, t.interrupts);
	EXPECT_NE(NULL, strstr(t.reason, "no irqfd"))
		TH_LOG("%s", t.reason);
	/* the variant driver is held while it is a source, and no longer */
	EXPECT_EQ(-EAGAIN, kmod_unload(KMOD_DIO));
	EXPECT_EQ(0, schednl_del(&self->nl, self->vm.tid[0]));
	owner_close(&owner);
	stage_close(&stage);
}

TEST_HARNESS_MAIN
