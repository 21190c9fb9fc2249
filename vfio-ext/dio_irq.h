/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interrupts of an owner. Two paths beside vfio-pci-core's: MSI and MSI-X of our
 * own (vector.c), and an INTx whose carrier on the host is an MSI (intx*.c).
 *
 * Locks, outermost first, inside user_lock and dev_set->lock: dio_irqs.config_sem
 * (accesses of configuration space shared, switching between carriers exclusive),
 * dio_irqs.msi_lock, core.igate (every SET_IRQS), core.memory_lock, then the leaf
 * locks dio_intx.lock and dio_vec.lock, which are taken in hard interrupt context.
 */
#ifndef DIO_IRQ_H
#define DIO_IRQ_H

#include <linux/eventfd.h>
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/irqbypass.h>
#include <linux/notifier.h>
#include <linux/pci.h>
#include <linux/rwsem.h>
#include <linux/vfio.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

#include "dio_vfio.h"

struct dio_vfio_dev;

#define DIO_MSI_CAP_MAX	24		/* 64-bit, with masking */
#define DIO_INTX_WATCH	msecs_to_jiffies(100)

/* Written by whoever holds the leaf lock or is the handler; read without. */
struct dio_irq_count {
	u64 interrupts;
	u64 delivered;
	u64 while_masked;
	u64 pending;
	u64 rechecks;
	u64 spurious;
	u64 merged;
	u64 swaps;
	u64 storms;
	u64 kept;
	u64 raised;
};

#define dio_count(field) do {						\
	u64 *__n = &(field);						\
									\
	WRITE_ONCE(*__n, *__n + 1);					\
} while (0)

/* One VFIO_DEVICE_SET_IRQS, validated; @data is a kernel copy. */
struct dio_irq_req {
	u32 index;
	u32 action;		/* VFIO_IRQ_SET_ACTION_* */
	u32 type;		/* VFIO_IRQ_SET_DATA_* */
	u32 start;
	u32 count;
	union {
		void *data;
		s32 *fd;
		u8 *yes;
	};
};

/* One MSI or MSI-X vector; lives from its first use until the owner closes. */
struct dio_vec {
	struct dio_vfio_dev *d;
	unsigned int nr;
	int irq;			/* written with igate and lock held; 0: not requested */
	struct irq_data *data;		/* the same; RCU keeps what it points to */
	struct rcu_head rcu;		/* keep.c looks without igate */
	int pending_at;			/* pending bits of an MSI, 0: none */
	bool maskable;			/* the device can mask it */
	bool slow;			/* the handler does not only signal; see vector_irq.c */
	char name[40];
	struct eventfd_ctx *trigger;	/* written with igate and lock held; read by the handler */
	int trigger_fd;			/* igate: its number in whose SET_IRQS it was */
	struct irq_bypass_producer producer;
	bool producing;			/* igate: the producer is registered */
	bool bypass;			/* KVM is connected to it */

	spinlock_t lock;		/* of all below; taken in hard irq context */
	bool masked;			/* by the owner */
	bool parked;			/* no eventfd */
	bool held;			/* a hold-off interval runs */
	bool kept;			/* by the owner's guest, without the owner */
	bool off;			/* so the irq core has it disabled */
	bool watched;			/* slow whether it is kept or not */
	bool pend;			/* an event that only the host remembers */
	u64 holdoff;			/* nanoseconds, 0: off */
	struct hrtimer timer;
	u64 arrived;			/* interrupts that did not take the short way */
	struct dio_irq_count n;		/* see dio_vec_count(); interrupts: the handler's */
};

/* INTx of an owner on an MSI, or, after a fall back, on our own line handler. */
struct dio_intx {
	struct dio_vfio_dev *d;
	bool active;			/* igate and lock: events count */
	bool on_line;			/* igate and lock: fell back */
	bool maskable;			/* the MSI has a mask bit */
	int irq;			/* the carrier's */
	int line_irq;			/* the line's, 0 if there is none */
	char name[40];
	struct eventfd_ctx *trigger;	/* igate and lock; read by whoever fires */
	wait_queue_head_t *readers;	/* the same: of trigger, if a thread may raise the pin */
	struct virqfd *unmask;
	void __iomem *cause;		/* BAR of the table's cause register, or NULL */
	struct delayed_work watch;	/* no MSI yet, policy toggle, a look put off */
	struct work_struct news_work;
	struct delayed_work second_work;

	spinlock_t lock;		/* of all below */
	bool masked;			/* by the owner, or until the EOI */
	bool disabled;			/* the owner's Interrupt Disable */
	bool pending;			/* a message to be delivered at the EOI */
	bool line;			/* what the owner sees: asserted */
	bool due;			/* a signal is left to the work of .unmask */
	bool quiet;			/* the carrier is masked, see carrier.c */
	u8 policy;			/* enum dio_vfio_recheck in force */
	u8 samples;			/* while it is learned */
	u8 stuck;			/* watch: asserted and no MSI, times in a row */
	bool heard;			/* a message came since it was enabled */
	bool look;			/* a recheck was put off */
	bool second;			/* what awaits its EOI is a second signal */
	bool second_planned;
	bool master;			/* the owner had bus master on */
	unsigned long eoi;		/* jiffies of the last one */
	u32 burst;			/* messages since the last EOI */
	unsigned long news;		/* BIT(enum dio_vfio_irq_event) to be sent */
	struct dio_irq_count n;

	u8 msi_map[DIO_MSI_CAP_MAX];	/* pci_config_map[] of the capability */
	u8 msi_shadow[DIO_MSI_CAP_MAX];	/* vconfig of it, before it was hidden */
	u8 msi_len;
};

struct dio_irqs {
	struct rw_semaphore config_sem;
	struct dio_intx intx;
	bool msi_dead;			/* igate: the device never sent one */
	enum dio_vfio_recheck learned;	/* AUTO: not yet; lock of intx */
	struct mutex msi_lock;		/* set-up of interrupts against resets */
	struct work_struct resync;	/* after a reset: igate cannot be had there */
	bool line_masks;		/* Interrupt Disable works; valid while open */
	bool parks;			/* config_sem: see line.c */

	struct xarray vecs;		/* struct dio_vec by number; igate */
	bool vectors_on;		/* igate: our MSI or MSI-X is enabled */
	bool msix;			/* which one; valid until the next enable */
	unsigned int allocated;		/* igate: vectors, as MSI or MSI-X was enabled */
	u64 holdoff_all;		/* igate: for vectors that come later */
	unsigned int nmsi, nmsix;	/* sizes, read once at open */
	void __iomem *pba;		/* the MSI-X pending bits, may be NULL */
	bool forced;			/* memory is decoded although the owner has it off */
	struct dio_keep *keep;		/* valid from open to close, see keep.c; or NULL */
	bool keep_idle;			/* by decision: no mask is kept from now on */
	struct dio_inject *inject;	/* the same: valid from open to close, or NULL */
	bool inject_idle;		/* by decision: no pin is raised by a thread */

	struct atomic_notifier_head clients;
	atomic_t nclients;		/* written with igate held */
	bool gone;			/* igate: unbound, the clients hear no more */
};

/* irqs.c: entry points */
void dio_irqs_init(struct dio_vfio_dev *d);
void dio_irqs_open(struct dio_vfio_dev *d);
void dio_irqs_close(struct dio_vfio_dev *d);
void dio_irqs_reset(struct dio_vfio_dev *d);
bool dio_irqs_hold(struct dio_vfio_dev *d);
void dio_irqs_unhold(struct dio_vfio_dev *d);
long dio_irqs_set(struct dio_vfio_dev *d, void __user *arg);
long dio_irqs_info(struct dio_vfio_dev *d, void __user *arg);

/* line.c: Interrupt Disable while no INTx of the owner is on */
void dio_line_open(struct dio_vfio_dev *d);
void dio_line_close(struct dio_vfio_dev *d);
void dio_line_take(struct dio_vfio_dev *d);
void dio_line_park(struct dio_vfio_dev *d);
void dio_line_lend(struct dio_vfio_dev *d);
void dio_line_check(struct dio_vfio_dev *d);

/* notice.c: errors and requests while an interrupt is ours; igate is held */
long dio_notice_set(struct dio_vfio_dev *d, const struct dio_irq_req *req);

/* memlock.c */
u16 dio_memory_begin(struct dio_vfio_dev *d);
void dio_memory_end(struct dio_vfio_dev *d, u16 cmd);

/* vector.c: MSI and MSI-X; igate is held */
struct dio_vec *dio_vectors_get(struct dio_vfio_dev *d, unsigned int nr);
void dio_vectors_drop(struct dio_vfio_dev *d, struct dio_vec *v);
int dio_vectors_enable(struct dio_vfio_dev *d, bool msix, unsigned int nvec);
void dio_vectors_disable(struct dio_vfio_dev *d);
void dio_vectors_free(struct dio_vfio_dev *d);
/* memory decoding or power is back: what was written meanwhile is lost */
void dio_vectors_resync(struct dio_vfio_dev *d);

/* vector_set.c: SET_IRQS of MSI and MSI-X; igate is held */
long dio_vectors_set(struct dio_vfio_dev *d, bool msix, const struct dio_irq_req *req);

/* vector_irq.c: one vector */
int dio_vec_request(struct dio_vec *v);
void dio_vec_free(struct dio_vec *v);
void dio_vec_trigger(struct dio_vec *v, struct eventfd_ctx *ctx, int fd);
void dio_vec_bypass(struct dio_vec *v, bool on);
void dio_vec_count(struct dio_vec *v, struct dio_irq_count *n);
void dio_vec_loopback(struct dio_vec *v);
/* its lock is held */
bool dio_vec_silent(const struct dio_vec *v);
void dio_vec_deliver(struct dio_vec *v);
void dio_vec_silence(struct dio_vec *v, bool *reason);
void dio_vec_release(struct dio_vec *v, bool *reason);
void dio_vec_apply(struct dio_vec *v);

/* vector_keep.c: its mask bit */
void dio_vec_keep(struct dio_vec *v, bool keep);
bool dio_vec_may_keep(const struct dio_vec *v);
bool dio_vec_toggle(struct dio_vec *v, bool keep);
void dio_vec_settle(struct dio_vec *v);
void dio_vec_remask(struct dio_vec *v);		/* its lock is held */

/* keep.c: masks of a guest that its VMM does not see */
void dio_keep_open(struct dio_vfio_dev *d);
void dio_keep_close(struct dio_vfio_dev *d);
void dio_keep_config_begin(struct dio_vfio_dev *d, loff_t pos, size_t count);
void dio_keep_config_end(struct dio_vfio_dev *d, loff_t pos, size_t count);
void dio_keep_off(struct dio_vfio_dev *d);
void dio_keep_forget(struct dio_vfio_dev *d);
void dio_keep_decide(struct dio_vfio_dev *d);
enum dio_vfio_mask dio_keep_who(struct dio_vfio_dev *d);
void dio_keep_switched(struct dio_vec *v, const struct eventfd_ctx *from,
		       const struct eventfd_ctx *to, int from_fd);

/* holdoff.c */
void dio_holdoff_init(struct dio_vec *v);
void dio_holdoff_begin(struct dio_vec *v);
void dio_holdoff_set(struct dio_vec *v, u64 ns);
int dio_holdoff_dev(struct dio_vfio_dev *d, enum dio_vfio_irq_index index, int vector, u32 us);

/* notify.c */
bool dio_notify_wanted(const struct dio_vfio_dev *d);
void dio_notify_arrival(struct dio_vfio_dev *d, enum dio_vfio_irq_index index, unsigned int nr);
void dio_notify_gone(struct dio_vfio_dev *d);

/* intx.c: the state machine, see intx.pml; any context */
enum dio_intx_event {
	DIO_INTX_ARRIVE,
	DIO_INTX_MASK,
	DIO_INTX_UNMASK,		/* EOI, or VFIO_IRQ_SET_ACTION_UNMASK */
	DIO_INTX_DISABLE,		/* Interrupt Disable set */
	DIO_INTX_ENABLE,		/* and cleared */
	DIO_INTX_RESET,
	DIO_INTX_RECHECK,
	DIO_INTX_SECOND,		/* see second.c */
};

bool dio_intx_event(struct dio_vfio_dev *d, enum dio_intx_event event);
bool dio_intx_message(struct dio_vfio_dev *d);
bool dio_intx_step(struct dio_vfio_dev *d, enum dio_intx_event event);
void dio_intx_fire(struct dio_vfio_dev *d);
void dio_intx_fire_by(struct dio_vfio_dev *d, bool thread);

/* offer.c */
const struct dio_vfio_offer *dio_offer_get(enum dio_vfio_offer_kind kind);

/* inject.c: the pin of a guest of KVM, raised by a thread */
void dio_inject_open(struct dio_vfio_dev *d);
void dio_inject_close(struct dio_vfio_dev *d);
void dio_inject_decide(struct dio_vfio_dev *d);
enum dio_vfio_inject dio_inject_who(struct dio_vfio_dev *d);
bool dio_inject_by_thread(struct dio_vfio_dev *d);
void dio_inject_fire(struct dio_vfio_dev *d);
void dio_inject_sync(struct dio_vfio_dev *d);
void dio_inject_trigger(struct dio_vfio_dev *d, struct eventfd_ctx *trigger, int fd);

/* carrier.c: dio_intx.lock is held */
bool dio_msi_maskable(struct pci_dev *pdev);
void dio_carrier_mask(struct dio_vfio_dev *d);
bool dio_carrier_unmask(struct dio_vfio_dev *d);
void dio_carrier_intx_bit(struct dio_vfio_dev *d);
void dio_carrier_restore(struct dio_vfio_dev *d);
void dio_msi_enable_bit(struct pci_dev *pdev, bool on);

/* second.c */
void dio_second_plan(struct dio_vfio_dev *d);
void dio_second_work(struct work_struct *work);

/* recheck.c */
enum dio_level { DIO_LEVEL_UNKNOWN, DIO_LEVEL_LOW, DIO_LEVEL_HIGH };

enum dio_level dio_recheck_level(struct dio_vfio_dev *d);
void dio_recheck_learn(struct dio_vfio_dev *d);
enum dio_vfio_recheck dio_recheck_first(struct dio_vfio_dev *d, enum dio_vfio_recheck set);
const char *dio_recheck_unavailable(struct dio_vfio_dev *d, enum dio_vfio_recheck policy);
const char *dio_recheck_name(enum dio_vfio_recheck policy);
bool dio_recheck_status(struct dio_vfio_dev *d, bool device);
bool dio_recheck_blind(const struct dio_intx *ix);
bool dio_recheck_masks(const struct dio_intx *ix);
bool dio_toggle_high(struct pci_dev *pdev);
bool dio_status_high(struct pci_dev *pdev);

/* intx_watch.c: devices that send no MSI, and what is told of an INTx */
bool dio_master_is_on(const struct dio_vfio_dev *d);
void dio_intx_watch(struct work_struct *work);
void dio_intx_news_work(struct work_struct *work);
void dio_intx_news(struct dio_vfio_dev *d, enum dio_vfio_irq_event event);

/* intx_host.c: the carrier comes and goes; igate and config_sem are held */
bool dio_intx_wants_msi(struct dio_vfio_dev *d);
int dio_intx_on(struct dio_vfio_dev *d, struct eventfd_ctx *trigger, int fd);
void dio_intx_off(struct dio_vfio_dev *d);
int dio_intx_to_line(struct dio_vfio_dev *d);

/* intx_set.c: SET_IRQS of INTx while it is ours; igate is held */
long dio_intx_set(struct dio_vfio_dev *d, const struct dio_irq_req *req);

/* intx_config.c: configuration space as the owner sees it */
void dio_intx_hide_msi(struct dio_vfio_dev *d, bool hide);
void dio_intx_show_pin(struct dio_vfio_dev *d);
ssize_t dio_irqs_config_read(struct dio_vfio_dev *d, char __user *buf, size_t count,
			     loff_t *ppos);
ssize_t dio_irqs_config_write(struct dio_vfio_dev *d, const char __user *buf, size_t count,
			      loff_t *ppos);

/* netlink_irq.c */
void dio_netlink_irq_event(struct dio_vfio_dev *d, enum dio_vfio_irq_event event);

#endif /* DIO_IRQ_H */
