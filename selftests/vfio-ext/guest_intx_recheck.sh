#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# How an INTx on an MSI knows at the EOI that the level is still high: by each
# policy, on devices that are made to mirror their level in configuration space as
# hardware does (no emulated one does). The negative controls: a device nobody
# asks, a driver that forgets (dio_vfio_pci_norecheck.ko): they lose interrupts. One
# that is forgotten, and one that comes once more than it should, are seen as such.
# A device that ignores MSI Enable goes back to its line.
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=/dev/null
. "$here/../kselftest/ktap_helpers.sh"
# shellcheck source=/dev/null
. "$here/guest.sh"
# shellcheck source=/dev/null
. "$here/intx.sh"

INJECT=/sys/module/dio_cfg_inject/parameters
E1000E_LEVEL=0,c8,d0,7fffffff	# of dio_cfg_inject, see modules/irq.c
EDU_LEVEL=0,24,0,ffffffff
UNKNOWN=1fff8086	# an e1000e that no device table knows
CLEAN=plain:200,between:100,partial:60,disable:60
LOSSY=plain:100,between:100,partial:20
# Where interrupts are lost, the guest does not wait for each of them as long as else.
HURRY=patience=$((900 * GUEST_SCALE))
FAULTS=/sys/module/dio_vfio_pci_norecheck/parameters

ktap_print_header
need edu_rp e1000e_rp25
ktap_set_plan 19
EDU=$(device edu_rp)
E1000E=$(device e1000e_rp25)
trap 'guests_end; restore' EXIT

# inject PARAMETER VALUE
inject()
{
	echo "$2" > "$INJECT/$1"
}

# inject_level BAR,STATUS,ENABLE,MASK WHEN
inject_level()
{
	inject level "$(echo "$1" | tr , ' ') $2"
}

# take BDF: its configuration space may be changed, before a driver is bound
take()
{
	bind "$1" none && modprobe dio_cfg_inject && inject device "$1"
}

# give_back BDF
give_back()
{
	guests_end
	bind "$1" none
	inject device ""
}

# anew BDF: let the kernel forget it, and find it as it looks now
anew()
{
	echo 1 > "/sys/bus/pci/devices/$1/remove"
	echo 1 > /sys/bus/pci/rescan
	until_true 5 test -d "/sys/bus/pci/devices/$1"
}

restore()
{
	[ ! -e $INJECT ] || inject device ""
}

# policy NAME BDF RECHECK MODES [WORD...]: a guest under that policy
policy()
{
	local name=$1 bdf=$2 recheck=$3 modes=$4

	shift 4
	intx_bind "$bdf" dio-vfio-pci intx msi recheck "$recheck" &&
		intx_guest "$name" "$bdf" 120 "$modes" "$@" || return 1
	intx_say "$name"
	intx_on_msi "$bdf"
}

# mirrored BDF LEVEL WHEN RECHECK MODES
mirrored()
{
	take "$1" && inject_level "$2" "$3" && policy mirrored "$1" "$4" "$5" &&
		intx_complete mirrored total
}

# learned BDF RECHECK MODES: of a device that is in no table
learned()
{
	policy learned "$1" auto "$3" as=e1000e && [ "$(irq_told "$1" recheck)" = "$2" ] &&
		return 0
	guest_say "$1: recheck is $(irq_told "$1" recheck)"
	return 1
}

disguised()
{
	take "$E1000E" && inject rule "0 4 ffffffff $UNKNOWN now -1" && anew "$E1000E"
}

undisguised()
{
	give_back "$E1000E"
	anew "$E1000E"
}

# loses NAME MODE
loses()
{
	[ "$(intx_count "$1" "$2" lost)" -gt 0 ]
}

# bind_forgetful BDF: to the driver of the same name from the other module
bind_forgetful()
{
	bind "$1" none
	echo dio-vfio-pci > "/sys/bus/pci/devices/$1/driver_override"
	echo "$1" > /sys/bus/pci/drivers_probe
	[ "$(driver_of "$1")" = dio-vfio-pci ] && diokctl dev set "$1" intx msi
}

# forgets NAME BDF: loses what came before the EOI, and nothing else
forgets()
{
	bind_forgetful "$2" && intx_guest "$1" "$2" 120 $LOSSY $HURRY || return 1
	intx_say "$1"
	intx_on_msi "$2" && intx_exact "$1" plain
}

# one_fault NAME BDF PARAMETER N MODES LATE FIELD=NUMBER...: the N-th time the driver
# does wrong, and right otherwise; LATE interrupts come after the last one that is due
one_fault()
{
	local name=$1 bdf=$2 fault=$3 at=$4 modes=$5 late=$6

	shift 6
	echo 0 > $FAULTS/forget
	echo "$at" > "$FAULTS/$fault"
	bind_forgetful "$bdf" && intx_guest "$name" "$bdf" 60 "$modes" $HURRY late="$late" rest=20 ||
		return 1
	intx_say "$name"
	[ "$(cat "$FAULTS/$fault")" = 0 ] && intx_is "$name" total twice=0 early=0 "$@"
}

# A guest whose device never sends an MSI: nothing is lost by falling back.
deaf()
{
	local cap

	cap=$(msi_cap "$1")
	take "$1" && inject deaf "$cap 2 1" || return 1
	intx_bind "$1" dio-vfio-pci intx msi recheck auto &&
		intx_guest deaf "$1" 60 $CLEAN || return 1
	intx_say deaf
	intx_exact deaf total && [ "$(irq_told "$1" via)" = line ]
}

# msi_cap BDF: offset of MSI's control register, in hexadecimal
msi_cap()
{
	od -An -v -tx1 "/sys/bus/pci/devices/$1/config" | tr -s ' \n' ' ' | awk '
		function byte(at) { return $(at + 1) }
		function value(hex) { return index(digits, substr(hex, 1, 1)) * 16 - 16 +
					     index(digits, substr(hex, 2, 1)) - 1 }
		{ digits = "0123456789abcdef"
		  for (at = value(byte(52)); at; at = value(byte(at + 1)))
			if (byte(at) == "05")
				printf "%x\n", at + 2 }'
}

on_the_line_at_once()
{
	guest_kill deaf
	intx_guest next "$1" 60 plain:50 || return 1
	intx_say next
	intx_on_line "$1" && intx_exact next total
}

ktap_test_result "none: between is remembered" policy none "$EDU" none $LOSSY $HURRY
ktap_test_result "none: nothing of it is lost" intx_complete none between
ktap_test_result "none: what is left standing is lost" loses none partial
guest_kill none

ktap_test_result "status: nothing is lost" \
	mirrored "$E1000E" $E1000E_LEVEL always status $CLEAN,mask:30
ktap_test_result "status: the guest sees its level" intx_is mirrored total wrong=0
give_back "$E1000E"
ktap_test_result "toggle: nothing is lost" \
	mirrored "$EDU" $EDU_LEVEL msi-off toggle plain:200,between:100,partial:60
give_back "$EDU"

disguised
ktap_test_result "auto: no level to be seen, none is learned" \
	learned "$E1000E" none plain:300,between:60
ktap_test_result "auto: nothing is lost meanwhile" intx_complete learned total
guest_kill learned
bind "$E1000E" none
inject_level $E1000E_LEVEL always
ktap_test_result "auto: a mirrored level, status is learned" \
	learned "$E1000E" status plain:60,between:60,partial:60,mask:30
ktap_test_result "auto: nothing is lost by status" intx_complete learned total
undisguised

ktap_test_result "an MSI Enable without effect: back on the line" deaf "$EDU"
ktap_test_result "the next owner is on the line at once" on_the_line_at_once "$EDU"
give_back "$EDU"

bind "$E1000E" none
rmmod dio_vfio_pci && modprobe dio_vfio_pci_norecheck
for name in edu_rp e1000e_rp25; do
	bdf=$(device $name)
	ktap_test_result "$name: a driver that forgets loses" forgets forgets "$bdf"
	loses forgets between && loses forgets partial
	ktap_test_result "$name: at the EOI" test $? = 0
	guest_kill forgets
	# two causes came before that EOI; an e1000e may be late with its message
	[ $name != edu_rp ] ||
		ktap_test_result "$name: one that is forgotten is found out" one_fault \
			forgets "$bdf" forget 2 between:40 0 lost=2 spurious=0
	guests_end
	ktap_test_result "$name: one too many is found out" one_fault repeats \
		"$bdf" repeat "$(volume 200)" plain:200 1 lost=0 spurious=1
	guest_kill repeats
	echo -1 > $FAULTS/forget
	bind "$bdf" none
done
rmmod dio_vfio_pci_norecheck
ktap_finished
