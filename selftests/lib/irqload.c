// SPDX-License-Identifier: GPL-2.0
/* The devices that raise an interrupt on demand, and the loop. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>

#include "clock.h"
#include "irqload.h"
#include "report.h"

#define ARRIVAL_MS 1000
#define SETTLE_MS 50
#define SETTLE_MAX 20
#define LOOP_TURNS 20000		/* less than a tick of Bochs has */
#define LOOP_TRIES 10
#define LOOP_AROUND 100

/* Of VFIO's type; its numbers end far below. */
#define NO_IOCTL _IO(VFIO_TYPE, 255)

#define EDU_RAISE 0x60
#define EDU_ACK 0x64

/* 82574: reading the cause acknowledges, writing to CAUSE_SET raises. */
#define E1000E_ICR 0xc0
#define E1000E_ICS 0xc8
#define E1000E_IMS 0xd0
#define E1000E_IMC 0xd8
#define E1000E_TXDW 0x1
/* The emulated one never throttles by less than 128 us. */
#define E1000E_QUIET_US 200

struct irqload_device {
	const char *prefix;	/* of the name in the machine's table */
	void (*ready)(const struct mmio *m);
	void (*raise)(const struct mmio *m);
	void (*ack)(const struct mmio *m);
	int quiet_us;		/* between two interrupts */
};

static void edu_raise(const struct mmio *m)
{
	mmio_write(m, 0, EDU_RAISE, 4, 1);
}

static void edu_ack(const struct mmio *m)
{
	mmio_write(m, 0, EDU_ACK, 4, ~0u);
}

static void e1000e_ack(const struct mmio *m)
{
	mmio_read(m, 0, E1000E_ICR, 4);
}

static void e1000e_ready(const struct mmio *m)
{
	mmio_write(m, 0, E1000E_IMC, 4, ~0u);
	e1000e_ack(m);
	mmio_write(m, 0, E1000E_IMS, 4, E1000E_TXDW);
}

static void e1000e_raise(const struct mmio *m)
{
	mmio_write(m, 0, E1000E_ICS, 4, E1000E_TXDW);
}

/* 82576: writing ones to the cause acknowledges. */
static void igb_ack(const struct mmio *m)
{
	mmio_write(m, 0, E1000E_ICR, 4, ~0u);
}

static void igb_ready(const struct mmio *m)
{
	mmio_write(m, 0, E1000E_IMC, 4, ~0u);
	igb_ack(m);
	mmio_write(m, 0, E1000E_IMS, 4, E1000E_TXDW);
}

static const struct irqload_device devices[] = {
	{ "edu", edu_ack, edu_raise, edu_ack, 0 },
	{ "e1000e", e1000e_ready, e1000e_raise, e1000e_ack, E1000E_QUIET_US },
	{ "igb", igb_ready, e1000e_raise, igb_ack, 0 },
};

static const struct irqload_device *device_of(const struct pcidev *d)
{
	size_t i;

	for (i = 0; i < sizeof(devices) / sizeof(*devices); i++)
		if (!strncmp(d->name, devices[i].prefix, strlen(devices[i].prefix)))
			return &devices[i];
	return NULL;
}

/* One eventfd, or none with @fd < 0, for an action on INTx. */
static int set_intx(const struct irqload *l, unsigned int action, int fd)
{
	struct {
		struct vfio_irq_set set;
		int32_t fd;
	} irq = {
		.set = {
			.argsz = fd < 0 ? sizeof(irq.set) : sizeof(irq),
			.flags = action | (fd < 0 ? VFIO_IRQ_SET_DATA_NONE :
						    VFIO_IRQ_SET_DATA_EVENTFD),
			.index = VFIO_PCI_INTX_IRQ_INDEX,
			.count = 1,
		},
		.fd = fd,
	};

	return ioctl(l->owner.device, VFIO_DEVICE_SET_IRQS, &irq) ? -errno : 0;
}

void irqload_settle(const struct irqload *l)
{
	struct pollfd p = { .fd = l->trigger, .events = POLLIN };
	uint64_t events;
	int n;

	for (n = 0; n < SETTLE_MAX && poll(&p, 1, SETTLE_MS * clock_scale()) == 1; n++) {
		if (read(l->trigger, &events, sizeof(events)) < 0)
			return;
		l->device->ack(&l->owner.mmio);
		if (!l->msi)
			set_intx(l, VFIO_IRQ_SET_ACTION_UNMASK, -1);
	}
}

static int connect(struct irqload *l)
{
	int index = l->msi ? VFIO_PCI_MSI_IRQ_INDEX : VFIO_PCI_INTX_IRQ_INDEX;
	int rc = owner_irq(&l->owner, index, l->trigger);

	if (!rc && !l->msi && l->end == IRQLOAD_EVENTFD)
		rc = set_intx(l, VFIO_IRQ_SET_ACTION_UNMASK, l->unmask);
	return rc;
}

int irqload_open(struct irqload *l, const struct pcidev *d, bool msi, enum irqload_end end)
{
	int rc;

	l->msi = msi;
	l->end = end;
	l->patience_ms = ARRIVAL_MS * clock_scale();
	l->device = device_of(d);
	l->trigger = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	l->unmask = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	rc = owner_open(&l->owner, d);
	if (!rc) {
		owner_enable(&l->owner, COMMAND_MEM | COMMAND_BME);
		l->device->ready(&l->owner.mmio);
		rc = connect(l);
	}
	if (rc)
		say("%s (%s): interrupts: %s", d->name, d->addr, strerror(-rc));
	else
		irqload_settle(l);
	return rc;
}

void irqload_close(struct irqload *l)
{
	owner_close(&l->owner);
	close(l->trigger);
	close(l->unmask);
}

/* To the end of the interrupt; the number of its events. */
static uint64_t take_one(struct irqload *l)
{
	struct pollfd p = { .fd = l->trigger, .events = POLLIN };
	uint64_t events = 0, one = 1;

	l->device->raise(&l->owner.mmio);
	if (poll(&p, 1, l->patience_ms) == 1 &&
	    read(l->trigger, &events, sizeof(events)) < 0)
		events = 0;
	l->device->ack(&l->owner.mmio);
	if (l->end == IRQLOAD_IOCTL)
		set_intx(l, VFIO_IRQ_SET_ACTION_UNMASK, -1);
	else if (l->end == IRQLOAD_EVENTFD && write(l->unmask, &one, sizeof(one)) < 0)
		say("unmask eventfd: %s", strerror(errno));
	else if (l->end == IRQLOAD_NO_IOCTL && !ioctl(l->owner.device, NO_IOCTL))
		say("VFIO knows ioctl 255");
	return events;
}

int irqload_run(struct irqload *l, int n, double *cycles)
{
	uint64_t events, begin, more = 0;
	int i;

	for (i = 0; i < n; i++) {
		if (l->device->quiet_us)
			usleep(l->device->quiet_us);
		begin = irqload_ticks();
		events = take_one(l);
		if (cycles)
			cycles[i] = irqload_ticks() - begin;
		if (events != 1) {
			say("%s: interrupt %d of %d came %llu times", l->owner.pci->name, i, n,
			    (unsigned long long)events);
			return -EIO;
		}
	}
	if (read(l->trigger, &more, sizeof(more)) > 0) {
		say("%s: %llu more than %d interrupts", l->owner.pci->name,
		    (unsigned long long)more, n);
		return -EIO;
	}
	return 0;
}

/* A timer's interrupt may be in one try, not in the shortest of some. */
bool irqload_counts_instructions(void)
{
	uint64_t begin, ticks = UINT64_MAX;
	int try, turns;

	for (try = 0; try < LOOP_TRIES; try++) {
		turns = LOOP_TURNS;
		begin = irqload_ticks();
		asm volatile("1: dec %0; jnz 1b" : "+r"(turns));
		begin = irqload_ticks() - begin;
		if (begin < ticks)
			ticks = begin;
	}
	return ticks >= 2 * LOOP_TURNS && ticks < 2 * LOOP_TURNS + LOOP_AROUND;
}
