#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# INTx on an MSI where a device is harder: an igb physical function, whose level
# nobody can read and whose reset is an FLR; HDA, which sends a message with each
# access while its level stands. And where the VMM ends the interrupts instead of
# KVM: by VFIO_IRQ_SET_ACTION_UNMASK. Stock vfio-pci takes each guest first.
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=/dev/null
. "$here/../kselftest/ktap_helpers.sh"
# shellcheck source=/dev/null
. "$here/guest.sh"
# shellcheck source=/dev/null
. "$here/intx.sh"

IGB=plain:4000,between:1000,disable:60,mask:60,reset:8
HDA=plain:4000,between:1000,partial:400,disable:60,mask:60,reset:20
SECOND_MAX=$(volume 500)	# of five thousand; a slow machine has more of them
EOI=plain:200,between:60,partial:60,disable:30

ktap_print_header
need igb_pf hda edu_rp
ktap_set_plan 15
trap guests_end EXIT

# counted NAME BDF MODE:COUNT,... [WORD...]: nothing lost, nothing doubled
counted()
{
	local name=$1 bdf=$2 modes=$3

	shift 3
	intx_guest "$name" "$bdf" 200 "$modes" "$@" || return 1
	intx_say "$name"
	intx_complete "$name" total
}

# stock BDF MODE:COUNT,...
stock()
{
	intx_bind "$1" vfio-pci && counted stock "$1" "$2" && intx_on_line "$1"
}

# diok BDF MODE:COUNT,... [WORD...]
diok()
{
	local bdf=$1 modes=$2

	shift 2
	intx_bind "$bdf" dio-vfio-pci intx msi recheck auto &&
		counted diok "$bdf" "$modes" "$@" && intx_on_msi "$bdf"
}

# A level that can be read: interrupts without a cause only after a reset, which
# takes back what was on its way.
exact()
{
	local mode

	for mode in plain between partial; do
		intx_is diok $mode spurious=0 || return 1
	done
}

# No level to be read, but a mask bit. One interrupt without a cause now and then
# stands for the one that KVM may have dropped; the driver counts those. (What is
# cleared behind Interrupt Disable is an interrupt without a cause, too.)
learned_pvm()
{
	local spurious

	[ "$(irq_told "$1" recheck)" = pvm ] || return 1
	spurious=$(($(intx_count diok plain spurious) + $(intx_count diok between spurious)))
	guest_say "$spurious without a cause, $(irq_told "$1" rechecks) second signals"
	[ $spurious -le "$(irq_told "$1" rechecks)" ] && [ $spurious -le "$SECOND_MAX" ]
}

# eoi BDF: the VMM's own; each access to a BAR is an EOI to QEMU
eoi()
{
	diok "$1" "$EOI" && [ "$(irq_told "$1" delivered)" -gt 0 ]
}

# both NAME MODE:COUNT,... TEXT CHECK: stock and ours; CHECK follows the latter
both()
{
	local name=$1 bdf modes=$2

	bdf=$(device "$name")
	ktap_test_result "$name: stock, on the line" stock "$bdf" "$modes"
	guest_kill stock
	ktap_test_result "$name: on an MSI, each once" diok "$bdf" "$modes"
	ktap_test_result "$name: $3" "$4" "$bdf"
	ktap_test_result "$name: the device counted as many" intx_own diok
	guest_kill diok
	ktap_test_result "$name: across a reset of the machine" diok "$bdf" plain:50 reboot=1
	guest_kill diok
}

both igb_pf $IGB "its MSI is masked each time" learned_pvm
both hda $HDA "none without a cause" exact

EDU=$(device edu_rp)
# shellcheck disable=SC2034 # both are of guest.sh
GUEST_VFIO=,x-no-kvm-intx=on
ktap_test_result "EOI by the VMM: stock" stock "$EDU" $EOI
guest_kill stock
ktap_test_result "EOI by the VMM: on an MSI" eoi "$EDU"
guest_kill diok
# shellcheck disable=SC2034
GUEST_VFIO='' GUEST_MACHINE=,kernel-irqchip=split
ktap_test_result "split irqchip: stock" stock "$EDU" $EOI
guest_kill stock
ktap_test_result "split irqchip: on an MSI" eoi "$EDU"
guest_kill diok
ktap_test_result "split irqchip: across a reset" diok "$EDU" plain:50 reboot=1
ktap_finished
