/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every difference between the supported kernels, and nothing else. Forced into
 * each source file, so that no other file tests a kernel version.
 */
#ifndef DIO_COMPAT_H
#define DIO_COMPAT_H

#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0)
#error "diok supports Linux 6.1 and newer"
#endif

#include "compat/genetlink.h"
#include "compat/irq.h"
#include "compat/pci.h"
#include "compat/sched.h"
#include "compat/vfio.h"

#endif /* DIO_COMPAT_H */
