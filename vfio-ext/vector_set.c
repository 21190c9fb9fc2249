// SPDX-License-Identifier: GPL-2.0-only
/*
 * VFIO_DEVICE_SET_IRQS for MSI and MSI-X of our own: the answers are those of
 * vfio-pci-core, but that a request which fails changes nothing, that a vector
 * which has lost its eventfd stays requested, and that MASK and UNMASK work. All
 * with igate held.
 */
#include <linux/slab.h>

#include "dio_dev.h"

/* What one vector of a request gets. */
struct dio_vec_set {
	struct dio_vec *v;		/* NULL: never used, and nothing to set */
	struct eventfd_ctx *ctx;
	bool made;			/* its first use */
	bool fresh;			/* requested for this */
};

/*
 * Keep memory decoding as it is, on, until dio_vectors_end(): no configuration
 * access if the owner has it on. What dio_vectors_end() wants to know.
 */
static int dio_vectors_begin(struct dio_vfio_dev *d)
{
	u16 cmd;

	down_read(&d->core.memory_lock);
	if (dio_memory_decodes(d))
		return -1;
	up_read(&d->core.memory_lock);
	cmd = dio_memory_begin(d);
	WRITE_ONCE(d->irqs.forced, true);
	return cmd;
}

static void dio_vectors_end(struct dio_vfio_dev *d, int cmd)
{
	if (cmd < 0) {
		up_read(&d->core.memory_lock);
		return;
	}
	WRITE_ONCE(d->irqs.forced, false);
	dio_memory_end(d, cmd);
}

/* Request what gets an eventfd and is not requested; all or none. */
static int dio_vectors_request(struct dio_vfio_dev *d, struct dio_vec_set *set, unsigned int count)
{
	u16 cmd = dio_memory_begin(d);
	unsigned int i;
	int ret = 0;

	for (i = 0; i < count && !ret; i++) {
		if (!set[i].ctx || set[i].v->irq)
			continue;
		ret = dio_vec_request(set[i].v);
		set[i].fresh = !ret;
	}
	for (i = 0; ret && i < count; i++) {
		if (!set[i].fresh)
			continue;
		dio_vec_free(set[i].v);
	}
	dio_memory_end(d, cmd);
	return ret;
}

/* Nothing can fail any more. Eventfd for eventfd does not touch the device. */
static void dio_vectors_commit(struct dio_vfio_dev *d, struct dio_vec_set *set,
			       const s32 *fd, unsigned int count)
{
	bool touch = false;
	unsigned int i;
	int cmd = -1;

	for (i = 0; i < count; i++)
		touch |= set[i].v && !set[i].v->trigger != !set[i].ctx;
	if (touch)
		cmd = dio_vectors_begin(d);
	for (i = 0; i < count; i++) {
		if (set[i].v)
			dio_vec_trigger(set[i].v, set[i].ctx, fd[i]);
		set[i].ctx = NULL;
	}
	if (touch)
		dio_vectors_end(d, cmd);
}

/* Of a request that failed: the eventfds, and vectors that it would have been the first of. */
static void dio_vectors_undo(struct dio_vfio_dev *d, struct dio_vec_set *set, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		if (set[i].ctx)
			eventfd_ctx_put(set[i].ctx);
		if (set[i].made && set[i].v)
			dio_vectors_drop(d, set[i].v);
	}
}

/* The eventfds and the state of the vectors. */
static int dio_vectors_resolve(struct dio_vfio_dev *d, const struct dio_irq_req *req,
			       struct dio_vec_set *set)
{
	struct eventfd_ctx *ctx;
	struct dio_vec *v;
	unsigned int i;

	for (i = 0; i < req->count; i++) {
		if (req->fd[i] < 0)
			continue;
		ctx = eventfd_ctx_fdget(req->fd[i]);
		if (IS_ERR(ctx))
			return PTR_ERR(ctx);
		set[i].ctx = ctx;
	}
	for (i = 0; i < req->count; i++) {
		v = xa_load(&d->irqs.vecs, req->start + i);
		set[i].made = !v && set[i].ctx;
		if (set[i].made)
			v = dio_vectors_get(d, req->start + i);
		if (IS_ERR(v))
			return PTR_ERR(v);
		set[i].v = v;
	}
	return 0;
}

static bool dio_vectors_are_new(const struct dio_vec_set *set, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		if (set[i].ctx && !set[i].v->irq)
			return true;
	return false;
}

static int dio_vectors_install(struct dio_vfio_dev *d, bool msix, const struct dio_irq_req *req,
			       struct dio_vec_set *set)
{
	bool was_on = d->irqs.vectors_on, was_msix = d->irqs.msix;
	int ret = 0;

	/* first, as stock: a device that has none now is told before a bad eventfd is */
	if (!was_on)
		ret = dio_vectors_enable(d, msix, req->start + req->count);
	if (ret)
		return ret;
	if (dio_msi_in_range(req->start, req->count, d->irqs.allocated, true))
		ret = dio_vectors_resolve(d, req, set);
	else
		ret = -EINVAL;
	if (!ret && dio_vectors_are_new(set, req->count))
		ret = dio_vectors_request(d, set, req->count);
	if (!ret) {
		dio_vectors_commit(d, set, req->fd, req->count);
	} else if (!was_on) {
		dio_vectors_disable(d);
		d->irqs.msix = was_msix;
	}
	return ret;
}

static long dio_vectors_set_fds(struct dio_vfio_dev *d, bool msix, const struct dio_irq_req *req)
{
	struct dio_vec_set *set;
	int ret;

	set = kvcalloc(req->count, sizeof(*set), GFP_KERNEL_ACCOUNT);
	if (!set)
		return -ENOMEM;
	ret = dio_vectors_install(d, msix, req, set);
	if (ret)
		dio_vectors_undo(d, set, req->count);
	kvfree(set);
	return ret;
}

/* DATA_NONE stands for all, DATA_BOOL says which. */
static bool dio_vectors_chosen(const struct dio_irq_req *req, unsigned int i)
{
	return req->type == VFIO_IRQ_SET_DATA_NONE || req->yes[i];
}

static long dio_vectors_trigger(struct dio_vfio_dev *d, bool msix, const struct dio_irq_req *req)
{
	bool on = d->irqs.vectors_on && d->irqs.msix == msix;
	struct dio_vec *v;
	unsigned int i;

	if (on && !req->count && req->type == VFIO_IRQ_SET_DATA_NONE) {
		dio_vectors_disable(d);
		return 0;
	}
	if (!on && d->core.irq_type != VFIO_PCI_NUM_IRQS)
		return -EINVAL;
	if (req->type == VFIO_IRQ_SET_DATA_EVENTFD)
		return dio_vectors_set_fds(d, msix, req);
	if (!on || !dio_msi_in_range(req->start, req->count, d->irqs.allocated, false))
		return -EINVAL;
	for (i = 0; i < req->count; i++) {
		v = dio_vectors_chosen(req, i) ? xa_load(&d->irqs.vecs, req->start + i) : NULL;
		if (v && v->trigger)
			dio_vec_loopback(v);
	}
	return 0;
}

static void dio_vectors_mask_one(struct dio_vec *v, bool mask)
{
	spin_lock_irq(&v->lock);
	if (mask)
		dio_vec_silence(v, &v->masked);
	else
		dio_vec_release(v, &v->masked);
	spin_unlock_irq(&v->lock);
}

/* A mask is remembered for a vector that has no eventfd yet. */
static int dio_vectors_make(struct dio_vfio_dev *d, const struct dio_irq_req *req)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; i < req->count && !ret; i++)
		if (dio_vectors_chosen(req, i))
			ret = PTR_ERR_OR_ZERO(dio_vectors_get(d, req->start + i));
	return ret;
}

static long dio_vectors_mask(struct dio_vfio_dev *d, bool msix, const struct dio_irq_req *req)
{
	bool mask = req->action == VFIO_IRQ_SET_ACTION_MASK;
	struct dio_vec *v;
	unsigned int i;
	int cmd, ret;

	if (!d->irqs.vectors_on || d->irqs.msix != msix || !req->count)
		return -EINVAL;
	if (req->type == VFIO_IRQ_SET_DATA_EVENTFD)
		return -ENOTTY;
	ret = mask ? dio_vectors_make(d, req) : 0;
	if (ret)
		return ret;
	cmd = dio_vectors_begin(d);
	for (i = 0; i < req->count; i++) {
		v = dio_vectors_chosen(req, i) ? xa_load(&d->irqs.vecs, req->start + i) : NULL;
		if (v)
			dio_vectors_mask_one(v, mask);
	}
	dio_vectors_end(d, cmd);
	/* a handler that took the short way before has signalled */
	for (i = 0; mask && i < req->count; i++) {
		v = dio_vectors_chosen(req, i) ? xa_load(&d->irqs.vecs, req->start + i) : NULL;
		if (v && v->irq)
			synchronize_irq(v->irq);
	}
	return 0;
}

/**
 * dio_vectors_set() - a SET_IRQS for MSI or MSI-X, not vfio-pci-core's to answer
 * @d: the device; igate is held, memory_lock is not
 * @msix: which of the two
 * @req: validated by the VFIO core's rules
 *
 * Return: what VFIO_DEVICE_SET_IRQS answers; positive if there are fewer vectors
 * than the request needs. Sleeps.
 */
long dio_vectors_set(struct dio_vfio_dev *d, bool msix, const struct dio_irq_req *req)
{
	lockdep_assert_held(&d->core.igate);
	switch (req->action) {
	case VFIO_IRQ_SET_ACTION_TRIGGER:
		return dio_vectors_trigger(d, msix, req);
	case VFIO_IRQ_SET_ACTION_MASK:
	case VFIO_IRQ_SET_ACTION_UNMASK:
		return dio_vectors_mask(d, msix, req);
	default:
		return -ENOTTY;
	}
}
