// SPDX-License-Identifier: GPL-2.0
/* INTx one step at a time, and the devices that raise it at will. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "intx.h"
#include "report.h"

#define EDU_RAISE 0x60
#define EDU_ACK 0x64
#define EDU_CAUSES 8

#define NIC_ICR 0xc0
#define NIC_ICS 0xc8
#define NIC_IMS 0xd0
#define NIC_IMC 0xd8
#define NIC_TXDW 0x1

#define SETTLE_MS 20
#define SETTLE_MAX 100

static void edu_ack(const struct mmio *m)
{
	mmio_write(m, 0, EDU_ACK, 4, ~0u);
}

static void edu_raise(const struct mmio *m, unsigned int n)
{
	mmio_write(m, 0, EDU_RAISE, 4, 1u << n % EDU_CAUSES);
}

static void igb_ack(const struct mmio *m)
{
	mmio_write(m, 0, NIC_ICR, 4, ~0u);
}

static void igb_ready(const struct mmio *m)
{
	mmio_write(m, 0, NIC_IMC, 4, ~0u);
	igb_ack(m);
	mmio_write(m, 0, NIC_IMS, 4, NIC_TXDW);
}

/* A cause that stands is no new one: cleared first. */
static void igb_raise(const struct mmio *m, unsigned int n)
{
	(void)n;
	igb_ack(m);
	mmio_write(m, 0, NIC_ICS, 4, NIC_TXDW);
}

static const struct intx_source sources[] = {
	{ "edu", edu_ack, edu_raise, edu_ack },
	{ "igb", igb_ready, igb_raise, igb_ack },
};

static const struct intx_source *source_of(const struct pcidev *d)
{
	size_t i;

	for (i = 0; i < sizeof(sources) / sizeof(*sources); i++)
		if (!strncmp(d->name, sources[i].prefix, strlen(sources[i].prefix)))
			return &sources[i];
	return NULL;
}

int intx_open(struct intx *x, const struct pcidev *d)
{
	int rc;

	x->source = source_of(d);
	if (!x->source)
		return -ENODEV;
	x->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	rc = x->fd < 0 ? -errno : owner_open(&x->owner, d);
	if (rc) {
		say("%s (%s): %s", d->name, d->addr, strerror(-rc));
		return rc;
	}
	owner_enable(&x->owner, COMMAND_MEM | COMMAND_BME);
	x->source->ready(&x->owner.mmio);
	return 0;
}

void intx_close(struct intx *x)
{
	owner_close(&x->owner);
	if (x->fd >= 0)
		close(x->fd);
	x->fd = -1;
}

int intx_enable(const struct intx *x)
{
	return vectors_trigger(&x->owner, VFIO_PCI_INTX_IRQ_INDEX, 0, 1, &x->fd);
}

int intx_eoi(const struct intx *x)
{
	return vectors_act(&x->owner, VFIO_PCI_INTX_IRQ_INDEX, VFIO_IRQ_SET_ACTION_UNMASK, 0, 1);
}

int intx_one(const struct intx *x, int bound_ms)
{
	uint64_t events;

	intx_raise(x, 0);
	events = vectors_wait(x->fd, bound_ms);
	intx_ack(x);
	if (events > 1)
		say("%s: an interrupt came %llu times", x->owner.pci->name,
		    (unsigned long long)events);
	if (events != 1)
		return events ? -EIO : -ETIMEDOUT;
	return intx_eoi(x);
}

void intx_settle(const struct intx *x)
{
	int n = 0;

	do {
		intx_ack(x);
		intx_eoi(x);
	} while (vectors_wait(x->fd, SETTLE_MS) && n++ < SETTLE_MAX);
}

static long sum(char *line)
{
	char *word = strchr(line, ':'), *end;
	long n, total = 0;

	for (word = word ? word + 1 : line; ; word = end) {
		n = strtol(word, &end, 10);
		if (end == word || (*end != ' ' && *end != '\t'))
			return total;
		total += n;
	}
}

long intx_runs(const char *kind, const struct pcidev *d)
{
	char name[64], line[512];
	long runs = -1;
	FILE *f = fopen("/proc/interrupts", "r");

	if (!f)
		return -1;
	snprintf(name, sizeof(name), " %s(%s)", kind, d->addr);
	while (fgets(line, sizeof(line), f))
		if (strstr(line, name))
			runs = sum(line);
	fclose(f);
	return runs;
}
