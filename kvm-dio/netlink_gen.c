// SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause)
/* Do not edit directly, auto-generated from: */
/*	uapi/netlink/dio_kvm.yaml */
/* YNL-GEN kernel source */

#include <net/netlink.h>
#include <net/genetlink.h>

#include "netlink_gen.h"

#include <uapi/linux/dio_kvm.h>

/* DIO_KVM_CMD_VM_GET - do */
static const struct nla_policy dio_kvm_vm_get_nl_policy[DIO_KVM_A_VM_FD + 1] = {
	[DIO_KVM_A_VM_FD] = { .type = NLA_S32, },
};

/* DIO_KVM_CMD_VM_SET - do */
static const struct nla_policy dio_kvm_vm_set_nl_policy[DIO_KVM_A_VM_ROUTES + 1] = {
	[DIO_KVM_A_VM_FD] = { .type = NLA_S32, },
	[DIO_KVM_A_VM_MEMTYPE] = NLA_POLICY_MAX(NLA_U32, 2),
	[DIO_KVM_A_VM_MEMTYPE_FORCE] = { .type = NLA_FLAG, },
	[DIO_KVM_A_VM_STORES] = NLA_POLICY_MAX(NLA_U32, 2),
	[DIO_KVM_A_VM_ROUTES] = NLA_POLICY_MAX(NLA_U32, 1),
};

/* DIO_KVM_CMD_VM_RANGE_GET - do */
static const struct nla_policy dio_kvm_vm_range_get_nl_policy[DIO_KVM_A_RANGES_SIZE + 1] = {
	[DIO_KVM_A_RANGES_FD] = { .type = NLA_S32, },
	[DIO_KVM_A_RANGES_GPA] = { .type = NLA_U64, },
	[DIO_KVM_A_RANGES_SIZE] = { .type = NLA_U64, },
};

/* Ops table for dio_kvm */
static const struct genl_split_ops dio_kvm_nl_ops[] = {
	{
		.cmd	= DIO_KVM_CMD_MODULE_GET,
		.doit	= dio_kvm_nl_module_get_doit,
		.flags	= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= DIO_KVM_CMD_VM_GET,
		.doit		= dio_kvm_nl_vm_get_doit,
		.policy		= dio_kvm_vm_get_nl_policy,
		.maxattr	= DIO_KVM_A_VM_FD,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd	= DIO_KVM_CMD_VM_GET,
		.dumpit	= dio_kvm_nl_vm_get_dumpit,
		.flags	= GENL_ADMIN_PERM | GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= DIO_KVM_CMD_VM_SET,
		.doit		= dio_kvm_nl_vm_set_doit,
		.policy		= dio_kvm_vm_set_nl_policy,
		.maxattr	= DIO_KVM_A_VM_ROUTES,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= DIO_KVM_CMD_VM_RANGE_GET,
		.doit		= dio_kvm_nl_vm_range_get_doit,
		.policy		= dio_kvm_vm_range_get_nl_policy,
		.maxattr	= DIO_KVM_A_RANGES_SIZE,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
};

static const struct genl_multicast_group dio_kvm_nl_mcgrps[] = {
	[DIO_KVM_NLGRP_EVENTS] = { "events", },
};

struct genl_family dio_kvm_nl_family __ro_after_init = {
	.name		= DIO_KVM_FAMILY_NAME,
	.version	= DIO_KVM_FAMILY_VERSION,
	.netnsok	= true,
	.parallel_ops	= true,
	.module		= THIS_MODULE,
	.split_ops	= dio_kvm_nl_ops,
	.n_split_ops	= ARRAY_SIZE(dio_kvm_nl_ops),
	.mcgrps		= dio_kvm_nl_mcgrps,
	.n_mcgrps	= ARRAY_SIZE(dio_kvm_nl_mcgrps),
};
