// SPDX-License-Identifier: GPL-2.0
/* Messages made by hand, see records.h. */
#include <linux/dio_vfio.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>

#include "records.h"

static void put_step(struct nl_msg *msg, uint32_t method, uint32_t result,
		     const char *reason)
{
	struct nlattr *nest = nla_nest_start(msg, DIO_VFIO_A_RESET_STEP);

	nla_put_u32(msg, DIO_VFIO_A_STEP_METHOD, method);
	nla_put_u32(msg, DIO_VFIO_A_STEP_RESULT, result);
	nla_put_u32(msg, DIO_VFIO_A_STEP_LEVEL, DIO_VFIO_LEVEL_FUNCTION);
	nla_put_s32(msg, DIO_VFIO_A_STEP_ERROR, -25);
	nla_put_u32(msg, DIO_VFIO_A_STEP_DURATION, 1023);
	nla_put_u32(msg, DIO_VFIO_A_STEP_PLANTED, 11);
	nla_put_u32(msg, DIO_VFIO_A_STEP_SURVIVED, 1);
	if (reason)
		nla_put_string(msg, DIO_VFIO_A_STEP_REASON, reason);
	nla_nest_end(msg, nest);
}

static void put_residue(struct nl_msg *msg, const char *name, uint8_t bar)
{
	struct nlattr *nest = nla_nest_start(msg, DIO_VFIO_A_RESET_RESIDUE);

	nla_put_string(msg, DIO_VFIO_A_RESIDUE_NAME, name);
	nla_put_u8(msg, DIO_VFIO_A_RESIDUE_BAR, bar);
	nla_put_u32(msg, DIO_VFIO_A_RESIDUE_OFFSET, 0xc4);
	nla_put_u32(msg, DIO_VFIO_A_RESIDUE_COUNT, 2);
	nla_put_u64(msg, DIO_VFIO_A_RESIDUE_PLANTED, 0xfedcba9876543210ULL);
	nla_put_u64(msg, DIO_VFIO_A_RESIDUE_FOUND, 1);
	nla_put_flag(msg, DIO_VFIO_A_RESIDUE_KNOWN);
	nla_nest_end(msg, nest);
}

struct nl_msg *record_reset(const char *reason)
{
	struct nl_msg *msg = nlmsg_alloc();

	genlmsg_put(msg, 0, 1, 32, 0, 0, DIO_VFIO_CMD_RESET_NTF, 1);
	nla_put_string(msg, DIO_VFIO_A_RESET_ADDR, RECORD_ADDR);
	nla_put_u64(msg, DIO_VFIO_A_RESET_ID, UINT64_MAX);
	nla_put_u32(msg, DIO_VFIO_A_RESET_TRIGGER, DIO_VFIO_TRIGGER_GUEST_FLR);
	nla_put_u32(msg, DIO_VFIO_A_RESET_POLICY, 99);
	nla_put_u32(msg, DIO_VFIO_A_RESET_RESULT, DIO_VFIO_RESULT_FAILED);
	nla_put_u32(msg, DIO_VFIO_A_RESET_STATE, DIO_VFIO_STATE_QUARANTINED);
	nla_put_u64(msg, DIO_VFIO_A_RESET_TIME, 1);
	put_step(msg, DIO_VFIO_METHOD_D3, DIO_VFIO_RESULT_FAILED, NULL);
	put_step(msg, 77, DIO_VFIO_RESULT_UNAVAILABLE, reason);
	put_residue(msg, "ITR", 0);
	put_residue(msg, reason, 255);
	return msg;
}

struct nl_msg *record_dev(void)
{
	struct nl_msg *msg = nlmsg_alloc();

	genlmsg_put(msg, 0, 1, 32, 0, 0, DIO_VFIO_CMD_DEV_GET, 1);
	nla_put_string(msg, DIO_VFIO_A_DEV_ADDR, RECORD_ADDR);
	nla_put_u16(msg, DIO_VFIO_A_DEV_VENDOR, 0xfffe);
	nla_put_u16(msg, DIO_VFIO_A_DEV_DEVICE, 0x0001);
	nla_put_u32(msg, DIO_VFIO_A_DEV_STATE, DIO_VFIO_STATE_CLEAN);
	nla_put_u32(msg, DIO_VFIO_A_DEV_POLICY, DIO_VFIO_POLICY_STRICT);
	nla_put_u32(msg, DIO_VFIO_A_DEV_LEVEL, DIO_VFIO_LEVEL_CONFIG);
	nla_put_u32(msg, DIO_VFIO_A_DEV_LEVEL_MAX, DIO_VFIO_LEVEL_FUNCTION);
	nla_put_u32(msg, DIO_VFIO_A_DEV_METHOD, DIO_VFIO_METHOD_FLR);
	nla_put_u32(msg, DIO_VFIO_A_DEV_METHOD, DIO_VFIO_METHOD_D3);
	nla_put_u32(msg, DIO_VFIO_A_DEV_AVAILABLE, DIO_VFIO_METHOD_D3);
	nla_put_u32(msg, DIO_VFIO_A_DEV_AVAILABLE, DIO_VFIO_METHOD_BUS);
	nla_put_u64(msg, DIO_VFIO_A_DEV_LAST_ID, UINT64_MAX);
	nla_put_u32(msg, DIO_VFIO_A_DEV_INTX, DIO_VFIO_INTX_MSI);
	nla_put_u32(msg, DIO_VFIO_A_DEV_RECHECK, DIO_VFIO_RECHECK_TOGGLE);
	nla_put_u32(msg, DIO_VFIO_A_DEV_VECTORS, DIO_VFIO_VECTORS_OWN);
	return msg;
}

static struct nl_msg *begin_irq(int cmd, uint32_t index, uint32_t vector, uint32_t via)
{
	struct nl_msg *msg = nlmsg_alloc();

	genlmsg_put(msg, 0, 1, 32, 0, 0, (uint8_t)cmd, 1);
	nla_put_string(msg, DIO_VFIO_A_IRQ_ADDR, RECORD_ADDR);
	nla_put_u32(msg, DIO_VFIO_A_IRQ_INDEX, index);
	nla_put_u32(msg, DIO_VFIO_A_IRQ_VECTOR, vector);
	nla_put_u32(msg, DIO_VFIO_A_IRQ_VIA, via);
	return msg;
}

struct nl_msg *record_intx(void)
{
	struct nl_msg *msg = begin_irq(DIO_VFIO_CMD_IRQ_GET, DIO_VFIO_IRQ_INDEX_INTX, 0,
				       DIO_VFIO_IRQ_VIA_MSI);
	int attr;

	nla_put_u32(msg, DIO_VFIO_A_IRQ_HOST_IRQ, 33);
	nla_put_flag(msg, DIO_VFIO_A_IRQ_ENABLED);
	nla_put_flag(msg, DIO_VFIO_A_IRQ_MASKED);
	nla_put_u32(msg, DIO_VFIO_A_IRQ_RECHECK, DIO_VFIO_RECHECK_STATUS);
	/* No two counters alike, and one that a double could not hold. */
	for (attr = DIO_VFIO_A_IRQ_INTERRUPTS; attr <= DIO_VFIO_A_IRQ_STORMS; attr++)
		nla_put_u64(msg, attr, attr == DIO_VFIO_A_IRQ_STORMS ?
			    UINT64_MAX : (uint64_t)attr * 1000);
	return msg;
}

struct nl_msg *record_vector(void)
{
	struct nl_msg *msg = begin_irq(DIO_VFIO_CMD_IRQ_GET, DIO_VFIO_IRQ_INDEX_MSIX, 2047,
				       DIO_VFIO_IRQ_VIA_MSIX);

	nla_put_u32(msg, DIO_VFIO_A_IRQ_HOST_IRQ, 1234);
	nla_put_flag(msg, DIO_VFIO_A_IRQ_ENABLED);
	nla_put_flag(msg, DIO_VFIO_A_IRQ_BYPASS);
	nla_put_u32(msg, DIO_VFIO_A_IRQ_HOLDOFF, DIO_VFIO_HOLDOFF_MAX_US);
	nla_put_u64(msg, DIO_VFIO_A_IRQ_INTERRUPTS, 7);
	nla_put_u64(msg, DIO_VFIO_A_IRQ_DELIVERED, 5);
	nla_put_u64(msg, DIO_VFIO_A_IRQ_MERGED, 2);
	return msg;
}

struct nl_msg *record_irq_event(void)
{
	struct nl_msg *msg = begin_irq(DIO_VFIO_CMD_IRQ_NTF, DIO_VFIO_IRQ_INDEX_INTX, 0,
				       DIO_VFIO_IRQ_VIA_LINE);

	nla_put_u32(msg, DIO_VFIO_A_IRQ_EVENT, DIO_VFIO_IRQ_EVENT_FALLBACK);
	nla_put_u32(msg, DIO_VFIO_A_IRQ_RECHECK, 99);
	return msg;
}
