#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# diokctl against the module and real devices: texts, JSON, exit codes, and
# what is left of a command that fails.
HERE=$(dirname "$0")
T=$(mktemp -d)
# shellcheck source=/dev/null
. "$HERE/../kselftest/ktap_helpers.sh"
# shellcheck source=selftests/diokctl/ctl_lib.sh
. "$HERE/ctl_lib.sh"
# shellcheck source=selftests/diokctl/ctl_monitor.sh
. "$HERE/ctl_monitor.sh"
# shellcheck source=selftests/diokctl/ctl_irq.sh
. "$HERE/ctl_irq.sh"

t_without_module()
{
	unload || return 1
	for words in "irq" "irq set $E1000E msi holdoff 1" "dev" "dev show $E1000E" "dev reset $E1000E" "dev set $E1000E policy strict" \
		"dev release $E1000E" "monitor"; do
		# shellcheck disable=SC2086 # the words of a command
		ctl $words
		want 1 "module dio_vfio_pci is not loaded" || return 1
	done
	ctl dev unbind "$E1000E"
	want 1 "$E1000E: is not bound to dio-vfio-pci (driver: none)" || return 1
	ctl -j version
	want 0 && json .modules.0.loaded false || return 1
	[ ! -d /sys/module/dio_vfio_pci ] || fail "asking has loaded the module"
}

t_usage()
{
	ctl; want 2 "Usage: diokctl" || return 1
	ctl nothing; want 2 '"diokctl nothing" is unknown' || return 1
	ctl dev re "$EDU"; want 2 'ambiguous' || return 1
	ctl -x; want 2 || return 1
	ctl dev show 1:2:3:4; want 2 'is not a PCI address' || return 1
	ctl dev bind; want 2 'PCI address is missing' || return 1
	ctl dev set "$EDU"; want 2 'nothing to set' || return 1
	ctl dev set "$EDU" drain; want 2 'drain: its value is missing' || return 1
	ctl dev set "$EDU" drain 1x; want 2 'drain "1x": expected a number' || return 1
	ctl dev set "$EDU" drain 1 drain 2; want 2 'drain is given twice' || return 1
	ctl dev set "$EDU" methods flr,teapot; want 2 'methods "flr,teapot": expected' || return 1
	ctl dev set "$EDU" policy lax; want 2 'expected observe, permissive or strict' || return 1
	ctl dev set "$EDU" d3-force 2; want 2 'expected on or off' || return 1
	ctl dev reset "$EDU" now; want 2 'unexpected "now"' || return 1
	ctl monitor disk; want 2 'unexpected "disk"' || return 1
	ctl -V; want 0 && out_has '^diokctl [0-9]' || return 1
	ctl -h; want 0 && out_has '^Usage: diokctl' || return 1
	ctl dev help; want 0 && out_has '^Usage: diokctl dev'
}

t_bind_loads_module()
{
	ctl dev bind "$E1000E"
	want 0 && out_has "^$E1000E: module dio_vfio_pci loaded, no driver -> dio-vfio-pci, policy permissive" || return 1
	[ "$(driver "$E1000E")" = dio-vfio-pci ] || fail "driver is $(driver "$E1000E")" || return 1
	ctl -j dev bind "$EDU" policy strict level config
	want 0 && json .driver dio-vfio-pci && json .old_driver '' && json .policy strict &&
		json .module_loaded false || return 1
	ctl dev bind "$EDU"
	want 1 "$EDU: is bound to dio-vfio-pci already"
}

t_bind_refused()
{
	ctl dev bind 0000:77:00.0; want 1 "0000:77:00.0: no such PCI device" || return 1
	ctl dev bind 0000:00:00.0; want 1 "0000:00:00.0: is a bridge" || return 1
	ctl dev bind "$NVME" drain 4000000000
	want 1 "$NVME: integer out of range (drain: 0 to" || return 1
	[ -z "$(driver "$NVME")" ] || fail "left bound to $(driver "$NVME")" || return 1
	[ "$(override "$NVME")" = "(null)" ] || fail "override is left: $(override "$NVME")"
}

t_show()
{
	ctl dev
	want 0 && out_has "^$E1000E .*\[8086:10d3\]" && out_has "^$EDU .*\[1234:11e8\]" &&
		out_has "driver dio-vfio-pci state unknown policy permissive level function" &&
		out_has "methods d3 bus, unavailable: flr af-flr, not used: device" &&
		out_has "ready-timeout [0-9]* ms, idle-timeout [0-9]* ms, drain [0-9]* ms" || return 1
	ctl -j dev show
	want 0 && json_valid && [ "$(count '"addr"')" = 2 ] || fail "not two devices: $out" || return 1
	ctl -j dev show "$EDU"
	want 0 && json .0.addr "$EDU" && json .0.policy strict && json .0.level config &&
		json .0.id 1234:11e8 && json .0.resets 0 || return 1
	ctl -j -p dev "${EDU#0000:}"
	want 0 && json .0.addr "$EDU" && out_has '^    {$'
}

t_show_unbound()
{
	ctl dev show 0000:00:00.0
	want 1 "0000:00:00.0: not bound to dio-vfio-pci (driver: " || return 1
	ctl dev show 0000:77:00.0; want 1 "0000:77:00.0: no such PCI device" || return 1
	ctl dev reset "$NVME"; want 1 "$NVME: not bound to dio-vfio-pci (driver: none)" || return 1
	ctl dev unbind "$NVME"; want 1 "$NVME: is not bound to dio-vfio-pci (driver: none)" || return 1
	ctl dev unbind 0000:77:00.0; want 1 "0000:77:00.0: no such PCI device"
}

t_set()
{
	ctl dev set "$EDU" policy observe level function ready-timeout 5000 idle-timeout 0x64 drain 0 d3-force on
	want 0 || return 1
	ctl -j dev show "$EDU"
	want 0 && json .0.policy observe && json .0.level function && json .0.d3_force true &&
		json .0.ready_timeout_ms 5000 && json .0.idle_timeout_ms 100 &&
		json .0.drain_ms 0 || return 1
	ctl dev set "$E1000E" methods bus,pm; want 0 || return 1
	ctl -j dev show "$E1000E"
	json .0.methods.0 bus && json .0.methods.1 d3 || return 1
	ctl dev set "$E1000E" methods default; want 0 || return 1
	ctl -j dev show "$E1000E"
	json .0.methods.0 d3
}

# The good half of a command must not be applied when the other half is bad.
t_set_whole_or_not()
{
	ctl -j dev show "$E1000E"; before=$out
	ctl dev set "$E1000E" policy strict ready-timeout 99
	want 1 "$E1000E: integer out of range (ready-timeout: 100 to" || return 1
	ctl dev set "$E1000E" policy strict level none
	want 1 "(level: 1 to 2)" || return 1
	ctl dev set "$E1000E" policy strict methods flr
	want 1 "flr: " || return 1
	ctl dev set "$E1000E" policy strict methods bus,bus
	want 1 "bus" || return 1
	ctl -j dev show "$E1000E"
	[ "$out" = "$before" ] || fail "was $before, is $out"
}

t_reset()
{
	ctl dev reset "$E1000E"
	want 0 && out_has "^$E1000E reset 1 by netlink, policy permissive: verified (function)" &&
		out_has '^  d3 *failed: ' && out_has '^  bus *verified (function)' || return 1
	ctl -j dev reset "$E1000E"
	want 0 && json .id 2 && json .result verified && json .level function &&
		json .state clean && json .steps.0.method d3 && json .steps.0.result failed || return 1
	ctl dev; out_has "last: verified (function), [0-9]* ms by netlink" || return 1
	ctl -s -t dev show "$E1000E"
	want 0 && out_has "^    $E1000E reset 1 by netlink.* began 20" &&
		out_has "^    $E1000E reset 2 by netlink" || return 1
	ctl -j -s dev show "$E1000E"
	json .0.ring.0.id 1 && json .0.ring.1.id 2 && json .0.last.id 2
}

t_dry_run()
{
	ctl dev reset "$E1000E" --dry-run
	want 0 && out_has "^$E1000E dry run, policy permissive: would try" &&
		out_has '^  d3 *planned' && out_has '^  flr *unavailable: ' &&
		out_has '^  bus *planned' || return 1
	ctl -j dev reset "$E1000E" --dry-run
	want 0 && json .dry_run true && json .steps.0.result planned || return 1
	ctl -j dev show "$E1000E"
	json .0.resets 2
}

t_failed_reset_and_release()
{
	ctl dev bind "$ROOT" policy strict; want 0 || return 1
	ctl dev reset "$ROOT"
	want 1 && out_has "failed, .*state quarantined" && out_has "bus *unavailable: " || return 1
	ctl -j dev reset "$ROOT"; want 1 && json .result failed || return 1
	ctl -j dev show "$ROOT"; json .0.state quarantined && json .0.failures 2 || return 1
	ctl dev release "$ROOT"; want 0 || return 1
	ctl -j dev show "$ROOT"; json .0.released true || return 1
	ctl dev release "$ROOT"; want 1 "$ROOT: not in quarantine" || return 1
	ctl dev unbind "$ROOT"; want 0 && out_has "^$ROOT: dio-vfio-pci -> no driver"
}

# Open: neither reset nor unbound, and the user is named.
t_in_use()
{
	"$HERE/vfio_hold" "$E1000E" > "$T/hold" & hold=$!
	until_true 50 grep -q open "$T/hold" || fail "vfio_hold did not open" || return 1
	ctl -j dev show "$E1000E"; json .0.state in-use || return 1
	ctl dev reset "$E1000E"; want 1 "$E1000E: " || return 1
	ctl dev unbind "$E1000E"
	want 1 "$E1000E: state in-use (vfio_hold, pid $hold)"
	code=$?
	kill "$hold"; wait "$hold" 2> /dev/null
	[ "$code" = 0 ] && [ "$(driver "$E1000E")" = dio-vfio-pci ]
}

t_host_driver_comes_back()
{
	modprobe igb || return 1
	until_true 50 test "$(driver "$IGB")" = igb || fail "igb did not bind" || return 1
	ctl dev bind "$IGB" ready-timeout 1
	want 1 "ready-timeout: 100 to" || return 1
	[ "$(driver "$IGB") $(override "$IGB")" = "igb (null)" ] ||
		fail "after the failure: $(driver "$IGB") $(override "$IGB")" || return 1
	echo 1 > "/sys/bus/pci/devices/$IGB/sriov_numvfs"
	ctl dev bind "$IGB"; want 1 "$IGB: has 1 virtual functions enabled" || return 1
	echo 0 > "/sys/bus/pci/devices/$IGB/sriov_numvfs"
	ctl dev bind "$IGB"; want 0 && out_has "^$IGB: igb -> dio-vfio-pci" || return 1
	ctl -j dev unbind "$IGB"; want 0 && json .driver igb || return 1
	[ "$(driver "$IGB") $(override "$IGB")" = "igb (null)" ] || fail "igb is not back" || return 1
	rmmod igb
}

t_version()
{
	ctl version
	want 0 && out_has '^dio_vfio_pci [0-9.]*, 2 devices bound' &&
		out_has '8086:10d3 .*: [0-9]* canaries' || return 1
	ctl -j version
	want 0 && json .modules.0.loaded true && json .modules.0.devices 2
}

# A command without privilege says so and changes nothing.
t_no_privilege()
{
	chmod 755 "$T"
	ctl_as nobody dev set "$EDU" policy strict
	want 1 "not permitted: CAP_NET_ADMIN is needed" || return 1
	ctl_as nobody dev; want 1 "not permitted" || return 1
	ctl_as nobody version; want 0 || return 1
	ctl -j dev show "$EDU"; json .0.policy observe
}

# A write error must not look like success.
t_full_disk()
{
	diokctl dev show "$EDU" > /dev/full 2> "$T/err"
	rc=$?
	judge "diokctl dev show $EDU > /dev/full" /dev/null "$T/err"
	want 1 "write error"
}

TESTS="without_module usage bind_loads_module bind_refused show show_unbound set
	set_whole_or_not reset dry_run failed_reset_and_release in_use
	host_driver_comes_back version no_privilege full_disk
	irq_stock_until_set irq_bind_sets irq_settings irq_settings_refused irq_usage irq_nobody
	irq_msi_counts irq_holdoff irq_vectors_stock irq_storm_event irq_monitor_objects
	monitor_one_event_a_reset monitor_lost_events monitor_text monitor_signals monitor_unload
	dumps_of_a_changing_list"

ktap_print_header
need_devices E1000E=e1000e_rp25 ROOT=e1000e_root EDU=edu_rp EDU2=edu_rp2 NVME=nvme \
	IGB=igb_host HDA=hda
# shellcheck disable=SC2086 # a list
ktap_set_plan "$(set -- $TESTS; echo $#)"
for t in $TESTS; do
	if "t_$t"; then
		ktap_test_pass "$t"
	else
		ktap_test_fail "$t"
	fi
done
give_back
ktap_finished
