#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# An assigned edu in a bare guest with stock vfio-pci and with dio-vfio-pci as
# it is after binding (policy observe): DMA, INTx and MSI work the same, and an
# interrupt costs the host the same number of configuration accesses.
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=/dev/null
. "$here/../kselftest/ktap_helpers.sh"
# shellcheck source=/dev/null
. "$here/guest.sh"
# shellcheck source=/dev/null
. "$here/count.sh"

FEW=100
MANY=300

ktap_print_header
need edu_rp
ktap_set_plan 6
trap 'count_end; guests_end' EXIT

# works DRIVER BEHAVIOUR...
works()
{
	local driver=$1

	shift
	guest_run edu "bare $*" "$driver" 30 "$EDU"
}

# accesses DRIVER MODE COUNT: configuration accesses of a guest that takes
# COUNT interrupts, from its start to its end
accesses()
{
	count_begin
	works "$1" edu-irq "mode=$2" "count=$3" > /tmp/irqs || return 1
	grep -q "taken $3 by $2" /tmp/irqs || return 1
	count_of config
	count_end
}

# Two guests that differ in the number of interrupts alone.
cost()
{
	local few many

	few=$(accesses "$1" "$2" $FEW) && many=$(accesses "$1" "$2" $MANY) || return 1
	cost=$((many - few))
	guest_say "$1: $((MANY - FEW)) more interrupts by $2: $cost more accesses"
}

# cost_is DRIVER MODE N: N accesses for each interrupt
cost_is()
{
	local expected=$(((MANY - FEW) * $3))

	cost "$1" "$2" && [ "$cost" -ge $expected ] && [ "$cost" -le $((expected + 20)) ]
}

EDU=$(device edu_rp)
modprobe kvm-amd

for driver in vfio-pci dio-vfio-pci; do
	bind "$EDU" $driver
	ktap_test_result "$driver: DMA there and back" works $driver edu-dma count=1
	# Stock masks and unmasks INTx at the device: 2 reads and 2 writes.
	ktap_test_result "$driver: INTx, 4 accesses each" cost_is $driver intx 4
	ktap_test_result "$driver: MSI, none" cost_is $driver msi 0
done
ktap_finished
