/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * KVM's MMIO bus, seen by the store fast path: kvm_io_bus_write() without its calls
 * by pointer of a comparison. kvm->srcu, which is held, keeps the bus and its devices.
 */
#ifndef DIO_STORE_BUS_H
#define DIO_STORE_BUS_H

#include <linux/kvm_host.h>
#include <kvm/iodev.h>

bool dio_bus_has_device(const struct kvm_vcpu *vcpu, gpa_t gpa);

static __always_inline const struct kvm_io_bus *dio_bus_of(const struct kvm_vcpu *vcpu)
{
	return srcu_dereference(vcpu->kvm->buses[KVM_MMIO_BUS], &vcpu->kvm->srcu);
}

/* As kvm_io_bus_cmp(): the store is in the range, or at the address of one without an end. */
static __always_inline int dio_bus_cmp(gpa_t gpa, int len, const struct kvm_io_range *range)
{
	gpa_t at = range->addr;

	if (gpa < at)
		return -1;
	if (range->len) {
		gpa += len;
		at += range->len;
	}
	return gpa > at;
}

/* The steps of bsearch(), which decide between ranges that overlap; the first of equals. */
static __always_inline int dio_bus_find(const struct kvm_io_bus *bus, gpa_t gpa, int len)
{
	int base = 0, n, order;

	for (n = bus->dev_count; n > 0; n >>= 1) {
		order = dio_bus_cmp(gpa, len, &bus->range[base + (n >> 1)]);
		if (!order)
			goto found;
		if (order > 0) {
			base += (n >> 1) + 1;
			n--;
		}
	}
	return -1;
found:
	base += n >> 1;
	while (base > 0 && !dio_bus_cmp(gpa, len, &bus->range[base - 1]))
		base--;
	return base;
}

/**
 * dio_bus_write() - a store to a device or ioeventfd of KVM's MMIO bus
 * @vcpu: its vCPU, in whose thread this is
 * @gpa: where
 * @len: bytes
 * @val: what
 *
 * May sleep, as the devices' write() may.
 * Return: 0 if a device has taken it, else a negative errno.
 */
static __always_inline int dio_bus_write(struct kvm_vcpu *vcpu, gpa_t gpa, int len,
					 const void *val)
{
	const struct kvm_io_bus *bus = dio_bus_of(vcpu);
	int i = bus ? dio_bus_find(bus, gpa, len) : -1;

	if (i < 0)
		return -EOPNOTSUPP;
	for (; i < bus->dev_count && !dio_bus_cmp(gpa, len, &bus->range[i]); i++)
		if (!kvm_iodevice_write(vcpu, bus->range[i].dev, gpa, len, val))
			return 0;
	return -EOPNOTSUPP;
}

#endif /* DIO_STORE_BUS_H */
