#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# A guest drives its MSI-X table at random, with masks in the kernel, while the masks
# are taken back and given, its monitor is killed, its device unbound or its function
# removed, and dio_kvm unloaded: each works or is refused, and the next guest is right.
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=/dev/null
. "$here/../kselftest/ktap_helpers.sh"
for library in guest mask; do
	# shellcheck source=/dev/null
	. "$here/$library.sh"
done

# CYCLES=500 in the environment is the long form.
CYCLES=${CYCLES:-$(volume 15)}
[ "$CYCLES" -ge 5 ] || CYCLES=5
ACTIONS="killed taken_back unloaded unbound removed"

ktap_print_header
need igb_host
ktap_set_plan $((5 + CYCLES))
trap guests_end EXIT

vf_make()
{
	vfs_make "$PF" 1 && VF=$(vf_of "$PF" 0) && ip link set "$(net_of "$PF")" up &&
		bind "$VF" none && diokctl dev bind "$VF" && diokctl irq set "$VF" mask kernel
}

# In the middle of it
begun()
{
	guest_start victim "bare msix-random seed=$1 count=100000" dio-vfio-pci "$VF" &&
		guest_wait victim "@@ begun" 30 || return 1
	[ $(($1 % 2)) = 0 ] || mask_fast victim || return 1
	pause
}

pause()
{
	__pause
	return 0
}

loaded()
{
	grep -q "^$1 " /proc/modules
}

killed()
{
	guest_kill victim
}

taken_back()
{
	diokctl irq set "$VF" mask user && pause
	diokctl irq set "$VF" mask kernel && pause
	diokctl irq set "$VF" mask user && guest_kill victim &&
		diokctl irq set "$VF" mask kernel
}

unloaded()
{
	if rmmod dio_kvm 2>/dev/null; then
		guest_say "dio_kvm was unloaded under a device"
		return 1
	fi
	guest_kill victim && modprobe -r dio_kvm && ! loaded dio_kvm && modprobe dio_kvm
}

# The driver waits for the owner, which hears of it and does not go by itself.
unbound()
{
	echo "$VF" > "/sys/bus/pci/devices/$VF/driver/unbind" &
	pause
	guest_kill victim && wait $! && diokctl dev bind "$VF" &&
		diokctl irq set "$VF" mask kernel
}

removed()
{
	echo 0 > "/sys/bus/pci/devices/$PF/sriov_numvfs" &
	pause
	guest_kill victim && wait $! && vf_make
}

right_after()
{
	guest_start next "bare msix-random seed=7 count=20" dio-vfio-pci "$VF" &&
		guest_wait next "@@ random" 60 || return 1
	guest_say "$(guest_line next '^@@ random')"
	case $(guest_line next '^@@ random') in
	*" early 0 more 0 stale 0 lost 0 wrong 0") mask_has_kept 20 && guest_kill next ;;
	*) return 1 ;;
	esac
}

cycle()
{
	if ! begun "$2" || ! $1; then
		guests_end
		return 1
	fi
	[ $(($2 % 5)) != 4 ] || right_after
}

PF=$(device igb_host)
modprobe dio_kvm
ktap_test_result "a VF" vf_make
ktap_test_result "a guest" right_after
n=0
while [ $n -lt "$CYCLES" ]; do
	# shellcheck disable=SC2086 # words
	set -- $ACTIONS
	shift $((n % 5))
	ktap_test_result "cycle $n: $1" cycle "$1" $n
	n=$((n + 1))
done
ktap_test_result "the last guest is right" right_after
ktap_test_result "masks as they were" mask_off
ktap_test_result "the VF back" diokctl dev unbind "$VF"
ktap_finished
