/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Members of struct vfio_device_ops that came after 6.1. Without IOMMUFD the
 * headers define the bind functions as NULL. And the eventfds for errors and
 * requests, which are read under RCU since 6.18 and its stable kernels.
 */
#ifndef DIO_COMPAT_VFIO_H
#define DIO_COMPAT_VFIO_H

#include <linux/eventfd.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/vfio.h>
#include <linux/vfio_pci_core.h>

/* Fill in what this kernel's vfio core asks for beside the common members. */
static inline void dio_vfio_ops_complete(struct vfio_device_ops *ops)
{
#ifdef DIO_HAVE_VFIO_IOMMUFD
	ops->bind_iommufd = vfio_iommufd_physical_bind;
	ops->unbind_iommufd = vfio_iommufd_physical_unbind;
	ops->attach_ioas = vfio_iommufd_physical_attach_ioas;
	ops->detach_ioas = vfio_iommufd_physical_detach_ioas;
#endif
#ifdef DIO_HAVE_VFIO_REGION_CAPS
	ops->get_region_info_caps = vfio_pci_ioctl_get_region_info;
#endif
#ifdef DIO_HAVE_VFIO_MATCH_TOKEN
	ops->match_token_uuid = vfio_pci_core_match_token_uuid;
#endif
}

/*
 * vfio-pci-core's eventfd for errors (@err) or for requests. igate is held.
 * dio_core_eventfd_set() takes the reference of @ctx unless it answers -ENOMEM. Sleeps.
 */
#ifdef DIO_HAVE_VFIO_PCI_EVENTFD
#define DIO_CORE_EVENTFD_BELOW_NONE -EINVAL	/* the answer to an eventfd less than -1 */

static inline struct vfio_pci_eventfd *dio_core_eventfd(struct vfio_pci_core_device *core, bool err)
{
	return rcu_dereference_protected(err ? core->err_trigger : core->req_trigger,
					 lockdep_is_held(&core->igate));
}

static inline bool dio_core_eventfd_is_set(struct vfio_pci_core_device *core, bool err)
{
	return dio_core_eventfd(core, err);
}

static inline void dio_core_eventfd_signal(struct vfio_pci_core_device *core, bool err)
{
	struct vfio_pci_eventfd *eventfd = dio_core_eventfd(core, err);

	if (eventfd)
		dio_eventfd_signal(eventfd->ctx);
}

static inline int dio_core_eventfd_set(struct vfio_pci_core_device *core, bool err,
				       struct eventfd_ctx *ctx)
{
	struct vfio_pci_eventfd *old = dio_core_eventfd(core, err), *eventfd = NULL;

	if (ctx) {
		eventfd = kzalloc(sizeof(*eventfd), GFP_KERNEL_ACCOUNT);
		if (!eventfd)
			return -ENOMEM;
		eventfd->ctx = ctx;
	}
	if (err)
		rcu_assign_pointer(core->err_trigger, eventfd);
	else
		rcu_assign_pointer(core->req_trigger, eventfd);
	if (old) {
		synchronize_rcu();
		eventfd_ctx_put(old->ctx);
		kfree(old);
	}
	return 0;
}
#else
#define DIO_CORE_EVENTFD_BELOW_NONE 0

static inline struct eventfd_ctx **dio_core_eventfd(struct vfio_pci_core_device *core, bool err)
{
	lockdep_assert_held(&core->igate);
	return err ? &core->err_trigger : &core->req_trigger;
}

static inline bool dio_core_eventfd_is_set(struct vfio_pci_core_device *core, bool err)
{
	return *dio_core_eventfd(core, err);
}

static inline void dio_core_eventfd_signal(struct vfio_pci_core_device *core, bool err)
{
	if (dio_core_eventfd_is_set(core, err))
		dio_eventfd_signal(*dio_core_eventfd(core, err));
}

static inline int dio_core_eventfd_set(struct vfio_pci_core_device *core, bool err,
				       struct eventfd_ctx *ctx)
{
	struct eventfd_ctx **eventfd = dio_core_eventfd(core, err), *old = *eventfd;

	*eventfd = ctx;
	if (old)
		eventfd_ctx_put(old);
	return 0;
}
#endif

#endif /* DIO_COMPAT_VFIO_H */
