/* SPDX-License-Identifier: GPL-2.0-only */
/* Kthread workers that start at once (6.14). */
#ifndef DIO_COMPAT_KTHREAD_H
#define DIO_COMPAT_KTHREAD_H

#include <linux/kthread.h>

#ifdef DIO_HAVE_KTHREAD_RUN_WORKER
#define dio_kthread_run_worker	kthread_run_worker
#else
#define dio_kthread_run_worker	kthread_create_worker
#endif

#endif /* DIO_COMPAT_KTHREAD_H */
