// SPDX-License-Identifier: GPL-2.0
/* An owner on the ground, see ground_irq.h. */
#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>

#include "ground_irq.h"
#include "kmod.h"
#include "report.h"

static int enable_vectors(struct ground_irq *q)
{
	struct {
		struct vfio_irq_set set;
		int32_t fd[GROUND_VECTORS];
	} irq = {
		.set = {
			.argsz = sizeof(irq),
			.flags = VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER,
			.index = VFIO_PCI_MSIX_IRQ_INDEX,
			.count = GROUND_VECTORS,
		},
	};
	int i;

	for (i = 0; i < GROUND_VECTORS; i++) {
		q->fd[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		if (q->fd[i] < 0)
			return -errno;
		irq.fd[i] = q->fd[i];
	}
	return ioctl(q->owner.device, VFIO_DEVICE_SET_IRQS, &irq) ? -errno : 0;
}

/* VECTOR -1: all. */
static int set_holdoff(struct ground_irq *q, int vector, uint32_t us)
{
	return dionl_irq_holdoff(&q->ground.nl, q->ground.dev[GROUND_OWNED].addr,
				 DIO_VFIO_IRQ_INDEX_MSIX, vector, us);
}

static int read_irqs(struct ground_irq *q, struct ground_said *said)
{
	struct genl *g = &q->ground.nl.genl;
	struct genl_request r;

	memset(said, 0, sizeof(*said));
	genl_request(g, &r, DIO_VFIO_CMD_IRQ_GET, NLM_F_DUMP);
	genl_put_string(&r, Q(ADDR), q->ground.dev[GROUND_OWNED].addr);
	return genl_talk(g, &r, ground_note, said);
}

static int prepare(struct ground_irq *q)
{
	int rc = kmod_load(KMOD_TYPE1);

	if (!rc)
		rc = owner_open(&q->owner, &q->ground.dev[GROUND_OWNED]);
	if (!rc)
		rc = enable_vectors(q);
	if (!rc)
		rc = set_holdoff(q, -1, GROUND_HOLDOFF);
	if (!rc)
		rc = set_holdoff(q, 0, GROUND_HOLDOFF / 2);
	if (!rc)
		rc = read_irqs(q, &q->before);
	if (!rc && q->before.messages != GROUND_VECTORS)
		rc = -EPROTO;
	if (!rc)
		rc = ground_mark(&q->ground);
	if (rc)
		say("%s: an owner with %d vectors: %s %s", q->ground.dev[GROUND_OWNED].name,
		    GROUND_VECTORS, strerror(-rc), q->ground.nl.genl.text);
	return rc;
}

int ground_irq_open(struct ground_irq *q)
{
	int i, rc;

	q->owner = (struct owner)OWNER_INIT;
	for (i = 0; i < GROUND_VECTORS; i++)
		q->fd[i] = -1;
	rc = ground_open(&q->ground);
	return rc ? rc : prepare(q);
}

void ground_irq_close(struct ground_irq *q)
{
	int i;

	owner_close(&q->owner);
	for (i = 0; i < GROUND_VECTORS; i++)
		if (q->fd[i] >= 0)
			close(q->fd[i]);
	ground_close(&q->ground);
}

int ground_irq_changes(struct ground_irq *q)
{
	int changes = ground_changes(&q->ground), rc;
	struct ground_said now;

	rc = read_irqs(q, &now);
	if (!rc && !memcmp(&now, &q->before, sizeof(now)))
		return changes;
	say("%s: irq-get (%d) answers otherwise than before", q->ground.dev[GROUND_OWNED].name, rc);
	return changes + 1;
}
