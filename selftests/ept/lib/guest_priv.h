/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of the guest share; tests include guest.h. */
#ifndef DIO_EPT_GUEST_PRIV_H
#define DIO_EPT_GUEST_PRIV_H

#include "guest.h"

/* The slot at GUEST_RUN_GPA. */
#define OWN_SIZE (8ULL << 20)
#define OWN_CODE 0x0ULL
#define OWN_LISTS 0x10000ULL
#define OWN_LIST_SIZE 0x40000ULL
#define OWN_TABLES 0x100000ULL
#define OWN_LINEAR (31ULL << 32 | GUEST_RUN_GPA)

extern const char guest_code[], guest_code_end[];

/* Make the slot and its mapping; the first of all slots. */
int guest_own_memory(struct guest *g);
void guest_free_memory(struct guest *g);

/* A device's memory: sets g->mmio. */
void guest_find_mmio(struct guest *g);

#endif
