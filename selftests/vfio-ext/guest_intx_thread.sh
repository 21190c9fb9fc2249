#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# An INTx that a thread raises in the guest (irq set BDF inject
# thread): each cause is seen once as by KVM's work, the thread is one of SCHED_FIFO, and
# does what the administrator says last. Whom no irqfd hears (a VMM that reads the eventfd
# itself) gets the signal. The control: with the setting off, or without dio_kvm, nothing
# is raised by a thread.
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=/dev/null
. "$here/../kselftest/ktap_helpers.sh"
# shellcheck source=/dev/null
. "$here/guest.sh"
# shellcheck source=/dev/null
. "$here/intx.sh"

MODES=plain:600,between:300,partial:100,disable:30
CLOSED=mask:50,disable:30,reset:10
SWITCHED=plain:1200,between:300
EOI=plain:200,between:60,partial:60,disable:30
SWITCHES=20
KILLS=$(volume 5)

ktap_print_header
need edu_rp e1000e_rp25 igb_pf
ktap_set_plan 19
trap guests_end EXIT

# counted NAME BDF MODE:COUNT,... [WORD...]: nothing lost, nothing doubled
counted()
{
	local name=$1 bdf=$2 modes=$3

	shift 3
	intx_guest "$name" "$bdf" 200 "$modes" "$@" || return 1
	intx_say "$name"
	guest_say "$name: by the host $(diokctl -j irq show "$bdf")"
	intx_exact "$name" total
}

# told BDF FIELD VALUE
told()
{
	local is

	is=$(irq_told "$1" "$2")
	[ "$is" = "$3" ] && return 0
	guest_say "$1: $2 is $is, not $3"
	return 1
}

by_work()
{
	counted work "$1" "$MODES" && told "$1" inject work && told "$1" raised 0 &&
		[ -z "$(thread_of "$1")" ]
}

# What a signal did before KVM had its irqfd is no pin's: a few.
by_thread()
{
	counted thread "$1" "$MODES" && told "$1" inject thread && mostly_raised "$1"
}

mostly_raised()
{
	local delivered raised

	delivered=$(irq_told "$1" delivered)
	raised=$(irq_told "$1" raised)
	guest_say "$1: $raised of $delivered raised by the thread"
	[ "$raised" -gt 0 ] && [ "$raised" -le "$delivered" ] && [ $((delivered - raised)) -le 5 ]
}

# thread_of BDF: "PRIORITY POLICY" of its thread
thread_of()
{
	local stat line

	for stat in /proc/[0-9]*/stat; do
		read -r line < "$stat" 2>/dev/null || continue
		case $line in
		*"(dio-intx/$1)"*)
			echo "${line##*) }" | cut -d ' ' -f 38,39
			return 0
			;;
		esac
	done
}

# SCHED_FIFO is 1, and interrupts have its middle
is_fifo()
{
	local found

	found=$(thread_of "$1")
	guest_say "$1: thread: $found"
	[ "$found" = "50 1" ]
}

closed()
{
	intx_guest shut "$@" || return 1
	intx_say shut
	intx_complete shut total && intx_is shut total wrong=0 && mostly_raised "$1"
}

switched()
{
	local bdf=$1 n=0

	guest_start switched "bare intx $(intx_modes "$SWITCHED") hold=1" dio-vfio-pci "$bdf" &&
		until_true 20 raised_some "$bdf" || return 1
	while [ $n -lt $SWITCHES ] && [ ! -e "$GUESTS/switched/rc" ]; do
		diokctl irq set "$bdf" inject work && __pause
		diokctl irq set "$bdf" inject thread && __pause
		n=$((n + 1))
	done
	guest_wait switched '@@ held' 200 || return 1
	intx_say switched
	guest_say "by the host $(diokctl -j irq show "$bdf")"
	intx_exact switched total && [ "$(irq_told "$bdf" raised)" -gt 0 ] &&
		[ "$(irq_told "$bdf" raised)" -lt "$(irq_told "$bdf" delivered)" ]
}

# The VMM has the eventfd, no irqfd; each access to a BAR is an EOI to it
by_monitor()
{
	GUEST_VFIO=,x-no-kvm-intx=on
	intx_guest own "$1" 200 "$EOI" && intx_complete own total && told "$1" inject thread && told "$1" raised 0 &&
		[ "$(irq_told "$1" delivered)" -gt 0 ]
}

# Whoever is in use stays
stays()
{
	! modprobe -r dio_kvm 2>/dev/null && [ -e /sys/module/dio_kvm ]
}

killed()
{
	local bdf=$1 n=0

	while [ $n -lt "$KILLS" ]; do
		guest_start "victim$n" "bare intx $(intx_modes plain:60000) hold=1" dio-vfio-pci \
			"$bdf" && until_true 20 raised_some "$bdf" || return 1
		guest_kill "victim$n" || return 1
		n=$((n + 1))
	done
	[ -z "$(irq_runs "dio-intx-msi($bdf)")" ] && modprobe -r dio_kvm
}

raised_some()
{
	[ "$(irq_told "$1" raised || echo 0)" -gt 20 ] 2>/dev/null
}

alone()
{
	counted alone "$1" "$EOI" && told "$1" inject work && told "$1" raised 0 &&
		dmesg | grep -q "$1: INTx is left to KVM's work: dio_kvm is not loaded"
}

# refused PATTERN WORD...: and told why
refused()
{
	local text=$1 said

	shift
	said=$(diokctl irq set "$@" 2>&1) && return 1
	guest_say "$said"
	# shellcheck disable=SC2254 # a pattern
	case $said in *$text*) return 0 ;; esac
	return 1
}

for name in edu_rp e1000e_rp25; do
	bdf=$(device $name)
	modes=$CLOSED
	[ $name = edu_rp ] && modes=${CLOSED%,reset*}	# edu has no reset at all
	ktap_test_result "$name: dio-vfio-pci" intx_bind "$bdf" dio-vfio-pci intx msi
	ktap_test_result "$name: by KVM's work" by_work "$bdf"
	guest_kill work
	modprobe dio_kvm && diokctl irq set "$bdf" inject thread
	ktap_test_result "$name: by the thread, each once" by_thread "$bdf"
	ktap_test_result "$name: the thread is SCHED_FIFO" is_fifo "$bdf"
	ktap_test_result "$name: dio_kvm stays" stays
	guest_kill thread
	ktap_test_result "$name: masked, disabled, reset, rebooted" \
		closed "$bdf" 120 "$modes" reboot=1
	guest_kill shut
done
ktap_test_result "switched while it runs, each once" switched "$bdf"
guest_kill switched
ktap_test_result "a VMM that reads the eventfd gets it" by_monitor "$bdf"
guest_kill own
# shellcheck disable=SC2034 # for guest.sh
GUEST_VFIO=
ktap_test_result "killed $KILLS times, nothing stays" killed "$bdf"
ktap_test_result "without dio_kvm by KVM's work" alone "$bdf"
guest_kill alone
ktap_test_result "another word is refused" refused expected?work?or?thread "$bdf" inject fast
pf=$(device igb_pf)
bind "$pf" none		# a test before this one may have left it with VFIO
bind "$pf" igb && vfs_make "$pf" 1
vf=$(vf_of "$pf" 0)
diokctl dev bind "$vf"
ktap_test_result "a device without INTx is refused" refused has?no?INTx "$vf" inject thread
diokctl dev unbind "$vf"
echo 0 > "/sys/bus/pci/devices/$pf/sriov_numvfs"
bind "$pf" none
ktap_test_result "work is never refused" diokctl irq set "$bdf" inject work
ktap_finished
