// SPDX-License-Identifier: GPL-2.0
/* Interrupts of owners in the dio_vfio family: irq-get, irq-set, irq-ntf. */
#include <errno.h>
#include <string.h>

#include "dionl.h"
#include "dionl_parse.h"

/* Where the interrupts of a dump, or the events of one device, go. */
struct irq_list {
	const char *addr;
	int command;
	struct dionl_irq *irq;
	int count, max;
};

static void collect_irq(const struct nlmsghdr *m, void *data)
{
	struct irq_list *list = data;
	struct dionl_irq irq;

	if (genl_command(m) != list->command)
		return;
	memset(&irq, 0, sizeof(irq));
	dionl_parse_irq(m, &irq);
	if (strcmp(irq.addr, list->addr))
		return;
	if (list->count < list->max)
		list->irq[list->count] = irq;
	list->count++;
}

int dionl_irq_dump(struct dionl *nl, const char *addr, struct dionl_irq *irq, int max)
{
	struct irq_list list = { .addr = addr, .command = DIO_VFIO_CMD_IRQ_GET, .irq = irq,
				 .max = max };
	struct genl_request r;
	int rc;

	genl_request(&nl->genl, &r, DIO_VFIO_CMD_IRQ_GET, NLM_F_DUMP);
	genl_put_string(&r, DIO_VFIO_A_IRQ_ADDR, addr);
	rc = genl_talk(&nl->genl, &r, collect_irq, &list);
	return rc ? rc : list.count;
}

int dionl_irq_get(struct dionl *nl, const char *addr, uint32_t index, uint32_t vector,
		  struct dionl_irq *irq)
{
	static __thread struct dionl_irq all[DIONL_IRQS];
	int i, n = dionl_irq_dump(nl, addr, all, DIONL_IRQS);

	for (i = 0; i < n && i < DIONL_IRQS; i++) {
		if (all[i].index != index || all[i].vector != vector)
			continue;
		*irq = all[i];
		return 0;
	}
	return n < 0 ? n : -ENOENT;
}

int dionl_irq_holdoff(struct dionl *nl, const char *addr, uint32_t index, int vector,
		      uint32_t us)
{
	struct genl_request r;

	genl_request(&nl->genl, &r, DIO_VFIO_CMD_IRQ_SET, 0);
	genl_put_string(&r, DIO_VFIO_A_IRQ_ADDR, addr);
	genl_put_u32(&r, DIO_VFIO_A_IRQ_INDEX, index);
	if (vector >= 0)
		genl_put_u32(&r, DIO_VFIO_A_IRQ_VECTOR, vector);
	genl_put_u32(&r, DIO_VFIO_A_IRQ_HOLDOFF, us);
	return genl_talk(&nl->genl, &r, NULL, NULL);
}

int dionl_irq_events(struct dionl *nl, const char *addr, struct dionl_irq *irq, int max,
		     int quiet_ms)
{
	struct irq_list list = { .addr = addr, .command = DIO_VFIO_CMD_IRQ_NTF, .irq = irq,
				 .max = max };

	while (!genl_listen(&nl->genl, quiet_ms, collect_irq, &list))
		;
	return list.count;
}
