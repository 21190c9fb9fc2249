// SPDX-License-Identifier: GPL-2.0
/*
 * A commit of interrupt routes that changes nothing: KVM waits for a grace period,
 * and with `routes same` does not.  Whatever is committed in whatever order, an
 * interrupt goes where the last commit that was accepted says: to the vector that
 * is then pending in the local APIC.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/ioctl.h>
#include <linux/kvm.h>

#include "kselftest_harness.h"
#include "clock.h"
#include "kcount.h"
#include "kmod.h"
#include "kvmnl.h"

#define GSI		24	/* the first behind the IOAPIC's pins */
#define ROUTES_MAX	8
#define VECTOR		0x50
#define VECTORS		4
#define COMMITS		10
#define STEPS		600
#define SWITCHES	20
#define LAPIC_SPIV	0xf0
#define LAPIC_IRR	0x200

static const struct kcounter counters[] = {
	{ "grace", "synchronize_srcu_expedited" },
};

struct table {
	struct kvm_irq_routing head;
	struct kvm_irq_routing_entry entry[ROUTES_MAX];
};

FIXTURE(routes) {
	struct genl nl;
	int kvm, vm, vcpu;
	struct table t;
	volatile bool stop;
	int error;
};

/* @n MSIs to the one virtual CPU; the first has @vector. */
static void table_make(struct table *t, unsigned int n, unsigned int vector)
{
	unsigned int i;

	memset(t, 0, sizeof(*t));
	t->head.nr = n;
	for (i = 0; i < n; i++) {
		t->entry[i].gsi = GSI + i;
		t->entry[i].type = KVM_IRQ_ROUTING_MSI;
		t->entry[i].u.msi.address_lo = 0xfee00000;
		t->entry[i].u.msi.data = vector + i * 0x10;
	}
}

static int commit(int vm, struct table *t)
{
	return ioctl(vm, KVM_SET_GSI_ROUTING, t) ? -errno : 0;
}

static int commit_new(int vm, struct table *t, unsigned int n, unsigned int vector)
{
	table_make(t, n, vector);
	return commit(vm, t);
}

static int enable_apic(int vcpu)
{
	struct kvm_lapic_state apic;

	if (ioctl(vcpu, KVM_GET_LAPIC, &apic))
		return -errno;
	*(uint32_t *)(apic.regs + LAPIC_SPIV) = 0x1ff;
	return ioctl(vcpu, KVM_SET_LAPIC, &apic) ? -errno : 0;
}

/* Interrupt @GSI: the vector that is pending then and is taken back, or -1. */
static int vector_of(int vm, int vcpu)
{
	struct kvm_irq_level line = { .irq = GSI, .level = 1 };
	struct kvm_lapic_state apic;
	int vector, found = -1;

	if (ioctl(vm, KVM_IRQ_LINE, &line) || ioctl(vcpu, KVM_GET_LAPIC, &apic))
		return -1;
	for (vector = 0; vector < 256; vector++) {
		uint32_t *irr = (uint32_t *)(apic.regs + LAPIC_IRR + vector / 32 * 16);

		if (*irr & 1u << vector % 32) {
			if (found >= 0)
				return -1;
			found = vector;
			*irr = 0;
		}
	}
	return ioctl(vcpu, KVM_SET_LAPIC, &apic) ? -1 : found;
}

static int routes_set(struct genl *nl, int vm, uint32_t mode)
{
	return kvmnl_vm_set_to(nl, vm, DIO_KVM_A_VM_ROUTES, mode);
}

FIXTURE_SETUP(routes)
{
	if (kmod_load("kvm_amd") && kmod_load("kvm_intel"))
		SKIP(return, "no KVM on this machine");
	ASSERT_EQ(0, kmod_load("dio_kvm"));
	ASSERT_EQ(0, kvmnl_open(&self->nl));
	self->kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	self->vm = ioctl(self->kvm, KVM_CREATE_VM, 0);
	ASSERT_LE(0, self->vm);
	ASSERT_EQ(0, ioctl(self->vm, KVM_CREATE_IRQCHIP));
	self->vcpu = ioctl(self->vm, KVM_CREATE_VCPU, 0);
	ASSERT_LE(0, self->vcpu);
	ASSERT_EQ(0, enable_apic(self->vcpu));
	ASSERT_EQ(0, kcount_start_named(counters, 1));
}

FIXTURE_TEARDOWN(routes)
{
	kcount_stop();
	close(self->vcpu);
	close(self->vm);
	close(self->kvm);
	genl_close(&self->nl);
	kmod_unload("dio_kvm");
}

/* Grace periods of @COMMITS equal commits behind a first one. */
static long equal_commits(struct __test_metadata *_metadata, FIXTURE_DATA(routes) *self)
{
	long before;
	int i;

	EXPECT_EQ(0, commit_new(self->vm, &self->t, 3, VECTOR));
	before = kcount_named("grace");
	for (i = 0; i < COMMITS; i++)
		EXPECT_EQ(0, commit_new(self->vm, &self->t, 3, VECTOR));
	EXPECT_EQ(VECTOR, vector_of(self->vm, self->vcpu));
	return kcount_named("grace") - before;
}

static long other_commits(struct __test_metadata *_metadata, FIXTURE_DATA(routes) *self)
{
	long before = kcount_named("grace");
	int i;

	for (i = 1; i <= COMMITS; i++) {
		EXPECT_EQ(0, commit_new(self->vm, &self->t, 3, VECTOR + i % 2));
		EXPECT_EQ(VECTOR + i % 2, vector_of(self->vm, self->vcpu));
	}
	return kcount_named("grace") - before;
}

TEST_F(routes, grace_periods)
{
	struct kvmnl_vm vm;

	EXPECT_EQ(COMMITS, equal_commits(_metadata, self));
	EXPECT_EQ(COMMITS, other_commits(_metadata, self));
	ASSERT_EQ(0, routes_set(&self->nl, self->vm, DIO_KVM_ROUTES_SAME))
		TH_LOG("%s", self->nl.text);
	EXPECT_EQ(0, equal_commits(_metadata, self));
	EXPECT_EQ(COMMITS, other_commits(_metadata, self));
	ASSERT_EQ(0, kvmnl_vm_get(&self->nl, self->vm, &vm));
	EXPECT_EQ(DIO_KVM_ROUTES_SAME, vm.routes);
	EXPECT_EQ(COMMITS, vm.skipped);
	EXPECT_EQ(COMMITS + 1, vm.passed);
	ASSERT_EQ(0, routes_set(&self->nl, self->vm, DIO_KVM_ROUTES_OFF));
	EXPECT_EQ(COMMITS, equal_commits(_metadata, self));
	EXPECT_EQ(-ERANGE, routes_set(&self->nl, self->vm, DIO_KVM_ROUTES_SAME + 1));
}

/* A route whose meaning is not in the entry alone is KVM's each time. */
TEST_F(routes, other_kinds)
{
	long before;
	int i;

	ASSERT_EQ(0, routes_set(&self->nl, self->vm, DIO_KVM_ROUTES_SAME));
	table_make(&self->t, 2, VECTOR);
	self->t.entry[1].type = KVM_IRQ_ROUTING_HV_SINT;
	memset(&self->t.entry[1].u, 0, sizeof(self->t.entry[1].u));
	before = kcount_named("grace");
	for (i = 0; i < COMMITS; i++)
		if (commit(self->vm, &self->t))
			SKIP(return, "no Hyper-V routes in this kernel");
	EXPECT_EQ(COMMITS, kcount_named("grace") - before);
}

/* Refused as by stock; what was in force stays, and is not mistaken afterwards. */
TEST_F(routes, refused)
{
	struct kvmnl_vm vm;

	ASSERT_EQ(0, routes_set(&self->nl, self->vm, DIO_KVM_ROUTES_SAME));
	ASSERT_EQ(0, commit_new(self->vm, &self->t, 2, VECTOR));
	self->t.entry[1].type = 99;
	EXPECT_EQ(-EINVAL, commit(self->vm, &self->t));
	EXPECT_EQ(VECTOR, vector_of(self->vm, self->vcpu));
	table_make(&self->t, 2, VECTOR);
	self->t.head.flags = 1;
	EXPECT_EQ(-EINVAL, commit(self->vm, &self->t));
	ASSERT_EQ(0, commit_new(self->vm, &self->t, 2, VECTOR));
	ASSERT_EQ(0, commit_new(self->vm, &self->t, 2, VECTOR));
	ASSERT_EQ(0, commit_new(self->vm, &self->t, 0, 0));
	EXPECT_EQ(-1, vector_of(self->vm, self->vcpu));
	ASSERT_EQ(0, kvmnl_vm_get(&self->nl, self->vm, &vm));
	EXPECT_EQ(1, vm.skipped);
}

TEST_F(routes, random_commits)
{
	unsigned int vector = VECTOR, n = 1, i;
	uint32_t mode = DIO_KVM_ROUTES_OFF;

	srandom(1);
	ASSERT_EQ(0, commit_new(self->vm, &self->t, n, vector));
	for (i = 0; i < (unsigned int)clock_rounds(STEPS); i++) {
		switch (random() % 8) {
		case 0:
			if (random() % 4)
				break;
			mode = !mode;
			ASSERT_EQ(0, routes_set(&self->nl, self->vm, mode));
			break;
		case 1:
			n = 1 + random() % ROUTES_MAX;
			break;
		case 2 ... 4:
			vector = VECTOR + random() % VECTORS;
			break;
		}
		ASSERT_EQ(0, commit_new(self->vm, &self->t, n, vector));
		ASSERT_EQ(vector, vector_of(self->vm, self->vcpu))
			TH_LOG("step %u, mode %u", i, mode);
	}
}

static void *commits(void *data)
{
	FIXTURE_DATA(routes) *self = data;
	int i, vector;

	for (i = 0; !self->stop && !self->error; i++) {
		vector = VECTOR + i / 3 % VECTORS;
		self->error = commit_new(self->vm, &self->t, 2, vector);
		if (!self->error && vector_of(self->vm, self->vcpu) != vector)
			self->error = -EILSEQ;
	}
	return NULL;
}

/* On and off while the monitor commits; each interrupt goes where it should. */
TEST_F(routes, switched_meanwhile)
{
	pthread_t thread;
	int i;

	ASSERT_EQ(0, pthread_create(&thread, NULL, commits, self));
	for (i = 0; i < SWITCHES; i++)
		EXPECT_EQ(0, routes_set(&self->nl, self->vm, i % 2 ? DIO_KVM_ROUTES_OFF :
					DIO_KVM_ROUTES_SAME));
	self->stop = true;
	pthread_join(thread, NULL);
	EXPECT_EQ(0, self->error);
}

/* The VM ends with the feature on: its copy goes with it, and the module can go. */
TEST_F(routes, the_vm_ends)
{
	ASSERT_EQ(0, routes_set(&self->nl, self->vm, DIO_KVM_ROUTES_SAME));
	ASSERT_EQ(0, commit_new(self->vm, &self->t, ROUTES_MAX, VECTOR));
	close(self->vcpu);
	close(self->vm);
	self->vcpu = -1;
	self->vm = -1;
	ASSERT_EQ(0, kmod_unload("dio_kvm"));
}

TEST_HARNESS_MAIN
