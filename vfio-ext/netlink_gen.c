// SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause)
/* Do not edit directly, auto-generated from: */
/*	uapi/netlink/dio_vfio.yaml */
/* YNL-GEN kernel source */

#include <net/netlink.h>
#include <net/genetlink.h>

#include "netlink_gen.h"

#include <uapi/linux/dio_vfio.h>

/* DIO_VFIO_CMD_DEV_GET - do */
static const struct nla_policy dio_vfio_dev_get_nl_policy[DIO_VFIO_A_DEV_ADDR + 1] = {
	[DIO_VFIO_A_DEV_ADDR] = { .type = NLA_NUL_STRING, .len = DIO_VFIO_ADDR_MAX, },
};

/* DIO_VFIO_CMD_DEV_SET - do */
static const struct nla_policy dio_vfio_dev_set_nl_policy[DIO_VFIO_A_DEV_VECTORS + 1] = {
	[DIO_VFIO_A_DEV_ADDR] = { .type = NLA_NUL_STRING, .len = DIO_VFIO_ADDR_MAX, },
	[DIO_VFIO_A_DEV_POLICY] = NLA_POLICY_MAX(NLA_U32, 2),
	[DIO_VFIO_A_DEV_LEVEL] = NLA_POLICY_RANGE(NLA_U32, 1, 2),
	[DIO_VFIO_A_DEV_METHOD] = NLA_POLICY_MAX(NLA_U32, 5),
	[DIO_VFIO_A_DEV_D3_FORCE] = NLA_POLICY_MAX(NLA_U8, 1),
	[DIO_VFIO_A_DEV_READY_TIMEOUT] = NLA_POLICY_RANGE(NLA_U32, 100, DIO_VFIO_TIMEOUT_MAX_MS),
	[DIO_VFIO_A_DEV_IDLE_TIMEOUT] = NLA_POLICY_RANGE(NLA_U32, 10, DIO_VFIO_TIMEOUT_MAX_MS),
	[DIO_VFIO_A_DEV_DRAIN] = NLA_POLICY_MAX(NLA_U32, DIO_VFIO_DRAIN_MAX_MS),
	[DIO_VFIO_A_DEV_INTX] = NLA_POLICY_MAX(NLA_U32, 2),
	[DIO_VFIO_A_DEV_RECHECK] = NLA_POLICY_MAX(NLA_U32, 5),
	[DIO_VFIO_A_DEV_VECTORS] = NLA_POLICY_MAX(NLA_U32, 1),
};

/* DIO_VFIO_CMD_DEV_RESET - do */
static const struct nla_policy dio_vfio_dev_reset_nl_policy[DIO_VFIO_A_DEV_DRY_RUN + 1] = {
	[DIO_VFIO_A_DEV_ADDR] = { .type = NLA_NUL_STRING, .len = DIO_VFIO_ADDR_MAX, },
	[DIO_VFIO_A_DEV_DRY_RUN] = { .type = NLA_FLAG, },
};

/* DIO_VFIO_CMD_DEV_RELEASE - do */
static const struct nla_policy dio_vfio_dev_release_nl_policy[DIO_VFIO_A_DEV_ADDR + 1] = {
	[DIO_VFIO_A_DEV_ADDR] = { .type = NLA_NUL_STRING, .len = DIO_VFIO_ADDR_MAX, },
};

/* DIO_VFIO_CMD_RESET_GET - dump */
static const struct nla_policy dio_vfio_reset_get_nl_policy[DIO_VFIO_A_RESET_ADDR + 1] = {
	[DIO_VFIO_A_RESET_ADDR] = { .type = NLA_NUL_STRING, .len = DIO_VFIO_ADDR_MAX, },
};

/* DIO_VFIO_CMD_IRQ_GET - dump */
static const struct nla_policy dio_vfio_irq_get_nl_policy[DIO_VFIO_A_IRQ_ADDR + 1] = {
	[DIO_VFIO_A_IRQ_ADDR] = { .type = NLA_NUL_STRING, .len = DIO_VFIO_ADDR_MAX, },
};

/* DIO_VFIO_CMD_IRQ_SET - do */
static const struct nla_policy dio_vfio_irq_set_nl_policy[DIO_VFIO_A_IRQ_INJECT + 1] = {
	[DIO_VFIO_A_IRQ_ADDR] = { .type = NLA_NUL_STRING, .len = DIO_VFIO_ADDR_MAX, },
	[DIO_VFIO_A_IRQ_INDEX] = NLA_POLICY_MAX(NLA_U32, 2),
	[DIO_VFIO_A_IRQ_VECTOR] = { .type = NLA_U32, },
	[DIO_VFIO_A_IRQ_HOLDOFF] = NLA_POLICY_MAX(NLA_U32, DIO_VFIO_HOLDOFF_MAX_US),
	[DIO_VFIO_A_IRQ_MASK] = NLA_POLICY_MAX(NLA_U32, 1),
	[DIO_VFIO_A_IRQ_INJECT] = NLA_POLICY_MAX(NLA_U32, 1),
};

/* Ops table for dio_vfio */
static const struct genl_split_ops dio_vfio_nl_ops[] = {
	{
		.cmd	= DIO_VFIO_CMD_MODULE_GET,
		.doit	= dio_vfio_nl_module_get_doit,
		.flags	= GENL_CMD_CAP_DO,
	},
	{
		.cmd		= DIO_VFIO_CMD_DEV_GET,
		.doit		= dio_vfio_nl_dev_get_doit,
		.policy		= dio_vfio_dev_get_nl_policy,
		.maxattr	= DIO_VFIO_A_DEV_ADDR,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd	= DIO_VFIO_CMD_DEV_GET,
		.dumpit	= dio_vfio_nl_dev_get_dumpit,
		.flags	= GENL_ADMIN_PERM | GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= DIO_VFIO_CMD_DEV_SET,
		.doit		= dio_vfio_nl_dev_set_doit,
		.policy		= dio_vfio_dev_set_nl_policy,
		.maxattr	= DIO_VFIO_A_DEV_VECTORS,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= DIO_VFIO_CMD_DEV_RESET,
		.doit		= dio_vfio_nl_dev_reset_doit,
		.policy		= dio_vfio_dev_reset_nl_policy,
		.maxattr	= DIO_VFIO_A_DEV_DRY_RUN,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= DIO_VFIO_CMD_DEV_RELEASE,
		.doit		= dio_vfio_nl_dev_release_doit,
		.policy		= dio_vfio_dev_release_nl_policy,
		.maxattr	= DIO_VFIO_A_DEV_ADDR,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= DIO_VFIO_CMD_RESET_GET,
		.dumpit		= dio_vfio_nl_reset_get_dumpit,
		.policy		= dio_vfio_reset_get_nl_policy,
		.maxattr	= DIO_VFIO_A_RESET_ADDR,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= DIO_VFIO_CMD_IRQ_GET,
		.dumpit		= dio_vfio_nl_irq_get_dumpit,
		.policy		= dio_vfio_irq_get_nl_policy,
		.maxattr	= DIO_VFIO_A_IRQ_ADDR,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= DIO_VFIO_CMD_IRQ_SET,
		.doit		= dio_vfio_nl_irq_set_doit,
		.policy		= dio_vfio_irq_set_nl_policy,
		.maxattr	= DIO_VFIO_A_IRQ_INJECT,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
};

static const struct genl_multicast_group dio_vfio_nl_mcgrps[] = {
	[DIO_VFIO_NLGRP_EVENTS] = { "events", },
};

struct genl_family dio_vfio_nl_family __ro_after_init = {
	.name		= DIO_VFIO_FAMILY_NAME,
	.version	= DIO_VFIO_FAMILY_VERSION,
	.netnsok	= true,
	.parallel_ops	= true,
	.module		= THIS_MODULE,
	.split_ops	= dio_vfio_nl_ops,
	.n_split_ops	= ARRAY_SIZE(dio_vfio_nl_ops),
	.mcgrps		= dio_vfio_nl_mcgrps,
	.n_mcgrps	= ARRAY_SIZE(dio_vfio_nl_mcgrps),
};
