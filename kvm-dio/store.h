/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The store fast path: a guest's store to a register that the kernel itself
 * serves, without the instruction emulator. The rule: what is not certain goes
 * to KVM. Nothing has been changed when it does, so that KVM starts afresh.
 *
 * All of it runs in a vCPU's thread, inside its exit handler, which holds
 * kvm->srcu: that keeps struct dio_stores and all below it (dio_stores_set()).
 */
#ifndef DIO_STORE_H
#define DIO_STORE_H

#include <linux/kvm_host.h>
#include <linux/tracepoint-defs.h>

#include "compat/kvm_vcpu.h"
#include "dio_kvm.h"
#include "store_decode.h"

struct x86_exception;

/* Stores that were carried out; the order is that of the attributes of netlink. */
enum dio_store_fast {
	DIO_FAST_EOI,
	DIO_FAST_DEVICE,
	DIO_NR_FAST,
};

/* Why a store was left to KVM; the order is that of the attributes of netlink. */
enum dio_store_slow {
	DIO_SLOW_REGISTER,	/* of the APIC, and not EOI */
	DIO_SLOW_DEVICE,	/* none in the kernel takes it */
	DIO_SLOW_STATE,		/* nested, SMM, an event under way, protected, shadow paging */
	DIO_SLOW_APIC,		/* off, moved, x2APIC or the processor's own */
	DIO_SLOW_MEMORY,	/* the guest has memory there */
	DIO_SLOW_CODE,		/* cannot be read */
	DIO_SLOW_INSN,		/* no plain mov, or one that crosses a page */
	DIO_SLOW_ADDRESS,	/* crosses a page, or is not the one that faulted */
	DIO_SLOW_DEBUG,		/* a trap or a breakpoint is due */
	DIO_SLOW_SHADOW,	/* behind sti or mov ss */
	DIO_SLOW_PMU,		/* the guest counts instructions */
	DIO_NR_SLOW,
};

/* What is read of the code at once; the window never leaves its page. */
#define DIO_CODE_WINDOW	16
#define DIO_CODE_LEVELS	5
#define DIO_CODE_SLOTS	8
#define DIO_TARGETS	4
/* Of the memslots: none, hence nothing that is kept is good. */
#define DIO_NO_GENERATION	U64_MAX

/* An entry of a guest's page table: where user space has it, and what it held. */
struct dio_way {
	unsigned long at;
	u64 entry;
};

/**
 * struct dio_code - an instruction that stored, and the way to its bytes
 * @generation: of the memslots that all user addresses below are from
 * @linear: address of the instruction
 * @cr3: guest's
 * @paging: how @linear was translated, see dio_code_paging()
 * @mode: of the code, &enum dio_store_mode
 * @levels: entries of @way
 * @room: bytes from the instruction to the end of the window
 * @window: user address of the window of DIO_CODE_WINDOW bytes
 * @way: the page table entries, the top one first. Compared each time: a guest
 *	that maps something else there is seen as KVM's own walk would see it
 * @text: what the window held when @insn was made
 * @insn: decoded; its length is 0 if it is no plain store
 *
 * Belongs to its vCPU's thread.
 */
struct dio_code {
	u64 generation;
	unsigned long linear;
	unsigned long cr3;
	u32 paging;
	u8 mode;
	u8 levels;
	u8 room;
	unsigned long window;
	struct dio_way way[DIO_CODE_LEVELS];
	u64 text[DIO_CODE_WINDOW / 8];
	struct dio_store_insn insn;
};

/* Of a size that needs no multiplication to find one. */
union dio_code_slot {
	struct dio_code code;
	u8 size[256];
};

static_assert(sizeof(union dio_code_slot) == 256);

/* Here stores are ours, as of one generation of the memslots: no memory is in the way. */
struct dio_target {
	u64 generation;
	gpa_t gpa;
};

/* Of bytes that the processor gave: none are kept. */
#define DIO_STORE_NO_MODE	0xff

/**
 * struct dio_given - the last store whose bytes the processor gave
 * @text: its first 8 and its last 8 bytes of DIO_INSN_MAX
 * @mode: of the code, &enum dio_store_mode, or DIO_STORE_NO_MODE
 * @insn: decoded
 *
 * Belongs to its vCPU's thread.
 */
struct dio_given {
	u64 text[2];
	u8 mode;
	struct dio_store_insn insn;
};

/**
 * struct dio_store_vcpu - of one vCPU of a VM that has the fast path on
 * @fast: stores carried out, by kind
 * @slow: stores left to KVM, by reason
 * @value: what is being stored to a device; its address tells who called that
 * @given: from the processor's own bytes
 * @slot: the last instructions, by their address
 * @eoi: the APIC's EOI, if a store went there
 * @target: where the last other stores were for, by the address
 *
 * Written by its vCPU's thread alone; counters are read by anybody.
 */
struct dio_store_vcpu {
	unsigned long fast[DIO_NR_FAST];
	unsigned long slow[DIO_NR_SLOW];
	u64 value;
	struct dio_given given;
	union dio_code_slot slot[DIO_CODE_SLOTS];
	struct dio_target eoi;
	struct dio_target target[DIO_TARGETS];
};

/**
 * struct dio_stores - of a VM that has the fast path on
 * @mode: &enum dio_kvm_stores
 * @vcpu: by vcpu_idx; each is made by its vCPU's thread at its first store
 */
struct dio_stores {
	u32 mode;
	struct dio_store_vcpu *vcpu[KVM_MAX_VCPUS];
};

struct dio_store_vcpu *dio_store_vcpu_new(struct dio_stores *stores, struct kvm_vcpu *vcpu);

/* Functions of KVM, by static call; of VMX alone if it has that in its name. */
typedef void dio_eoi_t(struct kvm_vcpu *vcpu);
typedef int dio_apic_eoi_t(struct kvm_lapic *apic);
typedef gpa_t dio_gva_read_t(struct kvm_vcpu *vcpu, gva_t gva, struct x86_exception *e);
typedef unsigned long dio_rflags_t(struct kvm_vcpu *vcpu);
typedef void dio_rflags_set_t(struct kvm_vcpu *vcpu, unsigned long rflags);
typedef u64 dio_segment_base_t(struct kvm_vcpu *vcpu, int seg);
typedef void dio_cache_reg_t(struct kvm_vcpu *vcpu, enum kvm_reg reg);
typedef void dio_cs_bits_t(struct kvm_vcpu *vcpu, int *db, int *l);
typedef u32 dio_shadow_t(struct kvm_vcpu *vcpu);

DECLARE_STATIC_CALL(dio_eoi_orig, dio_eoi_t);
DECLARE_STATIC_CALL(dio_apic_eoi_orig, dio_apic_eoi_t);
DECLARE_STATIC_CALL(dio_gva_read_orig, dio_gva_read_t);
DECLARE_STATIC_CALL(dio_segment_base_orig, dio_segment_base_t);
DECLARE_STATIC_CALL(dio_vmx_cache_reg_orig, dio_cache_reg_t);
DECLARE_STATIC_CALL(dio_cs_bits_orig, dio_cs_bits_t);
DECLARE_STATIC_CALL(dio_rflags_orig, dio_rflags_t);
DECLARE_STATIC_CALL(dio_rflags_set_orig, dio_rflags_set_t);
DECLARE_STATIC_CALL(dio_shadow_orig, dio_shadow_t);

/* VMX reads a register of the guest when somebody asks for it. */
static __always_inline void dio_vcpu_cache(struct kvm_vcpu *vcpu, enum kvm_reg reg)
{
	if (!dio_kvm_reg_cached(vcpu, reg))
		dio_call(dio_vmx_cache_reg)(vcpu, reg);
}

/* The VM's settings: kept by kvm->srcu, which this vCPU's exit handler holds. */
static __always_inline struct dio_stores *dio_stores_of(const struct kvm_vcpu *vcpu)
{
	struct dio_stores *stores = NULL;
	struct dio_vm *vm;

	/* as rcu_read_lock(), in an instruction each */
	preempt_disable();
	vm = dio_vm_find(vcpu->kvm);
	if (vm)
		stores = rcu_dereference_sched(vm->data[DIO_F_STORES]);
	preempt_enable();
	return stores;
}

/* The vCPU's state, made at its first store. NULL: no memory. In its thread. */
static __always_inline struct dio_store_vcpu *dio_store_vcpu(struct dio_stores *stores,
							     struct kvm_vcpu *vcpu)
{
	struct dio_store_vcpu *sv = stores->vcpu[vcpu->vcpu_idx];

	return likely(sv) ? sv : dio_store_vcpu_new(stores, vcpu);
}

/* store_trace.c: NULL without KVM, or if it has no such event */
extern struct tracepoint *dio_apic_event;
int dio_store_trace_init(void);
void dio_store_trace_exit(void);

/* Does somebody listen to KVM's event of an access to the APIC? */
static __always_inline bool dio_store_traced(void)
{
	const struct tracepoint *tp = READ_ONCE(dio_apic_event);

	return tp && static_key_enabled(&tp->key);
}

/* store_entry.S and what it uses */
extern u8 dio_store_filter[256];
void dio_store_entry(void);
bool dio_store_fault(struct kvm_vcpu *vcpu, gpa_t gpa, u64 error, void *bytes, int len);
int dio_store_page_fault(struct kvm_vcpu *vcpu, gpa_t gpa, u64 error, void *bytes, int len);

/* store.c */
extern struct dio_hook dio_store_page_fault_hook;

/* store_vm.c */
bool dio_store_in_device(struct kvm_vcpu *vcpu, const void *val);
extern const struct dio_feature dio_stores_feature;

#endif /* DIO_STORE_H */
