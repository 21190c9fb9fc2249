#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# Ten thousand interrupts of edu and of e1000e in guests that know INTx only, the
# carrier on the host being an MSI: each cause is seen once, whatever comes
# between the raising and the EOI, is left standing by the handler, or happens
# behind a mask, Interrupt Disable or a reset. Stock vfio-pci takes the same
# guest: it is a fair judge of a line.
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=/dev/null
. "$here/../kselftest/ktap_helpers.sh"
# shellcheck source=/dev/null
. "$here/guest.sh"
# shellcheck source=/dev/null
. "$here/intx.sh"

FEW=plain:300,between:100,partial:100,disable:30
MANY=plain:6000,between:1500,partial:400,disable:120	# 10 320 interrupts
AT_LEAST=$(volume 10000)
CLOSED=mask:300,disable:60

ktap_print_header
need edu_rp e1000e_rp25
ktap_set_plan 14
trap guests_end EXIT

# closed NAME BDF SECONDS MODE:COUNT,... [WORD...]
closed()
{
	intx_guest "$@" || return 1
	intx_say "$1"
	intx_complete "$1" total && intx_is "$1" total wrong=0 && intx_is "$1" disable spurious=0
}

# The control: nothing is lost or doubled on a line.
stock()
{
	intx_bind "$1" vfio-pci && intx_guest stock "$1" 60 "$FEW" || return 1
	intx_say stock
	intx_on_line "$1" && intx_exact stock total
}

stock_closed()
{
	closed shut "$1" 60 mask:60,disable:30 && intx_on_line "$1"
}

many()
{
	intx_bind "$1" dio-vfio-pci intx msi && intx_guest many "$1" 200 "$MANY" || return 1
	intx_say many
	intx_exact many total && [ "$(intx_count many total irqs)" -ge "$AT_LEAST" ]
}

# Three counts of the same interrupts: the guest's handler, what was signalled to
# it, and the runs of the host's handler.
counts_agree()
{
	guest_say "$1: by the host $(diokctl -j irq show "$1")"
	[ "$(irq_told "$1" delivered)" = "$(intx_count many total irqs)" ] &&
		[ "$(irq_told "$1" interrupts)" = "$(irq_runs "dio-intx-msi($1)")" ]
}

no_trace_left()
{
	guest_kill many && [ -z "$(irq_runs "dio-intx-msi($1)")" ]
}

for name in edu_rp e1000e_rp25; do
	bdf=$(device $name)
	modes=$CLOSED
	[ $name = edu_rp ] || modes=$modes,reset:40	# edu has no reset at all
	ktap_test_result "$name: stock, on the line" stock "$bdf"
	guest_kill stock
	ktap_test_result "$name: stock, masked and disabled" stock_closed "$bdf"
	guest_kill shut
	ktap_test_result "$name: ten thousand interrupts, each once" many "$bdf"
	ktap_test_result "$name: on an MSI of its own" intx_on_msi "$bdf"
	ktap_test_result "$name: the host counts as the guest does" counts_agree "$bdf"
	ktap_test_result "$name: nothing stays when the guest is killed" no_trace_left "$bdf"
	ktap_test_result "$name: masked, disabled, reset, rebooted" \
		closed shut "$bdf" 120 $modes reboot=1
	guest_kill shut
done
ktap_finished
