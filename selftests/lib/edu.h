/* SPDX-License-Identifier: GPL-2.0 */
/*
 * QEMU's edu device as a DMA engine: one transfer of up to 4 KiB that runs
 * 100 ms (of virtual time) after its start.  Rule: never leave its 4 KiB
 * buffer, the device model does not check.
 */
#ifndef DIO_TEST_EDU_H
#define DIO_TEST_EDU_H

#include <stdbool.h>
#include <stdint.h>

#include "mmio.h"

#define EDU_SIZE 4096
#define EDU_WORDS (EDU_SIZE / 4)
#define EDU_DELAY_MS 100

/* Memory to the device's buffer: what a later write will carry. */
int edu_load(const struct mmio *m, uint64_t iova);
/* The device's buffer to memory, 100 ms from now. */
void edu_start(const struct mmio *m, uint64_t iova);
bool edu_busy(const struct mmio *m);
int edu_words(const uint32_t *memory, uint32_t pattern);

#endif
