// SPDX-License-Identifier: GPL-2.0-only
/* The commands on a device and its settings: dev-get, dev-set, dev-release. */
#include <net/genetlink.h>

#include "netlink.h"
#include "netlink_fill.h"
#include "netlink_gen.h"

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
	void *hdr = dio_nl_dump_begin(skb, cb, DIO_VFIO_CMD_DEV_GET);

	return hdr ? dio_nl_dump_end(skb, hdr, dio_fill_dev(skb, d)) : -EMSGSIZE;
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

/* Can the device do what the settings of its interrupts ask for? */
static int dio_nl_check_irq(struct genl_info *info, struct dio_vfio_dev *d,
			    const struct dio_cfg *cfg)
{
	const char *name = pci_name(d->core.pdev), *why;

	if (cfg->intx == DIO_VFIO_INTX_MSI && !d->core.pdev->msi_cap) {
		NL_SET_BAD_ATTR(info->extack, info->attrs[DIO_VFIO_A_DEV_INTX]);
		DIO_NL_ERR(info->extack, "%s: intx msi: no MSI capability", name);
		return -EOPNOTSUPP;
	}
	why = dio_recheck_unavailable(d, cfg->recheck);
	if (!why)
		return 0;
	NL_SET_BAD_ATTR(info->extack, info->attrs[DIO_VFIO_A_DEV_RECHECK]);
	DIO_NL_ERR(info->extack, "%s: recheck %s: %s", name, dio_recheck_name(cfg->recheck), why);
	return -EOPNOTSUPP;
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
	return dio_nl_check_irq(info, d, cfg);
}

static void dio_nl_set_irq(struct genl_info *info, struct dio_cfg *cfg)
{
	u32 v = cfg->intx;

	dio_nl_set_u32(info, DIO_VFIO_A_DEV_INTX, &v);
	cfg->intx = v;
	v = cfg->recheck;
	dio_nl_set_u32(info, DIO_VFIO_A_DEV_RECHECK, &v);
	cfg->recheck = v;
	v = cfg->vectors;
	dio_nl_set_u32(info, DIO_VFIO_A_DEV_VECTORS, &v);
	cfg->vectors = v;
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
	dio_nl_set_irq(info, &cfg);
	ret = dio_nl_methods(info, &cfg);
	if (!ret)
		ret = dio_nl_check_cfg(info, d, &cfg);
	if (ret)
		return ret;
	dio_dev_set_cfg(d, &cfg);
	/* an administrator wants it tried again */
	if (info->attrs[DIO_VFIO_A_DEV_INTX])
		WRITE_ONCE(d->irqs.msi_dead, false);
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
