// SPDX-License-Identifier: GPL-2.0
/* The model's rules, the random operations, and the comparison. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "clock.h"
#include "report.h"
#include "vecmodel.h"

#define ARRIVAL_MS 2000
#define FDS (VECTORS_MAX * VECMODEL_SLOTS)

#define TRIGGER VFIO_IRQ_SET_ACTION_TRIGGER
#define MASK VFIO_IRQ_SET_ACTION_MASK
#define UNMASK VFIO_IRQ_SET_ACTION_UNMASK
#define NONE VFIO_IRQ_SET_DATA_NONE
#define BOOL VFIO_IRQ_SET_DATA_BOOL
#define EVENTFD VFIO_IRQ_SET_DATA_EVENTFD

static unsigned int pick(struct vecmodel *m, unsigned int n)
{
	return (unsigned int)rand_r(&m->seed) % n;
}

/* The rules. */

static void deliver(struct vecmodel *m, struct vecmodel_vector *v, int n)
{
	m->expect[v - m->v][v->slot] += n;
	v->delivered += n;
	m->signals += n;
}

static bool silent(const struct vecmodel *m, const struct vecmodel_vector *v)
{
	return v->slot < 0 || (v->masked && m->mistake != VECMODEL_LEAKS);
}

/* An event; @waits is where it is remembered. */
static void event(struct vecmodel *m, struct vecmodel_vector *v, int *waits)
{
	if (!silent(m, v))
		deliver(m, v, 1);
	else if (m->mistake == VECMODEL_REPEATS)
		(*waits)++;
	else if (m->mistake != VECMODEL_FORGETS)
		*waits = 1;
}

static void opened(struct vecmodel *m, struct vecmodel_vector *v)
{
	int n = v->device + v->host;

	if (silent(m, v) || !n)
		return;
	v->device = 0;
	v->host = 0;
	v->pending++;
	deliver(m, v, m->mistake == VECMODEL_REPEATS ? n : 1);
}

static void attached(struct vecmodel *m, struct vecmodel_vector *v, int slot)
{
	if (m->mistake == VECMODEL_STAYS && v->slot >= 0 && slot >= 0)
		return;
	v->swaps += v->slot >= 0 && slot >= 0;
	v->slot = slot;
	opened(m, v);
}

static void disabled(struct vecmodel *m)
{
	struct vecmodel_vector *v;

	m->on = false;
	for (v = m->v; v < m->v + VECTORS_MAX; v++) {
		v->slot = -1;
		v->masked = false;
		v->host = 0;
	}
}

/* The operations; each answers what the kernel should have and did. */

struct outcome {
	int want, got;
};

static void range(struct vecmodel *m, unsigned int *start, unsigned int *count)
{
	*start = pick(m, m->dev->count);
	*count = 1 + pick(m, m->dev->count - *start);
}

static struct outcome op_raise(struct vecmodel *m)
{
	int nr = pick(m, m->dev->count);
	struct vecmodel_vector *v = &m->v[nr];

	m->dev->raise(&m->owner->mmio, nr);
	event(m, v, m->dev->pends ? &v->device : &v->host);
	return (struct outcome){ 0, 0 };
}

/* Vectors that were not allocated, and cannot be any more. */
static bool beyond(const struct vecmodel *m, unsigned int start, unsigned int count)
{
	return !m->resizes && start + count > m->allocated;
}

/* MASK, UNMASK or a loopback test, of all of a range or of some of it. */
static struct outcome op_act(struct vecmodel *m, uint32_t action)
{
	unsigned int i, start, count, some = pick(m, 2);
	uint8_t yes[VECTORS_MAX];
	struct outcome o = { 0, 0 };

	range(m, &start, &count);
	for (i = 0; i < count; i++)
		yes[i] = !some || pick(m, 2);
	o.got = vectors_set(m->owner, m->dev->index, action | (some ? BOOL : NONE), start, count,
			    yes, some ? count : 0);
	if (action == TRIGGER && beyond(m, start, count)) {
		o.want = -EINVAL;
		return o;
	}
	for (i = 0; i < count; i++) {
		struct vecmodel_vector *v = &m->v[start + i];

		if (!yes[i])
			continue;
		if (action == TRIGGER && v->slot >= 0) {
			event(m, v, &v->host);
		} else if (action != TRIGGER) {
			v->masked = action == MASK;
			opened(m, v);
		}
	}
	return o;
}

static int fd_of(const struct vecmodel_vector *v, int slot)
{
	return slot < 0 ? -1 : v->fd[slot];
}

static struct outcome op_swap(struct vecmodel *m)
{
	int32_t fd[VECTORS_MAX], slot[VECTORS_MAX];
	struct outcome o = { 0, 0 };
	unsigned int i, start, count;

	range(m, &start, &count);
	for (i = 0; i < count; i++) {
		slot[i] = (int)pick(m, VECMODEL_SLOTS + 1) - 1;
		fd[i] = fd_of(&m->v[start + i], slot[i]);
	}
	if (beyond(m, start, count))
		o.want = -EINVAL;
	o.got = vectors_trigger(m->owner, m->dev->index, start, count, fd);
	for (i = 0; i < count && !o.want; i++)
		attached(m, &m->v[start + i], slot[i]);
	return o;
}

/* One bad eventfd among good ones: none of them is taken. */
static struct outcome op_bad_fd(struct vecmodel *m)
{
	unsigned int i, start, count, bad, closed = pick(m, 2);
	struct outcome o = { closed ? -EBADF : -EINVAL, 0 };
	int32_t fd[VECTORS_MAX];
	int file = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);

	range(m, &start, &count);
	if (beyond(m, start, count))
		o.want = -EINVAL;
	bad = pick(m, count);
	for (i = 0; i < count; i++)
		fd[i] = fd_of(&m->v[start + i], pick(m, VECMODEL_SLOTS));
	fd[bad] = file;
	if (closed)
		close(file);
	o.got = vectors_trigger(m->owner, m->dev->index, start, count, fd);
	if (!closed)
		close(file);
	m->refused++;
	return o;
}

/* Requests that are wrong in themselves, relative to the device's vectors. */
static const struct wrong {
	uint32_t flags;
	int start;		/* from the end of the vectors, if negative or zero */
	uint32_t count, size;
	int want;
	int other;		/* another interrupt type */
} wrongs[] = {
	{ MASK | NONE, 0, 1, 0, -EINVAL, 0 },
	{ UNMASK | NONE, -1, 2, 0, -EINVAL, 0 },
	{ TRIGGER | NONE, -1, 2, 0, -EINVAL, 0 },
	{ MASK | NONE, -1, UINT32_MAX, 0, -EINVAL, 0 },
	{ TRIGGER | EVENTFD, -1, 2, 8, -EINVAL, 0 },
	{ MASK | NONE, -1, 0, 0, -EINVAL, 0 },
	{ UNMASK | NONE, -1, 0, 0, -EINVAL, 0 },
	{ MASK | BOOL, -1, 1, 0, -EINVAL, 0 },
	{ TRIGGER | EVENTFD, -1, 1, 2, -EINVAL, 0 },
	{ MASK, -1, 1, 4, -EINVAL, 0 },
	{ MASK | NONE | BOOL, -1, 1, 4, -EINVAL, 0 },
	{ TRIGGER | BOOL | EVENTFD, -1, 1, 4, -EINVAL, 0 },
	{ MASK | NONE | 1 << 6, -1, 1, 0, -EINVAL, 0 },
	{ TRIGGER | NONE | 1u << 31, -1, 1, 0, -EINVAL, 0 },
	{ NONE, -1, 1, 0, -ENOTTY, 0 },
	{ MASK | UNMASK | NONE, -1, 1, 0, -ENOTTY, 0 },
	{ MASK | TRIGGER | NONE, -1, 1, 0, -ENOTTY, 0 },
	{ MASK | EVENTFD, -1, 1, 4, -ENOTTY, 0 },
	{ UNMASK | EVENTFD, -1, 1, 4, -ENOTTY, 0 },
	{ MASK | NONE, 0, 1, 0, -EINVAL, 1 },
	{ TRIGGER | NONE, 0, 0, 0, -EINVAL, 1 },
	{ TRIGGER | EVENTFD, 0, 1, 4, -EINVAL, 1 },
};

static struct outcome op_wrong(struct vecmodel *m)
{
	const struct wrong *w = &wrongs[pick(m, sizeof(wrongs) / sizeof(*wrongs))];
	int other = m->dev->index == VFIO_PCI_MSI_IRQ_INDEX ? VFIO_PCI_MSIX_IRQ_INDEX :
		    VFIO_PCI_MSI_IRQ_INDEX;
	uint32_t start = w->other ? w->start : m->dev->count + w->start;
	int32_t data[2] = { m->v[0].fd[0], m->v[0].fd[1] };

	m->refused++;
	return (struct outcome){ w->want,
				 vectors_set(m->owner, w->other ? other : m->dev->index, w->flags,
					     start, w->count, data, w->size) };
}

/* Off, and on again with fewer vectors or all. */
static struct outcome op_again(struct vecmodel *m)
{
	int32_t fd[VECTORS_MAX], slot[VECTORS_MAX];
	struct outcome o = { 0, 0 };
	unsigned int i;

	if (m->on)
		o.got = vectors_disable(m->owner, m->dev->index);
	disabled(m);
	if (o.got)
		return o;
	m->allocated = 1 + pick(m, m->dev->count);
	for (i = 0; i < m->allocated; i++) {
		slot[i] = i ? (int)pick(m, VECMODEL_SLOTS + 1) - 1 : 0;
		fd[i] = fd_of(&m->v[i], slot[i]);
	}
	o.got = vectors_trigger(m->owner, m->dev->index, 0, m->allocated, fd);
	m->on = !o.got;
	for (i = 0; i < m->allocated; i++)
		attached(m, &m->v[i], slot[i]);
	m->dev->ready(&m->owner->mmio);
	return o;
}

/* MASK, UNMASK and eventfds while the owner has memory decoding off. */
static struct outcome op_dark(struct vecmodel *m)
{
	struct outcome o = { 0, 0 };
	int i;

	owner_disable(m->owner, COMMAND_MEM);
	for (i = 0; i < 3 && o.want == o.got; i++)
		o = pick(m, 3) ? op_act(m, pick(m, 2) ? MASK : UNMASK) : op_swap(m);
	owner_enable(m->owner, COMMAND_MEM);
	return o;
}

static struct outcome operate(struct vecmodel *m)
{
	unsigned int what = pick(m, 1000);

	if (!m->on || what < 2)
		return op_again(m);
	if (what < 10)
		return op_dark(m);
	if (what < 50)
		return op_wrong(m);
	if (what < 70)
		return op_bad_fd(m);
	if (what < 200)
		return op_swap(m);
	if (what < 350)
		return op_act(m, TRIGGER);
	if (what < 500)
		return op_act(m, MASK);
	return what < 650 ? op_act(m, UNMASK) : op_raise(m);
}

/* The comparison. */

static void watch(const struct vecmodel *m, struct pollfd *p)
{
	int i;

	for (i = 0; i < FDS; i++)
		p[i] = (struct pollfd){ .fd = m->v[i / VECMODEL_SLOTS].fd[i % VECMODEL_SLOTS],
					.events = POLLIN };
}

/* Wait for every eventfd that should be signalled; others must not be. */
static bool settle(const struct vecmodel *m, struct pollfd *p)
{
	double end = clock_ms() + m->bound_ms;
	const int *expect = &m->expect[0][0];
	bool missing;
	int i;

	do {
		missing = false;
		if (poll(p, FDS, 0) < 0)
			return false;
		for (i = 0; i < FDS; i++) {
			missing |= expect[i] && !(p[i].revents & POLLIN);
			if (!expect[i] && p[i].revents)
				return false;
		}
	} while (missing && clock_ms() < end);
	return !missing;
}

static bool compare(struct vecmodel *m)
{
	const int *expect = &m->expect[0][0];
	struct pollfd p[FDS];
	bool same;
	int i;

	watch(m, p);
	same = settle(m, p);
	for (i = 0; i < FDS; i++) {
		uint64_t got = expect[i] || p[i].revents ? vectors_take(p[i].fd) : 0;

		if (got == (uint64_t)expect[i])
			continue;
		same = false;
		if (m->mistake == VECMODEL_RIGHT)
			say("operation %ld: vector %d eventfd %d: %llu signals, not %d",
			    m->operations, i / VECMODEL_SLOTS, i % VECMODEL_SLOTS,
			    (unsigned long long)got, expect[i]);
	}
	return same;
}

long vecmodel_run(struct vecmodel *m, long n)
{
	struct outcome o;
	long i;

	for (i = 0; i < n; i++) {
		memset(m->expect, 0, sizeof(m->expect));
		o = operate(m);
		m->operations++;
		if (o.want != o.got && m->mistake == VECMODEL_RIGHT)
			say("operation %ld: %d (%s), not %d", m->operations, o.got,
			    strerror(-o.got), o.want);
		if (o.want != o.got || !compare(m))
			return i;
	}
	return i;
}

bool vecmodel_quiet(struct vecmodel *m, int ms)
{
	struct pollfd p[FDS];

	watch(m, p);
	return !poll(p, FDS, ms);
}

int vecmodel_init(struct vecmodel *m, const struct owner *owner,
		  const struct vectors_device *dev, unsigned int seed)
{
	struct vfio_irq_info info;
	int i, s, rc;

	memset(m, 0, sizeof(*m));
	m->owner = owner;
	m->dev = dev;
	m->seed = seed;
	m->bound_ms = ARRIVAL_MS * clock_scale();
	disabled(m);
	for (i = 0; i < VECTORS_MAX; i++)
		for (s = 0; s < VECMODEL_SLOTS; s++)
			m->v[i].fd[s] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	rc = vectors_info(owner, dev->index, &info);
	m->resizes = !(info.flags & VFIO_IRQ_INFO_NORESIZE);
	if (!rc && (int)info.count != dev->count)
		rc = -EPROTO;
	return rc;
}

void vecmodel_free(struct vecmodel *m)
{
	int i, s;

	for (i = 0; m->owner && i < VECTORS_MAX; i++)
		for (s = 0; s < VECMODEL_SLOTS; s++)
			close(m->v[i].fd[s]);
	m->owner = NULL;
}
