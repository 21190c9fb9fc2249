#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# A guest flips every bit of the COMMAND, STATUS, power, MSI and MSI-X registers of
# its device, while guests beside it work all the time: an igb VF loses no packet, an
# edu that shares the hostile device's interrupt line no interrupt. Then the device
# is taken back, and the next guest finds it in order. What the host's kernel says
# meanwhile is the rig's to judge. On 6.12 the igb PF, which has all of the registers,
# is at it for a minute; it is less for the others, and on other kernels.
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=/dev/null
. "$here/../kselftest/ktap_helpers.sh"
for library in guest intx; do
	# shellcheck source=/dev/null
	. "$here/$library.sh"
done

# Seconds of a hostile guest
SHARE=$((10 * GUEST_SCALE))
RAGE_MAX=90
case $(uname -r)$GUEST_SCALE in
6.12.*1) LONG=60 ;;
*) LONG=$SHARE ;;
esac
SEED=${DIO_SEED:-1}
PACKETS=$((200 / GUEST_SCALE))
COUNTED=plain:300,between:100
HOST=10.9.0.1
GUEST=10.9.0.2

ktap_print_header
need igb_host igb_pf e1000e_rp25 edu_rp
ktap_set_plan 20
trap guests_end EXIT

now()
{
	cut -d . -f 1 /proc/uptime
}

# hostile_go BDF DEVICE SECONDS: the next seed's guest
hostile_go()
{
	SEED=$((SEED + 1))
	guest_start hostile "bare hostile seed=$SEED seconds=$3 dev=$2" dio-vfio-pci "$1" &&
		guest_wait hostile "@@ hostile" 60
}

# What a guest did, of all its boots: flips, interrupts, and how often every bit
hostile_did()
{
	# shellcheck disable=SC2153 # guest.sh has it
	tr -d '\r' < "$GUESTS/hostile/serial" | awk '
		/^@@ hostile/ {
			if ($4 < flips) { all += flips; irqs += irq; every += round }
			flips = $4; irq = $5; round = $6
		}
		END { print all + flips, irqs + irq, every + round }'
}

# Its own messages may stop it, or end its monitor: all of its doing counts.
hostile_end()
{
	guest_end hostile "$1" > /dev/null || guest_kill hostile
	# shellcheck disable=SC2046 # three numbers
	set -- $(hostile_did)
	flips=$((flips + $1))
	irqs=$((irqs + $2))
	rounds=$((rounds + $3))
}

all_stats()
{
	echo "$(net_stats "$NET")" "$(guest_cmd worker 20 stats |
		sed -n 's/^stat .x_packets //p' | tr '\n' ' ')"
}

# Each ping is a packet and its answer; a few more are neighbour discovery.
counted()
{
	local value

	for value; do
		[ "$value" -ge $((2 * PACKETS)) ] && [ "$value" -le $((2 * PACKETS + 50)) ] && continue
		guest_say "packets (host rx tx, guest rx tx): $*; $((2 * PACKETS)) to and fro"
		return 1
	done
}

# flood ADDRESS: both ways, everything counted at both ends
flood()
{
	local before pid out=/tmp/flood

	before=$(all_stats)
	ping -A -q -c "$PACKETS" -w 60 "$1" > $out.host &
	pid=$!
	guest_cmd worker 120 ping -A -q -c "$PACKETS" -w 60 $HOST > $out.guest
	wait $pid
	if ! grep -q " $PACKETS packets received" $out.host ||
	   ! grep -q " $PACKETS packets received" $out.guest; then
		guest_say "host: $(grep received $out.host); guest: $(grep received $out.guest)"
		return 1
	fi
	# shellcheck disable=SC2046,SC2086 # four numbers each
	set -- $before $(all_stats)
	counted $(($5 - $1)) $(($6 - $2)) $(($7 - $3)) $(($8 - $4))
}

# What the host took on a vector is what reached the guest, or more.
worker_irqs()
{
	local vector=0 name host guest

	for name in tx rx; do
		host=$(irq_sum "vfio-msix\[$vector\]($WORKER)")
		guest=$(guest_cmd worker 20 irqs "eth0-$name" | cut -d ' ' -f 3)
		guest_say "worker, vector $vector: host $host, guest ${guest:=0}"
		[ "$guest" -gt 0 ] && [ "$guest" -le "$host" ] || return 1
		vector=$((vector + 1))
	done
}

# One guest after the other counts the interrupts of edu, as long as the other rages.
count_beside()
{
	intx_guest count "$EDU" 200 $COUNTED > /dev/null || return 1
	intx_say count
	guest_kill count
	intx_exact count total
}

# The others work for as long as the hostile guest runs.
work_beside()
{
	while [ ! -e "$GUESTS/hostile/rc" ] && [ "$(now)" -lt "$1" ]; do
		count_beside || irqs_lost=1
		flood $GUEST || packets_lost=1
		floods=$((floods + 1))
	done
}

all_was_done()
{
	[ "$rounds" -gt 0 ] && [ "$irqs" -gt 0 ] && [ "$floods" -gt 0 ]
}

# rage_for BDF DEVICE SECONDS: as often as its guest ends before that
rage_for()
{
	local end=$(($(now) + $3)) left=$3

	while [ "$left" -gt 0 ]; do
		hostile_go "$1" "$2" "$left" || return 1
		work_beside $end
		hostile_end 30
		left=$((end - $(now)))
	done
}

# rage BDF DEVICE SECONDS: three times as long if a slow machine does less than all in it
rage()
{
	local seconds=$3 begin

	begin=$(now)
	flips=0 irqs=0 rounds=0 packets_lost=0 irqs_lost=0 floods=0
	first=$((SEED + 1))
	while rage_for "$1" "$2" "$seconds" && ! all_was_done &&
	      [ "$seconds" -lt $((RAGE_MAX * GUEST_SCALE)) ]; do
		seconds=$((3 * seconds))
	done
	guest_say "seeds $first to $SEED: $flips flips, every bit $rounds times, $irqs interrupts in $(($(now) - begin)) s; beside it $floods times $PACKETS packets both ways"
	all_was_done
}

next_intx()
{
	intx_guest next "$1" 60 plain:100 && intx_exact next total
	set -- $?
	guest_kill next
	return "$1"
}

next_msix()
{
	guest_run next "bare msix-pending vector=1 count=50" dio-vfio-pci 60 "$1"
}

# test_device NAME BDF DEVICE NEXT SECONDS
test_device()
{
	ktap_test_result "$1: every bit is flipped" rage "$2" "$3" "$5"
	ktap_test_result "$1: no packet is lost beside it" [ "$packets_lost" = 0 ]
	ktap_test_result "$1: no interrupt is lost beside it" [ "$irqs_lost" = 0 ]
	ktap_test_result "$1: taken back, verified" check_reset "$2" close
	ktap_test_result "$1: in order in the next guest" "$4" "$2"
}

worker_up()
{
	guest_start worker "linux worker" dio-vfio-pci "$WORKER" &&
		guest_wait worker "@@ up" 120 && guest_cmd worker 60 up $GUEST/24
}

# The control of the counting: an address that nobody has
loss_is_seen()
{
	local sent=$PACKETS

	PACKETS=1
	! flood 10.9.0.3
	set -- $?
	PACKETS=$sent
	return "$1"
}

PF=$(device igb_host)
EDU=$(device edu_rp)
E1000E=$(device e1000e_rp25)
IGB=$(device igb_pf)
vfs_make "$PF" 2 || ktap_exit_fail_msg "$PF: no VFs"
VF=$(vf_of "$PF" 0)
WORKER=$(vf_of "$PF" 1)
NET=$(net_of "$PF")
ip addr add $HOST/24 dev "$NET"
ip link set "$NET" up
for bdf in "$EDU" "$E1000E" "$IGB" "$VF" "$WORKER"; do
	diokctl dev bind "$bdf" || ktap_exit_fail_msg "$bdf: not bound"
done

ktap_test_result "the worker has a link" worker_up
ktap_test_result "packets are counted" flood $GUEST
ktap_test_result "a loss is seen" loss_is_seen
test_device e1000e "$E1000E" 8086:10d3 next_intx "$SHARE"
test_device igb "$IGB" 8086:10c9 next_intx "$LONG"
test_device vf "$VF" 8086:10ca next_msix "$SHARE"
ktap_test_result "the worker's interrupts" worker_irqs
ktap_test_result "the worker powers off" guest_stop worker 60
ktap_finished
