# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# Masks of guests in the kernel: on, and by a module that is wrong. To be sourced
# after guest.sh; VF is the device.

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
