/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dio_vfio_pci's own types. One struct dio_vfio_dev a bound function; a reset in
 * progress is a struct dio_run on somebody's stack or in d->run, and whoever
 * runs it holds the device's PCI lock (pci_dev_lock()).
 */
#ifndef DIO_DEV_H
#define DIO_DEV_H

#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/vfio_pci_core.h>
#include <linux/workqueue.h>
#include <uapi/linux/dio_vfio.h>

#include "dio_irq.h"
#include "rows.h"

#define DIO_DRIVER_NAME		"dio-vfio-pci"
#define DIO_RING		32	/* reset records kept for late readers */
/* PCI_CAP_ID_INVALID_VIRT of vfio_pci_priv.h: bytes that stay in vconfig. */
#define DIO_CONFIG_VIRTUAL	0xfe
#define DIO_NMETHODS		DIO_VFIO_METHOD_NONE
#define DIO_MAX_STEPS		(DIO_NMETHODS + 1)
#define DIO_MAX_RESIDUE		32
#define DIO_REASON_LEN		80
#define DIO_LOCK_TIMEOUT_MS	5000	/* for the PCI locks of a device */

/* Settings of a device; all times in milliseconds. */
struct dio_cfg {
	enum dio_vfio_policy policy;
	enum dio_vfio_level level;
	u8 nmethods;			/* 0: the default order */
	u8 method[DIO_NMETHODS];
	bool d3_force;
	u32 ready_timeout;
	u32 idle_timeout;
	u32 drain;
	enum dio_vfio_intx intx;
	enum dio_vfio_recheck recheck;
	enum dio_vfio_vectors vectors;
	enum dio_vfio_mask mask;
	enum dio_vfio_inject inject;
};

struct dio_step {
	enum dio_vfio_method method;
	enum dio_vfio_result result;
	enum dio_vfio_level level;
	int error;
	u32 duration;
	u32 planted;
	u32 survived;
	u32 scrubbed;
	char reason[DIO_REASON_LEN];
};

struct dio_residue {
	const char *name;
	u8 space;
	bool known;
	bool scrubbed;
	u32 offset;
	u32 count;
	u64 planted;
	u64 found;
};

/* What happened in one reset; immutable once it is in the ring. */
struct dio_record {
	u64 id;
	u64 time;
	enum dio_vfio_trigger trigger;
	enum dio_vfio_policy policy;
	enum dio_vfio_result result;
	enum dio_vfio_level level;
	enum dio_vfio_state state;
	enum dio_vfio_idle idle;
	u32 idle_time;
	u32 duration;
	bool dry_run;
	u8 nsteps;
	u8 nresidue;
	struct dio_step step[DIO_MAX_STEPS];
	struct dio_residue residue[DIO_MAX_RESIDUE];
};

/* One planted register. */
struct dio_canary {
	struct dio_reg reg;		/* offset is absolute, count is 1 */
	u16 group;			/* residue of one table entry is one line */
	bool known_orig;		/* orig is the owner's value */
	bool in;			/* in place before the method */
	bool survived;
	bool scrubbed;
	u64 orig;
	u64 planted;
	u64 found;
};

/* A reset in progress. Owned by the task that holds the PCI lock of @d. */
struct dio_run {
	struct dio_vfio_dev *d;
	struct dio_cfg cfg;		/* as it was when the reset began */
	struct dio_record *rec;
	u64 id;				/* of rec, once the reset has ended */
	struct dio_canary *canary;
	unsigned int ncanaries;
	bool act;			/* permissive or strict */
	bool bracket;			/* between reset_prepare and reset_done */
	bool msi_held;			/* dio_irqs_hold() */
	bool bridge_held;		/* the caller holds the bridge's PCI lock */
	enum dio_vfio_method first;	/* the method that the PCI core runs */
	u16 command;			/* PCI_COMMAND when it began */
	bool silent;			/* it does not answer: nothing to save or plant */
	bool planted;			/* canaries were put in place */
	bool stopped;			/* the idle row's stop was written */
	u8 kernel_methods[PCI_NUM_RESET_METHODS];
	u8 kernel_index;		/* what the core was left with meanwhile */
	bool narrowed;			/* kernel_methods has to go back */
	ktime_t start;
	ktime_t step_start;
};

struct dio_vfio_dev {
	struct vfio_pci_core_device core;
	struct list_head node;		/* dio_devs, under dio_devs_lock */
	const struct dio_row *row;	/* NULL: generic canaries only */
	void __iomem *map[PCI_STD_NUM_BARS];	/* under the PCI lock */
	resource_size_t map_len[PCI_STD_NUM_BARS];

	/*
	 * A reset that a VFIO user asks for (VFIO_DEVICE_RESET, a hot reset, an
	 * FLR written to configuration space) is serialised by user_lock, which
	 * nests outside dev_set->lock (a hot reset takes it), which nests outside
	 * irqs.config_sem (close), the core's memory_lock and the PCI locks. trigger and
	 * trigger_task tell reset_prepare() that the reset is this task's.
	 */
	struct mutex user_lock;
	struct task_struct *trigger_task;
	enum dio_vfio_trigger trigger;
	bool bracket_ran;		/* of trigger_task; its alone */
	enum dio_vfio_result verdict;	/* of the reset that bracket_ran tells */

	struct pci_saved_state *good_config;	/* of the time of binding */
	bool config_lost;		/* a restore was missed; written under the PCI lock */
	struct delayed_work fence;	/* while it is lost and closed */
	unsigned long fence_end;	/* jiffies; the last writer's word */
	struct dio_run *run;		/* between prepare and done; PCI lock */

	struct dio_irqs irqs;

	bool opened;			/* written under dev_set->lock */
	bool removing;			/* set under the PCI lock, never cleared */

	/* Leaf lock of all below. */
	struct mutex lock;
	struct dio_cfg cfg;
	enum dio_vfio_state state;
	bool released;
	u64 failures;
	u64 last_id;
	struct dio_record *ring[DIO_RING];
	bool config_live;		/* core.pci_config_map is there */
	bool cmd_held;			/* COMMAND is not passed to the device */
	u8 cmd_map[2];			/* pci_config_map[] of COMMAND meanwhile */
};

static inline struct dio_vfio_dev *dio_from_core(struct vfio_pci_core_device *c)
{
	return container_of(c, struct dio_vfio_dev, core);
}

static inline struct dio_vfio_dev *dio_from_vdev(struct vfio_device *v)
{
	return container_of(v, struct dio_vfio_dev, core.vdev);
}

static inline struct dio_vfio_dev *dio_from_pdev(struct pci_dev *pdev)
{
	return dio_from_core(dev_get_drvdata(&pdev->dev));
}

extern struct pci_driver dio_pci_driver;

/* Does an access of @count bytes at @pos touch the @len bytes at @at? */
static inline bool dio_overlaps(loff_t pos, size_t count, unsigned int at, unsigned int len)
{
	return pos < at + len && pos + count > at;
}

/* dev.c: registry, settings and state */
void dio_dev_init(struct dio_vfio_dev *d, struct pci_dev *pdev);
void dio_dev_set_cfg(struct dio_vfio_dev *d, const struct dio_cfg *cfg);
void dio_dev_add(struct dio_vfio_dev *d);
void dio_dev_del(struct dio_vfio_dev *d);
struct dio_vfio_dev *dio_dev_get(struct pci_dev *pdev);
struct dio_vfio_dev *dio_dev_get_from(u64 key, unsigned int *generation);
void dio_dev_put(struct dio_vfio_dev *d);
u64 dio_dev_key(const struct dio_vfio_dev *d);
unsigned int dio_dev_count(void);
enum dio_vfio_state dio_dev_open(struct dio_vfio_dev *d);
void dio_dev_open_undo(struct dio_vfio_dev *d, enum dio_vfio_state old);
void dio_dev_config_live(struct dio_vfio_dev *d, bool live);
void dio_dev_close(struct dio_vfio_dev *d);
void dio_dev_get_cfg(struct dio_vfio_dev *d, struct dio_cfg *cfg);
void dio_dev_settle(struct dio_vfio_dev *d, struct dio_record *rec);
bool dio_dev_release(struct dio_vfio_dev *d);
bool dio_dev_quarantined(struct dio_vfio_dev *d);
enum dio_vfio_level dio_dev_level_max(const struct dio_vfio_dev *d);

/* config.c */
int dio_config_keep(struct dio_vfio_dev *d);
void dio_config_release(struct dio_vfio_dev *d);
void dio_config_lose(struct dio_vfio_dev *d);
void dio_config_found(struct dio_vfio_dev *d);
bool dio_config_sane(struct pci_dev *pdev);
void dio_config_repair(struct dio_vfio_dev *d);

/* fence.c: a device that was silent through its reset */
void dio_fence_init(struct dio_vfio_dev *d);
bool dio_fence_try(struct dio_vfio_dev *d);
void dio_fence_start(struct dio_vfio_dev *d);
void dio_fence_stop(struct dio_vfio_dev *d);
void dio_fence_remove(struct dio_vfio_dev *d);

/* mmio.c: the driver's own view of the registers */
void __iomem *dio_mmio(struct dio_vfio_dev *d, u8 bar, u32 offset, u8 width);
u64 dio_reg_read(struct dio_vfio_dev *d, u8 space, u32 offset, u8 width);
void dio_reg_write(struct dio_vfio_dev *d, u8 space, u32 offset, u8 width, u64 v);
void dio_mmio_release(struct dio_vfio_dev *d);

/* canary_list.c */
int dio_canary_collect(struct dio_run *run);

/* canary.c */
void dio_canary_plant(struct dio_run *run, bool header);
void dio_canary_check(struct dio_run *run, bool header);
void dio_canary_judge(struct dio_run *run, struct dio_step *step);
void dio_canary_settle(struct dio_run *run, bool verified);
void dio_canary_report(struct dio_run *run);

/* quiesce.c */
void dio_command_begin(struct dio_run *run);
void dio_memory_on(struct dio_run *run);
void dio_command_end(struct dio_run *run, bool master);
void dio_master_off(struct pci_dev *pdev);
enum dio_vfio_idle dio_quiesce(struct dio_run *run);
void dio_quiesce_undo(struct dio_run *run);
bool dio_device_works(struct dio_vfio_dev *d);

/* method.c */
const char *dio_method_name(enum dio_vfio_method m);
const char *dio_method_unavailable(struct dio_vfio_dev *d, const struct dio_cfg *cfg,
				   enum dio_vfio_method m, char *text);
unsigned int dio_method_order(struct dio_vfio_dev *d, const struct dio_cfg *cfg,
			      u8 order[DIO_NMETHODS]);
enum dio_vfio_method dio_method_of_kernel(const struct pci_dev *pdev);
u8 dio_method_kernel_index(const struct pci_dev *pdev, enum dio_vfio_method m);
int dio_method_run(struct dio_run *run, enum dio_vfio_method m);

int dio_wait_ready(struct pci_dev *pdev, u32 timeout);
void dio_kernel_narrow(struct pci_dev *pdev, u8 index, u8 saved[PCI_NUM_RESET_METHODS]);
void dio_kernel_widen(struct pci_dev *pdev, u8 index, const u8 saved[PCI_NUM_RESET_METHODS]);
int dio_kernel_method(struct pci_dev *pdev, u8 index);

/* method_bus.c */
const char *dio_bus_unavailable(struct dio_vfio_dev *d, const struct dio_cfg *cfg, char *text);
int dio_bus_run(struct dio_run *run);

/* reset.c: the walk */
int dio_run_begin(struct dio_run *run, struct dio_vfio_dev *d,
		  enum dio_vfio_trigger trigger);
void dio_run_listen(struct dio_run *run, u32 timeout);
int dio_run_again(struct dio_run *run);
void dio_run_plant(struct dio_run *run, bool header);
void dio_run_kernel_step(struct dio_run *run);
void dio_run_escalate(struct dio_run *run);
void dio_run_fail(struct dio_run *run, const char *reason);
enum dio_vfio_result dio_run_end(struct dio_run *run);
void dio_step_unavailable(struct dio_step *step, const char *why);
void dio_reset_publish(struct dio_vfio_dev *d, struct dio_record *rec);

/* reset_own.c */
struct dio_record *dio_reset_plan(struct dio_vfio_dev *d);
int dio_reset_now(struct dio_vfio_dev *d, enum dio_vfio_trigger trigger,
		  enum dio_vfio_result *verdict, u64 *id);
void dio_reset_missed(struct dio_vfio_dev *d, enum dio_vfio_trigger trigger,
		      const char *reason);

/* lock.c */
int dio_reset_lock(struct dio_vfio_dev *d);
void dio_reset_unlock(struct dio_vfio_dev *d);

/* life.c */
int dio_life_open(struct dio_vfio_dev *d);
void dio_life_close(struct dio_vfio_dev *d);
int dio_life_reset(struct dio_vfio_dev *d, u64 *id);
void dio_life_remove(struct dio_vfio_dev *d);

/* trigger.c: where resets come from */
void dio_trigger_mark(struct dio_vfio_dev *d, enum dio_vfio_trigger trigger);
void dio_trigger_unmark(struct dio_vfio_dev *d);
long dio_trigger_ioctl(struct dio_vfio_dev *d, unsigned int cmd, unsigned long arg);
ssize_t dio_trigger_write(struct dio_vfio_dev *d, const char __user *buf,
			  size_t count, loff_t *ppos);
void dio_trigger_prepare(struct pci_dev *pdev);
void dio_trigger_done(struct pci_dev *pdev);

/* record.c */
void dio_record_keep(struct dio_vfio_dev *d, struct dio_record *rec);
const struct dio_record *dio_record_at(struct dio_vfio_dev *d, u64 id);
void dio_record_log(struct dio_vfio_dev *d, const struct dio_record *rec);
void dio_record_free_all(struct dio_vfio_dev *d);

/* netlink.c */
int dio_netlink_init(void);
void dio_netlink_exit(void);

/* netlink_event.c */
void dio_netlink_dev_event(struct dio_vfio_dev *d, u8 cmd);
void dio_netlink_reset_event(struct dio_vfio_dev *d, const struct dio_record *rec);

/*
 * Does the device decode memory, as its owner has set it? No configuration
 * access. Stable while memory_lock is held. Any context.
 */
static inline bool dio_memory_decodes(const struct dio_vfio_dev *d)
{
	const struct pci_dev *pdev = d->core.pdev;
	const __le16 *cmd = (const __le16 *)&d->core.vconfig[PCI_COMMAND];

	return (__force int)pdev->current_state < (__force int)PCI_D3hot &&
	       (pdev->no_command_memory || le16_to_cpu(*cmd) & PCI_COMMAND_MEMORY);
}

#endif /* DIO_DEV_H */
