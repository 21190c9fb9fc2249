/* SPDX-License-Identifier: GPL-2.0 */
/* Memory types of a guest: its MTRRs and PAT, and what is in its page tables. */
#ifndef DIOKCTL_VM_MEMTYPE_H
#define DIOKCTL_VM_MEMTYPE_H

#include <stdint.h>

#include "nl.h"

/* Registers of a VM, into the object that the caller has opened. */
void show_vm_mtrr(struct nl_msg *msg);
/* The runs of one answer, into an array that is open; where to go on, or 0. */
uint64_t show_vm_range(struct nl_msg *msg);

#endif
