// SPDX-License-Identifier: GPL-2.0
/*
 * What dio_kvm does for assigned devices, on machines that have none to assign: MSI-X
 * tables on KVM's bus, and pins raised by whoever asks. dio_kvm_owner stands for
 * dio_vfio_pci. Two VMs do the same, one with the store fast path; a VM whose state is
 * protected is left to KVM; and where ranges of the bus overlap both find the same.
 */
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include "cases.h"
#include "clock.h"
#include "kmod.h"
#include "sysfs.h"

#define MODULE		"dio_kvm_owner"
#define FILES		"/sys/module/" MODULE "/parameters/files"
#define OWNER_FILE	"/sys/kernel/debug/" MODULE "/%s"
#define TABLE		(VM_MMIO + 0x8000)
#define MASK_WORD		(TABLE + 12)
#define PAIRS		8
#define TOLD		5		/* stores before them, a pair and a message */
#define HOME		1		/* eventfds of a vector */
#define AWAY		2
#define LEVEL_GSI	8
#define LEVEL_VECTOR	0x5b		/* its handler leaves the EOI to the code */
#define LIVES		100
#define OVERLAP		(VM_MMIO + 0x900)

enum { CALL_OPENED, CALL_MASKED, CALL_REVEALED };

/* Its files hold the module, which the next test may want to go: there while needed. */
static int owner(const char *name, const char *fmt, ...)
{
	char text[64];
	va_list ap;
	int ret;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	ret = sysfs_write("1", FILES) ?: sysfs_write(text, OWNER_FILE, name);
	return sysfs_write("0", FILES) ?: ret;
}

static bool owner_says(const char *name, char *text, size_t size)
{
	bool ret = !sysfs_write("1", FILES) && sysfs_read(text, size, OWNER_FILE, name) > 0;

	return !sysfs_write("0", FILES) && ret;
}

static int owner_number(const char *name)
{
	char text[16];

	return owner_says(name, text, sizeof(text)) ? atoi(text) : -1;
}

static struct {
	int masks, unmasks, waits;
} did;

static bool owner_did(int slot)
{
	char text[80];

	return !owner("did", "%d", slot) &&
	       owner_says("did", text, sizeof(text)) &&
	       sscanf(text, "masks %d unmasks %d waits %d", &did.masks, &did.unmasks,
		      &did.waits) == 3;
}

/* vmpair_open() takes this build of the module. */
static void __attribute__((constructor)) which_module(void)
{
	vm_module = MODULE;
}

static struct vmpair *pair_of_calls;
static unsigned long seen_exits[2];

static int slot_of(const struct vm *vm)
{
	return vm == &pair_of_calls->fast;
}

/* A monitor that gets a mask, or an unmask, gives the vector another eventfd. */
static void monitor(struct vm *vm, uint32_t value)
{
	int slot = slot_of(vm);
	bool told = vm->mmio_exits != seen_exits[slot];

	seen_exits[slot] = vm->mmio_exits;
	if (!told)
		return;
	if (value == CALL_MASKED)
		owner("switched", "%d 0 %d %d", slot, HOME, AWAY);
	else
		owner("switched", "%d 0 %d %d", slot, AWAY, HOME);
}

static void begin(struct vmpair *p)
{
	pair_of_calls = p;
	seen_exits[0] = p->stock.mmio_exits;
	seen_exits[1] = p->fast.mmio_exits;
}

static int tables_open(struct vmpair *p, uint32_t gpa)
{
	begin(p);
	return owner("open", "0 %d", p->stock.fd) ?: owner("open", "1 %d", p->fast.fd) ?:
	       owner("map", "0 %x", gpa) ?: owner("map", "1 %x", gpa);
}

static void tables_close(void)
{
	owner("close", "0");
	owner("close", "1");
}

/* The message is written while the vector is masked for the first time. */
static void masks(struct seq *s, int pairs)
{
	put32(s, MASK_WORD, 1);
	call_user(s, CALL_MASKED);
	put32(s, TABLE, 0xfee00000);
	put32(s, TABLE + 4, 0);
	put32(s, TABLE + 8, 0x41);
	put32(s, MASK_WORD, 0);
	call_user(s, CALL_OPENED);
	while (pairs--) {
		put32(s, MASK_WORD, 1);
		call_user(s, CALL_MASKED);
		put32(s, MASK_WORD, 0);
		call_user(s, CALL_OPENED);
	}
}

/* The first pair and its message are the monitor's; what is kept is masked in the device. */
TEST_F(cases, masks)
{
	unsigned long before = self->pair.fast.mmio_exits;
	struct vm_stores st;
	int slot;

	ASSERT_EQ(0, tables_open(&self->pair, TABLE));
	vmpair_call(&self->pair, monitor);
	masks(&self->s, PAIRS);
	BYTES(&self->s, 0x8b, 0x04, 0x25);		/* and a load of the control word */
	seq_bytes(&self->s, &(uint32_t){ MASK_WORD }, 4);
	RUN();
	for (slot = 0; slot < 2; slot++) {
		ASSERT_TRUE(owner_did(slot));
		EXPECT_EQ(PAIRS, did.masks);
		EXPECT_EQ(PAIRS, did.unmasks);
	}
	EXPECT_EQ(TOLD, self->pair.fast.mmio_exits - before);
	EXPECT_EQ(2 * PAIRS, (long)st.device);
	tables_close();
}

/* The same code without a table: all of it is the monitor's. */
TEST_F(cases, masks_not_kept)
{
	unsigned long before = self->pair.fast.mmio_exits;
	struct vm_stores st;

	masks(&self->s, PAIRS);
	RUN();
	EXPECT_EQ(TOLD + 2 * PAIRS, self->pair.fast.mmio_exits - before);
	EXPECT_EQ(0, st.device);
}

static void protect(struct vm *vm)
{
	owner("protect", "%d 1", vm->fd);
}

static void reveal(struct vm *vm, uint32_t value)
{
	if (value == CALL_REVEALED)
		owner("protect", "%d 0", vm->fd);
	else
		monitor(vm, value);
}

/* Of a processor whose state is protected nothing is decoded, and no mask is kept. */
TEST_F(cases, protected_state)
{
	struct vm_stores st;

	if (vm_intel())
		SKIP(return, "KVM of VMX warns of such a processor in a VM that is not one of TDX");
	ASSERT_EQ(0, tables_open(&self->pair, TABLE));
	vmpair_call(&self->pair, reveal);
	self->pair.prepare = protect;
	ipi(&self->s, 0x91);
	window(&self->s);
	eoi(&self->s);
	masks(&self->s, 4);
	call_user(&self->s, CALL_REVEALED);
	RUN();
	EXPECT_EQ(0, st.eoi);
	EXPECT_EQ(0, st.device);
	EXPECT_LT(0, (long)st.slow[SLOW_STATE]);
	ASSERT_TRUE(owner_did(1));
	EXPECT_EQ(0, did.masks);
	tables_close();
}

/* A VM that was made as a protected one gets no table. */
TEST_F(cases, protected_vm)
{
	if (owner_number("secret") != 1)
		SKIP(return, "this kernel has no VMs of that kind");
	ASSERT_EQ(0, owner("secret", "%d 1", self->pair.fast.fd));
	EXPECT_EQ(-EOPNOTSUPP, owner("open", "1 %d", self->pair.fast.fd));
	ASSERT_EQ(0, owner("secret", "%d 0", self->pair.fast.fd));
	EXPECT_EQ(0, owner("open", "1 %d", self->pair.fast.fd));
	EXPECT_EQ(0, owner("close", "1"));
}

static int trigger[2], resample[2];

static bool line_is_high(struct vm *vm)
{
	struct kvm_irqchip chip = { .chip_id = KVM_IRQCHIP_IOAPIC };

	return !ioctl(vm->fd, KVM_GET_IRQCHIP, &chip) && chip.chip.ioapic.irr >> LEVEL_GSI & 1;
}

static int irqfd(struct vm *vm, int nr, unsigned int flags)
{
	struct kvm_irqfd fd = { .gsi = LEVEL_GSI, .flags = flags };

	fd.fd = trigger[nr];
	fd.resamplefd = resample[nr];
	return ioctl(vm->fd, KVM_IRQFD, &fd) ? -errno : 0;
}

static int pins_open(struct vmpair *p, unsigned int flags)
{
	int i;

	for (i = 0; i < 2; i++) {
		trigger[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		resample[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	}
	begin(p);
	return irqfd(&p->stock, 0, flags) ?: irqfd(&p->fast, 1, flags);
}

static void pins_close(void)
{
	int i;

	for (i = 0; i < 2; i++) {
		close(trigger[i]);
		close(resample[i]);
	}
}

/* 1: raised, 0: nothing was done, or a negative errno */
static int raise_pin(int nr)
{
	int ret = owner("raise", "%d", trigger[nr]);

	return ret ?: owner_number("raise");
}

static unsigned int late;

/* KVM by its work in one VM, this in the other, where the pin is high on return. */
static void raise_either(struct vm *vm, uint32_t value)
{
	uint64_t one = 1;

	(void)value;
	if (slot_of(vm)) {
		late += raise_pin(1) != 1 || !line_is_high(vm);
		return;
	}
	(void)!write(trigger[0], &one, sizeof(one));
	if (!wait_until(line_is_high(vm), 10000))
		say("the line does not rise");
}

static uint64_t count_of(int fd)
{
	uint64_t count = 0;

	return read(fd, &count, sizeof(count)) == sizeof(count) ? count : 0;
}

TEST_F(cases, pin)
{
	struct vm_stores st;
	int i;

	ASSERT_EQ(0, pins_open(&self->pair, KVM_IRQFD_FLAG_RESAMPLE));
	vmpair_call(&self->pair, raise_either);
	late = 0;
	for (i = 0; i < 5; i++) {
		call_user(&self->s, 0);
		window(&self->s);
		eoi(&self->s);
		window(&self->s);
	}
	RUN();
	EXPECT_EQ(0, late);
	EXPECT_VECTORS(LEVEL_VECTOR, LEVEL_VECTOR, LEVEL_VECTOR, LEVEL_VECTOR, LEVEL_VECTOR);
	EXPECT_EQ(5, count_of(resample[0]));
	EXPECT_EQ(5, count_of(resample[1]));
	/* nobody has signalled it */
	EXPECT_EQ(0, count_of(trigger[1]));
	EXPECT_FALSE(line_is_high(&self->pair.fast));
	pins_close();
}

/* Who else reads the eventfd wants the signal, and so does who is no irqfd. */
TEST_F(cases, no_pin)
{
	struct epoll_event event = { .events = EPOLLIN };
	int poll = epoll_create1(EPOLL_CLOEXEC);

	ASSERT_EQ(0, pins_open(&self->pair, KVM_IRQFD_FLAG_RESAMPLE));
	ASSERT_EQ(0, epoll_ctl(poll, EPOLL_CTL_ADD, trigger[1], &event));
	EXPECT_EQ(0, raise_pin(1));
	ASSERT_EQ(0, epoll_ctl(poll, EPOLL_CTL_DEL, trigger[1], &event));
	EXPECT_EQ(1, raise_pin(1));
	ASSERT_EQ(0, irqfd(&self->pair.fast, 1, KVM_IRQFD_FLAG_DEASSIGN));
	EXPECT_FALSE(line_is_high(&self->pair.fast));
	EXPECT_EQ(0, raise_pin(1));
	ASSERT_EQ(0, epoll_ctl(poll, EPOLL_CTL_ADD, trigger[1], &event));
	EXPECT_EQ(0, raise_pin(1));
	/* one without resample is raised by KVM where it is signalled */
	ASSERT_EQ(0, epoll_ctl(poll, EPOLL_CTL_DEL, trigger[1], &event));
	ASSERT_EQ(0, irqfd(&self->pair.fast, 1, 0));
	EXPECT_EQ(0, raise_pin(1));
	EXPECT_FALSE(line_is_high(&self->pair.fast));
	close(poll);
	pins_close();
}

static volatile bool ended;
static unsigned long raised;

static void *raiser(void *unused)
{
	(void)unused;
	while (!ended)
		raised += raise_pin(1) == 1;
	return NULL;
}

/* Raised while its irqfd ends: who lowers it last is KVM. */
TEST_F(cases, pin_ends)
{
	int i, high = 0, lives = clock_rounds(LIVES);
	pthread_t thread;

	ASSERT_EQ(0, pins_open(&self->pair, KVM_IRQFD_FLAG_RESAMPLE));
	ended = false;
	raised = 0;
	ASSERT_EQ(0, pthread_create(&thread, NULL, raiser, NULL));
	for (i = 0; i < lives; i++) {
		wait_until(line_is_high(&self->pair.fast), 1000);
		EXPECT_EQ(0, irqfd(&self->pair.fast, 1, KVM_IRQFD_FLAG_DEASSIGN));
		high += line_is_high(&self->pair.fast);
		EXPECT_EQ(0, irqfd(&self->pair.fast, 1, KVM_IRQFD_FLAG_RESAMPLE));
	}
	ended = true;
	pthread_join(thread, NULL);
	say("%lu times raised in %d lives", raised, lives);
	EXPECT_LE(lives / 2, (long)raised);
	EXPECT_EQ(0, high);
	pins_close();
}

/* Ranges of ioeventfds that lie in one another. */
static const struct { uint32_t at, len; } ranges[] = {
	{ 0, 8 }, { 4, 4 }, { 2, 2 }, { 7, 1 }, { 6, 4 }, { 0x10, 4 }, { 0x12, 2 }, { 0x14, 8 },
};

#define RANGES	(sizeof(ranges) / sizeof(ranges[0]))

static int range_fd[2][RANGES];

static int ranges_open(struct vm *vm, int *fd)
{
	unsigned int i;

	for (i = 0; i < RANGES; i++) {
		struct kvm_ioeventfd e = {
			.addr = OVERLAP + ranges[i].at, .len = ranges[i].len,
			.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
		};

		fd[i] = e.fd;
		if (ioctl(vm->fd, KVM_IOEVENTFD, &e))
			return -errno;
	}
	return 0;
}

/* Stores of each width at each address: their signals are the same ones. */
static void everywhere(struct seq *s)
{
	static const uint8_t store[][5] = {
		{ 0x88, 0x03 }, { 0x66, 0x89, 0x03 }, { 0x89, 0x03 }, { 0x48, 0x89, 0x03 },
	};
	static const uint8_t bytes[] = { 2, 3, 2, 3 };
	unsigned int at, width;

	seq_set(s, 0, 1);
	for (at = 0; at < 0x20; at++) {
		for (width = 0; width < 4; width++) {
			seq_set(s, 3, OVERLAP + at);
			seq_bytes(s, store[width], bytes[width]);
		}
	}
}

static unsigned int ranges_compare(unsigned int *signals)
{
	unsigned int i, wrong = 0;

	for (*signals = 0, i = 0; i < RANGES; i++) {
		uint64_t stock = count_of(range_fd[0][i]), fast = count_of(range_fd[1][i]);

		*signals += stock;
		wrong += stock != fast;
		if (stock != fast)
			say("range %u: %llu and %llu", i, (unsigned long long)stock,
			    (unsigned long long)fast);
	}
	return wrong;
}

TEST_F(cases, overlap)
{
	unsigned int signals, with_table;
	struct vm_stores st;

	ASSERT_EQ(0, ranges_open(&self->pair.stock, range_fd[0]));
	ASSERT_EQ(0, ranges_open(&self->pair.fast, range_fd[1]));
	everywhere(&self->s);
	RUN();
	EXPECT_EQ(0, ranges_compare(&signals));
	EXPECT_LT(0, (long)signals);
	EXPECT_LE(signals, st.device);
	/* and a table over all of them */
	ASSERT_EQ(0, tables_open(&self->pair, OVERLAP));
	RUN();
	EXPECT_EQ(0, ranges_compare(&with_table));
	tables_close();
	say("%u signals, %u below a table", signals, with_table);
}

TEST_HARNESS_MAIN
