/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A VM whose virtual CPUs run `hlt`, or a busy loop, in real mode, each in a thread of
 * its own.
 */
#ifndef DIO_TEST_TINYVM_H
#define DIO_TEST_TINYVM_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define TINYVM_VCPUS	2

struct tinyvm {
	bool busy;
	int kvm, fd, vcpu[TINYVM_VCPUS];
	pthread_t thread[TINYVM_VCPUS];
	volatile pid_t tid[TINYVM_VCPUS];
	uint8_t *ram;
};

/* 0 when all its virtual CPUs have threads, or a negative errno. */
int tinyvm_start(struct tinyvm *vm, bool irqchip);
/*
 * The same in a process of its own, to be killed; its pid. Its descriptor, or -1, is in
 * @fd, and the thread of virtual CPU 0 in @tid.
 */
pid_t tinyvm_process(bool busy, int *fd, pid_t *tid);

#endif
