/* SPDX-License-Identifier: GPL-2.0 */
/* The handlers of guest.S. */
#ifndef DIO_TEST_HANDLERS_H
#define DIO_TEST_HANDLERS_H

#include <stdint.h>

extern const uint8_t handler64[], handler64_end[], handler32[], handler32_end[];

#endif
