/* SPDX-License-Identifier: GPL-2.0 */
/* Kernel modules: load with dependencies, unload, and ask. */
#ifndef DIO_TEST_KMOD_H
#define DIO_TEST_KMOD_H

#include <stdbool.h>

#define KMOD_DIO "dio_vfio_pci"
#define KMOD_TYPE1 "vfio_iommu_type1"

/* 0 or a negative errno; -ENOEXEC when modprobe itself failed. Another build of
 * dio_kvm is unloaded first.
 */
int kmod_load(const char *module);
/* The same with one "name=value". */
int kmod_load_with(const char *module, const char *parameter);
/* delete_module() without waiting: -EWOULDBLOCK while in use. */
int kmod_unload(const char *module);
bool kmod_loaded(const char *module);

#endif
