// SPDX-License-Identifier: GPL-2.0
/*
 * The memory of a VFIO_DEVICE_SET_IRQS becomes another request while the kernel reads
 * it: between the first look at the header and the data, whose page is not there yet
 * (userfaultfd).  Whoever reads the header once more finds that other request, which
 * nobody has looked at.  What is on must stay on, and go on working, and the host too.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <linux/userfaultfd.h>

#include "kselftest_harness.h"
#include "clock.h"
#include "report.h"
#include "stage.h"
#include "vectors.h"

#define PAGE 4096
#define ROUNDS 20
#define ARRIVAL_MS 2000

#define TRIGGER VFIO_IRQ_SET_ACTION_TRIGGER
#define EVENTFD VFIO_IRQ_SET_DATA_EVENTFD
#define NONE VFIO_IRQ_SET_DATA_NONE

/* Two pages, the second one missing; the request's data begins there. */
struct memory {
	uint8_t *page;
	struct vfio_irq_set *set;
	struct vfio_irq_set later;	/* what it becomes */
	int32_t data;
	int uffd;
	pthread_t thread;
	long faults;
};

static int memory_open(struct memory *m)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_MISSING };

	m->uffd = syscall(SYS_userfaultfd, O_CLOEXEC);
	if (m->uffd < 0)
		return -errno;
	m->page = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (m->page == MAP_FAILED || ioctl(m->uffd, UFFDIO_API, &api))
		return -errno;
	m->set = (void *)(m->page + PAGE - sizeof(*m->set));
	memset(m->set, 0, sizeof(*m->set));
	reg.range.start = (uintptr_t)m->page + PAGE;
	reg.range.len = PAGE;
	return ioctl(m->uffd, UFFDIO_REGISTER, &reg) ? -errno : 0;
}

static void memory_close(struct memory *m)
{
	if (m->page && m->page != MAP_FAILED)
		munmap(m->page, 2 * PAGE);
	if (m->uffd >= 0)
		close(m->uffd);
}

/* One fault: the header changes, and then the data is there. */
static void *fault_serve(void *arg)
{
	struct memory *m = arg;
	uint8_t data[PAGE] __attribute__((aligned(8))) = { 0 };
	struct uffdio_copy copy = {
		.dst = (uintptr_t)m->page + PAGE, .src = (uintptr_t)data, .len = PAGE,
	};
	struct uffd_msg msg;

	if (read(m->uffd, &msg, sizeof(msg)) != sizeof(msg))
		return NULL;
	m->faults++;
	*m->set = m->later;
	memcpy(data, &m->data, sizeof(m->data));
	ioctl(m->uffd, UFFDIO_COPY, &copy);
	return NULL;
}

/* One request that becomes another one; what it answers. */
static int change(struct memory *m, const struct owner *o, const struct vfio_irq_set *first,
		  const struct vfio_irq_set *later)
{
	int rc;

	madvise(m->page + PAGE, PAGE, MADV_DONTNEED);
	*m->set = *first;
	m->later = *later;
	if (pthread_create(&m->thread, NULL, fault_serve, m))
		return -EAGAIN;
	rc = ioctl(o->device, VFIO_DEVICE_SET_IRQS, m->set) ? -errno : 0;
	pthread_join(m->thread, NULL);
	return rc;
}

static struct vfio_irq_set request(uint32_t index, uint32_t flags, uint32_t count)
{
	return (struct vfio_irq_set){
		.argsz = sizeof(struct vfio_irq_set) + 4 * count,
		.flags = flags, .index = index, .count = count,
	};
}

FIXTURE(changing) {
	struct stage stage;
	struct owner owner;
	struct memory memory;
	int32_t fd[2];
};

FIXTURE_VARIANT(changing) {
	uint32_t on;			/* the type of interrupt that is on */
};

FIXTURE_VARIANT_ADD(changing, msix) { .on = VFIO_PCI_MSIX_IRQ_INDEX };
FIXTURE_VARIANT_ADD(changing, msi) { .on = VFIO_PCI_MSI_IRQ_INDEX };
FIXTURE_VARIANT_ADD(changing, intx) { .on = VFIO_PCI_INTX_IRQ_INDEX };

FIXTURE_SETUP(changing)
{
	const struct mode mode = MODE_PERMISSIVE;
	struct dionl_set set = DIONL_SET_INIT;
	struct stage *s = &self->stage;
	int rc;

	self->owner = (struct owner)OWNER_INIT;
	self->fd[0] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	self->fd[1] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	rc = memory_open(&self->memory);
	if (self->memory.uffd < 0)
		SKIP(return, "this kernel has no userfaultfd");
	ASSERT_EQ(0, rc);
	STAGE_SETUP(s, "igb_pf", &mode);
	set.intx = DIO_VFIO_INTX_MSI;
	set.vectors = DIO_VFIO_VECTORS_OWN;
	ASSERT_EQ(0, dionl_dev_set(&s->nl, s->dev.addr, &set));
	ASSERT_EQ(0, owner_open(&self->owner, &s->dev));
	owner_enable(&self->owner, COMMAND_MEM | COMMAND_BME);
	ASSERT_EQ(0, vectors_trigger(&self->owner, variant->on, 0, 1, self->fd));
}

FIXTURE_TEARDOWN(changing)
{
	owner_close(&self->owner);
	stage_close(&self->stage);
	memory_close(&self->memory);
	close(self->fd[0]);
	close(self->fd[1]);
}

static bool on(FIXTURE_DATA(changing) *self, uint32_t index)
{
	struct dionl_irq irq;

	return !dionl_irq_get(&self->stage.nl, self->stage.dev.addr, index, 0, &irq) &&
	       irq.enabled;
}

/* What it may become: each type off, and each type on. */
static struct vfio_irq_set later(int i)
{
	uint32_t index = i / 2 % 3;

	return i % 2 ? request(index, TRIGGER | EVENTFD, 1) : request(index, TRIGGER | NONE, 0);
}

/* A type that is not on is refused; what it becomes is not looked at. */
TEST_F(changing, refused_type)
{
	struct vfio_irq_set first, then;
	int i;

	self->memory.data = self->fd[1];
	for (i = 0; i < ROUNDS; i++) {
		first = request((variant->on + 1 + i % 2) % 3, TRIGGER | EVENTFD, 1);
		then = later(i);
		EXPECT_EQ(-EINVAL, change(&self->memory, &self->owner, &first, &then));
		ASSERT_TRUE(on(self, variant->on));
	}
	EXPECT_EQ(ROUNDS, self->memory.faults);
}

/* Those of errors and requests are taken, and nothing else. */
TEST_F(changing, no_interrupt)
{
	struct vfio_irq_set first, then;
	int i;

	self->memory.data = self->fd[1];
	for (i = 0; i < ROUNDS; i++) {
		first = request(i % 4 < 2 ? VFIO_PCI_ERR_IRQ_INDEX : VFIO_PCI_REQ_IRQ_INDEX,
				TRIGGER | EVENTFD, 1);
		then = later(i);
		EXPECT_EQ(0, change(&self->memory, &self->owner, &first, &then));
		ASSERT_TRUE(on(self, variant->on));
	}
	EXPECT_EQ(ROUNDS, self->memory.faults);
	EXPECT_EQ(0, vectors_act(&self->owner, VFIO_PCI_REQ_IRQ_INDEX, TRIGGER, 0, 1));
	EXPECT_EQ(1, (int)vectors_take(self->fd[1]));
	EXPECT_EQ(0, vectors_disable(&self->owner, VFIO_PCI_REQ_IRQ_INDEX));
	EXPECT_EQ(-EINVAL, vectors_disable(&self->owner, VFIO_PCI_REQ_IRQ_INDEX));
}

/* One that is taken is the one that was looked at. */
TEST_F(changing, taken)
{
	const struct vectors_device *dev = &vectors_igb_msix;
	struct vfio_irq_set first, then;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		self->memory.data = self->fd[i % 2];
		first = request(variant->on, TRIGGER | EVENTFD, 1);
		then = later(i);
		EXPECT_EQ(0, change(&self->memory, &self->owner, &first, &then));
		ASSERT_TRUE(on(self, variant->on));
		if (variant->on != VFIO_PCI_MSIX_IRQ_INDEX)
			continue;
		dev->ready(&self->owner.mmio);
		dev->raise(&self->owner.mmio, 0);
		EXPECT_EQ(1, (int)vectors_wait(self->fd[i % 2], ARRIVAL_MS * clock_scale()));
	}
}

TEST_HARNESS_MAIN
