#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# A thread that is served and never sleeps, among four competitors: it gets its
# reservation, or its fair share and its budget, and no more. Device time.
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=/dev/null
. "$here/../kselftest/ktap_helpers.sh"
# shellcheck source=/dev/null
. "$here/guest.sh"
# shellcheck source=/dev/null
. "$here/audio.sh"

SECONDS_EACH=3

ktap_print_header
need hda
audio_first
audio_card || ktap_exit_fail_msg "no sound card"
IRQ=$(audio_irq)
modprobe dio_sched
trap 'hogs_end; [ -z "$RUNAWAY" ] || kill $RUNAWAY; rmmod dio_sched' EXIT
ktap_set_plan 5
PLAYER=500us
MUCH=8ms		# of 10, beside the player
if [ "$GUEST_SCALE" != 1 ]; then	# the player's time is the kernel's detectors'
	PLAYER=1500us
	MUCH=6ms
fi

# measured PID: per mille of the CPU that it gets in SHARE, and its competitors in LEFT
measured()
{
	local from others since time

	read -r since _ < /proc/uptime
	read -r from _ < "/proc/$1/schedstat"
	hogs_ns
	others=$HOGS_NS
	sleep $SECONDS_EACH
	read -r time _ < /proc/uptime
	read -r SHARE _ < "/proc/$1/schedstat"
	hogs_ns
	# a script beside reservations is late itself; hundredths of a second
	time=$((${time%.*}${time#*.} - ${since%.*}${since#*.}))
	SHARE=$(((SHARE - from) / (time * 10000)))
	LEFT=$(((HOGS_NS - others) / (time * 10000)))
}

# share NAME [rt words]: what the runaway gets. The player makes interrupts at 200 a
# second; it is reserved itself, and its guarantee holds.
share()
{
	local name=$1 player

	shift
	"$here/player" "$FRAMES" 1 $((SECONDS_EACH + 3)) 100 > "$AUDIO/$name" 2>&1 &
	player=$!
	until_true 30 grep -q plays "$AUDIO/$name"
	diokctl rt set $player reserve runtime $PLAYER period 5ms || return 1
	hogs_start 4
	"$here/hog" & RUNAWAY=$!
	[ $# = 0 ] || diokctl rt set $RUNAWAY "$@" || return 1
	measured $RUNAWAY
	guest_say "$name: the runaway got $SHARE per mille, four competitors $LEFT"
	[ $# = 0 ] || diokctl -s rt show $RUNAWAY | sed 's/^/# /'
	kill $RUNAWAY
	wait $player
	wait $RUNAWAY 2> /dev/null
	RUNAWAY=
	hogs_end
	sed 's/^/# /' "$AUDIO/$name"
	[ "$(audio_of "$name" underruns)" = 0 ]
}

# between LOW HIGH share-words
between()
{
	local low=$1 high=$2

	shift 2
	share "$@" && [ "$SHARE" -ge "$low" ] && [ "$SHARE" -le "$high" ]
}

# Two of 40 % each keep that, whatever they and four others want; a third does not fit.
two_and_a_third()
{
	local other third text rc=0

	hogs_start 4
	"$here/hog" & RUNAWAY=$!
	"$here/hog" & other=$!
	"$here/hog" & third=$!
	diokctl rt set $RUNAWAY reserve runtime 4ms period 10ms || rc=1
	diokctl rt set $other reserve runtime 4ms period 10ms || rc=1
	text=$(diokctl rt set $third reserve runtime 2ms period 10ms 2>&1) && rc=1
	guest_say "$text"
	case $text in *"20.0 % asked, 80.0 % of 9"*) ;; *) rc=1 ;; esac
	for pid in $RUNAWAY $other; do
		measured "$pid"
		guest_say "one of two got $SHARE per mille"
		[ "$SHARE" -ge 390 ] && [ "$SHARE" -le 410 ] || rc=1
	done
	kill $RUNAWAY $other $third
	wait $RUNAWAY $other $third 2> /dev/null
	RUNAWAY=
	hogs_end
	return $rc
}

# A fifth of what the player leaves is the fair share: about 185.
ktap_test_result "not served: a fair share" between 150 220 fair
ktap_test_result "reserve 1 ms of 10 ms: 10 %" between 85 115 reserve \
	reserve runtime 1ms period 10ms
# a tenth by windows, and a fifth of the rest
ktap_test_result "boost 1 ms of 10 ms: 10 % above a fair share" between 200 290 boost \
	boost budget 1ms period 10ms irq "$IRQ"
# Without a budget it takes nearly all: the control.
ktap_test_result "a budget of $MUCH: the control" between 600 900 control \
	boost budget $MUCH period 10ms irq "$IRQ"
ktap_test_result "two keep what they were promised, a third is refused" two_and_a_third

ktap_finished
