// SPDX-License-Identifier: GPL-2.0
/* The dice, the calls, and the doing of them. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <linux/pci_regs.h>

#include "report.h"
#include "setirqs.h"
#include "vectors.h"

#define PAGE 4096
#define ACTIONS VFIO_IRQ_SET_ACTION_TYPE_MASK
#define HEADER sizeof(struct vfio_irq_set)
#define NO_FILE 1023

static uint32_t draw(struct setirqs *s)
{
	s->random ^= s->random << 13;
	s->random ^= s->random >> 7;
	s->random ^= s->random << 17;
	return (uint32_t)(s->random >> 16);
}

static uint32_t below(struct setirqs *s, uint32_t n)
{
	return draw(s) % n;
}

static bool chance(struct setirqs *s, uint32_t percent)
{
	return below(s, 100) < percent;
}

/* One of several, each as often as it stands there. */
#define ONE_OF(s, ...) ({							\
	const uint32_t of[] = { __VA_ARGS__ };					\
	of[below(s, sizeof(of) / sizeof(*of))]; })

static uint32_t pick_index(struct setirqs *s)
{
	if (chance(s, 92))
		return ONE_OF(s, VFIO_PCI_INTX_IRQ_INDEX, VFIO_PCI_MSI_IRQ_INDEX,
			      VFIO_PCI_MSIX_IRQ_INDEX, VFIO_PCI_MSIX_IRQ_INDEX);
	return ONE_OF(s, VFIO_PCI_ERR_IRQ_INDEX, VFIO_PCI_REQ_IRQ_INDEX, VFIO_PCI_NUM_IRQS,
		      UINT32_MAX, draw(s));
}

static uint32_t pick_flags(struct setirqs *s)
{
	uint32_t flags = ONE_OF(s, VFIO_IRQ_SET_ACTION_MASK, VFIO_IRQ_SET_ACTION_UNMASK,
				VFIO_IRQ_SET_ACTION_TRIGGER, VFIO_IRQ_SET_ACTION_TRIGGER);

	if (chance(s, 5))
		flags = draw(s) & ACTIONS;
	flags |= ONE_OF(s, VFIO_IRQ_SET_DATA_NONE, VFIO_IRQ_SET_DATA_BOOL,
			VFIO_IRQ_SET_DATA_EVENTFD, VFIO_IRQ_SET_DATA_EVENTFD);
	if (chance(s, 5))
		flags ^= 1u << below(s, 32);
	return flags;
}

static uint32_t pick_start(struct setirqs *s)
{
	if (chance(s, 92))
		return chance(s, 50) ? 0 : below(s, s->vectors);
	return ONE_OF(s, s->vectors, s->vectors + 1, UINT32_MAX, INT32_MAX, draw(s));
}

static uint32_t pick_count(struct setirqs *s, uint32_t start)
{
	if (chance(s, 94))
		return ONE_OF(s, 0, 1, 1, 1 + below(s, s->vectors));
	return ONE_OF(s, s->vectors - start, s->vectors - start + 1, UINT32_MAX - start,
		      UINT32_MAX, -start, draw(s));
}

/* No two vectors have the same eventfd: stock complains of that in the log. */
static int32_t pick_fd(struct setirqs *s, uint32_t vector)
{
	if (chance(s, 98))
		return chance(s, 80) ? s->fd[2 * (vector % SETIRQS_MAX) + below(s, 2)] : -1;
	return ONE_OF(s, s->file, s->closed, -2, INT32_MAX, INT32_MIN, 0);
}

static void pick_data(struct setirqs *s, struct setirqs_step *step)
{
	uint8_t *yes = (uint8_t *)step->data;
	int i;

	for (i = 0; i < SETIRQS_MAX; i++) {
		if (step->call.flags & VFIO_IRQ_SET_DATA_BOOL)
			yes[i] = below(s, 3);
		else
			step->data[i] = pick_fd(s, step->call.start + i);
	}
}

/* A call with sense, if its type is the one that is on, or none is. */
static void pick_right(struct setirqs *s, struct vfio_irq_set *c)
{
	c->index = ONE_OF(s, VFIO_PCI_INTX_IRQ_INDEX, VFIO_PCI_MSI_IRQ_INDEX,
			  VFIO_PCI_MSIX_IRQ_INDEX, VFIO_PCI_MSIX_IRQ_INDEX);
	c->start = c->index == VFIO_PCI_MSIX_IRQ_INDEX ? below(s, s->vectors) : 0;
	c->count = c->index == VFIO_PCI_MSIX_IRQ_INDEX ? 1 + below(s, s->vectors - c->start) : 1;
	c->flags = VFIO_IRQ_SET_ACTION_TRIGGER | VFIO_IRQ_SET_DATA_EVENTFD;
	if (chance(s, 25)) {
		c->flags = VFIO_IRQ_SET_ACTION_TRIGGER | VFIO_IRQ_SET_DATA_NONE;
		c->count = 0;
	} else if (chance(s, 50)) {
		c->flags = ONE_OF(s, VFIO_IRQ_SET_ACTION_MASK, VFIO_IRQ_SET_ACTION_UNMASK,
				  VFIO_IRQ_SET_ACTION_TRIGGER) |
			   ONE_OF(s, VFIO_IRQ_SET_DATA_NONE, VFIO_IRQ_SET_DATA_BOOL);
	}
}

static void pick_wild(struct setirqs *s, struct vfio_irq_set *c)
{
	c->index = pick_index(s);
	c->flags = pick_flags(s);
	c->start = pick_start(s);
	c->count = pick_count(s, c->start);
}

static void pick_call(struct setirqs *s, struct setirqs_step *step)
{
	struct vfio_irq_set *c = &step->call;
	bool right = chance(s, 60);
	uint32_t each;

	if (right)
		pick_right(s, c);
	else
		pick_wild(s, c);
	each = c->flags & VFIO_IRQ_SET_DATA_EVENTFD ? 4 : c->flags & VFIO_IRQ_SET_DATA_BOOL;
	c->argsz = HEADER + each * c->count;
	if (!right && chance(s, 8))
		c->argsz = ONE_OF(s, 0, HEADER - 1, HEADER, c->argsz - 1, c->argsz + 1,
				  UINT32_MAX, draw(s));
	pick_data(s, step);
	if (chance(s, 2))
		step->memory = ONE_OF(s, SETIRQS_NO_DATA, SETIRQS_NO_DATA, SETIRQS_NO_HEADER);
}

/* D3hot in one of many, and soon left again: most calls should reach a device. */
static uint32_t pick_power(struct setirqs *s)
{
	return chance(s, 30) ? 3 : 0;
}

void setirqs_next(struct setirqs *s, struct setirqs_step *step)
{
	uint32_t dice = below(s, 10000);

	memset(step, 0, sizeof(*step));
	if (dice < 3)
		step->what = SETIRQS_REOPEN;
	else if (dice < 6)
		step->what = SETIRQS_RESET;
	else if (dice < 100)
		step->what = SETIRQS_POWER;
	else if (dice < 200)
		step->what = SETIRQS_MSI;
	else if (dice < 250)
		step->what = SETIRQS_MSIX;
	else if (dice < 600)
		step->what = SETIRQS_COMMAND;
	if (step->what == SETIRQS_CALL)
		pick_call(s, step);
	else if (step->what == SETIRQS_POWER)
		step->value = pick_power(s);
	else if (step->what == SETIRQS_COMMAND && chance(s, 60))
		step->value = PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER;
	else
		step->value = draw(s) & 0xffff;
}

/* The call ends where its page ends, or is cut there. */
static int call(const struct setirqs *s, const struct owner *o, const struct setirqs_step *step)
{
	size_t size = HEADER + sizeof(step->data);
	uint8_t *at = s->page + PAGE - size;

	if (step->memory == SETIRQS_NO_DATA)
		at = s->page + PAGE - HEADER;
	else if (step->memory == SETIRQS_NO_HEADER)
		at = s->page + PAGE - HEADER / 2;
	memcpy(at, &step->call, step->memory == SETIRQS_NO_HEADER ? HEADER / 2 : HEADER);
	if (step->memory == SETIRQS_WHOLE)
		memcpy(at + HEADER, step->data, sizeof(step->data));
	return ioctl(o->device, VFIO_DEVICE_SET_IRQS, at);
}

static int write_config(const struct owner *o, int at, uint32_t value)
{
	return at ? owner_config_write(o, at, 2, value) : 0;
}

int setirqs_do(struct setirqs *s, const struct owner *o, const struct setirqs_step *step)
{
	int rc;

	switch (step->what) {
	case SETIRQS_COMMAND:
		return write_config(o, PCI_COMMAND, step->value);
	case SETIRQS_POWER:
		return write_config(o, s->pm ? s->pm + PCI_PM_CTRL : 0, step->value);
	case SETIRQS_MSI:
		return write_config(o, s->msi ? s->msi + PCI_MSI_FLAGS : 0, step->value);
	case SETIRQS_MSIX:
		return write_config(o, s->msix ? s->msix + PCI_MSIX_FLAGS : 0, step->value);
	case SETIRQS_RESET:
		return owner_reset(o);
	default:
		rc = call(s, o, step);
		return rc < 0 ? -errno : rc;
	}
}

void setirqs_look(const struct setirqs *s, const struct owner *o, struct setirqs_view *view)
{
	memset(view, 0, sizeof(*view));
	view->command = owner_config_read(o, PCI_COMMAND, 2);
	if (s->pm)
		view->power = owner_config_read(o, s->pm + PCI_PM_CTRL, 2);
	if (s->msi)
		view->msi = owner_config_read(o, s->msi + PCI_MSI_FLAGS, 2);
	if (s->msix)
		view->msix = owner_config_read(o, s->msix + PCI_MSIX_FLAGS, 2);
}

uint64_t setirqs_signals(const struct setirqs *s)
{
	uint64_t n = 0;
	int i;

	for (i = 0; i < SETIRQS_FDS; i++)
		n += vectors_take(s->fd[i]);
	return n;
}

void setirqs_say(const struct setirqs_step *step)
{
	static const char *const names[SETIRQS_WHATS] = {
		"call", "COMMAND", "MSI", "MSI-X", "power", "reset", "reopen",
	};
	const struct vfio_irq_set *c = &step->call;

	if (step->what != SETIRQS_CALL)
		say("%s 0x%x", names[step->what], step->value);
	else
		say("index %u flags 0x%x start %u count %u argsz %u memory %d data %d %d %d %d",
		    c->index, c->flags, c->start, c->count, c->argsz, step->memory,
		    step->data[0], step->data[1], step->data[2], step->data[3]);
}

/* The same numbers in each run: the highest that is free, downwards. */
int setirqs_open(struct setirqs *s, const struct pcidev *d, int vectors, uint64_t seed)
{
	int i;

	memset(s, 0, sizeof(*s));
	s->random = seed | 1;
	s->vectors = vectors;
	s->pm = pcidev_cap(d, PCI_CAP_ID_PM);
	s->msi = pcidev_cap(d, PCI_CAP_ID_MSI);
	s->msix = pcidev_cap(d, PCI_CAP_ID_MSIX);
	s->closed = NO_FILE;
	for (i = 0; i < SETIRQS_FDS; i++)
		s->fd[i] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	s->file = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
	s->page = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (s->page == MAP_FAILED)
		return -errno;
	return munmap(s->page + PAGE, PAGE) ? -errno : 0;
}

void setirqs_close(struct setirqs *s)
{
	int i;

	if (!s->page)
		return;
	for (i = 0; i < SETIRQS_FDS; i++)
		close(s->fd[i]);
	close(s->file);
	munmap(s->page, PAGE);
	s->page = NULL;
}
