/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel log: lines since a mark, and the one fault that may be allowed. */
#ifndef DIO_TEST_KMSG_H
#define DIO_TEST_KMSG_H

/* The rig fails a test on a DMAR fault, unless the test says it first. */
int kmsg_allow_dmar(void);
/* This test ends the machine with a panic, of which @text is the reason. */
int kmsg_ends_machine(const char *text);
/* A descriptor positioned at the end of the log. */
int kmsg_mark(void);
/* Lines since the mark that contain @text; the mark moves to the end. */
int kmsg_count(int mark, const char *text);

#endif
