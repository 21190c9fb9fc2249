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
trap 'hogs_end; kill $RUNAWAY; rmmod dio_sched' EXIT
ktap_set_plan 4

cpu_ns()
{
	cut -d ' ' -f 1 "/proc/$1/schedstat"
}

# share NAME [rt words]: per mille of the CPU that the runaway got, in SHARE. The
# player makes interrupts at 200 a second; it is reserved itself.
share()
{
	local from name=$1 player

	shift
	hogs_start 4
	"$here/hog" & RUNAWAY=$!
	"$here/player" "$FRAMES" 1 $((SECONDS_EACH + 3)) 100 > "$AUDIO/$name" 2>&1 &
	player=$!
	until_true 30 grep -q plays "$AUDIO/$name"
	diokctl rt set $player reserve runtime 500us period 5ms || return 1
	[ $# = 0 ] || diokctl rt set $RUNAWAY "$@" || return 1
	from=$(cpu_ns $RUNAWAY)
	sleep $SECONDS_EACH
	SHARE=$((($(cpu_ns $RUNAWAY) - from) / (SECONDS_EACH * 1000000)))
	guest_say "$name: the runaway got $SHARE per mille"
	[ $# = 0 ] || diokctl -s rt show $RUNAWAY | sed 's/^/# /'
	kill $RUNAWAY
	wait $player
	wait $RUNAWAY 2> /dev/null
	RUNAWAY=
	hogs_end
}

# between LOW HIGH share-words
between()
{
	local low=$1 high=$2

	shift 2
	share "$@" && [ "$SHARE" -ge "$low" ] && [ "$SHARE" -le "$high" ]
}

# A fifth of what the player leaves is the fair share: about 185.
ktap_test_result "not served: a fair share" between 150 220 fair
ktap_test_result "reserve 1 ms of 10 ms: 10 %" between 85 115 reserve \
	reserve runtime 1ms period 10ms
# a tenth by windows, and a fifth of the rest
ktap_test_result "boost 1 ms of 10 ms: 10 % above a fair share" between 200 290 boost \
	boost budget 1ms period 10ms irq "$IRQ"
# Without a budget it takes nearly all: the control.
ktap_test_result "a budget of 80 %: the control" between 600 900 control \
	boost budget 8ms period 10ms irq "$IRQ"

ktap_finished
