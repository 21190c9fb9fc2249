/* SPDX-License-Identifier: GPL-2.0 */
/* Two VMs that run the same code, one as stock and one with the fast path on. */
#ifndef DIO_TEST_VMPAIR_H
#define DIO_TEST_VMPAIR_H

#include "storevm.h"
#include "seq.h"

struct vmpair {
	struct vm stock, fast;
	uint8_t code[VM_CODE_SIZE];
	/* before each run, of either; may be NULL */
	void (*prepare)(struct vm *vm);
	/* runs that differed when an interrupt had come twice, see doubled.h */
	unsigned int repeated;
};

/* Modules loaded, VMs made, fast path of mode @stores on; 0 or a negative errno. */
int vmpair_open(struct vmpair *p, enum vm_mode mode, uint32_t stores);
void vmpair_close(struct vmpair *p);
/* What VM_PORT_CALL calls, in both. */
void vmpair_call(struct vmpair *p, void (*call)(struct vm *vm, uint32_t value));
/*
 * Run @p->code in both. True if both came to the end, and to the same one. Runs
 * that differ are repeated if the emulator gave one of them an interrupt twice.
 */
bool vmpair_same(struct vmpair *p);
/* The difference that the last run made to the counters of the fast path. */
struct vm_stores vmpair_stores(struct vmpair *p);
void vm_stores_say(const struct vm_stores *s);

#endif
