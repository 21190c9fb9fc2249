/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Members of struct vfio_device_ops that came after 6.1. Without IOMMUFD the
 * headers define the bind functions as NULL.
 */
#ifndef DIO_COMPAT_VFIO_H
#define DIO_COMPAT_VFIO_H

#include <linux/vfio.h>
#include <linux/vfio_pci_core.h>

#ifdef DIO_HAVE_VFIO_IOMMUFD
#define DIO_VFIO_IOMMUFD_OPS						\
	.bind_iommufd	= vfio_iommufd_physical_bind,			\
	.unbind_iommufd	= vfio_iommufd_physical_unbind,			\
	.attach_ioas	= vfio_iommufd_physical_attach_ioas,		\
	.detach_ioas	= vfio_iommufd_physical_detach_ioas,
#else
#define DIO_VFIO_IOMMUFD_OPS
#endif

#ifdef DIO_HAVE_VFIO_REGION_CAPS
#define DIO_VFIO_REGION_OPS						\
	.get_region_info_caps = vfio_pci_ioctl_get_region_info,
#else
#define DIO_VFIO_REGION_OPS
#endif

#ifdef DIO_HAVE_VFIO_MATCH_TOKEN
#define DIO_VFIO_TOKEN_OPS						\
	.match_token_uuid = vfio_pci_core_match_token_uuid,
#else
#define DIO_VFIO_TOKEN_OPS
#endif

#define DIO_VFIO_COMPAT_OPS						\
	DIO_VFIO_IOMMUFD_OPS DIO_VFIO_REGION_OPS DIO_VFIO_TOKEN_OPS

#endif /* DIO_COMPAT_VFIO_H */
