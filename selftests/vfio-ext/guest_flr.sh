#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# A guest resets its own device: it writes the FLR bit of an igb VF through
# configuration space. Stock vfio-pci passes the FLR on and leaves the VF's
# registers; with dio-vfio-pci that is one verified reset with one record.
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=/dev/null
. "$here/../kselftest/ktap_helpers.sh"
# shellcheck source=/dev/null
. "$here/guest.sh"

# RDBAL RDLEN TDBAL of a 82576 VF
REGS="0x2800:0xdead0000,0x2808:0x1000,0x3800:0xdead1000"
REG_COUNT=3

ktap_print_header
need igb_host
ktap_set_plan 7
trap guests_end EXIT

# The guest says each register twice: as it wrote it, as it is after the FLR.
flr_guest()
{
	guest_run "$1" "bare flr bar=0 regs=$REGS" "$1" 20 "$VF" > "/tmp/$1" || return 1
	left=$(grep '^reg' "/tmp/$1" | sort | uniq -d | wc -l)
	guest_say "$1: $left of $REG_COUNT values are there after the guest's own FLR"
}

stock_flr()
{
	flr_guest vfio-pci && [ "$left" = $REG_COUNT ]
}

ours_flr()
{
	flr_guest dio-vfio-pci && [ "$left" = 0 ]
}

# What the guest sees of its device afterwards is the same with both drivers.
same_view()
{
	grep -e '^after' -e '^before' /tmp/vfio-pci > /tmp/view.stock
	grep -e '^after' -e '^before' /tmp/dio-vfio-pci > /tmp/view.ours
	[ "$(wc -l < /tmp/view.stock)" = 2 ] && diff /tmp/view.stock /tmp/view.ours
}

one_record()
{
	local count

	count=$(resets "$VF" | grep -c '"trigger":"guest-flr"')
	[ "$count" = 1 ] && return 0
	guest_say "$VF: $count records of a guest's FLR, expected 1: $(resets "$VF")"
	return 1
}

PF=$(device igb_host)
vfs_make "$PF" 1 || ktap_exit_fail_msg "$PF: no VF"
VF=$(vf_of "$PF" 0)

ktap_test_result "vfio-pci: registers survive the guest's FLR" stock_flr
bind "$VF" none
ktap_test_result "diokctl dev bind" diokctl dev bind "$VF"
ktap_test_result "dio-vfio-pci: no register survives it" ours_flr
ktap_test_result "the guest sees the same device after it" same_view
ktap_test_result "one record" one_record
ktap_test_result "the record says verified" check_reset "$VF" guest-flr
ktap_test_result "verified again when the guest has ended" check_reset "$VF" close
ktap_finished
