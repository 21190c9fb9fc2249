// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM's own event of an access to the APIC, kvm:kvm_apic. The fast path enters
 * the APIC behind the place where KVM has it, unless somebody listens. A tracepoint
 * that is not exported is found as tracing finds it, by its module.
 */
#include <linux/module.h>
#include <linux/tracepoint.h>

#include "store.h"

struct tracepoint *dio_apic_event;

static struct tracepoint *dio_tracepoint_of(const struct module *mod, const char *name)
{
	struct tracepoint *tp;
	unsigned int i;

	for (i = 0; i < mod->num_tracepoints; i++) {
		tp = tracepoint_ptr_deref(&mod->tracepoints_ptrs[i]);
		if (!strcmp(tp->name, name))
			return tp;
	}
	return NULL;
}

static int dio_tracepoint_module(struct notifier_block *nb, unsigned long event, void *data)
{
	const struct module *mod = ((struct tp_module *)data)->mod;

	if (strcmp(mod->name, "kvm"))
		return NOTIFY_OK;
	/* no vCPU runs when KVM comes or goes */
	WRITE_ONCE(dio_apic_event, event == MODULE_STATE_COMING ?
		   dio_tracepoint_of(mod, "kvm_apic") : NULL);
	return NOTIFY_OK;
}

static struct notifier_block dio_tracepoint_nb = { .notifier_call = dio_tracepoint_module };

/* Hears at once of the modules that are there. */
int dio_store_trace_init(void)
{
	return register_tracepoint_module_notifier(&dio_tracepoint_nb);
}

void dio_store_trace_exit(void)
{
	unregister_tracepoint_module_notifier(&dio_tracepoint_nb);
}
