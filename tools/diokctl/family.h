/* SPDX-License-Identifier: GPL-2.0 */
/* The netlink families of diok's modules: one row each. */
#ifndef DIOKCTL_FAMILY_H
#define DIOKCTL_FAMILY_H

#include <stdbool.h>

#include "names.h"

struct nl_family {
	const char *name;
	const char *group;	/* of its events */
	const char *module;
	const char *loaded;	/* exists while the module is loaded */
	unsigned char version;
	/* The names of the attributes of command CMD, for messages. */
	const struct names *(*attrs)(int cmd);
};

extern const struct nl_family family_vfio;
extern const struct nl_family family_kvm;
extern const struct nl_family family_sched;

bool family_loaded(const struct nl_family *family);

#endif
