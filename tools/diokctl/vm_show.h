/* SPDX-License-Identifier: GPL-2.0 */
/* Virtual machines, printed into the JSON object that the caller has opened. */
#ifndef DIOKCTL_VM_SHOW_H
#define DIOKCTL_VM_SHOW_H

#include <stdbool.h>

#include "nl.h"

/* Is it one? */
bool show_vm_valid(struct nl_msg *msg);
/* Its members and its line. */
void show_vm(struct nl_msg *msg);
/* Of a VM that has left the table. */
void show_vm_gone(struct nl_msg *msg);

#endif
