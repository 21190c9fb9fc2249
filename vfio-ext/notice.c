// SPDX-License-Identifier: GPL-2.0-only
/*
 * The indices of VFIO_DEVICE_SET_IRQS that are no interrupts of the device: errors,
 * and requests to give it back. They are vfio-pci-core's, which is asked to set them
 * only as long as no interrupt is ours, see dio_irqs_core(). The answers are its own.
 */
#include "dio_dev.h"

static long dio_notice_none(struct dio_vfio_dev *d, bool err, u32 count)
{
	if (!dio_core_eventfd_is_set(&d->core, err))
		return -EINVAL;
	if (!count)
		return dio_core_eventfd_set(&d->core, err, NULL);
	dio_core_eventfd_signal(&d->core, err);
	return 0;
}

static long dio_notice_fd(struct dio_vfio_dev *d, bool err, s32 fd)
{
	struct eventfd_ctx *ctx;
	int ret;

	if (fd == -1)
		return dio_core_eventfd_set(&d->core, err, NULL);
	if (fd < 0)
		return DIO_CORE_EVENTFD_BELOW_NONE;
	ctx = eventfd_ctx_fdget(fd);
	if (IS_ERR(ctx))
		return PTR_ERR(ctx);
	ret = dio_core_eventfd_set(&d->core, err, ctx);
	if (ret)
		eventfd_ctx_put(ctx);
	return ret;
}

/**
 * dio_notice_set() - a SET_IRQS for VFIO_PCI_ERR_IRQ_INDEX or VFIO_PCI_REQ_IRQ_INDEX
 * @d: the device; igate is held
 * @req: validated by the VFIO core's rules
 *
 * Return: what VFIO_DEVICE_SET_IRQS answers. Sleeps.
 */
long dio_notice_set(struct dio_vfio_dev *d, const struct dio_irq_req *req)
{
	bool err = req->index == VFIO_PCI_ERR_IRQ_INDEX;

	lockdep_assert_held(&d->core.igate);
	if (req->action != VFIO_IRQ_SET_ACTION_TRIGGER)
		return -ENOTTY;
	if (req->type == VFIO_IRQ_SET_DATA_NONE)
		return dio_notice_none(d, err, req->count);
	if (!req->count)
		return -EINVAL;
	if (req->type == VFIO_IRQ_SET_DATA_EVENTFD)
		return dio_notice_fd(d, err, req->fd[0]);
	if (req->yes[0])
		dio_core_eventfd_signal(&d->core, err);
	return 0;
}
