#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# A Linux guest with two CPUs moves the interrupt of its igb VF from one to the other
# while packets come as fast as they are answered, and takes the CPU off now and then
# that it has moved it away from: each move takes effect, and no packet is lost. A
# module that does not tell QEMU of a mask before the message changes leaves the
# interrupt where it was, and the device is dead once that CPU is off.
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=/dev/null
. "$here/../kselftest/ktap_helpers.sh"
for library in guest mask; do
	# shellcheck source=/dev/null
	. "$here/$library.sh"
done

# MOVES=10000 in the environment is the long form.
MOVES=${MOVES:-$(volume 100)}
FEW=${FEW:-$(((MOVES + 9) / 10))}
NAIVE=10
OFFLINE_EVERY=16
SECONDS_MAX=$((60 + MOVES / 5))
HOST=10.9.0.1
GUEST=10.9.0.2
# shellcheck disable=SC2034 # for guest.sh
GUEST_CPUS=2

ktap_print_header
need igb_host
ktap_set_plan 12
trap guests_end EXIT

# A VF has another address for each guest: who had it before is not asked.
boots()
{
	ip neigh flush dev "$NET" > /tmp/boots
	guest_start "$1" linux "$2" "$VF" && guest_wait "$1" "@@ up" 90 &&
		guest_cmd "$1" 40 up $GUEST/24 && ping -q -c 3 -W 5 $GUEST > /tmp/boots
}

# Packets in the background, as fast as they are answered, until flood_ends. Each
# ping waits for all of its own: one that is answered late makes two of them.
flood()
{
	: > /tmp/flooding
	while [ -e /tmp/flooding ]; do
		ping -A -q -c 50 -W 10 $GUEST
	done > /tmp/flood &
	flood_pid=$!
}

# flood_ends: none was lost
flood_ends()
{
	rm /tmp/flooding
	wait "$flood_pid"
	awk '/received/ { sent += $1; received += $4 }
		END { print "# packets: " sent ", answered: " received
		exit !(sent > 0 && sent == received) }' /tmp/flood
}

# moves NAME COUNT
moves()
{
	flood
	moved=$(guest_cmd "$1" $SECONDS_MAX moves eth0-rx "$2" $OFFLINE_EVERY)
	guest_say "$1: $moved"
	flood_ends && [ "$moved" = "moves $2 late 0 stale 0" ]
}

# The device works where it should, and on both CPUs.
works()
{
	ping -q -c 4 -W 5 $GUEST > /tmp/works
	guest_say "$(grep received /tmp/works)"
	grep -q "4 packets received" /tmp/works
}

# An interrupt is late, and it was on its way to CPU 0: CPU 1's for QEMU, which dead()
# takes away. Which move that is, is a matter of when the kernel has learned the vector:
# a guest that was wrong in the other direction is made anew.
misdirected()
{
	local try

	for try in 1 2 3 4; do
		boots "$1" dio-vfio-pci || return 1
		flood
		moved=$(guest_cmd "$1" $SECONDS_MAX moves eth0-rx $NAIVE 1000)
		flood_ends
		guest_say "$1, try $try: $moved"
		case $moved in "moves "*[02468]" late "[1-9]*) return 0 ;; esac
		guest_kill "$1"
	done
	return 1
}

# cpu1 NAME 0|1
cpu1()
{
	guest_cmd "$1" 20 "echo $2 > /sys/devices/system/cpu/cpu1/online"
}

# The interrupt is CPU 0's for Linux and CPU 1's for QEMU, and that one is off.
dead()
{
	cpu1 "$1" 0 && ! works && cpu1 "$1" 1 && ! works
}

PF=$(device igb_host)
vfs_make "$PF" 1 || ktap_exit_fail_msg "$PF: no VF"
VF=$(vf_of "$PF" 0)
NET=$(net_of "$PF")
ip addr add $HOST/24 dev "$NET"
ip link set "$NET" up

ktap_test_result "vfio-pci: the guest boots" boots stock vfio-pci
ktap_test_result "vfio-pci: $FEW moves" moves stock "$FEW"
guest_kill stock
bind "$VF" none
ktap_test_result "diokctl dev bind" diokctl dev bind "$VF"
ktap_test_result "masks in the kernel" mask_kernel
ktap_test_result "kernel: the guest boots" boots kernel dio-vfio-pci
ktap_test_result "kernel: $MOVES moves, none late, none stale, no packet lost" \
	moves kernel "$MOVES"
# the first ones teach the kernel
ktap_test_result "kernel: masks were kept" mask_has_kept $((MOVES - MOVES / 10))
ktap_test_result "kernel: the device works" works
guest_kill kernel
ktap_test_result "naive: its module" mask_naive
ktap_test_result "naive: an interrupt is late" misdirected naive
ktap_test_result "naive: without its CPU the device is dead, and stays so" dead naive
guest_kill naive
mask_off
ktap_test_result "the VF back" diokctl dev unbind "$VF"
ktap_finished
