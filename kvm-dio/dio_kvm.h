/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of kvm-dio offer each other: hooks, features and virtual
 * machines. The rule: an address found in the kernel is never called through a
 * pointer, which a sealed function answers with a BUG on a processor with IBT.
 * dio_orig() and dio_call() are static calls, patched into the text.
 */
#ifndef DIO_KVM_H
#define DIO_KVM_H

#include <linux/ftrace.h>
#include <linux/hash.h>
#include <linux/kvm_host.h>
#include <linux/percpu.h>
#include <linux/rculist.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <linux/static_call.h>
#include <linux/types.h>
#include "compat/ftrace.h"
#include <uapi/linux/dio_kvm.h>

struct netlink_ext_ack;
struct sk_buff;

#define DIO_REASON_LEN	256

/* Hooks */

/**
 * enum dio_hook_kind - what is done with a function of the kernel
 * @DIO_HOOK_CALL: called by dio_call(), never hooked
 * @DIO_HOOK_WATCH: its entry is observed; nobody else is kept from it
 * @DIO_HOOK_REPLACE: replaced, by an ftrace_ops that modifies the IP. Another
 *	one (a livepatch) excludes it, BPF trampolines do not
 * @DIO_HOOK_DIRECT: as REPLACE, called without ftrace's own code in between
 *	(a tenth of the instructions); becomes a REPLACE where a BPF trampoline
 *	has the place already. For functions of the fault path
 */
enum dio_hook_kind {
	DIO_HOOK_CALL,
	DIO_HOOK_WATCH,
	DIO_HOOK_REPLACE,
	DIO_HOOK_DIRECT,
};

/* Per CPU; a task may enter on one and leave on another: only sums mean something. */
struct dio_hook_stat {
	unsigned long entered;
	unsigned long left;
};

/**
 * struct dio_hook - a function of the kernel, and what is done with it
 * @module: its module's name ("kvm", "kvm_intel", "kvm_amd"), "vmlinux" for the
 *	kernel itself, where only DIO_HOOK_CALL is possible
 * @symbol: its name
 * @proto: its prototype as BTF has it, without names of parameters:
 *	"u8 (struct kvm_vcpu *, gfn_t, bool)". Type names as in the source
 * @with: needed only where this module is loaded, e.g. "kvm_amd"; NULL: always
 * @kind: &enum dio_hook_kind
 * @fn: the replacement or the watcher
 * @entry: direct: where the trampoline to @fn begins
 * @key: of the static call to the original
 * @tramp: of the same
 * @stat: entries and exits of the replacement
 * @state: &enum dio_kvm_hook_state
 * @checked: @state is what was found for the module that is loaded now
 * @direct: armed by a direct call
 * @users: VMs that have it armed, one for each feature
 * @addr: of the function
 * @site: where ftrace patches it
 * @ops: registered while it is armed
 * @reason: why it is not there
 *
 * Defined by DIO_CALL(), DIO_HOOK(), DIO_HOOK_FAST() and DIO_WATCH(). All below
 * @stat is hook.c's, under dio_hook_lock.
 */
struct dio_hook {
	const char *module;
	const char *symbol;
	const char *proto;
	const char *with;
	enum dio_hook_kind kind;
	void *fn;
	void *entry;
	struct static_call_key *key;
	void *tramp;
	struct dio_hook_stat __percpu *stat;

	enum dio_kvm_hook_state state;
	bool checked;
	bool direct;
	unsigned int users;
	unsigned long addr;
	unsigned long site;
	struct ftrace_ops ops;
	char reason[DIO_REASON_LEN];
};

/* The static call to the original, of type @_type, and the counters. */
#define __DIO_HOOK_STATE(_orig, _stat, _type)					\
	DEFINE_STATIC_CALL_RET0(_orig, _type);					\
	static DEFINE_PER_CPU(struct dio_hook_stat, _stat)

#define __DIO_HOOK_ROW(_key, _tramp, _stat, _module, _symbol, _proto, _with, _kind, _fn, _entry) { \
	.module = _module, .symbol = _symbol, .proto = _proto, .with = _with,	\
	.kind = _kind, .fn = _fn, .entry = _entry, .stat = &(_stat),		\
	.key = &(_key), .tramp = _tramp,					\
}

/**
 * DIO_HOOK() - a function that is replaced by @name
 * @name: the replacement, a function declared above with the type of the original
 * @module: see &struct dio_hook
 * @symbol: see &struct dio_hook
 * @proto: see &struct dio_hook
 * @with: see &struct dio_hook
 *
 * Defines name_hook for the feature's table. The replacement begins with
 * dio_hook_enter(name), ends with dio_hook_leave(name), and reaches the original
 * by dio_orig(name)(...), in the context of the original's caller. It runs for
 * every VM of the host and has to be the original but for those that
 * dio_vm_find() knows.
 */
#define DIO_HOOK(name, module, symbol, proto, with)				\
	__DIO_HOOK_STATE(name##_orig, name##_stat, typeof(name));		\
	static struct dio_hook name##_hook =					\
		__DIO_HOOK_ROW(STATIC_CALL_KEY(name##_orig),			\
			       STATIC_CALL_TRAMP_ADDR(name##_orig), name##_stat,	\
			       module, symbol, proto, with, DIO_HOOK_REPLACE, name, NULL)

/**
 * DIO_HOOK_FAST() - as DIO_HOOK(), attached by a direct call
 * @name: see DIO_HOOK()
 * @module: see &struct dio_hook
 * @symbol: see &struct dio_hook
 * @proto: see &struct dio_hook
 * @with: see &struct dio_hook
 */
#define DIO_HOOK_FAST(name, module, symbol, proto, with)			\
	__DIO_HOOK_STATE(name##_orig, name##_stat, typeof(name));		\
	DIO_TRAMPOLINE(name##_entry, #name);					\
	static struct dio_hook name##_hook =					\
		__DIO_HOOK_ROW(STATIC_CALL_KEY(name##_orig),			\
			       STATIC_CALL_TRAMP_ADDR(name##_orig), name##_stat,	\
			       module, symbol, proto, with, DIO_HOOK_DIRECT, name, name##_entry)

/**
 * DIO_HOOK_ENTRY() - as DIO_HOOK_FAST(), with a trampoline of the caller's
 * @name: see DIO_HOOK(); attached where a direct call is not possible
 * @_entry: called by the function's first instruction, with its arguments and
 *	its return address below the one of this call. It returns into the
 *	original by this call's, or to the original's caller. What it calls begins
 *	with dio_hook_enter(name) and ends with dio_hook_leave(name)
 * @module: see &struct dio_hook
 * @symbol: see &struct dio_hook
 * @proto: see &struct dio_hook
 * @with: see &struct dio_hook
 *
 * name_hook is not static: the caller declares it.
 */
#define DIO_HOOK_ENTRY(name, _entry, module, symbol, proto, with)		\
	__DIO_HOOK_STATE(name##_orig, name##_stat, typeof(name));		\
	struct dio_hook name##_hook =						\
		__DIO_HOOK_ROW(STATIC_CALL_KEY(name##_orig),			\
			       STATIC_CALL_TRAMP_ADDR(name##_orig), name##_stat,	\
			       module, symbol, proto, with, DIO_HOOK_DIRECT, name, _entry)

/**
 * DIO_WATCH() - a function whose entry is observed
 * @name: void name(unsigned long arg), declared above, gets its first argument;
 *	called with preemption off, before the function's first instruction
 * @module: see &struct dio_hook
 * @symbol: see &struct dio_hook
 * @proto: see &struct dio_hook
 */
#define DIO_WATCH(name, module, symbol, proto)					\
	__DIO_HOOK_STATE(name##_orig, name##_stat, typeof(name));		\
	static struct dio_hook name##_hook =					\
		__DIO_HOOK_ROW(STATIC_CALL_KEY(name##_orig),			\
			       STATIC_CALL_TRAMP_ADDR(name##_orig), name##_stat,	\
			       module, symbol, proto, NULL, DIO_HOOK_WATCH, name, NULL)

/**
 * DIO_CALL() - a function that is called: dio_call(name)(...)
 * @name: of the call; defines name_hook for the feature's table
 * @type: the function's type, a typedef
 * @module: see &struct dio_hook
 * @symbol: see &struct dio_hook
 * @proto: see &struct dio_hook
 * @with: see &struct dio_hook
 *
 * Only while a hook of the same feature is armed for a VM, or, for the calls of
 * the core, between dio_core_get() and dio_core_put(). A replacement of ours runs
 * for such a call too, as for one of the kernel's own.
 */
#define DIO_CALL(name, type, module, symbol, proto, with)			\
	__DIO_HOOK_STATE(name##_orig, name##_stat, type);			\
	static struct dio_hook name##_hook =					\
		__DIO_HOOK_ROW(STATIC_CALL_KEY(name##_orig),			\
			       STATIC_CALL_TRAMP_ADDR(name##_orig), name##_stat,	\
			       module, symbol, proto, with, DIO_HOOK_CALL, NULL, NULL)

/**
 * DIO_CALL_OR() - the same function of another module, if that is the one that is loaded
 * @name: of its row
 * @first: of the DIO_CALL() before, dio_call() of which is both
 * @module: see &struct dio_hook
 * @symbol: see &struct dio_hook
 * @proto: see &struct dio_hook
 * @with: see &struct dio_hook
 */
#define DIO_CALL_OR(name, first, module, symbol, proto, with)			\
	static struct dio_hook name##_hook =					\
		__DIO_HOOK_ROW(STATIC_CALL_KEY(first##_orig),			\
			       STATIC_CALL_TRAMP_ADDR(first##_orig), first##_stat,	\
			       module, symbol, proto, with, DIO_HOOK_CALL, NULL, NULL)

#define dio_orig(name)		static_call(name##_orig)
#define dio_call(name)		static_call(name##_orig)
#define dio_hook_enter(name)	this_cpu_inc(name##_stat.entered)
#define dio_hook_leave(name)	this_cpu_inc(name##_stat.left)

/* A copy of what is known of a hook. */
struct dio_hook_report {
	enum dio_kvm_hook_state state;
	unsigned long calls;
	char reason[DIO_REASON_LEN];
};

struct dio_feature;

int dio_hooks_get(const struct dio_feature *f, u32 mode, u32 *held, struct netlink_ext_ack *extack);
void dio_hooks_put(const struct dio_feature *f, u32 held);
void dio_hook_report(struct dio_hook *hook, struct dio_hook_report *report);
int dio_hooks_prepare(void);
void dio_hooks_settle(void);
bool dio_hooks_in(const char *module);
void dio_hooks_drop(const char *module);
void dio_hooks_drain(void);

int dio_attach(struct dio_hook *hook);
void dio_detach(struct dio_hook *hook);
int dio_attach_test(struct dio_hook *hook);

/* Features */

/* A feature of a VM. A new one is a new row of dio_features[] in features.c. */
enum dio_feature_id {
	DIO_F_CORE,		/* the table of VMs itself; no mode of its own */
	DIO_F_MEMTYPE,
	DIO_F_STORES,
	DIO_F_MASK,		/* tables of assigned devices; no mode of a VM */
	DIO_F_ROUTES,
	DIO_F_INJECT,		/* of assigned devices; no mode of a VM */
	DIO_NR_FEATURES,
};

#define DIO_MODE_KEEP	U32_MAX

/* Bits of the mode of DIO_F_MEMTYPE. */
#define DIO_MEMTYPE_MODE	0xffu		/* DIO_KVM_MEMTYPE_* */
#define DIO_MEMTYPE_FORCE	BIT(8)

struct dio_vm;

/**
 * struct dio_feature - something that can be switched on for a VM
 * @name: as netlink and diokctl have it
 * @hooks: all hooks and calls that it needs, 32 at most
 * @nhooks: how many
 * @needs: does mode @mode (not 0) need @hook? NULL: every mode needs all
 * @vm_set: change the mode of a VM from vm->mode[] to @mode. Armed are the hooks
 *	that the old or the new mode needs; those of the new mode alone are kept.
 *	Sleeps, under dio_vm_lock, with a reference to @kvm. It either fails, with
 *	extack text, before anything has changed, or does all. Back to the mode
 *	before, and to 0, it does not fail; @extack may be NULL then
 * @vm_release: the VM has died with a mode that is not 0: free what vm_set()
 *	made. There is no struct kvm any more. Sleeps, under dio_vm_lock
 * @vm_fill: more attributes for vm-get. @vm is NULL if no feature is on. @kvm is
 *	referenced. May be NULL
 *
 * A hook must not take dio_vm_lock, nor wait for somebody who does.
 */
struct dio_feature {
	const char *name;
	struct dio_hook *const *hooks;
	unsigned int nhooks;
	bool (*needs)(const struct dio_hook *hook, u32 mode);
	int (*vm_set)(struct dio_vm *vm, struct kvm *kvm, u32 mode,
		      struct netlink_ext_ack *extack);
	void (*vm_release)(struct dio_vm *vm);
	int (*vm_fill)(struct sk_buff *msg, struct dio_vm *vm, struct kvm *kvm);
};

/* NULL: not in this build. */
extern const struct dio_feature *const dio_features[DIO_NR_FEATURES];
extern const struct dio_feature dio_core_feature;

/* `nodio` is on the kernel's command line: nothing is ever armed. */
extern bool dio_off;

/* Virtual machines */

/**
 * struct dio_vm - a VM that has a feature on
 * @node: in dio_vm_table; read under RCU, written under dio_vm_lock
 * @kvm: who it is. Not to be dereferenced but in a hook that was called for this
 *	VM, or with dio_vm_hold()
 * @lock: orders dio_vm_hold() and the VM's end
 * @dead: the VM is being destroyed; set once, under @lock
 * @owner: kvm_intel or kvm_amd
 * @refs: of the structure
 * @rcu: frees it
 * @id: of the table, never used again
 * @pid: of the process that made the VM
 * @mode: of each feature; 0 is off. Written under dio_vm_lock
 * @held: of each feature, bit N: feature->hooks[N] is armed for this VM. Under
 *	dio_vm_lock
 * @data: of each feature, its own: RCU, written by vm_set() and vm_release()
 */
struct dio_vm {
	struct hlist_node node;
	struct kvm *kvm;
	raw_spinlock_t lock;
	bool dead;
	struct module *owner;
	refcount_t refs;
	struct rcu_head rcu;
	u32 id;
	pid_t pid;
	u32 mode[DIO_NR_FEATURES];
	u32 held[DIO_NR_FEATURES];
	void __rcu *data[DIO_NR_FEATURES];
};

#define DIO_VM_BITS	5
extern struct hlist_head dio_vm_table[1 << DIO_VM_BITS];

/**
 * dio_vm_find() - is this VM of ours?
 * @kvm: the VM, alive or being destroyed
 *
 * Any context. Under rcu_read_lock(), which the result needs too.
 * Return: its entry, NULL if no feature is on or it is being destroyed.
 */
static __always_inline struct dio_vm *dio_vm_find(const struct kvm *kvm)
{
	struct dio_vm *vm;

	hlist_for_each_entry_rcu(vm, &dio_vm_table[hash_ptr(kvm, DIO_VM_BITS)], node)
		if (vm->kvm == kvm)
			return READ_ONCE(vm->dead) ? NULL : vm;
	return NULL;
}

/* Keep the entry (not the VM) beyond RCU, in a hook that sleeps. Any context. */
static inline struct dio_vm *dio_vm_get(const struct kvm *kvm)
{
	struct dio_vm *vm;

	rcu_read_lock();
	vm = dio_vm_find(kvm);
	if (vm && !refcount_inc_not_zero(&vm->refs))
		vm = NULL;
	rcu_read_unlock();
	return vm;
}

void dio_vm_put(struct dio_vm *vm);

struct kvm *dio_vm_hold(struct dio_vm *vm);
void dio_vm_unhold(struct dio_vm *vm, struct kvm *kvm);

int dio_vm_set(struct kvm *kvm, struct module *owner, const u32 *mode,
	       struct netlink_ext_ack *extack);
struct dio_vm *dio_vm_next(u32 after);
unsigned int dio_vm_count(void);
void dio_vm_died(const struct kvm *kvm);
void dio_vm_reap(void);
int dio_vm_init(void);
void dio_vm_exit(void);
void dio_vm_wq_destroy(void);

/* vm_set.c and vm.c alone */
extern struct mutex dio_vm_lock;
struct dio_vm *dio_vm_new(struct kvm *kvm, struct module *owner);
void dio_vm_unlink(struct dio_vm *vm);

/* core.c: KVM's own functions on a VM; between dio_core_get() and dio_core_put() */
enum { DIO_CORE_LOOK = 1, DIO_CORE_KEEP };	/* its modes */

struct dio_core {
	struct module *kvm;
	u32 held;
};

int dio_core_get(struct dio_core *core, struct netlink_ext_ack *extack);
void dio_core_put(struct dio_core *core);
struct kvm *dio_core_kvm(struct file *file);
bool dio_core_hold(struct kvm *kvm);
void dio_core_unhold(struct kvm *kvm);

/* resolve.c; all but dio_module_get() under dio_hook_lock */
void dio_resolve_prepare(void);
unsigned long dio_resolve(const char *module, const char *symbol);
unsigned long dio_resolve_site(unsigned long addr);
struct module *dio_module_get(const char *name);
extern char dio_resolve_failed[DIO_REASON_LEN];	/* why nothing can be resolved, or "" */

/* proto.c, both under dio_hook_lock */
int dio_proto_check(const char *module, const char *symbol, const char *proto, char *reason);
void dio_proto_forget(void);

/* owner.c */
bool dio_owner_livepatch(const struct dio_hook *hook, char *name, size_t size);

/* offer.c: what dio_vfio_pci gets of this module */
int dio_offer_init(void);
void dio_offer_exit(void);

/* netlink */
int dio_netlink_init(void);
void dio_netlink_exit(void);
int dio_fill_vm(struct sk_buff *msg, struct dio_vm *vm, struct kvm *kvm);
void dio_netlink_vm_event(struct dio_vm *vm, struct kvm *kvm);
void dio_netlink_vm_gone(u32 id, pid_t pid);

#endif /* DIO_KVM_H */
