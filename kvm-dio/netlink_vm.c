// SPDX-License-Identifier: GPL-2.0-only
/*
 * The commands on a VM: vm-get, vm-set. A VM is named by a descriptor of the
 * sender, whose context a command runs in.
 */
#include <linux/file.h>
#include <linux/fs.h>
#include <net/genetlink.h>

#include "netlink.h"
#include "netlink_gen.h"

static int dio_nl_file(struct dio_nl_vm *v, struct genl_info *info, int which)
{
	struct nlattr *attr = info->attrs[which];
	int fd = nla_get_s32(attr);

	v->file = fget(fd);
	v->kvm = v->file ? dio_core_kvm(v->file) : NULL;
	if (v->kvm)
		return 0;
	NL_SET_BAD_ATTR(info->extack, attr);
	DIO_NL_ERR(info->extack, "fd %d: %s", fd, v->file ? "not a VM of KVM" : "not open");
	if (v->file)
		fput(v->file);
	return v->file ? -EINVAL : -EBADF;
}

/*
 * dio_nl_vm_get() - the VM whose descriptor is attribute @which of a request
 *
 * Return: 0, then dio_nl_vm_put(); else an errno, with extack text.
 */
int dio_nl_vm_get(struct dio_nl_vm *v, struct genl_info *info, int which)
{
	int ret;

	if (GENL_REQ_ATTR_CHECK(info, which)) {
		DIO_NL_ERR(info->extack, "fd: a descriptor of the VM is missing");
		return -EINVAL;
	}
	ret = dio_core_get(&v->core, info->extack);
	if (ret)
		return ret;
	ret = dio_nl_file(v, info, which);
	if (ret)
		dio_core_put(&v->core);
	return ret;
}

/* The VM may end with the file, after this and not before: KVM is kept by it. */
void dio_nl_vm_put(struct dio_nl_vm *v)
{
	fput(v->file);
	dio_core_put(&v->core);
}

static u32 dio_vm_mode(const struct dio_vm *vm, enum dio_feature_id f)
{
	return vm ? READ_ONCE(vm->mode[f]) : 0;
}

/* All of a VM; @vm is NULL if no feature is on. Sleeps. */
int dio_fill_vm(struct sk_buff *msg, struct dio_vm *vm, struct kvm *kvm)
{
	u32 memtype = dio_vm_mode(vm, DIO_F_MEMTYPE);
	unsigned int f;
	int ret = 0;

	if ((vm && nla_put_u32(msg, DIO_KVM_A_VM_ID, vm->id)) ||
	    nla_put_u32(msg, DIO_KVM_A_VM_PID, kvm->userspace_pid) ||
	    nla_put_u32(msg, DIO_KVM_A_VM_MEMTYPE, memtype & DIO_MEMTYPE_MODE) ||
	    ((memtype & DIO_MEMTYPE_FORCE) && nla_put_flag(msg, DIO_KVM_A_VM_MEMTYPE_FORCE)))
		return -EMSGSIZE;
	for (f = 0; f < DIO_NR_FEATURES && !ret; f++)
		if (dio_features[f] && dio_features[f]->vm_fill)
			ret = dio_features[f]->vm_fill(msg, vm, kvm);
	return ret;
}

static int dio_nl_show(struct genl_info *info, struct kvm *kvm)
{
	struct dio_vm *vm = dio_vm_get(kvm);
	struct sk_buff *msg;
	int ret = -ENOMEM;
	void *hdr;

	msg = dio_nl_reply_new(info, DIO_KVM_CMD_VM_GET, NLMSG_GOODSIZE, &hdr);
	if (msg)
		ret = dio_nl_reply(msg, hdr, info, dio_fill_vm(msg, vm, kvm));
	if (vm)
		dio_vm_put(vm);
	return ret;
}

int dio_kvm_nl_vm_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct dio_nl_vm v;
	int ret = dio_nl_vm_get(&v, info, DIO_KVM_A_VM_FD);

	if (ret)
		return ret;
	ret = dio_nl_show(info, v.kvm);
	dio_nl_vm_put(&v);
	return ret;
}

static int dio_nl_dump_vm(struct sk_buff *skb, struct netlink_callback *cb, struct dio_vm *vm)
{
	struct kvm *kvm = dio_vm_hold(vm);
	int ret = -EMSGSIZE;
	void *hdr;

	if (!kvm)	/* it has just ended */
		return 0;
	hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			  &dio_kvm_nl_family, NLM_F_MULTI, DIO_KVM_CMD_VM_GET);
	if (hdr) {
		ret = dio_fill_vm(skb, vm, kvm);
		if (ret)
			genlmsg_cancel(skb, hdr);
		else
			genlmsg_end(skb, hdr);
	}
	dio_vm_unhold(vm, kvm);
	return ret;
}

/* args[0]: id to go on behind. A VM that was there all the time is never missed. */
int dio_kvm_nl_vm_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct dio_vm *vm;
	int ret = 0;

	while (!ret && (vm = dio_vm_next(cb->args[0]))) {
		ret = dio_nl_dump_vm(skb, cb, vm);
		if (!ret)
			cb->args[0] = vm->id;
		dio_vm_put(vm);
	}
	return skb->len ? (int)skb->len : ret;
}

static void dio_nl_mode(struct genl_info *info, int attr, u32 *mode)
{
	*mode = info->attrs[attr] ? nla_get_u32(info->attrs[attr]) : DIO_MODE_KEEP;
}

int dio_kvm_nl_vm_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	u32 mode[DIO_NR_FEATURES] = {};
	struct dio_nl_vm v;
	int ret = dio_nl_vm_get(&v, info, DIO_KVM_A_VM_FD);

	if (ret)
		return ret;
	dio_nl_mode(info, DIO_KVM_A_VM_MEMTYPE, &mode[DIO_F_MEMTYPE]);
	if (info->attrs[DIO_KVM_A_VM_MEMTYPE] && mode[DIO_F_MEMTYPE] &&
	    info->attrs[DIO_KVM_A_VM_MEMTYPE_FORCE])
		mode[DIO_F_MEMTYPE] |= DIO_MEMTYPE_FORCE;
	dio_nl_mode(info, DIO_KVM_A_VM_STORES, &mode[DIO_F_STORES]);
	dio_nl_mode(info, DIO_KVM_A_VM_ROUTES, &mode[DIO_F_ROUTES]);
	ret = dio_vm_set(v.kvm, v.file->f_op->owner, mode, info->extack);
	dio_nl_vm_put(&v);
	return ret;
}
