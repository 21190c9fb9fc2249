/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A small user of KVM: one virtual CPU in flat 32-bit mode that touches each page
 * of its memory, over and over; between two rounds the memory is taken away, so
 * that each touch is a page fault.
 */
#ifndef DIO_TEST_KVMVM_H
#define DIO_TEST_KVMVM_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#define KVMVM_PAGES 256		/* touched in one round */

struct kvmvm {
	int kvm, vm, vcpu;
	void *mem;
	struct kvm_run *run;
	size_t run_size;
	pthread_t thread;
	int nice;		/* of that thread */
	bool running;
	volatile bool stop;
	volatile unsigned long rounds;
	volatile int error;	/* of a KVM_RUN that failed, or an exit's reason */
};

/* 0 or a negative errno. */
int kvmvm_open(struct kvmvm *v);
/* One round in the caller's thread. */
int kvmvm_round(struct kvmvm *v);
/* Rounds in a thread of their own until kvmvm_stop(), which joins it. */
int kvmvm_start(struct kvmvm *v);
int kvmvm_stop(struct kvmvm *v);
/* Waits until @n more rounds are done; -ETIMEDOUT if nothing moves. */
int kvmvm_wait(struct kvmvm *v, unsigned long n);
void kvmvm_close(struct kvmvm *v);
/* Is there a KVM here? */
bool kvmvm_possible(void);

#endif
