/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's harness, for emulated machines: a test that hangs is found later, and
 * one on a slow or busy machine is not taken for it.
 */
#ifndef DIO_TEST_HARNESS_H
#define DIO_TEST_HARNESS_H

#include_next <kselftest_harness.h>

#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT 120	/* seconds */

#endif
