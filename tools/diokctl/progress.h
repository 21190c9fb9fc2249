/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A line of progress on stderr while a call waits in the kernel; nothing
 * at all if stderr is not a terminal.
 */
#ifndef DIOKCTL_PROGRESS_H
#define DIOKCTL_PROGRESS_H

void progress_start(const char *what);
void progress_stop(void);

#endif
