/* SPDX-License-Identifier: GPL-2.0-only */
/* The MSI-X table of an assigned device: mask_life.c has its life, mask_table.c the rest. */
#ifndef DIO_MASK_TABLE_H
#define DIO_MASK_TABLE_H

#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "dio_kvm.h"
#include "mask.h"
#include "vfio-ext/dio_vfio.h"

struct dio_place;

/* A store of a virtual CPU that user space gets: of which vector, and when. */
struct dio_told {
	unsigned int vector;
	u64 exits;
	bool open;
};

struct dio_table {
	const struct dio_vfio_mask_host *host;
	struct dio_keep *keep;
	struct kvm *kvm;		/* held */
	struct dio_core core;
	struct module *vendor;		/* of a VM without a file not every kernel keeps it */
	u32 held;
	unsigned int count;
	struct dio_place *place;	/* slots_lock: where it is on the bus, or NULL */
	struct work_struct end;

	spinlock_t lock;		/* of all below */
	struct dio_told *told;		/* by vcpu_idx */
	struct dio_vec **host_vector;	/* valid until close(); NULL: not known yet */
	struct dio_mask vector[];
};

/* mask_table.c: &struct dio_vfio_mask_ops of a table */
extern const struct dio_feature dio_mask_feature;
extern const struct dio_vfio_mask_ops dio_mask_ops;
void dio_table_map(void *table, u64 gpa);
void dio_table_control(void *table);
void dio_table_off(void *table);
void dio_table_forget(void *table);
void dio_table_switched(void *table, unsigned int nr, u64 from, u64 to, bool drained);

/* mask_life.c */
int dio_mask_init(void);
void dio_mask_exit(void);

#endif /* DIO_MASK_TABLE_H */
