/* SPDX-License-Identifier: GPL-2.0 */
/* What intx.c believes of an EOI in dio_vfio_pci_norecheck.ko, see faults.c. */
#ifndef DIO_TEST_FAULTS_H
#define DIO_TEST_FAULTS_H

#include <linux/types.h>

bool dio_fault_recheck(bool due);
#define DIO_RECHECK(due) dio_fault_recheck(due)

#endif
