# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# Interrupts that QEMU's processor gave a guest twice; doubled.h says why and how
# they are known. To be sourced.
DOUBLED=/sys/kernel/tracing/instances/dio_doubled

# After KVM's modules are loaded
doubled_watch()
{
	mkdir -p $DOUBLED && echo 8192 > $DOUBLED/buffer_size_kb &&
		echo 'intr_info & 0x100' > $DOUBLED/events/kvm/kvm_exit/filter &&
		echo 1 > $DOUBLED/events/kvm/kvm_exit/enable
}

doubled_forget()
{
	: > $DOUBLED/trace
}

# No longer valid, of the type of an exception, with the vector of an interrupt
doubled_count()
{
	grep -c ' intr_info 0x000003[2-9a-f][0-9a-f]' $DOUBLED/trace
}

doubled_unwatch()
{
	[ -d $DOUBLED ] || return 0
	echo 0 > $DOUBLED/events/kvm/kvm_exit/enable
	rmdir $DOUBLED
}
