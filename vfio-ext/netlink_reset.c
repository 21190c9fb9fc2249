// SPDX-License-Identifier: GPL-2.0-only
/* The commands on resets: dev-reset, and reset-get for those that have been. */
#include <linux/slab.h>
#include <net/genetlink.h>

#include "netlink.h"
#include "netlink_fill.h"
#include "netlink_gen.h"

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

static int dio_nl_dump_reset(struct sk_buff *skb, struct netlink_callback *cb,
			     struct dio_vfio_dev *d, const struct dio_record *rec)
{
	void *hdr = dio_nl_dump_begin(skb, cb, DIO_VFIO_CMD_RESET_GET);

	return hdr ? dio_nl_dump_end(skb, hdr, dio_fill_reset(skb, d, rec)) : -EMSGSIZE;
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
