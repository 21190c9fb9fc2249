/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Members of struct vfio_device_ops that came after 6.1. Without IOMMUFD the
 * headers define the bind functions as NULL.
 */
#ifndef DIO_COMPAT_VFIO_H
#define DIO_COMPAT_VFIO_H

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

#endif /* DIO_COMPAT_VFIO_H */
