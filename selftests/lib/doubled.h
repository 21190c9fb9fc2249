/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A fault of QEMU's processor with SVM, by which two runs of the same guest on a stock
 * kernel differ: VMRUN leaves the vector that it injects noted as an exception. If the
 * emulator leaves its loop (for a timer, most often) before the guest's next exit, the
 * guest gets that interrupt once more, wherever it is and whatever its interrupt flag.
 * In the handler, with a stack of its own (IST), that writes over the frame it would
 * return by, and it returns into itself for ever.
 * The next exit tells: its exit_int_info, no longer valid, has the type of an exception
 * and the vector of an interrupt. KVM's tracepoint of exits shows it. Nothing is
 * watched on processors with VMX, which QEMU does not have.
 */
#ifndef DIO_TEST_DOUBLED_H
#define DIO_TEST_DOUBLED_H

/* After KVM's modules are loaded; 0 or a negative errno. */
int doubled_watch(void);
void doubled_unwatch(void);
void doubled_forget(void);
/* Interrupts that guests got twice since doubled_forget(). */
int doubled_count(void);

#endif
