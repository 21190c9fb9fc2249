#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# A guest masks an MSI-X vector of its igb VF, makes the VF raise it 0 to 3 times and
# unmasks it, ten thousand times through an unmodified QEMU: what was raised while
# masked is delivered once, at the unmask, and nothing if nothing was raised. Stock
# vfio-pci takes the same guest, and a guest that does not mask must be found out.
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=/dev/null
. "$here/../kselftest/ktap_helpers.sh"
# shellcheck source=/dev/null
. "$here/guest.sh"

# 10 000 with something pending
ROUNDS=$((($(volume 13336) + 3) / 4 * 4))
# Without another vector beside it, QEMU rebuilds the memory map in each round.
ALONE=48
# One at a time with the unmask at its heels, before QEMU can have seen it
HASTY=$(volume 1000)
FEW=100

ktap_print_header
need igb_host
ktap_set_plan 11
trap guests_end EXIT

# rounds DRIVER COUNT [WORD...]: a guest that still owns the VF when it has counted
rounds()
{
	local driver=$1 count=$2

	shift 2
	guest_start "$driver" "bare msix-pending count=$count hold=1 $*" "$driver" "$VF" &&
		guest_wait "$driver" "@@ held" 300 || return 1
	guest_say "$driver $*:$(guest_line "$driver" '^@@ rounds ' | sed 's/^@@//')"
}

# counted DRIVER FIELD
counted()
{
	guest_line "$1" '^@@ rounds ' | tr ' ' '\n' | sed -n "/^$2\$/{n;p;}"
}

# are DRIVER FIELD=NUMBER...: says what differs
are()
{
	local driver=$1 pair found wrong=0

	shift
	for pair; do
		found=$(counted "$driver" "${pair%=*}")
		[ "$found" = "${pair#*=}" ] && continue
		guest_say "$driver: ${pair%=*} is $found, not ${pair#*=}"
		wrong=1
	done
	return $wrong
}

# masked DRIVER COUNT BESIDE [WORD...]: the events of a round are 0, 1, 2, 3, 0, ...
# While masked a guest may look at the pending bit. COUNT is a multiple of 4.
masked()
{
	local driver=$1 n=$(($2 / 4)) count=$2 beside=$3

	shift 3
	rounds "$driver" "$count" events=3 "$@" &&
		are "$driver" early=0 lost=0 more=0 none=$n one=$n merged=$((2 * n)) \
			shown=$((3 * n)) beside="$beside"
}

# 0, 1, 0, ...
hasty()
{
	rounds "$1" "$HASTY" events=1 settle=0 beside=2 &&
		are "$1" early=0 lost=0 more=0 beside=0:1
}

# The control: each comes when it is raised, and of two or three more than one.
unmasked()
{
	rounds "$1" $FEW events=3 mask=0 &&
		are "$1" lost=0 one=0 merged=0 none=$((FEW / 4)) early=$((FEW * 3 / 4)) &&
		[ "$(counted "$1" more)" -gt 0 ]
}

# What the host had of it: the VF sent a message for each raising, as the guest's
# masks are QEMU's swaps of eventfds.
host_counts()
{
	local told

	told=$(diokctl -j irq show "$VF" | tr '{' '\n' | grep '"vector":1,')
	guest_say "by the host: ${told%,}"
	case $told in
	*"\"interrupts\":$(counted dio-vfio-pci raised),"*) return 0 ;;
	esac
	return 1
}

PF=$(device igb_host)
vfs_make "$PF" 1 || ktap_exit_fail_msg "$PF: no VF"
VF=$(vf_of "$PF" 0)
ip link set "$(net_of "$PF")" up
guest_say "$ROUNDS rounds, $HASTY hasty ones"

for driver in vfio-pci dio-vfio-pci; do
	count=$ROUNDS
	[ $driver = dio-vfio-pci ] || count=$(((ROUNDS / 10 + 3) / 4 * 4))
	if [ $driver = dio-vfio-pci ]; then
		bind "$VF" none
		ktap_test_result "diokctl dev bind" diokctl dev bind "$VF"
	fi
	ktap_test_result "$driver: masked, each delivered once at the unmask" \
		masked $driver $count 0:1 beside=2
	if [ $driver = dio-vfio-pci ]; then
		ktap_test_result "$driver: the host counts each message" host_counts
	fi
	guest_kill $driver
	ktap_test_result "$driver: the same without a pending neighbour" masked $driver $ALONE 0:0
	guest_kill $driver
	ktap_test_result "$driver: unmasked before QEMU has seen it" hasty $driver
	guest_kill $driver
	ktap_test_result "$driver: a guest that does not mask is found out" unmasked $driver
	guest_kill $driver
done
ktap_test_result "the VF back" diokctl dev unbind "$VF"
ktap_finished
