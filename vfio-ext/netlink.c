// SPDX-License-Identifier: GPL-2.0-only
/*
 * The dio_vfio family and what its commands have in common; each object has its
 * commands in a file of its own. Policies are generated from
 * uapi/netlink/dio_vfio.yaml; what a policy cannot say is checked by the command,
 * and every refusal has extack text that names the device and the value.
 */
#include <linux/module.h>
#include <net/genetlink.h>

#include "netlink.h"
#include "netlink_fill.h"
#include "netlink_gen.h"

static struct pci_dev *dio_nl_pdev(const char *addr, struct netlink_ext_ack *extack)
{
	unsigned int domain, bus, slot, fn;
	struct pci_dev *pdev;
	char end;

	if (sscanf(addr, "%x:%2x:%2x.%1x%c", &domain, &bus, &slot, &fn, &end) != 4 ||
	    slot > 31 || fn > 7) {
		DIO_NL_ERR(extack, "%s: not a PCI address (dddd:bb:dd.f)", addr);
		return ERR_PTR(-EINVAL);
	}
	pdev = pci_get_domain_bus_and_slot(domain, bus, PCI_DEVFN(slot, fn));
	if (!pdev) {
		DIO_NL_ERR(extack, "%s: no such PCI device", addr);
		return ERR_PTR(-ENODEV);
	}
	return pdev;
}

/* Say whose the device is; its driver may be on its way out. */
static void dio_nl_not_ours(struct pci_dev *pdev, struct netlink_ext_ack *extack)
{
	bool locked = device_trylock(&pdev->dev);
	const char *driver = "changing";

	if (locked)
		driver = pdev->dev.driver ? pdev->dev.driver->name : "none";
	DIO_NL_ERR(extack, "%s: not bound to " DIO_DRIVER_NAME " (driver: %s)",
		   pci_name(pdev), driver);
	if (locked)
		device_unlock(&pdev->dev);
}

/* The device that @attr names, with a reference, or an error with text. */
struct dio_vfio_dev *dio_nl_dev(const struct nlattr *attr, struct netlink_ext_ack *extack)
{
	const char *addr = nla_data(attr);
	struct dio_vfio_dev *d = NULL;
	struct pci_dev *pdev;

	pdev = dio_nl_pdev(addr, extack);
	if (!IS_ERR(pdev)) {
		d = dio_dev_get(pdev);
		if (!d)
			dio_nl_not_ours(pdev, extack);
		pci_dev_put(pdev);
	}
	if (d)
		return d;
	NL_SET_BAD_ATTR(extack, attr);
	return IS_ERR(pdev) ? ERR_CAST(pdev) : ERR_PTR(-ENODEV);
}

/* The device of a request, as dio_nl_dev(). */
struct dio_vfio_dev *dio_nl_dev_of(struct genl_info *info)
{
	if (GENL_REQ_ATTR_CHECK(info, DIO_VFIO_A_DEV_ADDR)) {
		DIO_NL_ERR(info->extack, "addr: the PCI address of a device is missing");
		return ERR_PTR(-EINVAL);
	}
	return dio_nl_dev(info->attrs[DIO_VFIO_A_DEV_ADDR], info->extack);
}

/* A message with @hdr begun, NULL without memory. */
struct sk_buff *dio_nl_reply_new(struct genl_info *info, u8 cmd, size_t size, void **hdr)
{
	struct sk_buff *msg = genlmsg_new(size, GFP_KERNEL);

	if (!msg)
		return NULL;
	*hdr = genlmsg_put_reply(msg, info, &dio_vfio_nl_family, 0, cmd);
	if (*hdr)
		return msg;
	nlmsg_free(msg);
	return NULL;
}

/* Send @msg, or free it and pass on the error of filling it. */
int dio_nl_reply(struct sk_buff *msg, void *hdr, struct genl_info *info, int err)
{
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	genlmsg_end(msg, hdr);
	return genlmsg_reply(msg, info);
}

/* One object of a dump; NULL if @skb is full. */
void *dio_nl_dump_begin(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd)
{
	void *hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
				&dio_vfio_nl_family, NLM_F_MULTI, cmd);

	if (hdr)
		genl_dump_check_consistent(cb, hdr);
	return hdr;
}

/* Keep the object, or take it back if it did not fit: 0 or -EMSGSIZE. */
int dio_nl_dump_end(struct sk_buff *skb, void *hdr, int err)
{
	if (err) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

int dio_vfio_nl_module_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sk_buff *msg;
	void *hdr;

	msg = dio_nl_reply_new(info, DIO_VFIO_CMD_MODULE_GET, NLMSG_GOODSIZE, &hdr);
	if (!msg)
		return -ENOMEM;
	return dio_nl_reply(msg, hdr, info, dio_fill_module(msg));
}

/* As generated, but records tell register contents: not for everybody. */
static const struct genl_multicast_group dio_nl_groups[] = {
	[DIO_VFIO_NLGRP_EVENTS] = { .name = "events", .flags = GENL_MCAST_CAP_NET_ADMIN },
};

/* Devices are not of a network namespace: the family is the initial one's alone. */
int __init dio_netlink_init(void)
{
	dio_vfio_nl_family.netnsok = false;
	dio_vfio_nl_family.mcgrps = dio_nl_groups;
	dio_vfio_nl_family.n_mcgrps = ARRAY_SIZE(dio_nl_groups);
	return dio_genl_register(&dio_vfio_nl_family);
}

void dio_netlink_exit(void)
{
	dio_genl_unregister(&dio_vfio_nl_family);
}
