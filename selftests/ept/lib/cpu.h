/* SPDX-License-Identifier: GPL-2.0 */
/* What /proc/cpuinfo says of the first processor. */
#ifndef DIO_EPT_CPU_H
#define DIO_EPT_CPU_H

#include <stdbool.h>

/* One of its flags: only those that the kernel uses are there. */
bool cpu_flag(const char *flag);

#endif
