// SPDX-License-Identifier: GPL-2.0-only
/* KVM's MMIO bus: what is asked once for an address. */
#include "store_bus.h"

/* Is there a device or ioeventfd on the bus? Ranges are in the order of their addresses. */
bool dio_bus_has_device(const struct kvm_vcpu *vcpu, gpa_t gpa)
{
	const struct kvm_io_bus *bus = dio_bus_of(vcpu);
	int from = 0, to = bus ? bus->dev_count : 0, mid;

	while (from < to) {
		mid = from + (to - from) / 2;
		if (bus->range[mid].addr <= gpa)
			from = mid + 1;
		else
			to = mid;
	}
	/* a device that holds smaller ones may be found a little further down */
	for (to = max(from - 4, 0); from > to; from--)
		if (gpa - bus->range[from - 1].addr < max(bus->range[from - 1].len, 1))
			return true;
	return false;
}
