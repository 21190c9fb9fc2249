/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Do not edit directly, auto-generated from: */
/*	uapi/netlink/dio_kvm.yaml */
/* YNL-GEN uapi header */

#ifndef _UAPI_LINUX_DIO_KVM_H
#define _UAPI_LINUX_DIO_KVM_H

#define DIO_KVM_FAMILY_NAME	"dio_kvm"
#define DIO_KVM_FAMILY_VERSION	1

/**
 * enum dio_kvm_hook_state - A function of the kernel that a feature replaces,
 *   watches or calls.
 * @DIO_KVM_HOOK_STATE_ABSENT: The module that has it, or that it is needed
 *   with, is not loaded.
 * @DIO_KVM_HOOK_STATE_IDLE: As expected; no VM needs it, the kernel's code is
 *   untouched.
 * @DIO_KVM_HOOK_STATE_ARMED: In use for a VM.
 * @DIO_KVM_HOOK_STATE_UNSUPPORTED: Not what is expected, or somebody else has
 *   it; see reason.
 */
enum dio_kvm_hook_state {
	DIO_KVM_HOOK_STATE_ABSENT,
	DIO_KVM_HOOK_STATE_IDLE,
	DIO_KVM_HOOK_STATE_ARMED,
	DIO_KVM_HOOK_STATE_UNSUPPORTED,
};

/**
 * enum dio_kvm_memtype - Which memory types of a guest are in force in EPT or
 *   NPT.
 * @DIO_KVM_MEMTYPE_OFF: What KVM makes of them, as stock.
 * @DIO_KVM_MEMTYPE_PAT: The guest's PAT.
 * @DIO_KVM_MEMTYPE_FULL: The guest's MTRRs and PAT.
 */
enum dio_kvm_memtype {
	DIO_KVM_MEMTYPE_OFF,
	DIO_KVM_MEMTYPE_PAT,
	DIO_KVM_MEMTYPE_FULL,
};

/**
 * enum dio_kvm_stores - Which stores to registers of the kernel's are done
 *   without the emulator.
 * @DIO_KVM_STORES_OFF: None, as stock.
 * @DIO_KVM_STORES_EOI: The local APIC's EOI.
 * @DIO_KVM_STORES_ALL: EOI, and devices and ioeventfds on the MMIO bus.
 */
enum dio_kvm_stores {
	DIO_KVM_STORES_OFF,
	DIO_KVM_STORES_EOI,
	DIO_KVM_STORES_ALL,
};

enum {
	DIO_KVM_A_MODULE_VERSION = 1,
	DIO_KVM_A_MODULE_NODIO,
	DIO_KVM_A_MODULE_VMS,
	DIO_KVM_A_MODULE_HOOK,

	__DIO_KVM_A_MODULE_MAX,
	DIO_KVM_A_MODULE_MAX = (__DIO_KVM_A_MODULE_MAX - 1)
};

enum {
	DIO_KVM_A_HOOK_PAD = 1,
	DIO_KVM_A_HOOK_FEATURE,
	DIO_KVM_A_HOOK_MODULE,
	DIO_KVM_A_HOOK_SYMBOL,
	DIO_KVM_A_HOOK_STATE,
	DIO_KVM_A_HOOK_REASON,
	DIO_KVM_A_HOOK_CALLS,

	__DIO_KVM_A_HOOK_MAX,
	DIO_KVM_A_HOOK_MAX = (__DIO_KVM_A_HOOK_MAX - 1)
};

enum {
	DIO_KVM_A_VM_FD = 1,
	DIO_KVM_A_VM_ID,
	DIO_KVM_A_VM_PID,
	DIO_KVM_A_VM_MEMTYPE,
	DIO_KVM_A_VM_STORES,
	DIO_KVM_A_VM_STORES_STAT,

	__DIO_KVM_A_VM_MAX,
	DIO_KVM_A_VM_MAX = (__DIO_KVM_A_VM_MAX - 1)
};

enum {
	DIO_KVM_A_STORES_STAT_PAD = 1,
	DIO_KVM_A_STORES_STAT_EOI,
	DIO_KVM_A_STORES_STAT_DEVICE,
	DIO_KVM_A_STORES_STAT_SLOW_REGISTER,
	DIO_KVM_A_STORES_STAT_SLOW_DEVICE,
	DIO_KVM_A_STORES_STAT_SLOW_STATE,
	DIO_KVM_A_STORES_STAT_SLOW_APIC,
	DIO_KVM_A_STORES_STAT_SLOW_MEMORY,
	DIO_KVM_A_STORES_STAT_SLOW_CODE,
	DIO_KVM_A_STORES_STAT_SLOW_INSN,
	DIO_KVM_A_STORES_STAT_SLOW_ADDRESS,
	DIO_KVM_A_STORES_STAT_SLOW_DEBUG,
	DIO_KVM_A_STORES_STAT_SLOW_SHADOW,
	DIO_KVM_A_STORES_STAT_SLOW_PMU,

	__DIO_KVM_A_STORES_STAT_MAX,
	DIO_KVM_A_STORES_STAT_MAX = (__DIO_KVM_A_STORES_STAT_MAX - 1)
};

enum {
	DIO_KVM_CMD_MODULE_GET = 1,
	DIO_KVM_CMD_VM_GET,
	DIO_KVM_CMD_VM_SET,
	DIO_KVM_CMD_VM_NTF,
	DIO_KVM_CMD_VM_DEL_NTF,

	__DIO_KVM_CMD_MAX,
	DIO_KVM_CMD_MAX = (__DIO_KVM_CMD_MAX - 1)
};

#define DIO_KVM_MCGRP_EVENTS	"events"

#endif /* _UAPI_LINUX_DIO_KVM_H */
