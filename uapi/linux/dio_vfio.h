/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Do not edit directly, auto-generated from: */
/*	uapi/netlink/dio_vfio.yaml */
/* YNL-GEN uapi header */

#ifndef _UAPI_LINUX_DIO_VFIO_H
#define _UAPI_LINUX_DIO_VFIO_H

#define DIO_VFIO_FAMILY_NAME	"dio_vfio"
#define DIO_VFIO_FAMILY_VERSION	1

#define DIO_VFIO_ADDR_MAX	15
#define DIO_VFIO_TIMEOUT_MAX_MS	30000
#define DIO_VFIO_DRAIN_MAX_MS	10000
#define DIO_VFIO_HOLDOFF_MAX_US	30000

/**
 * enum dio_vfio_policy - What the driver does beyond the stock reset.
 * @DIO_VFIO_POLICY_OBSERVE: Stock resets, verified and reported; nothing else
 *   changes.
 * @DIO_VFIO_POLICY_PERMISSIVE: Quiesce, escalate, scrub, report; a failure
 *   does not block.
 * @DIO_VFIO_POLICY_STRICT: As permissive; a verdict below the level asked for
 *   quarantines.
 */
enum dio_vfio_policy {
	DIO_VFIO_POLICY_OBSERVE,
	DIO_VFIO_POLICY_PERMISSIVE,
	DIO_VFIO_POLICY_STRICT,
};

/**
 * enum dio_vfio_state
 * @DIO_VFIO_STATE_UNKNOWN: No reset has been judged since the driver was
 *   bound.
 * @DIO_VFIO_STATE_CLEAN: Closed; the last reset verified.
 * @DIO_VFIO_STATE_UNVERIFIED: Closed; the last reset failed or could not be
 *   judged.
 * @DIO_VFIO_STATE_IN_USE: Open by a VFIO user.
 * @DIO_VFIO_STATE_QUARANTINED: Bus master is held off and open is refused with
 *   EIO.
 */
enum dio_vfio_state {
	DIO_VFIO_STATE_UNKNOWN,
	DIO_VFIO_STATE_CLEAN,
	DIO_VFIO_STATE_UNVERIFIED,
	DIO_VFIO_STATE_IN_USE,
	DIO_VFIO_STATE_QUARANTINED,
};

/**
 * enum dio_vfio_method - Reset methods, in the names of the PCI core where it
 *   has one.
 * @DIO_VFIO_METHOD_DEVICE: Device-specific sequence of diok's table, or the
 *   PCI core's own.
 * @DIO_VFIO_METHOD_FLR: PCI Express function level reset.
 * @DIO_VFIO_METHOD_AF_FLR: Function level reset of the Advanced Features
 *   capability.
 * @DIO_VFIO_METHOD_D3: D0 to D3hot to D0 cycle (the PCI core's "pm").
 * @DIO_VFIO_METHOD_BUS: Secondary bus reset by the upstream bridge.
 * @DIO_VFIO_METHOD_NONE: No method ran, the device offers none.
 */
enum dio_vfio_method {
	DIO_VFIO_METHOD_DEVICE,
	DIO_VFIO_METHOD_FLR,
	DIO_VFIO_METHOD_AF_FLR,
	DIO_VFIO_METHOD_D3,
	DIO_VFIO_METHOD_BUS,
	DIO_VFIO_METHOD_NONE,
};

/**
 * enum dio_vfio_level - How much of the device a verdict speaks of.
 * @DIO_VFIO_LEVEL_NONE: Nothing could be judged.
 * @DIO_VFIO_LEVEL_CONFIG: Configuration space and MSI/MSI-X; no evidence for
 *   registers.
 * @DIO_VFIO_LEVEL_FUNCTION: The device's own registers as well, by rows of the
 *   device table.
 */
enum dio_vfio_level {
	DIO_VFIO_LEVEL_NONE,
	DIO_VFIO_LEVEL_CONFIG,
	DIO_VFIO_LEVEL_FUNCTION,
};

enum dio_vfio_result {
	DIO_VFIO_RESULT_UNVERIFIABLE,
	DIO_VFIO_RESULT_VERIFIED,
	DIO_VFIO_RESULT_FAILED,
	DIO_VFIO_RESULT_UNAVAILABLE,
};

enum dio_vfio_trigger {
	DIO_VFIO_TRIGGER_OPEN,
	DIO_VFIO_TRIGGER_CLOSE,
	DIO_VFIO_TRIGGER_IOCTL,
	DIO_VFIO_TRIGGER_HOT_RESET,
	DIO_VFIO_TRIGGER_GUEST_FLR,
	DIO_VFIO_TRIGGER_SYSFS,
	DIO_VFIO_TRIGGER_NETLINK,
};

/**
 * enum dio_vfio_idle - How the wait for the end of the device's DMA ended.
 */
enum dio_vfio_idle {
	DIO_VFIO_IDLE_NOT_WAITED,
	DIO_VFIO_IDLE_IDLE,
	DIO_VFIO_IDLE_DRAINED,
	DIO_VFIO_IDLE_TIMEOUT,
};

/**
 * enum dio_vfio_intx - What carries the INTx of an owner on the host; taken
 *   when it is enabled.
 * @DIO_VFIO_INTX_LINE: The device's interrupt line, by vfio-pci-core, as
 *   stock.
 * @DIO_VFIO_INTX_AUTO: An MSI of its own where the line is shared, absent or
 *   unroutable.
 * @DIO_VFIO_INTX_MSI: Always an MSI of its own.
 */
enum dio_vfio_intx {
	DIO_VFIO_INTX_LINE,
	DIO_VFIO_INTX_AUTO,
	DIO_VFIO_INTX_MSI,
};

/**
 * enum dio_vfio_vectors - Who serves MSI and MSI-X; taken when an owner
 *   enables them.
 * @DIO_VFIO_VECTORS_STOCK: vfio-pci-core; no masking, no counters.
 * @DIO_VFIO_VECTORS_OWN: This driver; VFIO masking, counters, hold-off, cheap
 *   swaps.
 */
enum dio_vfio_vectors {
	DIO_VFIO_VECTORS_STOCK,
	DIO_VFIO_VECTORS_OWN,
};

/**
 * enum dio_vfio_mask - Who masks a vector when a guest writes its MSI-X table.
 * @DIO_VFIO_MASK_USER: The owner, which the guest's every write reaches.
 * @DIO_VFIO_MASK_KERNEL: dio_kvm, for a guest of KVM; the owner is told when
 *   it matters.
 */
enum dio_vfio_mask {
	DIO_VFIO_MASK_USER,
	DIO_VFIO_MASK_KERNEL,
};

/**
 * enum dio_vfio_inject - Who raises an INTx in a guest of KVM.
 * @DIO_VFIO_INJECT_WORK: A work of KVM's, among the host's ordinary tasks.
 * @DIO_VFIO_INJECT_THREAD: A thread of SCHED_FIFO for this device, by dio_kvm.
 */
enum dio_vfio_inject {
	DIO_VFIO_INJECT_WORK,
	DIO_VFIO_INJECT_THREAD,
};

/**
 * enum dio_vfio_recheck - How an INTx on an MSI learns at its EOI that the
 *   level is still high.
 * @DIO_VFIO_RECHECK_AUTO: The device table, else learned from the first
 *   interrupts.
 * @DIO_VFIO_RECHECK_NONE: Not at all; messages that came meanwhile are still
 *   delivered.
 * @DIO_VFIO_RECHECK_STATUS: Interrupt Status in the Status register.
 * @DIO_VFIO_RECHECK_PVM: MSI per-vector masking; the device's pending bit
 *   tells.
 * @DIO_VFIO_RECHECK_TOGGLE: MSI off, Interrupt Status, MSI on.
 * @DIO_VFIO_RECHECK_MMIO: The cause register of the device table.
 */
enum dio_vfio_recheck {
	DIO_VFIO_RECHECK_AUTO,
	DIO_VFIO_RECHECK_NONE,
	DIO_VFIO_RECHECK_STATUS,
	DIO_VFIO_RECHECK_PVM,
	DIO_VFIO_RECHECK_TOGGLE,
	DIO_VFIO_RECHECK_MMIO,
};

/**
 * enum dio_vfio_irq_index - The interrupt types of VFIO.
 */
enum dio_vfio_irq_index {
	DIO_VFIO_IRQ_INDEX_INTX,
	DIO_VFIO_IRQ_INDEX_MSI,
	DIO_VFIO_IRQ_INDEX_MSIX,
};

/**
 * enum dio_vfio_irq_via - What carries an interrupt on the host.
 */
enum dio_vfio_irq_via {
	DIO_VFIO_IRQ_VIA_LINE,
	DIO_VFIO_IRQ_VIA_MSI,
	DIO_VFIO_IRQ_VIA_MSIX,
};

/**
 * enum dio_vfio_irq_event
 * @DIO_VFIO_IRQ_EVENT_FALLBACK: The device sends no MSI; its INTx is on the
 *   line from now on.
 * @DIO_VFIO_IRQ_EVENT_MUTE: The device sends no MSI, and there is no line to
 *   fall back to.
 * @DIO_VFIO_IRQ_EVENT_STORM: Messages came so fast that the vector was masked
 *   until the EOI.
 * @DIO_VFIO_IRQ_EVENT_LEARNED: The recheck policy was learned from the
 *   device's behaviour.
 */
enum dio_vfio_irq_event {
	DIO_VFIO_IRQ_EVENT_FALLBACK,
	DIO_VFIO_IRQ_EVENT_MUTE,
	DIO_VFIO_IRQ_EVENT_STORM,
	DIO_VFIO_IRQ_EVENT_LEARNED,
};

enum {
	DIO_VFIO_A_MODULE_VERSION = 1,
	DIO_VFIO_A_MODULE_DEVICES,
	DIO_VFIO_A_MODULE_ROW,

	__DIO_VFIO_A_MODULE_MAX,
	DIO_VFIO_A_MODULE_MAX = (__DIO_VFIO_A_MODULE_MAX - 1)
};

enum {
	DIO_VFIO_A_ROW_VENDOR = 1,
	DIO_VFIO_A_ROW_DEVICE,
	DIO_VFIO_A_ROW_NAME,
	DIO_VFIO_A_ROW_CANARIES,
	DIO_VFIO_A_ROW_IDLE,
	DIO_VFIO_A_ROW_RESET,

	__DIO_VFIO_A_ROW_MAX,
	DIO_VFIO_A_ROW_MAX = (__DIO_VFIO_A_ROW_MAX - 1)
};

enum {
	DIO_VFIO_A_DEV_PAD = 1,
	DIO_VFIO_A_DEV_ADDR,
	DIO_VFIO_A_DEV_VENDOR,
	DIO_VFIO_A_DEV_DEVICE,
	DIO_VFIO_A_DEV_STATE,
	DIO_VFIO_A_DEV_POLICY,
	DIO_VFIO_A_DEV_LEVEL,
	DIO_VFIO_A_DEV_LEVEL_MAX,
	DIO_VFIO_A_DEV_METHOD,
	DIO_VFIO_A_DEV_AVAILABLE,
	DIO_VFIO_A_DEV_D3_FORCE,
	DIO_VFIO_A_DEV_READY_TIMEOUT,
	DIO_VFIO_A_DEV_IDLE_TIMEOUT,
	DIO_VFIO_A_DEV_DRAIN,
	DIO_VFIO_A_DEV_RESETS,
	DIO_VFIO_A_DEV_FAILURES,
	DIO_VFIO_A_DEV_LAST_ID,
	DIO_VFIO_A_DEV_DRY_RUN,
	DIO_VFIO_A_DEV_RELEASED,
	DIO_VFIO_A_DEV_INTX,
	DIO_VFIO_A_DEV_RECHECK,
	DIO_VFIO_A_DEV_VECTORS,

	__DIO_VFIO_A_DEV_MAX,
	DIO_VFIO_A_DEV_MAX = (__DIO_VFIO_A_DEV_MAX - 1)
};

enum {
	DIO_VFIO_A_IRQ_PAD = 1,
	DIO_VFIO_A_IRQ_ADDR,
	DIO_VFIO_A_IRQ_INDEX,
	DIO_VFIO_A_IRQ_VECTOR,
	DIO_VFIO_A_IRQ_VIA,
	DIO_VFIO_A_IRQ_HOST_IRQ,
	DIO_VFIO_A_IRQ_ENABLED,
	DIO_VFIO_A_IRQ_MASKED,
	DIO_VFIO_A_IRQ_BYPASS,
	DIO_VFIO_A_IRQ_RECHECK,
	DIO_VFIO_A_IRQ_HOLDOFF,
	DIO_VFIO_A_IRQ_INTERRUPTS,
	DIO_VFIO_A_IRQ_DELIVERED,
	DIO_VFIO_A_IRQ_WHILE_MASKED,
	DIO_VFIO_A_IRQ_PENDING,
	DIO_VFIO_A_IRQ_RECHECKS,
	DIO_VFIO_A_IRQ_SPURIOUS,
	DIO_VFIO_A_IRQ_MERGED,
	DIO_VFIO_A_IRQ_SWAPS,
	DIO_VFIO_A_IRQ_STORMS,
	DIO_VFIO_A_IRQ_EVENT,
	DIO_VFIO_A_IRQ_MASK,
	DIO_VFIO_A_IRQ_KEPT,
	DIO_VFIO_A_IRQ_INJECT,
	DIO_VFIO_A_IRQ_RAISED,

	__DIO_VFIO_A_IRQ_MAX,
	DIO_VFIO_A_IRQ_MAX = (__DIO_VFIO_A_IRQ_MAX - 1)
};

enum {
	DIO_VFIO_A_RESET_PAD = 1,
	DIO_VFIO_A_RESET_ADDR,
	DIO_VFIO_A_RESET_ID,
	DIO_VFIO_A_RESET_TRIGGER,
	DIO_VFIO_A_RESET_POLICY,
	DIO_VFIO_A_RESET_RESULT,
	DIO_VFIO_A_RESET_LEVEL,
	DIO_VFIO_A_RESET_STATE,
	DIO_VFIO_A_RESET_TIME,
	DIO_VFIO_A_RESET_DURATION,
	DIO_VFIO_A_RESET_IDLE,
	DIO_VFIO_A_RESET_IDLE_TIME,
	DIO_VFIO_A_RESET_STEP,
	DIO_VFIO_A_RESET_RESIDUE,
	DIO_VFIO_A_RESET_DRY_RUN,

	__DIO_VFIO_A_RESET_MAX,
	DIO_VFIO_A_RESET_MAX = (__DIO_VFIO_A_RESET_MAX - 1)
};

enum {
	DIO_VFIO_A_STEP_METHOD = 1,
	DIO_VFIO_A_STEP_RESULT,
	DIO_VFIO_A_STEP_LEVEL,
	DIO_VFIO_A_STEP_ERROR,
	DIO_VFIO_A_STEP_DURATION,
	DIO_VFIO_A_STEP_PLANTED,
	DIO_VFIO_A_STEP_SURVIVED,
	DIO_VFIO_A_STEP_SCRUBBED,
	DIO_VFIO_A_STEP_REASON,

	__DIO_VFIO_A_STEP_MAX,
	DIO_VFIO_A_STEP_MAX = (__DIO_VFIO_A_STEP_MAX - 1)
};

enum {
	DIO_VFIO_A_RESIDUE_PAD = 1,
	DIO_VFIO_A_RESIDUE_NAME,
	DIO_VFIO_A_RESIDUE_BAR,
	DIO_VFIO_A_RESIDUE_OFFSET,
	DIO_VFIO_A_RESIDUE_COUNT,
	DIO_VFIO_A_RESIDUE_PLANTED,
	DIO_VFIO_A_RESIDUE_FOUND,
	DIO_VFIO_A_RESIDUE_KNOWN,
	DIO_VFIO_A_RESIDUE_SCRUBBED,

	__DIO_VFIO_A_RESIDUE_MAX,
	DIO_VFIO_A_RESIDUE_MAX = (__DIO_VFIO_A_RESIDUE_MAX - 1)
};

enum {
	DIO_VFIO_CMD_MODULE_GET = 1,
	DIO_VFIO_CMD_DEV_GET,
	DIO_VFIO_CMD_DEV_SET,
	DIO_VFIO_CMD_DEV_RESET,
	DIO_VFIO_CMD_DEV_RELEASE,
	DIO_VFIO_CMD_RESET_GET,
	DIO_VFIO_CMD_DEV_NTF,
	DIO_VFIO_CMD_RESET_NTF,
	DIO_VFIO_CMD_DEV_DEL_NTF,
	DIO_VFIO_CMD_IRQ_GET,
	DIO_VFIO_CMD_IRQ_SET,
	DIO_VFIO_CMD_IRQ_NTF,

	__DIO_VFIO_CMD_MAX,
	DIO_VFIO_CMD_MAX = (__DIO_VFIO_CMD_MAX - 1)
};

#define DIO_VFIO_MCGRP_EVENTS	"events"

#endif /* _UAPI_LINUX_DIO_VFIO_H */
