#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# An igb VF in a nested Linux guest, by the same QEMU command line with stock
# vfio-pci and with dio-vfio-pci: 1000 packets each way counted at both ends,
# MSI-X interrupts, a clean power-off; then what the next owner finds in it.
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=/dev/null
. "$here/../kselftest/ktap_helpers.sh"
# shellcheck source=/dev/null
. "$here/guest.sh"

PACKETS=1000
HOST=10.9.0.1
GUEST=10.9.0.2
# RDBAL RDLEN TDBAL EITR0 EITR1 VMBMEM1 of a 82576 VF
PLANTED="0x2800:0xdead0000,0x2808:0x1000,0x3800:0xdead1000,0x1680:0x7a0,0x1684:0x7a0,0x804:0x5ec4e7a1"
PLANTED_COUNT=6

ktap_print_header
need igb_host
ktap_set_plan 16
trap guests_end EXIT

faults()
{
	dmesg | grep -c "DMAR:.*[Ff]ault"
}

guest_boots()
{
	guest_start "$1" linux "$1" "$VF" && guest_wait "$1" "@@ up" 60 &&
		guest_cmd "$1" 40 up $GUEST/24
}

# All counters of both ends, one line: host rx tx, guest rx tx
all_stats()
{
	echo "$(net_stats "$NET")" "$(guest_cmd "$1" 10 stats |
		sed -n 's/^stat .x_packets //p' | tr '\n' ' ')"
}

# Each ping is a packet and its answer: 2000 packets leave and 2000 reach each
# end; a few more are neighbour discovery.
counted()
{
	local min max value

	min=$((2 * PACKETS))
	max=$((2 * PACKETS + 100))
	for value; do
		if [ "$value" -lt $min ] || [ "$value" -gt $max ]; then
			guest_say "packets (host rx tx, guest rx tx): $*; each must be $min to $max"
			return 1
		fi
	done
	guest_say "packets (host rx tx, guest rx tx): $*"
}

flood()
{
	local before pid out

	out=/tmp/flood
	before=$(all_stats "$1")
	ping -A -q -c $PACKETS $GUEST > $out.host &
	pid=$!
	guest_cmd "$1" 120 ping -A -q -c $PACKETS $HOST > $out.guest
	wait $pid
	if ! grep -q "$PACKETS packets received" $out.host ||
	   ! grep -q "$PACKETS packets received" $out.guest; then
		guest_say "host: $(grep received $out.host); guest: $(grep received $out.guest)"
		return 1
	fi
	# shellcheck disable=SC2046,SC2086 # four numbers each
	set -- $before $(all_stats "$1")
	counted $(($5 - $1)) $(($6 - $2)) $(($7 - $3)) $(($8 - $4))
}

# What the host took on a vector is what reached the guest, or more: messages
# that come while one is pending are one interrupt to the guest.
interrupts()
{
	local host guest vector name

	vector=0
	for name in tx rx; do
		host=$(irq_sum "vfio-msix\[$vector\]($VF)")
		guest=$(guest_cmd "$1" 10 irqs "eth0-$name" | cut -d ' ' -f 3)
		guest_say "vector $vector ($name): host $host, guest ${guest:=0}"
		if [ "$guest" -eq 0 ] || [ "$guest" -gt "$host" ]; then
			guest_say "expected 0 < guest <= host"
			return 1
		fi
		vector=$((vector + 1))
	done
}

clean_end()
{
	guest_stop "$1" 30 || return 1
	[ "$(faults)" = "$FAULTS" ] && return 0
	guest_say "$(dmesg | grep "DMAR:.*[Ff]ault" | tail -n 1)"
	return 1
}

same_command()
{
	# shellcheck disable=SC2153 # guest.sh has it
	cmp "$GUESTS/vfio-pci/command" "$GUESTS/dio-vfio-pci/command"
}

# survivors DRIVER: one guest plants, the next one looks
survivors()
{
	guest_run plant "bare poke bar=0 regs=$PLANTED" "$1" 20 "$VF" > /tmp/planted &&
		guest_run look "bare peek bar=0 regs=$PLANTED" "$1" 20 "$VF" > /tmp/found ||
		return 1
	grep '^reg' /tmp/planted > /tmp/planted.regs
	if [ "$(wc -l < /tmp/planted.regs)" != $PLANTED_COUNT ]; then
		guest_say "planted: $(cat /tmp/planted)"
		return 1
	fi
	left=$(grep -c -x -F -f /tmp/planted.regs /tmp/found)
	guest_say "$1: $left of $PLANTED_COUNT planted values reach the next guest"
}

stock_leaves_values()
{
	survivors vfio-pci && [ "$left" -gt 0 ]
}

stock_says_nothing()
{
	if diokctl dev show "$VF"; then
		guest_say "$VF is on vfio-pci and diokctl knows it"
		return 1
	fi
	# 7.2 notes that each reset begins and ends, whatever it achieved.
	! dmesg -r | grep "^<[0-4]>.*$VF" | grep -v -e ": resetting$" -e ": reset done$"
}

ours_leaves_none()
{
	survivors dio-vfio-pci && [ "$left" = 0 ]
}

# Residue of the reset between the two guests is in its record.
ours_reports()
{
	resets "$VF" | grep -q '"name":"RDBAL"' && return 0
	guest_say "no record names RDBAL: $(resets "$VF")"
	return 1
}

back_in_host()
{
	diokctl dev unbind "$VF" && modprobe igbvf && bind "$VF" igbvf &&
		until_true 10 test -d "/sys/bus/pci/devices/$VF/net" &&
		ip link set "$(net_of "$VF")" up &&
		until_true 20 grep -q 1 "/sys/class/net/$(net_of "$VF")/carrier"
}

test_driver()
{
	FAULTS=$(faults)
	ktap_test_result "$1: the guest boots and its VF has a link" guest_boots "$1"
	ktap_test_result "$1: $PACKETS packets each way" flood "$1"
	ktap_test_result "$1: MSI-X interrupts" interrupts "$1"
	ktap_test_result "$1: clean power-off" clean_end "$1"
}

PF=$(device igb_host)
vfs_make "$PF" 1 || ktap_exit_fail_msg "$PF: no VF"
VF=$(vf_of "$PF" 0)
NET=$(net_of "$PF")
ip addr add $HOST/24 dev "$NET"
ip link set "$NET" up

test_driver vfio-pci
ktap_test_result "vfio-pci: values of a guest reach the next one" stock_leaves_values
ktap_test_result "vfio-pci: nothing is said about it" stock_says_nothing
bind "$VF" none
ktap_test_result "diokctl dev bind" diokctl dev bind "$VF"
test_driver dio-vfio-pci
ktap_test_result "the same QEMU command line" same_command
ktap_test_result "dio-vfio-pci: verified when it came back" check_reset "$VF" close
ktap_test_result "dio-vfio-pci: no value of a guest reaches the next one" ours_leaves_none
ktap_test_result "dio-vfio-pci: the residue is reported" ours_reports
ktap_test_result "the VF works in the host again" back_in_host
ktap_finished
