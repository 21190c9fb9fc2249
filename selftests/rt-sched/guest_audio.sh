#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# A nested guest that owns the sound card plays beside 16 busy loops of the host,
# which share its virtual CPU's processor. Device time. `make bench B=sched` plays
# 60 seconds each and all ways, stock 4; `make check` 2 seconds, stock and reserved.
# A window of boost comes when others have had the processor, by design: it may
# underrun once in ten seconds, a reservation never. An INTx is raised in the guest by
# a thread.
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=/dev/null
. "$here/../kselftest/ktap_helpers.sh"
# shellcheck source=/dev/null
. "$here/guest.sh"
# shellcheck source=/dev/null
. "$here/doubled.sh"
# shellcheck source=/dev/null
. "$here/audio.sh"

SECONDS_EACH=2
SECONDS_STOCK=2
WARM=1
PLAYS_MAX=15		# more than it plays: a card that stands still takes 10
NO_ANSWER=255
# An EOI is an exit then, at once: QEMU doubles an interrupt (doubled.sh) if the host's
# timer comes between it and the guest's next exit.
# shellcheck disable=SC2034 # for guest.sh
GUEST_FEATURES=,-kvm-pv-eoi
# A CPU that never comes makes the guest's kernel wait for a lock by HLT, after a while: a
# guest that has doubled its tick waits for itself, and an emulated PAUSE is dear.
# shellcheck disable=SC2034
GUEST_CPUS=1,maxcpus=2
BENCH=
# CASE: for the figures. DIO_LONG: the long form without make bench. DIO_REAL: time is the
# machine's.
CASE=${CASE:-guest}
UP_MAX=5
[ -z "$DIO_REAL" ] || UP_MAX=60
if [ -n "$DIO_LONG" ] || grep -qw dio.bench /proc/cmdline; then
	SECONDS_EACH=$(bench_seconds)
	SECONDS_STOCK=4
	WARM=2
	BENCH=1
fi

ktap_print_header
need hda
HDA=$(device hda)
trap 'hogs_end; guests_end; doubled_unwatch; modprobe -r dio_sched' EXIT
modprobe dio_sched
modprobe kvm_amd && doubled_watch

# __card_guest NAME DRIVER [PARAMETER...]: a guest that has the card's driver loaded
__card_guest()
{
	local name=$1 driver=$2

	shift 2
	guest_start "$name" linux "$driver" "$HDA" &&
		guest_wait "$name" "@@ up" $UP_MAX &&
		guest_cmd "$name" $UP_MAX load audio "$@" && guest_cmd "$name" $UP_MAX card
}

# The same, up to three times: QEMU's SVM now and then gives a guest that boots its next
# tick inside of the last one, with interrupts off, and it then waits for itself. Two
# seconds of device time are enough where that does not happen.
card_guest()
{
	local try

	CARD_GUEST=$*
	for try in 1 2 3; do
		__card_guest "$@" && return 0
		guest_say "guest $1: try $try"
		guest_kill "$1"
	done
	return 1
}

# halts GUEST: of its virtual CPUs so far
halts()
{
	cat /sys/kernel/debug/kvm/"$(cat "$GUESTS/$1/pid")"-*/halt_exits
}

# A guest that a doubled interrupt has stopped is not waited for until the end of its
# round. No interrupt of its card for a second, and no new halt, is what no guest does
# that waits for its card.
watch_card()
{
	local now last=

	while now=$(grep -F "$HDA" /proc/interrupts; halts "$1") &&
	      { [ "$now" != "$last" ] || [ "$(doubled_count)" = 0 ]; }; do
		last=$now
		sleep 1 > /dev/null
	done
	guest_say "guest $1: it stands still"
	kill -9 "$(cat "$GUESTS/$1/pid")"
}

__guest_plays()
{
	local guest=$1 round=$2 seconds=$3 vm from since now watch rc=0

	shift 3
	vm=$(cat "$GUESTS/$guest/pid")
	audio_first
	hogs_start 16
	stall_begin "$round"
	if [ $# != 0 ]; then
		diokctl rt set vm "$vm" vcpu 0 "$@" || rc=1
	fi
	hogs_ns
	from=$HOGS_NS
	read -r since _ < /proc/uptime
	watch_card "$guest" &
	watch=$!
	guest_cmd "$guest" $((PLAYS_MAX + WARM + seconds)) \
		player "$FRAMES" $WARM "$seconds" "$WORK_US" > "$AUDIO/$round" || rc=$?
	kill $watch 2>/dev/null
	wait $watch 2> /dev/null
	hogs_ns
	read -r now _ < /proc/uptime
	# the guest does not see its competitors
	from=$(awk "BEGIN { printf \"%.4f\", ($HOGS_NS - $from) / 1e9 / ($now - $since) }")
	sed -i "s/ others=.*/ others=$from/" "$AUDIO/$round"
	if [ $# != 0 ]; then
		diokctl -j -s rt show vm "$vm" > "$AUDIO/$round.rt"
		diokctl rt set vm "$vm" off
	fi
	hogs_end
	stall_end "$round"
	audio_last
	sed "s/^/# $round: /" "$AUDIO/$round"
	[ ! -e "$AUDIO/$round.rt" ] || sed 's/^/# /' "$AUDIO/$round.rt"
	return $rc
}

# guest_plays GUEST ROUND SECONDS [rt words]: the player's line in $AUDIO/ROUND. A guest
# that QEMU gave an interrupt twice (doubled.sh) and that then does not answer is made
# anew, and plays again.
guest_plays()
{
	local try rc

	for try in 1 2 3 4 5 6 7 8; do
		doubled_forget
		__guest_plays "$@"
		rc=$?
		[ $rc = $NO_ANSWER ] && [ "$(doubled_count)" != 0 ] || return $rc
		guest_say "$2: no answer; QEMU has doubled $(doubled_count) interrupts; try $try"
		guest_kill "$1"
		# shellcheck disable=SC2086 # words
		card_guest $CARD_GUEST || return 1
	done
	return 1
}

# In real time what the machine itself stood still is in a round.
stall_begin()
{
	[ -n "$DIO_REAL" ] || return 0
	# shellcheck disable=SC2153 # of audio.sh
	"$HERE/stall" > "$AUDIO/$1.stall" &
	STALL=$!
}

stall_end()
{
	[ -n "$DIO_REAL" ] || return 0
	kill "$STALL"
	wait "$STALL"
	sed "s/^/# $1: /" "$AUDIO/$1.stall"
}

# stood_still ROUND: for longer than a period, in which nobody could have played
stood_still()
{
	[ -n "$DIO_REAL" ] &&
		calc "$(sed -n 's/.*longest_ms=//p' "$AUDIO/$1.stall") > $((5 * TIMES))"
}

# plays GUEST ROUND CASE VARIANT rt-words...: underruns are $MAX at most. A round with more,
# in which the machine stood still, is played again.
plays()
{
	local guest=$1 round=$2 case=$3 variant=$4 try

	shift 4
	for try in 1 2 3; do
		if guest_plays "$guest" "$round" "$SECONDS_EACH" "$@"; then
			audio_figures "$round" "$case" "$variant"
			calc "$(audio_of "$round" underruns) <= ${MAX:-0}" && return 0
		fi
		stood_still "$round" || return 1
		guest_say "$round: the machine stood still, try $try"
	done
	return 1
}

# fails GUEST ROUND CASE VARIANT SECONDS [rt-words...]: the stream dies (EIO: no period within
# 10 s) or underruns
fails()
{
	local guest=$1 round=$2 case=$3 variant=$4 seconds=$5

	shift 5
	guest_plays "$guest" "$round" "$seconds" "$@"
	grep -q 'player failed' "$AUDIO/$round" && return 0
	audio_figures "$round" "$case" "$variant"
	calc "$(audio_of "$round" underruns) > 0"
}

# One in ten seconds
plays_boosted()
{
	MAX=$((SECONDS_EACH / 10)) plays "$@"
}

# cpu_of PID: CPU time so far of all its threads, in ticks of 10 ms
cpu_of()
{
	sed 's/.*) //' "/proc/$1/stat" | awk '{ print $12 + $13 }'
}

# In real time a period costs what the machine is like: TIMES 5 ms are at least six times
# what the guest NAME needs for a period with nobody beside it.
real_period()
{
	local pid before after

	pid=$(cat "$GUESTS/$1/pid")
	before=$(cpu_of "$pid")
	guest_cmd "$1" $((PLAYS_MAX + 3)) player "$FRAMES" 1 2 "$WORK_US" | sed 's/^/# alone: /'
	after=$(cpu_of "$pid")
	TIMES=$(awk "BEGIN { need = 6 * ($after - $before) * 10 / 600 / 5
		print (need < 7 ? int(need) + 1 : 8) }")
	guest_say "$(((after - before) * 10)) ms of CPU for 600 periods: periods of $((5 * TIMES)) ms"
	FRAMES=$((FRAMES * TIMES))
}

TIMES=1
PLAN=8
[ -z "$BENCH" ] || PLAN=13
[ -z "$DIO_REAL" ] || PLAN=14
ktap_set_plan $PLAN
ktap_test_result "vfio-pci, MSI: the guest has its card" card_guest stock vfio-pci
[ -z "$DIO_REAL" ] || real_period stock
RESERVE="reserve runtime $((2500 * TIMES))us period $((5 * TIMES))ms dev $HDA"
BOOST="boost budget $((2500 * TIMES))us period $((5 * TIMES))ms dev $HDA"
# an emulator's cost of a period varies more than a processor's
AUTO="auto dev $HDA share 80${DIO_REAL:+ margin 100}"
ktap_test_result "vfio-pci, MSI, 1:16: playback fails" \
	fails stock stock-msi "$CASE-MSI-1:16" stock $SECONDS_STOCK
# Not killed: QEMU's card counts the answers of its codec that nobody has taken, keeps the
# count across each reset, and gives none to the next driver (rirb_count).
guest_stop stock 20 || guest_kill stock
bind "$HDA" none
diokctl dev bind "$HDA"
ktap_test_result "dio-vfio-pci, MSI: the guest has its card" card_guest msi dio-vfio-pci
# shellcheck disable=SC2086 # words
ktap_test_result "MSI, 1:16: reserve: no underrun" plays msi reserve-msi "$CASE-MSI-1:16" \
	reserve $RESERVE
if [ $BENCH ]; then
	# shellcheck disable=SC2086
	ktap_test_result "MSI, 1:16: auto: no underrun" plays msi auto-msi "$CASE-MSI-1:16" auto $AUTO
	# shellcheck disable=SC2086
	ktap_test_result "MSI, 1:16: boost: few underruns" plays_boosted msi boost-msi \
		"$CASE-MSI-1:16" boost $BOOST
fi
ktap_test_result "the guest ends" guest_stop msi 120

diokctl dev set "$HDA" intx msi
modprobe dio_kvm && diokctl irq set "$HDA" inject thread
ktap_test_result "dio-vfio-pci, INTx on a host MSI: the guest has its card" \
	card_guest intx dio-vfio-pci enable_msi=0
# shellcheck disable=SC2086
ktap_test_result "INTx, 1:16: reserve: no underrun" plays intx reserve-intx \
	"$CASE-INTx-1:16" reserve $RESERVE
if [ $BENCH ]; then
	# shellcheck disable=SC2086
	ktap_test_result "INTx, 1:16: auto: no underrun" plays intx auto-intx "$CASE-INTx-1:16" \
		auto $AUTO
	# shellcheck disable=SC2086
	ktap_test_result "INTx, 1:16: boost: few underruns" plays_boosted intx boost-intx \
		"$CASE-INTx-1:16" boost $BOOST
	ktap_test_result "INTx, 1:16: not served: playback fails" fails intx fair-intx \
		"$CASE-INTx-1:16" stock $SECONDS_STOCK
fi
# A scheduler that lets a slice end (since 6.6) has KVM's work wait for it.
if [ -n "$DIO_REAL" ] && ! grep -qw RUN_TO_PARITY /sys/kernel/debug/sched/features; then
	ktap_test_skip "INTx by KVM's work, 1:16: this scheduler preempts for it"
elif [ -n "$DIO_REAL" ]; then
	diokctl irq set "$HDA" inject work
	# shellcheck disable=SC2086
	ktap_test_result "INTx by KVM's work, 1:16: auto underruns" fails intx work-intx \
		"$CASE-INTx-1:16" auto-by-work $SECONDS_EACH $AUTO
fi
ktap_test_result "its guest ends" guest_stop intx 120

ktap_finished
