// SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause)
/* Do not edit directly, auto-generated from: */
/*	uapi/netlink/dio_sched.yaml */
/* YNL-GEN kernel source */

#include <net/netlink.h>
#include <net/genetlink.h>

#include "netlink_gen.h"

#include <uapi/linux/dio_sched.h>

/* DIO_SCHED_CMD_TARGET_GET - do */
static const struct nla_policy dio_sched_target_get_nl_policy[DIO_SCHED_A_TARGET_VCPU + 1] = {
	[DIO_SCHED_A_TARGET_TID] = NLA_POLICY_MIN(NLA_U32, 1),
	[DIO_SCHED_A_TARGET_VM_FD] = { .type = NLA_U32, },
	[DIO_SCHED_A_TARGET_VCPU] = { .type = NLA_U32, },
};

/* DIO_SCHED_CMD_TARGET_SET - do */
static const struct nla_policy dio_sched_target_set_nl_policy[DIO_SCHED_A_TARGET_FORCE + 1] = {
	[DIO_SCHED_A_TARGET_TID] = NLA_POLICY_MIN(NLA_U32, 1),
	[DIO_SCHED_A_TARGET_VM_FD] = { .type = NLA_U32, },
	[DIO_SCHED_A_TARGET_VCPU] = { .type = NLA_U32, },
	[DIO_SCHED_A_TARGET_MODE] = NLA_POLICY_MAX(NLA_U32, 3),
	[DIO_SCHED_A_TARGET_RUNTIME] = { .type = NLA_U64, },
	[DIO_SCHED_A_TARGET_PERIOD] = { .type = NLA_U64, },
	[DIO_SCHED_A_TARGET_RECLAIM] = NLA_POLICY_MAX(NLA_U8, 1),
	[DIO_SCHED_A_TARGET_CPU] = { .type = NLA_U32, },
	[DIO_SCHED_A_TARGET_SOURCE] = NLA_POLICY_MAX(NLA_U32, 3),
	[DIO_SCHED_A_TARGET_ADDR] = { .type = NLA_NUL_STRING, .len = DIO_SCHED_ADDR_MAX, },
	[DIO_SCHED_A_TARGET_IRQ] = { .type = NLA_U32, },
	[DIO_SCHED_A_TARGET_SHARE] = NLA_POLICY_RANGE(NLA_U32, 1, DIO_SCHED_SHARE_MAX),
	[DIO_SCHED_A_TARGET_MARGIN] = NLA_POLICY_MAX(NLA_U32, DIO_SCHED_MARGIN_MAX),
	[DIO_SCHED_A_TARGET_FORCE] = NLA_POLICY_MAX(NLA_U8, 1),
};

/* DIO_SCHED_CMD_TARGET_DEL - do */
static const struct nla_policy dio_sched_target_del_nl_policy[DIO_SCHED_A_TARGET_VCPU + 1] = {
	[DIO_SCHED_A_TARGET_TID] = NLA_POLICY_MIN(NLA_U32, 1),
	[DIO_SCHED_A_TARGET_VM_FD] = { .type = NLA_U32, },
	[DIO_SCHED_A_TARGET_VCPU] = { .type = NLA_U32, },
};

/* DIO_SCHED_CMD_ADMIT_GET - do */
static const struct nla_policy dio_sched_admit_get_nl_policy[DIO_SCHED_A_ADMIT_PERIOD + 1] = {
	[DIO_SCHED_A_ADMIT_CPU] = { .type = NLA_U32, },
	[DIO_SCHED_A_ADMIT_TID] = NLA_POLICY_MIN(NLA_U32, 1),
	[DIO_SCHED_A_ADMIT_RUNTIME] = { .type = NLA_U64, },
	[DIO_SCHED_A_ADMIT_PERIOD] = { .type = NLA_U64, },
};

/* Ops table for dio_sched */
static const struct genl_split_ops dio_sched_nl_ops[] = {
	{
		.cmd	= DIO_SCHED_CMD_MODULE_GET,
		.doit	= dio_sched_nl_module_get_doit,
		.flags	= GENL_CMD_CAP_DO,
	},
	{
		.cmd		= DIO_SCHED_CMD_TARGET_GET,
		.doit		= dio_sched_nl_target_get_doit,
		.policy		= dio_sched_target_get_nl_policy,
		.maxattr	= DIO_SCHED_A_TARGET_VCPU,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd	= DIO_SCHED_CMD_TARGET_GET,
		.dumpit	= dio_sched_nl_target_get_dumpit,
		.flags	= GENL_ADMIN_PERM | GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= DIO_SCHED_CMD_TARGET_SET,
		.doit		= dio_sched_nl_target_set_doit,
		.policy		= dio_sched_target_set_nl_policy,
		.maxattr	= DIO_SCHED_A_TARGET_FORCE,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= DIO_SCHED_CMD_TARGET_DEL,
		.doit		= dio_sched_nl_target_del_doit,
		.policy		= dio_sched_target_del_nl_policy,
		.maxattr	= DIO_SCHED_A_TARGET_VCPU,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= DIO_SCHED_CMD_ADMIT_GET,
		.doit		= dio_sched_nl_admit_get_doit,
		.policy		= dio_sched_admit_get_nl_policy,
		.maxattr	= DIO_SCHED_A_ADMIT_PERIOD,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd	= DIO_SCHED_CMD_ADMIT_GET,
		.dumpit	= dio_sched_nl_admit_get_dumpit,
		.flags	= GENL_ADMIN_PERM | GENL_CMD_CAP_DUMP,
	},
};

static const struct genl_multicast_group dio_sched_nl_mcgrps[] = {
	[DIO_SCHED_NLGRP_EVENTS] = { "events", },
};

struct genl_family dio_sched_nl_family __ro_after_init = {
	.name		= DIO_SCHED_FAMILY_NAME,
	.version	= DIO_SCHED_FAMILY_VERSION,
	.netnsok	= true,
	.parallel_ops	= true,
	.module		= THIS_MODULE,
	.split_ops	= dio_sched_nl_ops,
	.n_split_ops	= ARRAY_SIZE(dio_sched_nl_ops),
	.mcgrps		= dio_sched_nl_mcgrps,
	.n_mcgrps	= ARRAY_SIZE(dio_sched_nl_mcgrps),
};
