/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A guest's MSI-X table twice: once as the PCI standard has it, and once as it is
 * with kvm-dio/mask.c in front of a VMM that does what QEMU does, a device with
 * pending bits, and KVM's irqfds. Whatever is done is done to both.
 */
#ifndef MASK_WORLD_H
#define MASK_WORLD_H

#include <stddef.h>

#include "mask.h"

#define WORLD_VECTORS 3
#define WORLD_LOG 16

struct world_message {
	unsigned int vector;
	u32 address, high, data;
};

struct world_log {
	struct world_message message[WORLD_LOG];
	unsigned int n;
};

/* As the standard has it. */
struct world_spec {
	u32 table[WORLD_VECTORS][4];
	bool pending[WORLD_VECTORS], flying[WORLD_VECTORS];
	bool function, enabled;
	struct world_log log;
};

struct world_vmm {
	u32 table[WORLD_VECTORS][4], route[WORLD_VECTORS][3];
	u64 trigger[WORLD_VECTORS];
	bool pending[WORLD_VECTORS], unread[WORLD_VECTORS];
	bool function, enabled;
	u64 generation;		/* eventfds are new ones each time it enables MSI-X */
};

struct world_count {
	unsigned long swallowed, kept, pairs, answered, events, merged, forwarded;
};

struct world {
	struct world_spec spec;
	struct world_vmm vmm;
	struct dio_mask mask[WORLD_VECTORS];
	bool waits[WORLD_VECTORS];	/* the device's pending bits */
	bool live[WORLD_VECTORS];	/* the message was changed while not masked */
	bool undefined[WORLD_VECTORS];	/* an access that the standard does not know */
	bool forbidden;			/* masked in the device though that may not be */
	bool late;			/* the VMM's main loop does not run */
	struct world_log log;
	struct world_count count;
};

/* How KVM shows a store, beside its value. */
struct world_how {
	bool slot, settled, may;
};

void world_init(struct world *w);
void world_event(struct world *w, unsigned int vector);
void world_store(struct world *w, unsigned int vector, unsigned int offset, unsigned int len,
		 const void *value, const struct world_how *how);
bool world_load(struct world *w, unsigned int vector, unsigned int offset, unsigned int len,
		bool settled);
void world_function(struct world *w, bool mask);
void world_enable(struct world *w, bool on);
void world_reset(struct world *w);
void world_main_loop(struct world *w);
const char *world_differs(struct world *w);

#endif /* MASK_WORLD_H */
