// SPDX-License-Identifier: GPL-2.0-only
/*
 * The commands and events of the dio_vfio family. Policies are generated from
 * uapi/netlink/dio_vfio.yaml; what a policy cannot say is checked here, and
 * every refusal has extack text that names the device and the value.
 */
#include <linux/module.h>
#include <net/genetlink.h>

#include "netlink_fill.h"
#include "netlink_gen.h"

/* A reset record with all its steps and lines of residue. */
#define DIO_RESET_MSG_SIZE	8192

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
static struct dio_vfio_dev *dio_nl_dev(const struct nlattr *attr,
				       struct netlink_ext_ack *extack)
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

static struct dio_vfio_dev *dio_nl_dev_of(struct genl_info *info)
{
	if (GENL_REQ_ATTR_CHECK(info, DIO_VFIO_A_DEV_ADDR)) {
		DIO_NL_ERR(info->extack, "addr: the PCI address of a device is missing");
		return ERR_PTR(-EINVAL);
	}
	return dio_nl_dev(info->attrs[DIO_VFIO_A_DEV_ADDR], info->extack);
}

static struct sk_buff *dio_nl_reply_new(struct genl_info *info, u8 cmd, size_t size,
					void **hdr)
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

static int dio_nl_reply(struct sk_buff *msg, void *hdr, struct genl_info *info, int err)
{
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	genlmsg_end(msg, hdr);
	return genlmsg_reply(msg, info);
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

int dio_vfio_nl_dev_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct dio_vfio_dev *d = dio_nl_dev_of(info);
	struct sk_buff *msg;
	void *hdr;
	int ret = -ENOMEM;

	if (IS_ERR(d))
		return PTR_ERR(d);
	msg = dio_nl_reply_new(info, DIO_VFIO_CMD_DEV_GET, NLMSG_GOODSIZE, &hdr);
	if (msg)
		ret = dio_nl_reply(msg, hdr, info, dio_fill_dev(msg, d));
	dio_dev_put(d);
	return ret;
}

static int dio_nl_dump_dev(struct sk_buff *skb, struct netlink_callback *cb,
			   struct dio_vfio_dev *d)
{
	void *hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
				&dio_vfio_nl_family, NLM_F_MULTI, DIO_VFIO_CMD_DEV_GET);

	if (!hdr)
		return -EMSGSIZE;
	genl_dump_check_consistent(cb, hdr);
	if (dio_fill_dev(skb, d)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

/* args[0]: address to go on at */
int dio_vfio_nl_dev_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct dio_vfio_dev *d;
	int ret = 0;

	while (!ret && (d = dio_dev_get_from(cb->args[0], &cb->seq))) {
		ret = dio_nl_dump_dev(skb, cb, d);
		if (!ret)
			cb->args[0] = dio_dev_key(d) + 1;
		dio_dev_put(d);
	}
	return skb->len ? (int)skb->len : ret;
}

/* Read the order of methods; a single "none" stands for the default. */
static int dio_nl_methods(struct genl_info *info, struct dio_cfg *cfg)
{
	struct nlattr *attr;
	bool none = false;
	int rem, i;

	if (!info->attrs[DIO_VFIO_A_DEV_METHOD])
		return 0;
	cfg->nmethods = 0;
	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem) {
		enum dio_vfio_method m;

		if (nla_type(attr) != DIO_VFIO_A_DEV_METHOD)
			continue;
		m = nla_get_u32(attr);
		for (i = 0; i < cfg->nmethods && cfg->method[i] != m; i++)
			;
		if (none || i < cfg->nmethods || (m == DIO_VFIO_METHOD_NONE && cfg->nmethods)) {
			NL_SET_BAD_ATTR(info->extack, attr);
			DIO_NL_ERR(info->extack, "method %s: named twice, or none among others",
				   dio_method_name(m));
			return -EINVAL;
		}
		none = m == DIO_VFIO_METHOD_NONE;
		if (!none)
			cfg->method[cfg->nmethods++] = m;
	}
	return 0;
}

static void dio_nl_set_u32(struct genl_info *info, int type, u32 *v)
{
	if (info->attrs[type])
		*v = nla_get_u32(info->attrs[type]);
}

/* Can the device do what the settings ask for? */
static int dio_nl_check_cfg(struct genl_info *info, struct dio_vfio_dev *d,
			    const struct dio_cfg *cfg)
{
	const char *name = pci_name(d->core.pdev), *why;
	char text[DIO_REASON_LEN];
	int i;

	if (cfg->level > dio_dev_level_max(d)) {
		NL_SET_BAD_ATTR(info->extack, info->attrs[DIO_VFIO_A_DEV_LEVEL]);
		DIO_NL_ERR(info->extack, "%s: level function: no row in the device table", name);
		return -EOPNOTSUPP;
	}
	for (i = 0; i < cfg->nmethods; i++) {
		why = dio_method_unavailable(d, cfg, cfg->method[i], text);
		if (!why)
			continue;
		NL_SET_BAD_ATTR(info->extack, info->attrs[DIO_VFIO_A_DEV_METHOD]);
		DIO_NL_ERR(info->extack, "%s: %s: %s", name, dio_method_name(cfg->method[i]), why);
		return -EOPNOTSUPP;
	}
	return 0;
}

static int dio_nl_set(struct genl_info *info, struct dio_vfio_dev *d)
{
	struct dio_cfg cfg;
	u32 v;
	int ret;

	dio_dev_get_cfg(d, &cfg);
	v = cfg.policy;
	dio_nl_set_u32(info, DIO_VFIO_A_DEV_POLICY, &v);
	cfg.policy = v;
	v = cfg.level;
	dio_nl_set_u32(info, DIO_VFIO_A_DEV_LEVEL, &v);
	cfg.level = v;
	dio_nl_set_u32(info, DIO_VFIO_A_DEV_READY_TIMEOUT, &cfg.ready_timeout);
	dio_nl_set_u32(info, DIO_VFIO_A_DEV_IDLE_TIMEOUT, &cfg.idle_timeout);
	dio_nl_set_u32(info, DIO_VFIO_A_DEV_DRAIN, &cfg.drain);
	if (info->attrs[DIO_VFIO_A_DEV_D3_FORCE])
		cfg.d3_force = nla_get_u8(info->attrs[DIO_VFIO_A_DEV_D3_FORCE]);
	ret = dio_nl_methods(info, &cfg);
	if (!ret)
		ret = dio_nl_check_cfg(info, d, &cfg);
	if (ret)
		return ret;
	dio_dev_set_cfg(d, &cfg);
	dio_netlink_dev_event(d, DIO_VFIO_CMD_DEV_NTF);
	return 0;
}

int dio_vfio_nl_dev_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	static DEFINE_MUTEX(set_lock);	/* two setters: one after the other */
	struct dio_vfio_dev *d = dio_nl_dev_of(info);
	int ret;

	if (IS_ERR(d))
		return PTR_ERR(d);
	mutex_lock(&set_lock);
	ret = dio_nl_set(info, d);
	mutex_unlock(&set_lock);
	dio_dev_put(d);
	return ret;
}

static int dio_nl_reset_dry(struct sk_buff *msg, struct dio_vfio_dev *d)
{
	struct dio_record *rec = dio_reset_plan(d);
	int ret;

	if (!rec)
		return -ENOMEM;
	ret = dio_fill_reset(msg, d, rec);
	kfree(rec);
	return ret;
}

static int dio_nl_reset_real(struct sk_buff *msg, struct dio_vfio_dev *d,
			     struct netlink_ext_ack *extack)
{
	const char *name = pci_name(d->core.pdev);
	const struct dio_record *rec;
	u64 id;
	int ret;

	ret = dio_life_reset(d, &id);
	if (ret == -EBUSY)
		DIO_NL_ERR(extack, "%s: open, or another reset is running", name);
	else if (ret == -ENODEV)
		DIO_NL_ERR(extack, "%s: is being unbound", name);
	if (ret)
		return ret;
	mutex_lock(&d->lock);
	rec = dio_record_at(d, id);
	ret = rec ? dio_fill_reset(msg, d, rec) : -EAGAIN;
	mutex_unlock(&d->lock);
	return ret;
}

int dio_vfio_nl_dev_reset_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct dio_vfio_dev *d = dio_nl_dev_of(info);
	struct sk_buff *msg;
	void *hdr;
	int ret = -ENOMEM;

	if (IS_ERR(d))
		return PTR_ERR(d);
	msg = dio_nl_reply_new(info, DIO_VFIO_CMD_DEV_RESET, DIO_RESET_MSG_SIZE, &hdr);
	if (msg) {
		ret = info->attrs[DIO_VFIO_A_DEV_DRY_RUN] ? dio_nl_reset_dry(msg, d) :
		      dio_nl_reset_real(msg, d, info->extack);
		ret = dio_nl_reply(msg, hdr, info, ret);
	}
	dio_dev_put(d);
	return ret;
}

int dio_vfio_nl_dev_release_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct dio_vfio_dev *d = dio_nl_dev_of(info);
	int ret = 0;

	if (IS_ERR(d))
		return PTR_ERR(d);
	if (!dio_dev_release(d)) {
		DIO_NL_ERR(info->extack, "%s: not in quarantine", pci_name(d->core.pdev));
		ret = -EINVAL;
	}
	dio_dev_put(d);
	return ret;
}

static int dio_nl_dump_reset(struct sk_buff *skb, struct netlink_callback *cb,
			     struct dio_vfio_dev *d, const struct dio_record *rec)
{
	void *hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
				&dio_vfio_nl_family, NLM_F_MULTI, DIO_VFIO_CMD_RESET_GET);

	if (!hdr)
		return -EMSGSIZE;
	genl_dump_check_consistent(cb, hdr);
	if (dio_fill_reset(skb, d, rec)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

/* args[1]: number of the record to go on at */
static int dio_nl_dump_resets(struct sk_buff *skb, struct netlink_callback *cb,
			      struct dio_vfio_dev *d)
{
	const struct dio_record *rec;
	int ret = 0;
	u64 id;

	mutex_lock(&d->lock);
	id = max_t(s64, cb->args[1], (s64)d->last_id - DIO_RING + 1);
	for (id = max_t(s64, id, 1); !ret && id <= d->last_id; id += !ret) {
		rec = dio_record_at(d, id);
		if (rec)
			ret = dio_nl_dump_reset(skb, cb, d, rec);
	}
	mutex_unlock(&d->lock);
	cb->args[1] = ret ? id : 0;
	return ret;
}

static int dio_nl_dump_all_resets(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct dio_vfio_dev *d;
	int ret = 0;

	while (!ret && (d = dio_dev_get_from(cb->args[0], &cb->seq))) {
		if (dio_dev_key(d) != cb->args[0])
			cb->args[1] = 0;
		cb->args[0] = dio_dev_key(d);
		ret = dio_nl_dump_resets(skb, cb, d);
		if (!ret)
			cb->args[0]++;
		dio_dev_put(d);
	}
	return ret;
}

int dio_vfio_nl_reset_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct nlattr *addr = dio_genl_dump_attrs(cb)[DIO_VFIO_A_RESET_ADDR];
	struct dio_vfio_dev *d;
	int ret = 0;

	if (!addr) {
		ret = dio_nl_dump_all_resets(skb, cb);
	} else if (!cb->args[0]) {
		d = dio_nl_dev(addr, cb->extack);
		if (IS_ERR(d))
			return PTR_ERR(d);
		ret = dio_nl_dump_resets(skb, cb, d);
		cb->args[0] = !ret;
		dio_dev_put(d);
	}
	return skb->len ? (int)skb->len : ret;
}

/* Somebody listens; building a message for nobody would be waste. */
static bool dio_nl_heard(void)
{
	return genl_has_listeners(&dio_vfio_nl_family, &init_net, DIO_VFIO_NLGRP_EVENTS);
}

static void dio_nl_send(struct sk_buff *msg, void *hdr, int err)
{
	if (err) {
		nlmsg_free(msg);
		return;
	}
	genlmsg_end(msg, hdr);
	genlmsg_multicast(&dio_vfio_nl_family, msg, 0, DIO_VFIO_NLGRP_EVENTS, GFP_KERNEL);
}

static struct sk_buff *dio_nl_event_new(u8 cmd, size_t size, void **hdr)
{
	struct sk_buff *msg = dio_nl_heard() ? genlmsg_new(size, GFP_KERNEL) : NULL;

	if (!msg)
		return NULL;
	*hdr = genlmsg_put(msg, 0, 0, &dio_vfio_nl_family, 0, cmd);
	if (*hdr)
		return msg;
	nlmsg_free(msg);
	return NULL;
}

/* Tell listeners that a device was bound, set, unbound, or changed its state. */
void dio_netlink_dev_event(struct dio_vfio_dev *d, u8 cmd)
{
	struct sk_buff *msg;
	void *hdr;

	msg = dio_nl_event_new(cmd, NLMSG_GOODSIZE, &hdr);
	if (msg)
		dio_nl_send(msg, hdr, cmd == DIO_VFIO_CMD_DEV_DEL_NTF ? dio_fill_addr(msg, d) :
			    dio_fill_dev(msg, d));
}

/* Tell listeners of a reset. Sleeps. */
void dio_netlink_reset_event(struct dio_vfio_dev *d, const struct dio_record *rec)
{
	struct sk_buff *msg;
	void *hdr;

	msg = dio_nl_event_new(DIO_VFIO_CMD_RESET_NTF, DIO_RESET_MSG_SIZE, &hdr);
	if (msg)
		dio_nl_send(msg, hdr, dio_fill_reset(msg, d, rec));
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
