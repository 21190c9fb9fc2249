// SPDX-License-Identifier: GPL-2.0-only
/*
 * A function that misbehaves in configuration space, for paths of the reset
 * engine that no emulated device reaches. As aer_inject does, it takes over the
 * configuration accesses of a bus, and those of the bus above, where a reset of
 * the bus is seen. For test machines only. The rule: no bus may appear below a
 * bus that is taken (no VFs), because it would inherit its operations.
 *
 * Parameters in /sys/module/dio_cfg_inject/parameters/ (all numbers but WIDTH,
 * 1 to 4, and UNTIL are hexadecimal):
 *   device   DDDD:BB:DD.F is taken, present or not; empty: all is given back
 *   rule     OFFSET WIDTH MASK VALUE WHEN UNTIL: reads return VALUE in the bits
 *            of MASK, from WHEN on for UNTIL milliseconds (-1: for ever) or until
 *            UNTIL happens
 *   unready  WHEN UNTIL: reads return all ones, writes are lost
 *   af       OFFSET honest|lie: an Advanced Features capability with an FLR
 *            that resets configuration space, or does nothing
 *   deaf, level: see irq.c
 *   seen     how often each WHEN happened
 * WHEN: now, bme-off (bus master switched off), flr, d3 (back from D3hot), bus
 * (a reset of the bus ended).
 */
#include <linux/module.h>
#include <linux/string.h>

#include "inject.h"

static const char * const inj_event_names[INJ_EVENTS] = {
	"now", "bme-off", "flr", "d3", "bus",
};

static int inj_device_set(const char *text, const struct kernel_param *kp)
{
	unsigned int domain, nr, slot, fn;
	struct pci_bus *bus;

	inj_give_back();
	if (!*skip_spaces(text))
		return 0;
	if (sscanf(text, "%x:%x:%x.%x", &domain, &nr, &slot, &fn) != 4 || slot > 31 || fn > 7)
		return -EINVAL;
	bus = pci_find_bus(domain, nr);
	return bus ? inj_take(bus, PCI_DEVFN(slot, fn)) : -ENODEV;
}

/* Fill a window; one that begins now is open at once. */
static int inj_window_init(struct inj_window *w, const char *when, const char *until)
{
	int event = match_string(inj_event_names, INJ_EVENTS, when);

	if (event < 0)
		return event;
	*w = (struct inj_window) { .when = event, .ms = -1 };
	if (kstrtoint(until, 10, &w->ms)) {
		event = match_string(inj_event_names, INJ_EVENTS, until);
		if (event <= INJ_NOW)
			return -EINVAL;
		w->until = event;
	}
	if (w->when == INJ_NOW)
		inj_window_open(w);
	return 0;
}

static int inj_rule_add(const struct inj_rule *rule)
{
	unsigned long flags;
	int ret = 0;

	if (!inj.own.bus)
		return -ENODEV;
	raw_spin_lock_irqsave(&inj_lock, flags);
	if (inj.nrules == INJ_RULES)
		ret = -ENOSPC;
	else
		inj.rule[inj.nrules++] = *rule;
	raw_spin_unlock_irqrestore(&inj_lock, flags);
	return ret;
}

static int inj_rule_set(const char *text, const struct kernel_param *kp)
{
	struct inj_rule r;
	char when[12], until[12];
	int ret;

	if (sscanf(text, "%hx %hhu %x %x %11s %11s", &r.offset, &r.width, &r.mask, &r.value,
		   when, until) != 6 || !r.width || r.width > 4)
		return -EINVAL;
	ret = inj_window_init(&r.window, when, until);
	return ret ? ret : inj_rule_add(&r);
}

static int inj_unready_set(const char *text, const struct kernel_param *kp)
{
	struct inj_window w;
	unsigned long flags;
	char when[12], until[12];
	int ret;

	if (sscanf(text, "%11s %11s", when, until) != 2)
		return -EINVAL;
	ret = inj_window_init(&w, when, until);
	if (ret)
		return ret;
	raw_spin_lock_irqsave(&inj_lock, flags);
	inj.unready = w;
	raw_spin_unlock_irqrestore(&inj_lock, flags);
	return 0;
}

/* The byte that ends the chain of capabilities, 0 if there is no chain. */
static u8 inj_chain_end(void)
{
	struct pci_bus *bus = inj.own.bus;
	int left = 48;
	u8 at, next;

	pci_bus_read_config_byte(bus, inj.devfn, PCI_CAPABILITY_LIST, &at);
	while (at >= PCI_STD_HEADER_SIZEOF && left--) {
		pci_bus_read_config_byte(bus, inj.devfn, at + PCI_CAP_LIST_NEXT, &next);
		if (!next)
			return at + PCI_CAP_LIST_NEXT;
		at = next;
	}
	return 0;
}

/* Nothing but zeroes where the capability is to be: no other one is hidden. */
static bool inj_is_free(u8 offset)
{
	u32 low, high;

	pci_bus_read_config_dword(inj.own.bus, inj.devfn, offset, &low);
	pci_bus_read_config_dword(inj.own.bus, inj.devfn, offset + 4, &high);
	return !low && !high;
}

static int inj_af_set(const char *text, const struct kernel_param *kp)
{
	struct inj_rule link = { .width = 1, .mask = 0xff };
	struct inj_rule head = { .width = 4, .mask = U32_MAX };
	struct inj_rule tail = { .width = 2, .mask = U16_MAX };
	unsigned long flags;
	char how[8];
	int ret;
	u8 af;

	if (sscanf(text, "%hhx %7s", &af, how) != 2)
		return -EINVAL;
	if (strcmp(how, "honest") && strcmp(how, "lie"))
		return -EINVAL;
	if (!inj.own.bus || inj.af)
		return -EBUSY;
	link.offset = inj_chain_end();
	if (af < PCI_STD_HEADER_SIZEOF || af > 0xf8 || af % 4 || !link.offset || !inj_is_free(af))
		return -EADDRNOTAVAIL;
	link.value = af;
	head.offset = af;
	head.value = PCI_CAP_ID_AF | PCI_CAP_AF_SIZEOF << (8 * PCI_AF_LENGTH) |
		     (PCI_AF_CAP_TP | PCI_AF_CAP_FLR) << (8 * PCI_AF_CAP);
	tail.offset = af + PCI_AF_CTRL;
	inj_window_init(&link.window, "now", "-1");
	head.window = link.window;
	tail.window = link.window;
	raw_spin_lock_irqsave(&inj_lock, flags);
	inj.af = af;
	inj.af_lies = !strcmp(how, "lie");
	raw_spin_unlock_irqrestore(&inj_lock, flags);
	ret = inj_rule_add(&tail);
	if (!ret)
		ret = inj_rule_add(&head);
	return ret ? ret : inj_rule_add(&link);
}

static int inj_seen_get(char *buf, const struct kernel_param *kp)
{
	unsigned long flags;
	int i, n = 0;

	raw_spin_lock_irqsave(&inj_lock, flags);
	for (i = INJ_BME_OFF; i < INJ_EVENTS; i++)
		n += sysfs_emit_at(buf, n, "%s %u%c", inj_event_names[i], inj.seen[i],
				   i + 1 < INJ_EVENTS ? ' ' : '\n');
	raw_spin_unlock_irqrestore(&inj_lock, flags);
	return n;
}

static const struct kernel_param_ops inj_device_ops = { .set = inj_device_set };
static const struct kernel_param_ops inj_rule_ops = { .set = inj_rule_set };
static const struct kernel_param_ops inj_unready_ops = { .set = inj_unready_set };
static const struct kernel_param_ops inj_af_ops = { .set = inj_af_set };
static const struct kernel_param_ops inj_seen_ops = { .get = inj_seen_get };

module_param_cb(device, &inj_device_ops, NULL, 0200);
MODULE_PARM_DESC(device, "DDDD:BB:DD.F to take over, empty to give it back");
module_param_cb(rule, &inj_rule_ops, NULL, 0200);
MODULE_PARM_DESC(rule, "OFFSET WIDTH MASK VALUE WHEN UNTIL: bits that reads return");
module_param_cb(unready, &inj_unready_ops, NULL, 0200);
MODULE_PARM_DESC(unready, "WHEN UNTIL: all ones meanwhile");
module_param_cb(af, &inj_af_ops, NULL, 0200);
MODULE_PARM_DESC(af, "OFFSET honest|lie: an Advanced Features capability");
module_param_cb(seen, &inj_seen_ops, NULL, 0400);
MODULE_PARM_DESC(seen, "how often each event happened");

/* Without it a module cannot be unloaded; there is nothing left to undo. */
static void __exit inj_exit(void)
{
}

static int __init inj_init(void)
{
	return 0;
}

module_init(inj_init);
module_exit(inj_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Faults in the configuration space of one function, for tests");
