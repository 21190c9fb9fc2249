// SPDX-License-Identifier: GPL-2.0
/* Plant, read back, look again after the reset. */
#include <stdio.h>
#include <string.h>
#include <linux/pci_regs.h>

#include "canary.h"
#include "report.h"

static void add(struct canary_set *s, const char *name, int bar, uint32_t offset, int width,
		uint64_t value)
{
	struct canary_reg reg = { name, bar, offset, width, value };

	if (s->count < CANARY_MAX)
		s->value[s->count++].reg = reg;
}

static void add_msi(struct canary_set *s)
{
	int cap = pcidev_cap(s->pci, PCI_CAP_ID_MSI);
	int data;

	if (!cap)
		return;
	data = pcidev_config_read(s->pci, cap + PCI_MSI_FLAGS, 2) & PCI_MSI_FLAGS_64BIT ?
	       cap + PCI_MSI_DATA_64 : cap + PCI_MSI_DATA_32;
	add(s, "MSI-addr", CANARY_CONFIG, cap + PCI_MSI_ADDRESS_LO, 4, 0xfee5a5a4);
	add(s, "MSI-data", CANARY_CONFIG, data, 2, 0x5a5a);
}

/* The last entry: the one that an owner is least likely to use. */
static void add_msix(struct canary_set *s)
{
	int cap = pcidev_cap(s->pci, PCI_CAP_ID_MSIX);
	uint32_t table, entry;
	int bar;

	if (!cap)
		return;
	table = pcidev_config_read(s->pci, cap + PCI_MSIX_TABLE, 4);
	bar = table & PCI_MSIX_TABLE_BIR;
	entry = pcidev_config_read(s->pci, cap + PCI_MSIX_FLAGS, 2) & PCI_MSIX_FLAGS_QSIZE;
	entry = (table & PCI_MSIX_TABLE_OFFSET) + entry * PCI_MSIX_ENTRY_SIZE;
	add(s, "MSIX-addr", bar, entry + PCI_MSIX_ENTRY_LOWER_ADDR, 4, 0x5a5a5a58);
	add(s, "MSIX-data", bar, entry + PCI_MSIX_ENTRY_DATA, 4, 0xa5a5);
	/* Reset masks every entry: an unmasked one is a value, too. */
	add(s, "MSIX-vctl", bar, entry + PCI_MSIX_ENTRY_VECTOR_CTRL, 4, 0);
}

void canary_init(struct canary_set *s, const struct pcidev *d, const struct canary_reg *regs)
{
	memset(s, 0, sizeof(*s));
	s->pci = d;
	for (; regs->name; regs++)
		add(s, regs->name, regs->bar, regs->offset, regs->width, regs->value);
	add_msi(s);
	add_msix(s);
}

static uint64_t get(const struct canary_set *s, const struct mmio *m, const struct canary_reg *r)
{
	if (r->bar == CANARY_CONFIG)
		return pcidev_config_read(s->pci, r->offset, r->width);
	return mmio_read(m, r->bar, r->offset, r->width);
}

static void set(const struct canary_set *s, const struct mmio *m, const struct canary_reg *r)
{
	if (r->bar == CANARY_CONFIG)
		pcidev_config_write(s->pci, r->offset, r->width, r->value);
	else
		mmio_write(m, r->bar, r->offset, r->width, r->value);
}

void canary_plant(struct canary_set *s, const struct mmio *m)
{
	struct canary *c, *end = s->value + s->count;

	for (c = s->value; c < end; c++)
		c->before = get(s, m, &c->reg);
	for (c = s->value; c < end; c++)
		set(s, m, &c->reg);
	for (c = s->value; c < end; c++)
		c->planted = get(s, m, &c->reg);
}

/* The device took the value: as written, inverted (edu), or in part. */
static bool taken(const struct canary *c)
{
	uint64_t mask = c->reg.width == 8 ? ~0ull : (1ull << (8 * c->reg.width)) - 1;

	return c->planted == c->reg.value || c->planted == (~c->reg.value & mask) ||
	       c->planted != c->before;
}

int canary_check(struct canary_set *s, const struct mmio *m)
{
	struct canary *c, *end = s->value + s->count;

	s->taken = 0;
	s->survived = 0;
	for (c = s->value; c < end; c++) {
		c->after = get(s, m, &c->reg);
		if (!taken(c))
			continue;
		s->taken++;
		s->survived += c->after == c->planted;
	}
	return s->survived;
}

unsigned int canary_bars(const struct canary_set *s)
{
	unsigned int mask = 0;
	int i;

	for (i = 0; i < s->count; i++)
		if (s->value[i].reg.bar != CANARY_CONFIG)
			mask |= 1u << s->value[i].reg.bar;
	return mask;
}

void canary_say(const struct canary_set *s, const char *what)
{
	const struct canary *c;
	char line[512] = "";
	int i, n = 0;

	for (i = 0; i < s->count && n < (int)sizeof(line) - 64; i++) {
		c = &s->value[i];
		if (!taken(c))
			n += snprintf(line + n, sizeof(line) - n, " [%s not changeable]",
				      c->reg.name);
		else if (c->after == c->planted)
			n += snprintf(line + n, sizeof(line) - n, " %s", c->reg.name);
	}
	say("%s %s: %d of %d survived:%s", s->pci->name, what, s->survived, s->taken,
	    n ? line : " none");
}
