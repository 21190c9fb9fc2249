// SPDX-License-Identifier: GPL-2.0
/* A virtual machine in a line. */
#include <linux/dio_kvm.h>
#include <netlink/genl/genl.h>

#include "diokctl.h"
#include "msg.h"
#include "out.h"
#include "vm_find.h"
#include "vm_show.h"

static struct nla_policy vm_policy[DIO_KVM_A_VM_MAX + 1] = {
	[DIO_KVM_A_VM_ID]	= { .type = NLA_U32 },
	[DIO_KVM_A_VM_PID]	= { .type = NLA_U32 },
	[DIO_KVM_A_VM_MEMTYPE]	= { .type = NLA_U32 },
};

static int vm_parse(struct nl_msg *msg, struct nlattr **tb)
{
	if (genlmsg_parse(nlmsg_hdr(msg), 0, tb, DIO_KVM_A_VM_MAX, vm_policy))
		return -1;
	return tb[DIO_KVM_A_VM_PID] ? 0 : -1;
}

bool show_vm_valid(struct nl_msg *msg)
{
	struct nlattr *tb[DIO_KVM_A_VM_MAX + 1];

	return !vm_parse(msg, tb);
}

static void show_who(struct nlattr **tb)
{
	uint32_t pid = tb_u32(tb, DIO_KVM_A_VM_PID);
	char name[VM_NAME_SIZE];

	vm_name((pid_t)pid, name);
	out_uint("pid", pid, "%u", pid);
	out_str("name", name, " (%s)", name);
	if (tb[DIO_KVM_A_VM_ID])
		out_uint("id", tb_u32(tb, DIO_KVM_A_VM_ID), NULL);
}

void show_vm(struct nl_msg *msg)
{
	struct nlattr *tb[DIO_KVM_A_VM_MAX + 1];
	const char *memtype;

	if (vm_parse(msg, tb))
		return;
	show_who(tb);
	memtype = names_get(&names_memtype, tb_u32(tb, DIO_KVM_A_VM_MEMTYPE));
	out_str("memtype", memtype, " memtype %s\n", memtype);
}

void show_vm_gone(struct nl_msg *msg)
{
	struct nlattr *tb[DIO_KVM_A_VM_MAX + 1];

	if (vm_parse(msg, tb))
		return;
	show_who(tb);
	out_text(" has no feature on any more\n");
}
