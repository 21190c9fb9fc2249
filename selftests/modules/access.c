// SPDX-License-Identifier: GPL-2.0-only
/*
 * The accesses to a bus that is taken: reads get the overlay, writes are looked
 * at for what they do. The rule: here the original operations are called
 * directly, never the PCI core's functions, which would come back to us.
 */
#include <linux/module.h>
#include <linux/rcupdate.h>

#include "inject.h"

DEFINE_RAW_SPINLOCK(inj_lock);
struct inj inj;

u32 inj_get(int where, int size)
{
	u32 val = 0;

	inj.own.orig->read(inj.own.bus, inj.devfn, where, size, &val);
	return val;
}

static void inj_put(int where, int size, u32 val)
{
	inj.own.orig->write(inj.own.bus, inj.devfn, where, size, val);
}

bool inj_overlaps(int where, int size, int reg, int width)
{
	return where < reg + width && reg < where + size;
}

void inj_window_open(struct inj_window *w)
{
	w->end = w->ms < 0 ? KTIME_MAX : ktime_add_ms(ktime_get(), w->ms);
}

static bool inj_window_is_open(const struct inj_window *w)
{
	return w->end && ktime_before(ktime_get(), w->end);
}

static void inj_window_happens(struct inj_window *w, enum inj_event event)
{
	if (w->until == event)
		w->end = 0;
	if (w->when == event)
		inj_window_open(w);
}

static void inj_happens(enum inj_event event)
{
	unsigned int i;

	lockdep_assert_held(&inj_lock);
	inj.seen[event]++;
	for (i = 0; i < inj.nrules; i++)
		inj_window_happens(&inj.rule[i].window, event);
	inj_window_happens(&inj.unready, event);
}

/* @val, read at @where, with the bits of a rule in their place. */
u32 inj_rule_apply(const struct inj_rule *r, int where, int size, u32 val)
{
	int i, at;
	u32 mask;

	for (i = 0; i < size; i++) {
		at = where + i - r->offset;
		if (at < 0 || at >= r->width)
			continue;
		mask = (r->mask >> (8 * at) & 0xff) << (8 * i);
		val &= ~mask;
		val |= (r->value >> (8 * at) & 0xff) << (8 * i) & mask;
	}
	return val;
}

static u32 inj_overlay(int where, int size, u32 val)
{
	unsigned int i;

	if (inj_window_is_open(&inj.unready))
		return U32_MAX >> (32 - 8 * size);
	val = inj_irq_read(where, size, val);
	for (i = 0; i < inj.nrules; i++)
		if (inj_window_is_open(&inj.rule[i].window))
			val = inj_rule_apply(&inj.rule[i], where, size, val);
	return val;
}

/* What the 16-bit register @reg, now @old, becomes by a write. */
static u16 inj_becomes(int reg, u16 old, int where, int size, u32 val)
{
	struct inj_rule r = { .offset = where, .width = size, .mask = U32_MAX, .value = val };

	return inj_rule_apply(&r, reg, 2, old);
}

/* What a write to the function is; INJ_NOW: nothing of note. */
static enum inj_event inj_write_event(int where, int size, u32 val)
{
	u16 old, new;

	if (inj.exp && inj_overlaps(where, size, inj.exp + PCI_EXP_DEVCTL, 2)) {
		new = inj_becomes(inj.exp + PCI_EXP_DEVCTL, 0, where, size, val);
		return new & PCI_EXP_DEVCTL_BCR_FLR ? INJ_FLR : INJ_NOW;
	}
	if (inj.pm && inj_overlaps(where, size, inj.pm + PCI_PM_CTRL, 2)) {
		old = inj_get(inj.pm + PCI_PM_CTRL, 2);
		new = inj_becomes(inj.pm + PCI_PM_CTRL, old, where, size, val);
		return (old & PCI_PM_CTRL_STATE_MASK) == (__force u16)PCI_D3hot &&
		       (new & PCI_PM_CTRL_STATE_MASK) == (__force u16)PCI_D0 ? INJ_D3 : INJ_NOW;
	}
	if (inj_overlaps(where, size, PCI_COMMAND, 2)) {
		old = inj_get(PCI_COMMAND, 2);
		new = inj_becomes(PCI_COMMAND, old, where, size, val);
		return old & ~new & PCI_COMMAND_MASTER ? INJ_BME_OFF : INJ_NOW;
	}
	return INJ_NOW;
}

/* Conventional PCI 3.0, 6.2: what a reset leaves in configuration space. */
static void inj_flr(void)
{
	int bar;

	inj_put(PCI_COMMAND, 2, 0);
	inj_put(PCI_CACHE_LINE_SIZE, 1, 0);
	inj_put(PCI_LATENCY_TIMER, 1, 0);
	inj_put(PCI_INTERRUPT_LINE, 1, 0);
	inj_put(PCI_ROM_ADDRESS, 4, 0);
	for (bar = 0; bar < PCI_STD_NUM_BARS; bar++)
		inj_put(PCI_BASE_ADDRESS_0 + 4 * bar, 4, 0);
	if (!inj.msi)
		return;
	inj_put(inj.msi + PCI_MSI_FLAGS, 2, 0);
	inj_put(inj.msi + PCI_MSI_ADDRESS_LO, 4, 0);
	if (inj_get(inj.msi + PCI_MSI_FLAGS, 2) & PCI_MSI_FLAGS_64BIT) {
		inj_put(inj.msi + PCI_MSI_ADDRESS_HI, 4, 0);
		inj_put(inj.msi + PCI_MSI_DATA_64, 2, 0);
	} else {
		inj_put(inj.msi + PCI_MSI_DATA_32, 2, 0);
	}
}

/* A write that reaches the capability which is not there. */
static void inj_af_write(int where, int size, u32 val)
{
	u16 ctrl = inj_becomes(inj.af + PCI_AF_CTRL, 0, where, size, val);

	if (!(ctrl & PCI_AF_CTRL_FLR))
		return;
	if (!inj.af_lies)
		inj_flr();
	inj_happens(INJ_FLR);
}

static void inj_write_function(int where, int size, u32 val)
{
	enum inj_event event;

	if (inj_window_is_open(&inj.unready))
		return;
	if (inj.af && inj_overlaps(where, size, inj.af, PCI_CAP_AF_SIZEOF)) {
		inj_af_write(where, size, val);
		return;
	}
	val = inj_irq_write(where, size, val);
	event = inj_write_event(where, size, val);
	inj_put(where, size, val);
	if (event != INJ_NOW)
		inj_happens(event);
}

/* A write to the bridge above: does a reset of the bus end with it? */
static bool inj_ends_bus_reset(int where, int size, u32 val)
{
	u32 old = 0;
	u16 new;

	if (!inj_overlaps(where, size, PCI_BRIDGE_CONTROL, 2))
		return false;
	inj.upper.orig->read(inj.upper.bus, inj.own.bus->self->devfn, PCI_BRIDGE_CONTROL, 2, &old);
	new = inj_becomes(PCI_BRIDGE_CONTROL, old, where, size, val);
	return old & ~new & PCI_BRIDGE_CTL_BUS_RESET;
}

static struct inj_bus *inj_bus_of(struct pci_bus *bus)
{
	return bus == inj.own.bus ? &inj.own : bus == inj.upper.bus ? &inj.upper : NULL;
}

static bool inj_is_function(const struct inj_bus *b, unsigned int devfn)
{
	return b == &inj.own && devfn == inj.devfn;
}

static int inj_read(struct pci_bus *bus, unsigned int devfn, int where, int size, u32 *val)
{
	struct inj_bus *b = inj_bus_of(bus);
	unsigned long flags;
	int ret;

	if (!b)
		return PCIBIOS_DEVICE_NOT_FOUND;
	raw_spin_lock_irqsave(&inj_lock, flags);
	ret = b->orig->read(bus, devfn, where, size, val);
	if (!ret && inj_is_function(b, devfn))
		*val = inj_overlay(where, size, *val);
	raw_spin_unlock_irqrestore(&inj_lock, flags);
	return ret;
}

static int inj_write(struct pci_bus *bus, unsigned int devfn, int where, int size, u32 val)
{
	struct inj_bus *b = inj_bus_of(bus);
	unsigned long flags;
	bool ends;
	int ret = 0;

	if (!b)
		return PCIBIOS_DEVICE_NOT_FOUND;
	raw_spin_lock_irqsave(&inj_lock, flags);
	if (inj_is_function(b, devfn)) {
		inj_write_function(where, size, val);
	} else {
		ends = b == &inj.upper && devfn == inj.own.bus->self->devfn &&
		       inj_ends_bus_reset(where, size, val);
		ret = b->orig->write(bus, devfn, where, size, val);
		if (ends)
			inj_happens(INJ_BUS);
	}
	raw_spin_unlock_irqrestore(&inj_lock, flags);
	return ret;
}

static void inj_bus_take(struct inj_bus *b, struct pci_bus *bus)
{
	get_device(&bus->dev);
	b->orig = bus->ops;
	b->ops = *bus->ops;
	b->ops.read = inj_read;
	b->ops.write = inj_write;
	b->bus = bus;
	pci_bus_set_ops(bus, &b->ops);
}

static void inj_bus_put(struct inj_bus *b)
{
	if (b->bus)
		put_device(&b->bus->dev);
	b->bus = NULL;
}

/*
 * A module that has a bus cannot be unloaded: its code is in use. An access may
 * have been preempted on its way out of inj_read(), which synchronize_rcu() alone
 * does not wait for.
 */
void inj_give_back(void)
{
	if (!inj.own.bus)
		return;
	if (inj.upper.bus)
		pci_bus_set_ops(inj.upper.bus, inj.upper.orig);
	pci_bus_set_ops(inj.own.bus, inj.own.orig);
	synchronize_rcu_tasks();
	inj_bus_put(&inj.upper);
	inj_bus_put(&inj.own);
	module_put(THIS_MODULE);
}

int inj_take(struct pci_bus *bus, unsigned int devfn)
{
	if (!try_module_get(THIS_MODULE))
		return -ENODEV;
	memset(&inj, 0, sizeof(inj));
	inj.devfn = devfn;
	inj.pm = pci_bus_find_capability(bus, devfn, PCI_CAP_ID_PM);
	inj.exp = pci_bus_find_capability(bus, devfn, PCI_CAP_ID_EXP);
	inj.msi = pci_bus_find_capability(bus, devfn, PCI_CAP_ID_MSI);
	inj_bus_take(&inj.own, bus);
	if (bus->self)
		inj_bus_take(&inj.upper, bus->self->bus);
	return 0;
}
