#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# A guest masks and unmasks an MSI-X vector of its igb VF, through an unmodified
# QEMU: what that makes the host do, with stock vfio-pci, with dio-vfio-pci, and with
# masks in the kernel, by the emulator and by the store fast path, in the same boot. The
# guest's way is the driver's own (write), Linux' (linux: with a read back), Linux'
# change of affinity, to the same message and to another one, and Linux' in the
# interrupt's handler.
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=/dev/null
. "$here/../kselftest/ktap_helpers.sh"
for library in guest count mask msix_pairs; do
	# shellcheck source=/dev/null
	. "$here/$library.sh"
done

# Instructions of a pair that are saved at least, of VFIO's part of it; the rest is
# QEMU's and KVM's, which both drivers share. A debug kernel's are its detectors'.
SAVED_MIN=15000
WAYS="write linux affinity interrupt"
# Instructions of a pair whose mask the kernel keeps, at most; by the fast path.
KEPT_MAX="write:9500 linux:13500 affinity:30000"
FAST_MAX="write:4000 linux:8500"
# Interrupts whose handler masks, in the same number of instructions: times stock's
KEPT_TIMES=5

ktap_print_header
need igb_host
ktap_set_plan 31
trap 'count_end; guests_end' EXIT

idle()
{
	local counter

	for counter in set_irqs free_irq request_irq config_reads config_writes \
		       messages invalidations routings grace_periods "$PAIRS_MMIO"; do
		pairs_is "$1" none "$counter" 0 || return 1
	done
}

# pair_is DRIVER WAY FREE REQUEST READS WRITES INVALIDATIONS MESSAGES
pair_is()
{
	pairs_is "$1" "$2" free_irq "$3" && pairs_is "$1" "$2" request_irq "$4" &&
		pairs_is "$1" "$2" config_reads "$5" && pairs_is "$1" "$2" config_writes "$6" &&
		pairs_is "$1" "$2" invalidations "$7" && pairs_is "$1" "$2" messages "$8"
}

# each_way FUNCTION ARGUMENT...: FUNCTION DRIVER WAY REST
each_way()
{
	local function=$1 driver=$2 way

	shift 2
	for way in $WAYS; do
		$function "$driver" "$way" "$@" || return 1
	done
}

# What the monitor does is the same: two SET_IRQS, one routing update.
same_monitor()
{
	local way driver

	for way in $WAYS; do
		for driver in vfio-pci dio-vfio-pci; do
			pairs_is "$driver" "$way" set_irqs 2 && pairs_is "$driver" "$way" routings 1 &&
				pairs_is "$driver" "$way" grace_periods 1 || return 1
		done
	done
}

# One interrupt for each that was raised. Stock, which frees and requests the
# interrupt in the handler, delivers one twice at times: said, not judged.
one_each()
{
	local stock

	stock=$(pairs_made vfio-pci interrupt)
	[ "$stock" = "$PAIRS" ] || guest_say "vfio-pci: $stock interrupts of $PAIRS"
	each_way pairs_all dio-vfio-pci
}

pairs_all()
{
	[ "$(pairs_made "$1" "$2")" = "$PAIRS" ] && return 0
	guest_say "$1, $2: $(pairs_made "$1" "$2") interrupts of $PAIRS"
	return 1
}

# saved WAY
saved()
{
	local stock ours

	stock=$(pairs_ticks vfio-pci "$1")
	ours=$(pairs_ticks dio-vfio-pci "$1")
	guest_say "$1: $stock instructions with vfio-pci, $ours with dio-vfio-pci," \
		"ratio $(awk -v s="$stock" -v o="$ours" 'BEGIN { printf "%.2f", s / o }')"
	[ "$GUEST_SCALE" -gt 1 ] || [ $((stock - ours)) -ge $SAVED_MIN ]
}

# Neither the monitor nor the host's interrupts have to do with it.
kept_is_free()
{
	local counter

	for counter in "$PAIRS_MMIO" set_irqs free_irq request_irq routings grace_periods \
		       messages invalidations config_reads config_writes; do
		pairs_is "$1" "$2" "$counter" 0 || return 1
	done
}

# kept_costs NAME WAY:MAX...
kept_costs()
{
	local name=$1 way ticks

	shift
	for way; do
		ticks=$(pairs_ticks "$name" "${way%:*}")
		guest_say "$name, ${way%:*}: $ticks instructions"
		[ "$GUEST_SCALE" -gt 1 ] || [ "$ticks" -le "${way#*:}" ] || return 1
	done
}

# kept_times NAME
kept_times()
{
	local stock ours

	stock=$(pairs_ticks vfio-pci interrupt)
	ours=$(pairs_ticks "$1" interrupt)
	guest_say "$1, interrupt: $ours instructions, stock $stock"
	[ "$GUEST_SCALE" -gt 1 ] || [ "$stock" -ge $((KEPT_TIMES * ours)) ]
}

# Another message is the monitor's as before.
changed_costs_no_more()
{
	local stock ours

	stock=$(pairs_ticks vfio-pci changed)
	ours=$(pairs_ticks "$1" changed)
	guest_say "$1, changed: $ours instructions, stock $stock"
	[ "$GUEST_SCALE" -gt 1 ] || [ "$ours" -le "$stock" ]
}

PF=$(device igb_host)
vfs_make "$PF" 1 || ktap_exit_fail_msg "$PF: no VF"
VF=$(vf_of "$PF" 0)
# IPv6's messages on a link that comes up are unmapped, which invalidates as well.
echo 1 > "/proc/sys/net/ipv6/conf/$(net_of "$PF")/disable_ipv6"
ip link set "$(net_of "$PF")" up

ktap_test_result "vfio-pci: measured" pairs_measure vfio-pci "$VF"
bind "$VF" none
ktap_test_result "diokctl dev bind" diokctl dev bind "$VF"
ktap_test_result "dio-vfio-pci: measured" pairs_measure dio-vfio-pci "$VF"
pairs_figures vfio-pci stock
pairs_figures dio-vfio-pci diok
ktap_test_result "masks in the kernel" mask_kernel
ktap_test_result "kernel: measured" pairs_measure kernel "$VF" dio-vfio-pci
ktap_test_result "fast: measured" pairs_measure fast "$VF" dio-vfio-pci mask_fast
pairs_figures kernel "masks in kernel"
pairs_figures fast "and fast stores"

ktap_test_result "vfio-pci: nothing is counted while the guest does nothing" idle vfio-pci
ktap_test_result "dio-vfio-pci: nothing is counted while the guest does nothing" idle dio-vfio-pci
ktap_test_result "vfio-pci: 2 free_irq, 2 request_irq, 6 reads, 4 writes, 6 invalidations" \
	each_way pair_is vfio-pci 2 2 6 4 6 6
ktap_test_result "dio-vfio-pci: 0, 0, 0, 0, 0" each_way pair_is dio-vfio-pci 0 0 0 0 0 0
ktap_test_result "the monitor's part is the same" same_monitor
ktap_test_result "dio-vfio-pci: each interrupt once" one_each
for way in $WAYS; do
	ktap_test_result "$way: at least $SAVED_MIN instructions less" saved "$way"
done
for name in kernel fast; do
	for way in $WAYS; do
		ktap_test_result "$name, $way: no exit, no SET_IRQS, no routing, no grace period" \
			kept_is_free $name "$way"
	done
	ktap_test_result "$name: each interrupt once" pairs_all $name interrupt
done
# shellcheck disable=SC2086 # words
ktap_test_result "kernel: no pair costs more than it may" kept_costs kernel $KEPT_MAX
# shellcheck disable=SC2086 # words
ktap_test_result "fast: nor by the fast path" kept_costs fast $FAST_MAX
ktap_test_result "kernel: another message costs no more than stock's" changed_costs_no_more kernel
ktap_test_result "kernel: $KEPT_TIMES times stock's interrupts" kept_times kernel
ktap_test_result "the VF back" diokctl dev unbind "$VF"
ktap_finished
