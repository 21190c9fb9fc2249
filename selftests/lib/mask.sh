# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# Masks of guests in the kernel: on, and by a module that is wrong. To be sourced
# after guest.sh; VF is the device.
MASK_TRACING=/sys/kernel/tracing

# mask_kept: masks that the kernel kept so far, of all vectors
mask_kept()
{
	diokctl -j irq show "$VF" | tr ',' '\n' |
		sed -n 's/^"kept":\([0-9]*\).*/\1/p' | awk '{ sum += $1 } END { print sum + 0 }'
}

# mask_has_kept N: at least
mask_has_kept()
{
	local n

	n=$(mask_kept)
	guest_say "masks kept: $n"
	[ "$n" -ge "$1" ]
}

# mask_kernel: from the next open on
mask_kernel()
{
	modprobe -r dio_kvm_mask_naive 2>/dev/null
	modprobe dio_kvm && diokctl irq set "$VF" mask kernel
}

# mask_naive: the same, but the monitor never hears of a mask that is kept
mask_naive()
{
	modprobe -r dio_kvm && modprobe dio_kvm_mask_naive && diokctl irq set "$VF" mask kernel
}

# mask_off: as it was
mask_off()
{
	mask_kernel && diokctl irq set "$VF" mask user
}

# mask_fast NAME: the guest's stores by the fast path
mask_fast()
{
	diokctl vm set "$(cat "$GUESTS/$1/pid")" stores all
}

# mask_refused_watch: from now on, how often dio_vfio_pci could not mask at once
mask_refused_watch()
{
	# shellcheck disable=SC2016 # the kernel's variable
	echo 'r:dio_mask/toggled dio_vec_toggle quick=$retval:u8' >> $MASK_TRACING/kprobe_events &&
		echo 'hist:keys=quick' > $MASK_TRACING/events/dio_mask/toggled/trigger
}

# mask_refused: how often
mask_refused()
{
	sed -n 's/^{ quick: *0 } hitcount: *//p' $MASK_TRACING/events/dio_mask/toggled/hist |
		awk '{ sum += $1 } END { print sum + 0 }'
}

mask_refused_unwatch()
{
	[ -d $MASK_TRACING/events/dio_mask ] || return 0
	echo '!hist:keys=quick' > $MASK_TRACING/events/dio_mask/toggled/trigger
	echo '-:dio_mask/' >> $MASK_TRACING/kprobe_events
}
