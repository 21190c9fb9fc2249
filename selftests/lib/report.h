/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Diagnostic lines of the tests: say() for figures and for the reason of a
 * failure inside the library.  Written past stdio: a harness test ends with
 * _exit(), which would drop buffered text.
 */
#ifndef DIO_TEST_REPORT_H
#define DIO_TEST_REPORT_H

#include <stdio.h>
#include <unistd.h>

#define say(fmt, ...) dprintf(STDOUT_FILENO, "# " fmt "\n", ##__VA_ARGS__)

#endif
