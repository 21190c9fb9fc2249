// SPDX-License-Identifier: GPL-2.0-only
/*
 * Filling of dio_vfio's answers and events, one function a message. All return
 * 0 or -EMSGSIZE, and the caller drops the message whole.
 */
#include <linux/module.h>
#include <net/genetlink.h>

#include "netlink_fill.h"

static int dio_fill_row(struct sk_buff *skb, const struct dio_row *row)
{
	struct nlattr *nest = nla_nest_start(skb, DIO_VFIO_A_MODULE_ROW);
	unsigned int i, n = 0;

	if (!nest)
		return -EMSGSIZE;
	for (i = 0; i < row->nregs; i++)
		n += max_t(u16, row->regs[i].count, 1);
	if (nla_put_u16(skb, DIO_VFIO_A_ROW_VENDOR, row->class ? 0xffff : row->vendor) ||
	    nla_put_u16(skb, DIO_VFIO_A_ROW_DEVICE, row->class ? 0xffff : row->device) ||
	    nla_put_string(skb, DIO_VFIO_A_ROW_NAME, row->name) ||
	    nla_put_u32(skb, DIO_VFIO_A_ROW_CANARIES, n) ||
	    (row->idle && nla_put_flag(skb, DIO_VFIO_A_ROW_IDLE)) ||
	    (row->reset && nla_put_flag(skb, DIO_VFIO_A_ROW_RESET))) {
		nla_nest_cancel(skb, nest);
		return -EMSGSIZE;
	}
	nla_nest_end(skb, nest);
	return 0;
}

int dio_fill_module(struct sk_buff *skb)
{
	unsigned int i;

	if (nla_put_string(skb, DIO_VFIO_A_MODULE_VERSION, THIS_MODULE->version) ||
	    nla_put_u32(skb, DIO_VFIO_A_MODULE_DEVICES, dio_dev_count()))
		return -EMSGSIZE;
	for (i = 0; i < dio_nrows; i++)
		if (dio_fill_row(skb, &dio_rows[i]))
			return -EMSGSIZE;
	return 0;
}

static int dio_fill_methods(struct sk_buff *skb, struct dio_vfio_dev *d,
			    const struct dio_cfg *cfg)
{
	u8 order[DIO_NMETHODS];
	unsigned int i, n = dio_method_order(d, cfg, order);
	char text[DIO_REASON_LEN];

	for (i = 0; i < n; i++)
		if (nla_put_u32(skb, DIO_VFIO_A_DEV_METHOD, order[i]))
			return -EMSGSIZE;
	for (i = 0; i < DIO_NMETHODS; i++)
		if (!dio_method_unavailable(d, cfg, i, text) &&
		    nla_put_u32(skb, DIO_VFIO_A_DEV_AVAILABLE, i))
			return -EMSGSIZE;
	return 0;
}

int dio_fill_addr(struct sk_buff *skb, struct dio_vfio_dev *d)
{
	return nla_put_string(skb, DIO_VFIO_A_DEV_ADDR, pci_name(d->core.pdev));
}

static int dio_fill_cfg(struct sk_buff *skb, const struct dio_cfg *cfg)
{
	return nla_put_u32(skb, DIO_VFIO_A_DEV_POLICY, cfg->policy) ||
	       nla_put_u32(skb, DIO_VFIO_A_DEV_LEVEL, cfg->level) ||
	       nla_put_u8(skb, DIO_VFIO_A_DEV_D3_FORCE, cfg->d3_force) ||
	       nla_put_u32(skb, DIO_VFIO_A_DEV_READY_TIMEOUT, cfg->ready_timeout) ||
	       nla_put_u32(skb, DIO_VFIO_A_DEV_IDLE_TIMEOUT, cfg->idle_timeout) ||
	       nla_put_u32(skb, DIO_VFIO_A_DEV_DRAIN, cfg->drain) ||
	       nla_put_u32(skb, DIO_VFIO_A_DEV_INTX, cfg->intx) ||
	       nla_put_u32(skb, DIO_VFIO_A_DEV_RECHECK, cfg->recheck) ||
	       nla_put_u32(skb, DIO_VFIO_A_DEV_VECTORS, cfg->vectors) ? -EMSGSIZE : 0;
}

int dio_fill_dev(struct sk_buff *skb, struct dio_vfio_dev *d)
{
	enum dio_vfio_state state;
	u64 last_id, failures;
	struct dio_cfg cfg;
	bool released;

	mutex_lock(&d->lock);
	cfg = d->cfg;
	state = d->state;
	released = d->released;
	last_id = d->last_id;
	failures = d->failures;
	mutex_unlock(&d->lock);

	if (dio_fill_addr(skb, d) || dio_fill_cfg(skb, &cfg) ||
	    nla_put_u16(skb, DIO_VFIO_A_DEV_VENDOR, d->core.pdev->vendor) ||
	    nla_put_u16(skb, DIO_VFIO_A_DEV_DEVICE, d->core.pdev->device) ||
	    nla_put_u32(skb, DIO_VFIO_A_DEV_STATE, state) ||
	    nla_put_u32(skb, DIO_VFIO_A_DEV_LEVEL_MAX, dio_dev_level_max(d)) ||
	    nla_put_u64_64bit(skb, DIO_VFIO_A_DEV_RESETS, last_id, DIO_VFIO_A_DEV_PAD) ||
	    nla_put_u64_64bit(skb, DIO_VFIO_A_DEV_FAILURES, failures, DIO_VFIO_A_DEV_PAD) ||
	    nla_put_u64_64bit(skb, DIO_VFIO_A_DEV_LAST_ID, last_id, DIO_VFIO_A_DEV_PAD) ||
	    (released && nla_put_flag(skb, DIO_VFIO_A_DEV_RELEASED)))
		return -EMSGSIZE;
	return dio_fill_methods(skb, d, &cfg);
}

static int dio_fill_step(struct sk_buff *skb, const struct dio_step *s)
{
	struct nlattr *nest = nla_nest_start(skb, DIO_VFIO_A_RESET_STEP);

	if (!nest)
		return -EMSGSIZE;
	if (nla_put_u32(skb, DIO_VFIO_A_STEP_METHOD, s->method) ||
	    nla_put_u32(skb, DIO_VFIO_A_STEP_RESULT, s->result) ||
	    nla_put_u32(skb, DIO_VFIO_A_STEP_LEVEL, s->level) ||
	    nla_put_s32(skb, DIO_VFIO_A_STEP_ERROR, s->error) ||
	    nla_put_u32(skb, DIO_VFIO_A_STEP_DURATION, s->duration) ||
	    nla_put_u32(skb, DIO_VFIO_A_STEP_PLANTED, s->planted) ||
	    nla_put_u32(skb, DIO_VFIO_A_STEP_SURVIVED, s->survived) ||
	    nla_put_u32(skb, DIO_VFIO_A_STEP_SCRUBBED, s->scrubbed) ||
	    (s->reason[0] && nla_put_string(skb, DIO_VFIO_A_STEP_REASON, s->reason))) {
		nla_nest_cancel(skb, nest);
		return -EMSGSIZE;
	}
	nla_nest_end(skb, nest);
	return 0;
}

static int dio_fill_residue(struct sk_buff *skb, const struct dio_residue *r)
{
	struct nlattr *nest = nla_nest_start(skb, DIO_VFIO_A_RESET_RESIDUE);

	if (!nest)
		return -EMSGSIZE;
	if (nla_put_string(skb, DIO_VFIO_A_RESIDUE_NAME, r->name) ||
	    nla_put_u8(skb, DIO_VFIO_A_RESIDUE_BAR, r->space) ||
	    nla_put_u32(skb, DIO_VFIO_A_RESIDUE_OFFSET, r->offset) ||
	    nla_put_u32(skb, DIO_VFIO_A_RESIDUE_COUNT, r->count) ||
	    nla_put_u64_64bit(skb, DIO_VFIO_A_RESIDUE_PLANTED, r->planted,
			      DIO_VFIO_A_RESIDUE_PAD) ||
	    nla_put_u64_64bit(skb, DIO_VFIO_A_RESIDUE_FOUND, r->found,
			      DIO_VFIO_A_RESIDUE_PAD) ||
	    (r->known && nla_put_flag(skb, DIO_VFIO_A_RESIDUE_KNOWN)) ||
	    (r->scrubbed && nla_put_flag(skb, DIO_VFIO_A_RESIDUE_SCRUBBED))) {
		nla_nest_cancel(skb, nest);
		return -EMSGSIZE;
	}
	nla_nest_end(skb, nest);
	return 0;
}

int dio_fill_reset(struct sk_buff *skb, struct dio_vfio_dev *d,
		   const struct dio_record *rec)
{
	int i;

	if (nla_put_string(skb, DIO_VFIO_A_RESET_ADDR, pci_name(d->core.pdev)) ||
	    nla_put_u64_64bit(skb, DIO_VFIO_A_RESET_ID, rec->id, DIO_VFIO_A_RESET_PAD) ||
	    nla_put_u32(skb, DIO_VFIO_A_RESET_TRIGGER, rec->trigger) ||
	    nla_put_u32(skb, DIO_VFIO_A_RESET_POLICY, rec->policy) ||
	    nla_put_u32(skb, DIO_VFIO_A_RESET_RESULT, rec->result) ||
	    nla_put_u32(skb, DIO_VFIO_A_RESET_LEVEL, rec->level) ||
	    nla_put_u32(skb, DIO_VFIO_A_RESET_STATE, rec->state) ||
	    nla_put_u64_64bit(skb, DIO_VFIO_A_RESET_TIME, rec->time, DIO_VFIO_A_RESET_PAD) ||
	    nla_put_u32(skb, DIO_VFIO_A_RESET_DURATION, rec->duration) ||
	    nla_put_u32(skb, DIO_VFIO_A_RESET_IDLE, rec->idle) ||
	    nla_put_u32(skb, DIO_VFIO_A_RESET_IDLE_TIME, rec->idle_time) ||
	    (rec->dry_run && nla_put_flag(skb, DIO_VFIO_A_RESET_DRY_RUN)))
		return -EMSGSIZE;
	for (i = 0; i < rec->nsteps; i++)
		if (dio_fill_step(skb, &rec->step[i]))
			return -EMSGSIZE;
	for (i = 0; i < rec->nresidue; i++)
		if (dio_fill_residue(skb, &rec->residue[i]))
			return -EMSGSIZE;
	return 0;
}
