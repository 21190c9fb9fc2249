// SPDX-License-Identifier: GPL-2.0
/* DMA by the edu device. */
#include <errno.h>

#include "clock.h"
#include "edu.h"

#define EDU_SRC 0x80
#define EDU_DST 0x88
#define EDU_COUNT 0x90
#define EDU_CMD 0x98
#define EDU_RUN 0x1
#define EDU_TO_MEMORY 0x2
#define EDU_BUFFER 0x40000
#define EDU_LOAD_BOUND_MS 3000

static void transfer(const struct mmio *m, uint64_t src, uint64_t dst, uint64_t cmd)
{
	mmio_write(m, 0, EDU_SRC, 8, src);
	mmio_write(m, 0, EDU_DST, 8, dst);
	mmio_write(m, 0, EDU_COUNT, 8, EDU_SIZE);
	mmio_write(m, 0, EDU_CMD, 8, cmd);
}

bool edu_busy(const struct mmio *m)
{
	return mmio_read(m, 0, EDU_CMD, 8) & EDU_RUN;
}

int edu_load(const struct mmio *m, uint64_t iova)
{
	transfer(m, iova, EDU_BUFFER, EDU_RUN);
	return wait_until(!edu_busy(m), EDU_LOAD_BOUND_MS * clock_scale()) ? 0 : -ETIMEDOUT;
}

void edu_start(const struct mmio *m, uint64_t iova)
{
	transfer(m, EDU_BUFFER, iova, EDU_RUN | EDU_TO_MEMORY);
}

int edu_words(const uint32_t *memory, uint32_t pattern)
{
	const volatile uint32_t *word = memory;
	int i, n = 0;

	for (i = 0; i < EDU_WORDS; i++)
		n += word[i] == pattern;
	return n;
}
