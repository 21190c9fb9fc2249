// SPDX-License-Identifier: GPL-2.0
/*
 * The tables behind names.h. An entry's place is its value: add new ones in
 * the order of the specification.
 */
#include <stdio.h>
#include <string.h>

#include <linux/dio_kvm.h>
#include <linux/dio_sched.h>
#include <linux/dio_vfio.h>

#include "names.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define NAMES(what) \
	const struct names names_##what = { what##_names, ARRAY_SIZE(what##_names) }

static const char *const policy_names[] = {
	[DIO_VFIO_POLICY_OBSERVE]	= "observe",
	[DIO_VFIO_POLICY_PERMISSIVE]	= "permissive",
	[DIO_VFIO_POLICY_STRICT]	= "strict",
};
NAMES(policy);

static const char *const state_names[] = {
	[DIO_VFIO_STATE_UNKNOWN]	= "unknown",
	[DIO_VFIO_STATE_CLEAN]		= "clean",
	[DIO_VFIO_STATE_UNVERIFIED]	= "unverified",
	[DIO_VFIO_STATE_IN_USE]		= "in-use",
	[DIO_VFIO_STATE_QUARANTINED]	= "quarantined",
};
NAMES(state);

static const char *const method_names[] = {
	[DIO_VFIO_METHOD_DEVICE]	= "device",
	[DIO_VFIO_METHOD_FLR]		= "flr",
	[DIO_VFIO_METHOD_AF_FLR]	= "af-flr",
	[DIO_VFIO_METHOD_D3]		= "d3",
	[DIO_VFIO_METHOD_BUS]		= "bus",
	[DIO_VFIO_METHOD_NONE]		= "none",
};
NAMES(method);

static const char *const level_names[] = {
	[DIO_VFIO_LEVEL_NONE]		= "none",
	[DIO_VFIO_LEVEL_CONFIG]		= "config",
	[DIO_VFIO_LEVEL_FUNCTION]	= "function",
};
NAMES(level);

static const char *const result_names[] = {
	[DIO_VFIO_RESULT_UNVERIFIABLE]	= "unverifiable",
	[DIO_VFIO_RESULT_VERIFIED]	= "verified",
	[DIO_VFIO_RESULT_FAILED]	= "failed",
	[DIO_VFIO_RESULT_UNAVAILABLE]	= "unavailable",
};
NAMES(result);

static const char *const trigger_names[] = {
	[DIO_VFIO_TRIGGER_OPEN]		= "open",
	[DIO_VFIO_TRIGGER_CLOSE]	= "close",
	[DIO_VFIO_TRIGGER_IOCTL]	= "ioctl",
	[DIO_VFIO_TRIGGER_HOT_RESET]	= "hot-reset",
	[DIO_VFIO_TRIGGER_GUEST_FLR]	= "guest-flr",
	[DIO_VFIO_TRIGGER_SYSFS]	= "sysfs",
	[DIO_VFIO_TRIGGER_NETLINK]	= "netlink",
};
NAMES(trigger);

static const char *const idle_names[] = {
	[DIO_VFIO_IDLE_NOT_WAITED]	= "not-waited",
	[DIO_VFIO_IDLE_IDLE]		= "idle",
	[DIO_VFIO_IDLE_DRAINED]		= "drained",
	[DIO_VFIO_IDLE_TIMEOUT]		= "timeout",
};
NAMES(idle);

static const char *const intx_names[] = {
	[DIO_VFIO_INTX_LINE]		= "line",
	[DIO_VFIO_INTX_AUTO]		= "auto",
	[DIO_VFIO_INTX_MSI]		= "msi",
};
NAMES(intx);

static const char *const recheck_names[] = {
	[DIO_VFIO_RECHECK_AUTO]		= "auto",
	[DIO_VFIO_RECHECK_NONE]		= "none",
	[DIO_VFIO_RECHECK_STATUS]	= "status",
	[DIO_VFIO_RECHECK_PVM]		= "pvm",
	[DIO_VFIO_RECHECK_TOGGLE]	= "toggle",
	[DIO_VFIO_RECHECK_MMIO]		= "mmio",
};
NAMES(recheck);

static const char *const vectors_names[] = {
	[DIO_VFIO_VECTORS_STOCK]	= "stock",
	[DIO_VFIO_VECTORS_OWN]		= "own",
};
NAMES(vectors);

static const char *const mask_names[] = {
	[DIO_VFIO_MASK_USER]	= "user",
	[DIO_VFIO_MASK_KERNEL]	= "kernel",
};
NAMES(mask);

static const char *const inject_names[] = {
	[DIO_VFIO_INJECT_WORK]		= "work",
	[DIO_VFIO_INJECT_THREAD]	= "thread",
};
NAMES(inject);

static const char *const irq_index_names[] = {
	[DIO_VFIO_IRQ_INDEX_INTX]	= "intx",
	[DIO_VFIO_IRQ_INDEX_MSI]	= "msi",
	[DIO_VFIO_IRQ_INDEX_MSIX]	= "msix",
};
NAMES(irq_index);

static const char *const irq_via_names[] = {
	[DIO_VFIO_IRQ_VIA_LINE]		= "line",
	[DIO_VFIO_IRQ_VIA_MSI]		= "msi",
	[DIO_VFIO_IRQ_VIA_MSIX]		= "msix",
};
NAMES(irq_via);

static const char *const irq_event_names[] = {
	[DIO_VFIO_IRQ_EVENT_FALLBACK]	= "fallback",
	[DIO_VFIO_IRQ_EVENT_MUTE]	= "mute",
	[DIO_VFIO_IRQ_EVENT_STORM]	= "storm",
	[DIO_VFIO_IRQ_EVENT_LEARNED]	= "learned",
};
NAMES(irq_event);

static const char *const attr_dev_names[] = {
	[DIO_VFIO_A_DEV_ADDR]		= "addr",
	[DIO_VFIO_A_DEV_VENDOR]		= "vendor",
	[DIO_VFIO_A_DEV_DEVICE]		= "device",
	[DIO_VFIO_A_DEV_STATE]		= "state",
	[DIO_VFIO_A_DEV_POLICY]		= "policy",
	[DIO_VFIO_A_DEV_LEVEL]		= "level",
	[DIO_VFIO_A_DEV_LEVEL_MAX]	= "level-max",
	[DIO_VFIO_A_DEV_METHOD]		= "methods",
	[DIO_VFIO_A_DEV_AVAILABLE]	= "available",
	[DIO_VFIO_A_DEV_D3_FORCE]	= "d3-force",
	[DIO_VFIO_A_DEV_READY_TIMEOUT]	= "ready-timeout",
	[DIO_VFIO_A_DEV_IDLE_TIMEOUT]	= "idle-timeout",
	[DIO_VFIO_A_DEV_DRAIN]		= "drain",
	[DIO_VFIO_A_DEV_RESETS]		= "resets",
	[DIO_VFIO_A_DEV_FAILURES]	= "failures",
	[DIO_VFIO_A_DEV_LAST_ID]	= "last-id",
	[DIO_VFIO_A_DEV_DRY_RUN]	= "dry-run",
	[DIO_VFIO_A_DEV_RELEASED]	= "released",
	[DIO_VFIO_A_DEV_INTX]		= "intx",
	[DIO_VFIO_A_DEV_RECHECK]	= "recheck",
	[DIO_VFIO_A_DEV_VECTORS]	= "vectors",
};
NAMES(attr_dev);

static const char *const attr_reset_names[] = {
	[DIO_VFIO_A_RESET_ADDR]		= "addr",
	[DIO_VFIO_A_RESET_ID]		= "id",
};
NAMES(attr_reset);

static const char *const attr_irq_names[] = {
	[DIO_VFIO_A_IRQ_ADDR]		= "addr",
	[DIO_VFIO_A_IRQ_INDEX]		= "index",
	[DIO_VFIO_A_IRQ_VECTOR]		= "vector",
	[DIO_VFIO_A_IRQ_HOLDOFF]	= "holdoff",
};
NAMES(attr_irq);

static const char *const hook_state_names[] = {
	[DIO_KVM_HOOK_STATE_ABSENT]	= "absent",
	[DIO_KVM_HOOK_STATE_IDLE]	= "idle",
	[DIO_KVM_HOOK_STATE_ARMED]	= "armed",
	[DIO_KVM_HOOK_STATE_UNSUPPORTED] = "unsupported",
};
NAMES(hook_state);

static const char *const memtype_names[] = {
	[DIO_KVM_MEMTYPE_OFF]		= "off",
	[DIO_KVM_MEMTYPE_PAT]		= "pat",
	[DIO_KVM_MEMTYPE_FULL]		= "full",
};
NAMES(memtype);

static const char *const stores_names[] = {
	[DIO_KVM_STORES_OFF]		= "off",
	[DIO_KVM_STORES_EOI]		= "eoi",
	[DIO_KVM_STORES_ALL]		= "all",
};
NAMES(stores);

static const char *const routes_names[] = {
	[DIO_KVM_ROUTES_OFF]		= "off",
	[DIO_KVM_ROUTES_SAME]		= "same",
};
NAMES(routes);

static const char *const attr_vm_names[] = {
	[DIO_KVM_A_VM_FD]		= "fd",
	[DIO_KVM_A_VM_MEMTYPE]		= "memtype",
	[DIO_KVM_A_VM_STORES]		= "stores",
	[DIO_KVM_A_VM_ROUTES]		= "routes",
};
NAMES(attr_vm);

static const char *const rt_mode_names[] = {
	[DIO_SCHED_MODE_OBSERVE]	= "observe",
	[DIO_SCHED_MODE_RESERVE]	= "reserve",
	[DIO_SCHED_MODE_BOOST]		= "boost",
	[DIO_SCHED_MODE_AUTO]		= "auto",
};
NAMES(rt_mode);

static const char *const rt_state_names[] = {
	[DIO_SCHED_STATE_OBSERVING]	= "observing",
	[DIO_SCHED_STATE_ACTIVE]	= "active",
	[DIO_SCHED_STATE_SUSPENDED]	= "suspended",
};
NAMES(rt_state);

static const char *const rt_source_names[] = {
	[DIO_SCHED_SOURCE_NONE]		= "none",
	[DIO_SCHED_SOURCE_DEVICE]	= "device",
	[DIO_SCHED_SOURCE_IRQ]		= "irq",
	[DIO_SCHED_SOURCE_WAKE]		= "wake",
};
NAMES(rt_source);

static const char *const attr_target_names[] = {
	[DIO_SCHED_A_TARGET_TID]	= "thread",
	[DIO_SCHED_A_TARGET_VM_FD]	= "vm",
	[DIO_SCHED_A_TARGET_VCPU]	= "vcpu",
	[DIO_SCHED_A_TARGET_MODE]	= "mode",
	[DIO_SCHED_A_TARGET_RUNTIME]	= "runtime",
	[DIO_SCHED_A_TARGET_PERIOD]	= "period",
	[DIO_SCHED_A_TARGET_RECLAIM]	= "reclaim",
	[DIO_SCHED_A_TARGET_CPU]	= "cpu",
	[DIO_SCHED_A_TARGET_SOURCE]	= "source",
	[DIO_SCHED_A_TARGET_ADDR]	= "addr",
	[DIO_SCHED_A_TARGET_IRQ]	= "irq",
	[DIO_SCHED_A_TARGET_SHARE]	= "share",
	[DIO_SCHED_A_TARGET_MARGIN]	= "margin",
	[DIO_SCHED_A_TARGET_FORCE]	= "force",
};
NAMES(attr_target);

static const char *const attr_admit_names[] = {
	[DIO_SCHED_A_ADMIT_CPU]		= "cpu",
	[DIO_SCHED_A_ADMIT_TID]		= "thread",
	[DIO_SCHED_A_ADMIT_RUNTIME]	= "runtime",
	[DIO_SCHED_A_ADMIT_PERIOD]	= "period",
};
NAMES(attr_admit);

/* What the PCI core's reset_method file calls the same thing. */
static const struct {
	const char *name;
	uint32_t value;
} method_aliases[] = {
	{ "af_flr",		DIO_VFIO_METHOD_AF_FLR },
	{ "pm",			DIO_VFIO_METHOD_D3 },
	{ "device_specific",	DIO_VFIO_METHOD_DEVICE },
};

const char *names_get(const struct names *names, uint32_t value)
{
	if (value >= names->n || !names->name[value])
		return "unknown";
	return names->name[value];
}

int names_find(const struct names *names, const char *word, uint32_t *value)
{
	unsigned int i;

	for (i = 0; i < names->n; i++) {
		if (names->name[i] && !strcmp(names->name[i], word)) {
			*value = i;
			return 0;
		}
	}
	for (i = 0; names == &names_method && i < ARRAY_SIZE(method_aliases); i++) {
		if (!strcmp(method_aliases[i].name, word)) {
			*value = method_aliases[i].value;
			return 0;
		}
	}
	return -1;
}

const char *names_list(const struct names *names)
{
	static char list[256];
	unsigned int i;
	size_t len = 0;

	list[0] = '\0';
	for (i = 0; i < names->n && len < sizeof(list); i++) {
		const char *sep = ", ";

		if (!i)
			sep = "";
		else if (i == names->n - 1)
			sep = " or ";
		len += (size_t)snprintf(list + len, sizeof(list) - len, "%s%s",
					sep, names->name[i]);
	}
	return list;
}
