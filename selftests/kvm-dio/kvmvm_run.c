// SPDX-License-Identifier: GPL-2.0
/* One run of a VM, and its state as a number. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/ioctl.h>

#include "kvmvm.h"
#include "report.h"

#define RUN_EXITS_MAX 1000000

static uint64_t mix(uint64_t sum, const void *data, size_t n)
{
	const uint8_t *p = data;

	while (n--)
		sum = (sum ^ *p++) * 0x100000001b3ull;
	return sum;
}

/* Writes that KVM kept for later come before what made it return. */
static void seen_coalesced(struct vm *vm)
{
	struct kvm_coalesced_mmio_ring *ring = (void *)vm->run +
		KVM_COALESCED_MMIO_PAGE_OFFSET * 4096;
	const struct kvm_coalesced_mmio *m;

	while (ring->first != ring->last) {
		m = &ring->coalesced_mmio[ring->first];
		vm->seen = mix(vm->seen, &m->phys_addr, sizeof(m->phys_addr));
		vm->seen = mix(vm->seen, m->data, m->len);
		ring->first = (ring->first + 1) % KVM_COALESCED_MMIO_MAX_COALESCED;
	}
}

KVM_COALESCED_MMIO_MAX_COALESCED
