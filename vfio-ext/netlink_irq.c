// SPDX-License-Identifier: GPL-2.0-only
/* The commands on the interrupts of an owner: irq-get, irq-set. */
#include <net/genetlink.h>

#include "netlink.h"
#include "netlink_fill.h"
#include "netlink_gen.h"

/* dio_nl_dev_of() serves both attribute sets. */
static_assert((int)DIO_VFIO_A_IRQ_ADDR == (int)DIO_VFIO_A_DEV_ADDR);

/* Where a dump goes on within a device: INTx is 0, vector n is n + 1. */
static int dio_nl_dump_irq(struct sk_buff *skb, struct netlink_callback *cb,
			   struct dio_vfio_dev *d, struct dio_vec *v)
{
	void *hdr = dio_nl_dump_begin(skb, cb, DIO_VFIO_CMD_IRQ_GET);

	return hdr ? dio_nl_dump_end(skb, hdr, v ? dio_fill_vec(skb, d, v) :
				     dio_fill_intx(skb, d)) : -EMSGSIZE;
}

static int dio_nl_dump_irqs(struct sk_buff *skb, struct netlink_callback *cb,
			    struct dio_vfio_dev *d)
{
	unsigned long nr = cb->args[1] ? cb->args[1] - 1 : 0;
	struct dio_vec *v;
	int ret = 0;

	mutex_lock(&d->core.igate);
	if (!cb->args[1] && d->irqs.intx.active)
		ret = dio_nl_dump_irq(skb, cb, d, NULL);
	if (!ret)
		cb->args[1] = max_t(long, cb->args[1], 1);
	if (!ret)
		xa_for_each_start(&d->irqs.vecs, nr, v, nr) {
			ret = dio_nl_dump_irq(skb, cb, d, v);
			if (ret)
				break;
			cb->args[1] = nr + 2;
		}
	mutex_unlock(&d->core.igate);
	if (!ret)
		cb->args[1] = 0;
	return ret;
}

static int dio_nl_dump_all_irqs(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct dio_vfio_dev *d;
	int ret = 0;

	while (!ret && (d = dio_dev_get_from(cb->args[0], &cb->seq))) {
		if (dio_dev_key(d) != cb->args[0])
			cb->args[1] = 0;
		cb->args[0] = dio_dev_key(d);
		ret = dio_nl_dump_irqs(skb, cb, d);
		if (!ret)
			cb->args[0]++;
		dio_dev_put(d);
	}
	return ret;
}

/* args[0]: address to go on at; args[1]: interrupt */
int dio_vfio_nl_irq_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct nlattr *addr = dio_genl_dump_attrs(cb)[DIO_VFIO_A_IRQ_ADDR];
	struct dio_vfio_dev *d;
	int ret = 0;

	if (!addr) {
		ret = dio_nl_dump_all_irqs(skb, cb);
	} else if (!cb->args[0]) {
		d = dio_nl_dev(addr, cb->extack);
		if (IS_ERR(d))
			return PTR_ERR(d);
		ret = dio_nl_dump_irqs(skb, cb, d);
		cb->args[0] = !ret;
		dio_dev_put(d);
	}
	return skb->len ? (int)skb->len : ret;
}

static int dio_nl_irq_refused(struct genl_info *info, struct dio_vfio_dev *d, u32 index, int err)
{
	const struct nlattr *vector = info->attrs[DIO_VFIO_A_IRQ_VECTOR];
	const char *name = pci_name(d->core.pdev);

	if (err == -ENODEV)
		DIO_NL_ERR(info->extack, "%s: not open", name);
	else if (err == -EOPNOTSUPP && index == DIO_VFIO_IRQ_INDEX_INTX)
		DIO_NL_ERR(info->extack, "%s: intx: hold-off is for MSI and MSI-X", name);
	else if (err == -EOPNOTSUPP)
		DIO_NL_ERR(info->extack,
			   "%s: vectors are served by vfio-pci-core (set vectors own)", name);
	else if (err == -EINVAL)
		DIO_NL_ERR(info->extack, "%s: vector %u: the device has %u", name,
			   vector ? nla_get_u32(vector) : 0,
			   index == DIO_VFIO_IRQ_INDEX_MSIX ? d->irqs.nmsix : d->irqs.nmsi);
	if (err == -EOPNOTSUPP)
		NL_SET_BAD_ATTR(info->extack, info->attrs[DIO_VFIO_A_IRQ_INDEX]);
	else if (err == -EINVAL && vector)
		NL_SET_BAD_ATTR(info->extack, vector);
	return err;
}

/* Who masks: is there something to be masked? */
static int dio_nl_irq_mask_check(struct genl_info *info, struct dio_vfio_dev *d)
{
	const struct nlattr *mask = info->attrs[DIO_VFIO_A_IRQ_MASK];

	if (!mask || nla_get_u32(mask) == DIO_VFIO_MASK_USER || d->core.pdev->msix_cap)
		return 0;
	DIO_NL_ERR(info->extack, "%s: mask: the device has no MSI-X", pci_name(d->core.pdev));
	NL_SET_BAD_ATTR(info->extack, mask);
	return -EOPNOTSUPP;
}

/* At once for an owner that was opened with kernel, else for the next. */
static void dio_nl_irq_mask(struct dio_vfio_dev *d, const struct nlattr *mask)
{
	struct dio_cfg cfg;

	dio_dev_get_cfg(d, &cfg);
	cfg.mask = nla_get_u32(mask);
	dio_dev_set_cfg(d, &cfg);
	dio_keep_decide(d);
}

/* Who raises an INTx: is there one? */
static int dio_nl_irq_inject_check(struct genl_info *info, struct dio_vfio_dev *d)
{
	const struct nlattr *inject = info->attrs[DIO_VFIO_A_IRQ_INJECT];

	if (!inject || nla_get_u32(inject) == DIO_VFIO_INJECT_WORK || d->core.pdev->pin)
		return 0;
	DIO_NL_ERR(info->extack, "%s: inject: the device has no INTx", pci_name(d->core.pdev));
	NL_SET_BAD_ATTR(info->extack, inject);
	return -EOPNOTSUPP;
}

/* The same rule as for masks. */
static void dio_nl_irq_inject(struct dio_vfio_dev *d, const struct nlattr *inject)
{
	struct dio_cfg cfg;

	dio_dev_get_cfg(d, &cfg);
	cfg.inject = nla_get_u32(inject);
	dio_dev_set_cfg(d, &cfg);
	dio_inject_decide(d);
}

static int dio_nl_irq_complete(struct genl_info *info)
{
	if ((info->attrs[DIO_VFIO_A_IRQ_MASK] || info->attrs[DIO_VFIO_A_IRQ_INJECT]) &&
	    !info->attrs[DIO_VFIO_A_IRQ_INDEX] && !info->attrs[DIO_VFIO_A_IRQ_HOLDOFF])
		return 0;
	if (GENL_REQ_ATTR_CHECK(info, DIO_VFIO_A_IRQ_INDEX)) {
		DIO_NL_ERR(info->extack, "index: the interrupt type is missing");
		return -EINVAL;
	}
	if (GENL_REQ_ATTR_CHECK(info, DIO_VFIO_A_IRQ_HOLDOFF)) {
		DIO_NL_ERR(info->extack, "holdoff: the interval is missing");
		return -EINVAL;
	}
	return 0;
}

static int dio_nl_irq_holdoff(struct genl_info *info, struct dio_vfio_dev *d)
{
	u32 index = nla_get_u32(info->attrs[DIO_VFIO_A_IRQ_INDEX]);
	u32 us = nla_get_u32(info->attrs[DIO_VFIO_A_IRQ_HOLDOFF]);
	const struct nlattr *nr = info->attrs[DIO_VFIO_A_IRQ_VECTOR];
	int ret, vector = nr ? min_t(u32, nla_get_u32(nr), S32_MAX) : -1;

	ret = dio_holdoff_dev(d, index, vector, us);
	return ret ? dio_nl_irq_refused(info, d, index, ret) : 0;
}

int dio_vfio_nl_irq_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct dio_vfio_dev *d = dio_nl_dev_of(info);
	int ret;

	if (IS_ERR(d))
		return PTR_ERR(d);
	ret = dio_nl_irq_complete(info);
	if (!ret)
		ret = dio_nl_irq_mask_check(info, d);
	if (!ret)
		ret = dio_nl_irq_inject_check(info, d);
	if (!ret && info->attrs[DIO_VFIO_A_IRQ_INDEX])
		ret = dio_nl_irq_holdoff(info, d);
	if (!ret && info->attrs[DIO_VFIO_A_IRQ_MASK])
		dio_nl_irq_mask(d, info->attrs[DIO_VFIO_A_IRQ_MASK]);
	if (!ret && info->attrs[DIO_VFIO_A_IRQ_INJECT])
		dio_nl_irq_inject(d, info->attrs[DIO_VFIO_A_IRQ_INJECT]);
	dio_dev_put(d);
	return ret;
}
