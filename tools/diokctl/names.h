/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Names of the enumerations and attributes of the netlink families, as their
 * specifications (uapi/netlink/) spell them.
 */
#ifndef DIOKCTL_NAMES_H
#define DIOKCTL_NAMES_H

#include <stdint.h>

struct names {
	const char *const *name;
	unsigned int n;
};

extern const struct names names_policy;
extern const struct names names_state;
extern const struct names names_method;
extern const struct names names_level;
extern const struct names names_result;
extern const struct names names_trigger;
extern const struct names names_idle;
extern const struct names names_intx;
extern const struct names names_recheck;
extern const struct names names_vectors;
extern const struct names names_mask;
extern const struct names names_inject;
extern const struct names names_irq_index;
extern const struct names names_irq_via;
extern const struct names names_irq_event;
extern const struct names names_attr_dev;
extern const struct names names_attr_reset;
extern const struct names names_attr_irq;
extern const struct names names_hook_state;
extern const struct names names_memtype;
extern const struct names names_stores;
extern const struct names names_routes;
extern const struct names names_attr_vm;
extern const struct names names_rt_mode;
extern const struct names names_rt_state;
extern const struct names names_rt_source;
extern const struct names names_attr_target;
extern const struct names names_attr_admit;

/* Never NULL: a value of a newer kernel is "unknown". */
const char *names_get(const struct names *names, uint32_t value);

/* 0 and the value, or -1. */
int names_find(const struct names *names, const char *word, uint32_t *value);

/* "a, b or c" in a buffer that lives until the next call. */
const char *names_list(const struct names *names);

#endif
