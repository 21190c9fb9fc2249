# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Sourced by ctl.sh: the monitor, and dumps of a list that changes.

# Start a monitor with these options and wait until it listens: the first
# event that it prints is one that was made for this.
monitor_start()
{
	rm -f "$T/events"
	diokctl "$@" > "$T/events" 2> "$T/monitor.err" & monitor=$!
	tries=100
	until [ -s "$T/events" ]; do
		diokctl dev set "$EDU" drain 1 || return 1
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || fail "the monitor prints nothing: $(cat "$T/monitor.err")" || return 1
		usleep 20000
	done
}

# monitor_stop SIGNAL [TEXT]: end it, wanted to exit with 0
monitor_stop()
{
	kill "-$1" "$monitor"
	wait "$monitor"
	rc=$?
	[ "$rc" = 0 ] || fail "after SIG$1 the monitor ends with $rc: $(cat "$T/monitor.err")"
}

# Events come in order: when the last device's farewell is here, all is here.
monitor_drain()
{
	diokctl dev bind "$EDU2" > /dev/null && diokctl dev unbind "$EDU2" > /dev/null || return 1
	until_true 50 grep -q -e "$1" "$T/events" || fail "no farewell: $(cat "$T/events")"
}

t_monitor_one_event_a_reset()
{
	ctl -j dev show "$E1000E"
	before=$("$HERE/jsonck" .0.resets < "$T/out")
	monitor_start -j -t monitor dev || return 1
	for i in 1 2 3 4 5; do
		ctl dev reset "$E1000E"
		want 0 || return 1
		ctl dev reset "$E1000E" --dry-run
		want 0 || return 1
	done
	monitor_drain "\"dev-del\",\"addr\":\"$EDU2\"" || return 1
	monitor_stop INT || return 1
	"$HERE/jsonck" -l < "$T/events" || fail "not JSON: $(cat "$T/events")" || return 1
	grep "\"event\":\"reset\",\"addr\":\"$E1000E\"" "$T/events" > "$T/resets"
	[ "$(wc -l < "$T/resets")" = 5 ] ||
		fail "5 resets, events: $(cat "$T/resets")" || return 1
	"$HERE/jsonck" -l .id < "$T/resets" > "$T/ids"
	for i in 1 2 3 4 5; do echo $((before + i)); done | cmp -s - "$T/ids" ||
		fail "ids after $before: $(cat "$T/ids")" || return 1
	"$HERE/jsonck" -l .timestamp < "$T/events" | grep -qv '^20..-..-..T..:..:..[.]......[+-]..:..$' &&
		fail "a timestamp is not ISO 8601: $(cat "$T/events")" && return 1
	return 0
}

# A monitor that does not read while more events come than its socket holds:
# it says so, and the resets that it missed are there, each once, in order.
t_monitor_lost_events()
{
	monitor_start -j monitor || return 1
	ctl -j dev reset "$E1000E"; want 0 || return 1
	first=$("$HERE/jsonck" .id < "$T/out")
	kill -STOP "$monitor"
	"$HERE/event_burst" "$EDU" 6000 || return 1
	for i in 1 2 3; do
		ctl dev reset "$E1000E"; want 0 || return 1
	done
	kill -CONT "$monitor"
	until_true 100 grep -q "\"id\":$((first + 3))," "$T/events" ||
		fail "reset $((first + 3)) is not told of: $(grep -c . "$T/events") events" || return 1
	monitor_stop INT || return 1
	grep -c . "$T/events" | sed 's/^/# of 6000 events and more came /'
	grep -q '"event":"lost"' "$T/events" || fail "no loss is told of" || return 1
	grep '"event":"reset"' "$T/events" | "$HERE/jsonck" -l .id > "$T/ids"
	for i in 0 1 2 3; do echo $((first + i)); done | cmp -s - "$T/ids" ||
		fail "resets from $first: $(cat "$T/ids")"
}

t_monitor_text()
{
	monitor_start -s monitor || return 1
	ctl dev reset "$E1000E"; want 0 || return 1
	monitor_drain "^$EDU2 unbound" || return 1
	monitor_stop TERM || return 1
	cp "$T/events" "$T/out"
	judge "diokctl -s monitor" "$T/out" "$T/monitor.err"
	out_has "^$E1000E reset [0-9]* by netlink, policy permissive: verified (function)" &&
		out_has '^  bus *verified' && out_has "^$EDU state .* policy observe" &&
		out_has "^$EDU2 unbound" || return 1
	[ "$(count "^$E1000E reset ")" = 1 ] || fail "not one reset: $(cat "$T/events")"
}

t_monitor_signals()
{
	for sig in INT TERM; do
		monitor_start monitor || return 1
		monitor_stop "$sig" || return 1
		[ ! -s "$T/monitor.err" ] || fail "SIG$sig: $(cat "$T/monitor.err")" || return 1
	done
}

# The monitor keeps the module from nothing, and says when it is gone.
t_monitor_unload()
{
	monitor_start monitor || return 1
	for dev in /sys/bus/pci/drivers/dio-vfio-pci/0*; do
		diokctl dev unbind "${dev##*/}" > /dev/null || return 1
	done
	unload || return 1
	until_true 50 sh -c "! kill -0 $monitor 2> /dev/null"
	wait "$monitor"
	rc=$?
	judge "diokctl monitor" "$T/events" "$T/monitor.err"
	want 1 "module dio_vfio_pci was unloaded" || return 1
	diokctl dev bind "$E1000E" > /dev/null && diokctl dev bind "$EDU" > /dev/null
}

churn()
{
	diokctl dev bind "$EDU2" && diokctl dev bind "$HDA" &&
		diokctl dev unbind "$EDU2" && diokctl dev unbind "$HDA"
}

# Two devices come and go while lists are read: those that stay are in each
# list exactly once, and the lists are seen to differ.
t_dumps_of_a_changing_list()
{
	while [ ! -e "$T/enough" ]; do
		churn || break
	done > /dev/null 2> "$T/churn.err" & churn=$!
	full=0
	part=0
	for i in $(seq 40); do
		ctl -j -s dev show
		{ want 0 && json_valid; } || break
		[ "$(count "{\"addr\":\"$E1000E\",\"name\"") $(count "{\"addr\":\"$EDU\",\"name\"")" = "1 1" ] ||
			fail "list $i: a device that stays is not there once: $(cat "$T/out")" || break
		if [ "$(count '"name":"[^"]*","id":"')" = 4 ]; then
			full=$((full + 1))
		else
			part=$((part + 1))
		fi
	done
	touch "$T/enough"
	wait "$churn"
	[ ! -s "$T/churn.err" ] || fail "binding meanwhile: $(cat "$T/churn.err")" || return 1
	echo "# $full lists with 4 devices, $part with fewer"
	[ $((full + part)) = 40 ] && [ "$part" -gt 0 ]
}
