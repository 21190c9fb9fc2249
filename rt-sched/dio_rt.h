/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dio_sched: the types, and who calls what. A target is one thread. What an
 * interrupt or the scheduler touches is under `fast`, what changes the thread's
 * policy under `policy_lock`, everything else under dio_rt_lock.
 *
 * Order of the locks: dio_rt_lock, policy_lock, the scheduler's, fast.
 */
#ifndef DIO_RT_H
#define DIO_RT_H

#include <linux/cpumask.h>
#include <linux/hrtimer.h>
#include <linux/irq_work.h>
#include <linux/kthread.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/pci.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <uapi/linux/dio_sched.h>

#include "admit.h"
#include "budget.h"
#include "estimate.h"

#define DIO_RT_REASON		80
#define DIO_RT_NO_CPU		(~0U)
#define DIO_RT_TICK		HZ

struct dio_vfio_irq_client;
struct netlink_ext_ack;
struct dio_rt_vm;

/* What an administrator asked for; it does not change while the target lives. */
struct dio_rt_config {
	enum dio_sched_mode mode;
	u64 runtime, period;		/* of auto: as in force, 0 while observing */
	bool reclaim, force;
	unsigned int cpu;		/* to pin to, or DIO_RT_NO_CPU */
	enum dio_sched_source source;
	struct pci_dev *pdev;		/* reference, for the source device */
	unsigned int irq;		/* for the source irq */
	u32 share, margin;		/* per cent */
};

/* The thread's own scheduling, from before it was changed. */
struct dio_rt_own {
	unsigned int policy;
	unsigned int prio;
	int nice;
	bool reset_on_fork;
	u64 slice;			/* that the thread asked for, or 0 */
	u64 timer_slack;		/* real-time policies lose it */
};

struct dio_rt_count {
	u64 interrupts, windows, denied, overruns, misses, delay_max;
};

/* Under dio_rt.fast; hard interrupt context, and the scheduler's with its lock held. */
struct dio_rt_fast {
	bool armed;			/* boost: an interrupt may open a window */
	bool running;			/* the thread is on a processor, since on_at */
	bool asleep;			/* and if not, it is so because it waits */
	bool waiting;			/* an interrupt since wait_at has seen no service */
	u64 on_at, wait_at;
	u64 cpu;			/* CPU time until it was last switched out */
	struct dio_budget budget;
	struct dio_est est;
	struct dio_rt_count n;
	const void *action;		/* source irq: the one of a line that is counted */
	bool intx;			/* source device: type of the last interrupt */
	bool gone;			/* source device: it was unbound */
};

struct dio_rt {
	struct list_head list;		/* in dio_rt_list, by dio_rt_lock */
	struct hlist_node hash;		/* of dio_rt_find_task(); RCU, written by dio_rt_lock */
	struct list_head irq_node;	/* of the source irq; RCU, written by dio_rt_lock */
	struct task_struct *task;	/* reference */
	struct dio_rt_config config;
	struct dio_rt_vm *vm;		/* NULL: no virtual CPU */
	unsigned int vcpu;

	/* by dio_rt_lock */
	enum dio_sched_state state;
	char reason[DIO_RT_REASON];
	u64 bw;				/* promised */
	cpumask_var_t cpus;		/* for which it was promised */
	cpumask_var_t own_cpus;		/* before it was pinned */
	u64 overruns_told, overruns_seen, steps, est_last;
	bool pinned, poll_off;

	struct mutex policy_lock;	/* the thread's policy and all of these */
	struct dio_rt_own own;
	unsigned int in_force;		/* SCHED_DEADLINE; SCHED_NORMAL: its own */
	bool lent;			/* it has a window's priority */
	cpumask_var_t still_cpus;	/* its CPUs but for a change of its parameters */
	unsigned int still_cpu;

	raw_spinlock_t fast_lock;
	struct dio_rt_fast fast;

	bool exiting;			/* the thread ends; set by the scheduler's probe */
	bool unpinned;			/* its CPU went away; set by the hotplug's callback */
	/*
	 * To which CPU it was bound before that began to go, or DIO_RT_NO_CPU. Set by the
	 * probe of hotplug, cleared by dio_rt_lock: by a review with the CPUs held, or with
	 * the pin whose end gives the thread its own CPUs.
	 */
	unsigned int bound;
	struct kthread_work work;	/* of the boost: a window opens or is looked at */
	struct irq_work kick;		/* from where no task may be woken */
	struct hrtimer timer;
	struct notifier_block nb;
	struct dio_vfio_irq_client *client;
};

/* main.c */
extern struct mutex dio_rt_lock;
extern struct list_head dio_rt_list;
extern unsigned int dio_rt_n;
extern bool dio_rt_closing;	/* the module goes: no new targets */
void dio_rt_changed(void);

/* target.c: targets begin and end; all with dio_rt_lock */
struct dio_rt *dio_rt_find(struct task_struct *task);
struct dio_rt *dio_rt_find_task(const struct task_struct *task);
int dio_rt_set(struct task_struct *task, const struct dio_rt_config *config,
	       struct dio_rt_vm *vm, unsigned int vcpu, struct netlink_ext_ack *extack);
void dio_rt_end(struct dio_rt *t, const char *reason);
int dio_rt_start(struct dio_rt *t, struct netlink_ext_ack *extack);
void dio_rt_stop(struct dio_rt *t);
void dio_rt_suspend(struct dio_rt *t, const char *reason);
void dio_rt_for_each(void (*fn)(struct dio_rt *t, unsigned int cpu), unsigned int cpu);

/* policy.c: the scheduling policy of a thread */
int dio_policy_reserve(struct dio_rt *t, u64 runtime, u64 period);
void dio_policy_own(struct dio_rt *t);
bool dio_policy_foreign(struct dio_rt *t);
int dio_policy_pin(struct dio_rt *t);
void dio_policy_unpin(struct dio_rt *t);

/* still.c: no wake-up moves a thread while its deadline parameters change */
void dio_still_begin(struct dio_rt *t);
void dio_still_end(struct dio_rt *t, u64 runtime, u64 period);

/* offline.c: a CPU goes, and a thread was bound to it */
void dio_offline_probe(void *data, unsigned int cpu, int target, int idx,
		       int (*fn)(unsigned int cpu));
int dio_offline_cpu_up(unsigned int cpu);
int dio_offline_cpu_down(unsigned int cpu);
void dio_offline_review(struct dio_rt *t);

/* lend.c: the priority of a boost's window */
int dio_lend_init(void);
void dio_lend_exit(void);
bool dio_lend_known(void);
int dio_lend_begin(struct dio_rt *t);
void dio_lend_end(struct dio_rt *t);

/* kernel.c: the kernel's limits */
struct dio_kernel_limits {
	s64 rt_runtime_us, rt_period_us;
	u64 period_min_us, period_max_us;
	bool assumed;
};

void dio_kernel_init(void);
void dio_kernel_periods(struct dio_kernel_limits *k);
void dio_kernel_limits(struct dio_kernel_limits *k);

/* room.c: admission against what the module has promised */
void dio_room_limits(const struct dio_kernel_limits *k, struct dio_admit_limits *limits);
void dio_room_look(void);
void dio_room_ask(const struct dio_rt *without, const struct cpumask *cpus, u64 bw,
		  struct dio_admit_answer *answer);
int dio_room_enter(struct dio_rt *t, u64 runtime, u64 period, struct netlink_ext_ack *extack);
int dio_room_check(u64 runtime, u64 period, struct netlink_ext_ack *extack);

/* probe.c: what the scheduler and the interrupts tell */
int dio_probe_start(void);
void dio_probe_stop(void);
int dio_probe_irq(struct dio_rt *t);
void dio_probe_irq_end(struct dio_rt *t);

/* event.c: interrupts and CPU time of a target */
u64 dio_event_cpu(const struct dio_rt_fast *f, u64 now);
bool dio_event_arrived(struct dio_rt *t, u64 now);
void dio_event_switched_in(struct dio_rt *t, u64 now);
void dio_event_switched_out(struct dio_rt *t, u64 now, bool asleep, bool throttled);

/* source.c */
int dio_source_attach(struct dio_rt *t, struct netlink_ext_ack *extack);
void dio_source_detach(struct dio_rt *t);

/* boost.c */
int dio_boost_init(void);
void dio_boost_exit(void);
void dio_boost_prepare(struct dio_rt *t);
void dio_boost_kick(struct dio_rt *t);
void dio_boost_arm(struct dio_rt *t, u64 budget, u64 period);
void dio_boost_disarm(struct dio_rt *t);

/* auto.c */
void dio_auto_learn(struct dio_rt *t);
void dio_auto_step(struct dio_rt *t);
bool dio_auto_estimate(struct dio_rt *t, struct dio_est_result *r, u64 *runtime, u64 *period);

/* review.c */
void dio_review(void);

/* vm.c */
struct dio_rt_vm *dio_vm_get(unsigned int fd, struct netlink_ext_ack *extack);
void dio_vm_put(struct dio_rt_vm *vm);
struct task_struct *dio_vm_task(struct dio_rt_vm *vm, unsigned int vcpu,
				struct netlink_ext_ack *extack);
struct dio_rt_vm *dio_vm_join(struct dio_rt_vm *vm);
int dio_vm_guard(struct dio_rt_vm *vm, struct netlink_ext_ack *extack);
const char *dio_vm_defeated(struct dio_rt_vm *vm, u64 interrupts, bool intx);
bool dio_vm_ended(struct dio_rt_vm *vm);
void dio_vm_poll_off(struct dio_rt_vm *vm);
void dio_vm_poll_back(struct dio_rt_vm *vm);

/* netlink.c, netlink_event.c */
int dio_rt_netlink_init(void);
void dio_rt_netlink_exit(void);
void dio_rt_told(struct dio_rt *t);
void dio_rt_told_end(struct dio_rt *t, const char *reason);
void dio_rt_told_overrun(struct dio_rt *t);

#endif /* DIO_RT_H */
