/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Included before every file of the kernel's vfio selftests, which are built
 * unmodified: what they lack to build, and two constants of theirs that the
 * environment must be able to override.
 */
#ifndef DIO_UPSTREAM_SHIM_H
#define DIO_UPSTREAM_SHIM_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef LACKS_CALLOC_ASSERT
static inline void *calloc_assert(size_t n, size_t size)
{
	void *p = calloc(n, size);

	if (!p) {
		perror("calloc");
		exit(1);
	}
	return p;
}
#endif

extern const char *default_iommu_mode;
char *__real_sysfs_driver_get(const char *bdf);

/* The default mode is iommufd, which Debian's kernels do not have. */
__attribute__((constructor)) static void shim_iommu_mode(void)
{
	const char *mode = getenv("VFIO_SELFTESTS_IOMMU_MODE");

	if (mode)
		default_iommu_mode = mode;
}

/* A variant driver has a name of its own where a test asks for vfio-pci's. */
__attribute__((weak)) char *__wrap_sysfs_driver_get(const char *bdf)
{
	const char *variant = getenv("VFIO_SELFTESTS_DRIVER");
	char *name = __real_sysfs_driver_get(bdf);

	if (name && variant && !strcmp(name, variant)) {
		free(name);
		name = strdup("vfio-pci");
	}
	return name;
}

#endif
