#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# diokctl rt and its part of monitor: text, JSON, exit codes; the hook for libvirt.
HERE=$(dirname "$(readlink -f "$0")")
# shellcheck source=/dev/null
. "$HERE/../kselftest/ktap_helpers.sh"
# shellcheck source=/dev/null
. "$HERE/guest.sh"
# shellcheck source=/dev/null
. "$HERE/ctl_lib.sh"

T=$(mktemp -d)
trap 'kill $HOG $MONITOR 2> /dev/null; rmmod dio_sched 2> /dev/null; rm -rf "$T"' EXIT

t_not_loaded()
{
	ctl rt; want 1 "module dio_sched is not loaded" || return 1
	ctl version; want 0 && out_has "dio_sched is not loaded" || return 1
	modprobe dio_sched || return 1
	ctl version; want 0 && out_has "dio_sched 0" || return 1
	ctl rt; want 0 || return 1
	ctl -j rt; want 0 && json_valid
}

t_usage()
{
	ctl rt set; want 2 "a thread is missing" || return 1
	ctl rt set x reserve; want 2 '"x" is not a thread' || return 1
	ctl rt set $HOG; want 2 "a mode is missing" || return 1
	ctl rt set $HOG fast; want 2 '"fast" is not a mode' || return 1
	ctl rt set $HOG reserve runtime 1; want 2 'expected a time in ns, us, ms or s' || return 1
	ctl rt set $HOG reserve runtime 1.5ms; want 2 'expected a time' || return 1
	ctl rt set $HOG reserve runtime 99999999999999s; want 2 'expected a time' || return 1
	ctl rt set $HOG boost wake irq 3; want 2 'another source' || return 1
	ctl rt set $HOG off now; want 2 'unexpected "now"' || return 1
	ctl rt help; want 0 && out_has 'Usage: diokctl rt'
}

t_reserve()
{
	ctl rt set $HOG reserve runtime 1ms period 10ms cpu 0; want 0 || return 1
	ctl rt show $HOG
	want 0 && out_has "^$HOG (hog): reserve 1.000 ms of 10.000 ms (10.0 %), active" &&
		out_has "its own: other, nice 0, CPUs 0, pinned to 0" || return 1
	ctl -j rt show
	json .0.tid $HOG && json .0.mode reserve && json .0.state active &&
		json .0.runtime_ns 1000000 && json .0.policy other || return 1
	ctl rt admit cpu 0; want 0 && out_has "^CPU 0: 10.0 % of 9[05].0 % taken" || return 1
	ctl rt admit cpu 0 runtime 9ms period 10ms; want 0 && out_has "90.0 % more does not fit" ||
		return 1
	ctl rt admit $HOG runtime 5ms period 10ms; want 0 && out_has "50.0 % more fits" || return 1
	ctl -j rt admit; want 0 && json_valid && json .0.cpu 0 || return 1
	ctl rt set pid $HOG name hog off; want 0 || return 1
	ctl rt show $HOG; want 1 "is not served"
}

t_refused()
{
	ctl rt set $HOG reserve runtime 20ms period 10ms; want 1 "at most the period" || return 1
	ctl rt set $HOG reserve runtime 99ms period 100ms; want 1 "99.0 % asked" || return 1
	ctl rt set $HOG auto wake share 95; want 1 "share: 1 to 90" || return 1
	ctl rt set vm $HOG reserve runtime 1ms period 10ms; want 1 "has no virtual machine" || return 1
	ctl rt set vm $HOG:1 reserve runtime 1ms period 10ms
	want 1 "not a virtual machine of KVM" || return 1
	ctl rt set pid $HOG name cow off; want 1 'no thread "cow"' || return 1
	ctl rt set 999999 reserve runtime 1ms period 10ms; want 1 "there is none" || return 1
	ctl_as nobody rt; want 1 "CAP_NET_ADMIN"
}

t_estimate()
{
	# it never wakes up: there is nothing to estimate, and nothing stays behind
	ctl rt estimate $HOG wake for 100ms; want 0 && out_has "too few to say" || return 1
	ctl rt; want 0 && [ -z "$out" ]
}

# An event for what is set, what overruns and what ends.
t_monitor()
{
	diokctl -j monitor rt > "$T/events" 2>&1 & MONITOR=$!
	# a second event socket of the process says that it listens
	until_true 10 sh -c "ls -l /proc/$MONITOR/fd | grep -q socket" || return 1
	ctl rt set $HOG reserve runtime 1ms period 10ms; want 0 || return 1
	until_true 20 grep -q '"event":"rt-overrun"' "$T/events" || return 1
	ctl rt set $HOG off; want 0 || return 1
	until_true 20 grep -q '"event":"rt-del"' "$T/events" || return 1
	grep -q '"event":"rt","tid":'$HOG "$T/events" || return 1
	rmmod dio_sched
	until_true 20 grep -q "dio_sched was unloaded" "$T/events" || return 1
	MONITOR=
	modprobe dio_sched
}

# A monitor that does not read says so, and then what the state is.
t_monitor_lost()
{
	diokctl -j monitor rt > "$T/events" 2>&1 & MONITOR=$!
	until_true 20 sh -c "diokctl rt set $HOG observe wake; grep -q '\"mode\":' '$T/events'" ||
		return 1
	kill -STOP $MONITOR
	"$HERE/rcvbuf" $MONITOR || return 1
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do
		ctl rt set $HOG observe wake; want 0 || return 1
	done
	ctl rt set $HOG boost budget 1ms period 10ms wake; want 0 || return 1
	kill -CONT $MONITOR
	until_true 20 grep -q '"mode":"boost"' "$T/events" || return 1
	grep -q '"event":"lost"' "$T/events" || fail "no loss is told of" || return 1
	kill $MONITOR
	MONITOR=
	sed '1,/"event":"lost"/d' "$T/events" | grep -q '"event":"rt","tid":'$HOG || return 1
	ctl rt set $HOG off; want 0
}

# libvirt's call, with files of the test in the place of its own.
t_libvirt_hook()
{
	mkdir -p "$T/conf" "$T/run"
	echo $HOG > "$T/run/guest.pid"
	printf '# threads\n\nname hog reserve runtime 1ms period 10ms\n' > "$T/conf/guest"
	DIOK_RT_CONFIG=$T/conf DIOK_RT_RUN=$T/run "$HERE/diok-rt" guest start begin - < /dev/null
	ctl rt; [ -z "$out" ] || return 1
	DIOK_RT_CONFIG=$T/conf DIOK_RT_RUN=$T/run "$HERE/diok-rt" guest started begin - < /dev/null
	until_true 20 sh -c "diokctl rt show $HOG > /dev/null 2>&1" || return 1
	ctl rt set $HOG off; want 0
}

ktap_print_header
"$HERE/hog" & HOG=$!
ktap_set_plan 8
ktap_test_result "not loaded, loaded" t_not_loaded
ktap_test_result "usage" t_usage
ktap_test_result "reserve, show, admit, off" t_reserve
ktap_test_result "refusals" t_refused
ktap_test_result "estimate" t_estimate
ktap_test_result "monitor" t_monitor
ktap_test_result "events that are lost" t_monitor_lost
ktap_test_result "the hook for libvirt" t_libvirt_hook

ktap_finished
