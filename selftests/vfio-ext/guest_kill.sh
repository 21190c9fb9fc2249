#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# A VMM is killed (-9) while its guest's edu has a DMA in flight. Stock
# vfio-pci hands the device on with the dead guest's addresses in it; with
# dio-vfio-pci it is idle and verified before anyone can open it again. The
# next guest works either way.
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=/dev/null
. "$here/../kselftest/ktap_helpers.sh"
# shellcheck source=/dev/null
. "$here/guest.sh"

KILLS=5

ktap_print_header
need edu_rp
ktap_set_plan 8
trap guests_end EXIT

kill_in_flight()
{
	guest_start victim "bare edu-dma count=0" "$1" "$EDU" &&
		guest_kill victim "@@ dma-running" 20 || return 1
	[ "$(cat "$GUESTS/victim/rc")" = 137 ] && return 0
	guest_say "QEMU ended with status $(cat "$GUESTS/victim/rc"), expected 137 (killed)"
	return 1
}

# left DRIVER: the dead guest's values that the next guest finds, as one word
look()
{
	guest_run look "bare edu-state" "$1" 20 "$EDU" > /tmp/state || return 1
	state=$(sed -n 's/^edu //p' /tmp/state)
	guest_say "$1: the next guest finds $state"
}

stock_state()
{
	look vfio-pci && case $state in
	*" dst 00000000 "*) return 1 ;;
	*" dst "*) return 0 ;;
	*) return 1 ;;
	esac
}

ours_state()
{
	look dio-vfio-pci && case $state in
	*" src 00000000 dst 00000000 count 00000000 "*) return 0 ;;
	*) return 1 ;;
	esac
}

next_works()
{
	guest_run next "bare edu-dma count=1" "$1" 20 "$EDU"
}

# The engine waited for the device's own idle bit, not for a fixed time.
waited_for_idle()
{
	local idle

	idle=$(resets "$EDU" | grep '"trigger":"close"' | tail -n 1 | record_field idle)
	[ "$idle" = idle ] && return 0
	guest_say "$EDU: end of DMA at close: '$idle', expected 'idle': $(resets "$EDU")"
	return 1
}

always_verified()
{
	local n=0

	while [ $n -lt $KILLS ]; do
		kill_in_flight dio-vfio-pci && check_reset "$EDU" close || return 1
		n=$((n + 1))
	done
}

EDU=$(device edu_rp)

ktap_test_result "vfio-pci: killed in flight" kill_in_flight vfio-pci
ktap_test_result "vfio-pci: the next guest finds the dead one's address" stock_state
ktap_test_result "vfio-pci: the next guest works" next_works vfio-pci
bind "$EDU" none
ktap_test_result "diokctl dev bind" diokctl dev bind "$EDU"
ktap_test_result "dio-vfio-pci: killed in flight $KILLS times, verified each time" always_verified
ktap_test_result "dio-vfio-pci: DMA had ended before the reset" waited_for_idle
ktap_test_result "dio-vfio-pci: the next guest finds nothing" ours_state
ktap_test_result "dio-vfio-pci: the next guest works" next_works dio-vfio-pci
ktap_finished
