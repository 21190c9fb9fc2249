#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# diokctl vm, and what version and monitor say of dio_kvm.
HERE=$(dirname "$0")
T=$(mktemp -d)
# shellcheck source=/dev/null
. "$HERE/../kselftest/ktap_helpers.sh"
# shellcheck source=selftests/diokctl/ctl_lib.sh
. "$HERE/ctl_lib.sh"

# hold COUNT [ARG...]: a process with virtual machines; sets holder, and fd to the last one's
hold()
{
	: > "$T/hold"	# the last one's words are not this one's
	"$HERE/kvm_hold" "$@" >> "$T/hold" &
	holder=$!
	until_true 100 all_open "$1" || fail "kvm_hold $*" || return 1
	fd=$(sed -n '$s/open //p' "$T/hold")
}

all_open()
{
	[ "$(grep -c "^open" "$T/hold")" -eq "$1" ]
}

let_go()
{
	kill "$1"
	wait "$1" 2> /dev/null
	return 0	# not the signal that it died of
}

t_without_module()
{
	for words in "vm" "vm show 1" "monitor vm"; do
		# shellcheck disable=SC2086 # the words of a command
		ctl $words
		want 1 "module dio_kvm is not loaded" || return 1
	done
	ctl -j version
	want 0 && json .modules.1.module dio_kvm && json .modules.1.loaded false
}

t_usage()
{
	ctl vm set; want 2 "a virtual machine is missing" || return 1
	ctl vm set 1; want 2 "nothing to set" || return 1
	ctl vm set 1 memtype; want 2 "memtype: its value is missing" || return 1
	ctl vm set 1 memtype on; want 2 'memtype "on": expected off, pat or full' || return 1
	ctl vm set 1 memtype off memtype pat; want 2 "memtype is given twice" || return 1
	ctl vm set 1 routes equal; want 2 'routes "equal": expected off or same' || return 1
	ctl vm set 1 colour red; want 2 '"colour" is not a setting' || return 1
	ctl vm show 1 2; want 2 'unexpected "2"' || return 1
	ctl vm help; want 0 && out_has "^Usage: diokctl vm"
}

t_version()
{
	modprobe kvm_amd && modprobe dio_kvm || return 1
	ctl version
	want 0 && out_has "^dio_kvm .*, 0 VMs with a feature on$" || return 1
	out_has "^    vm       kvm:kvm_arch_pre_destroy_vm idle$" || return 1
	ctl -j version
	want 0 && json .modules.1.vms 0 && json .modules.1.nodio false || return 1
	json .modules.1.hooks.0.feature vm && json .modules.1.hooks.0.state idle
}

t_show()
{
	hold 1 || return 1
	ctl vm show "$holder"
	want 0 && out_has "^$holder (kvm_hold) memtype off$" || return 1
	ctl vm "$holder:$fd"
	want 0 && out_has "^$holder (kvm_hold) memtype off$" || return 1
	ctl -j vm show "$holder"
	want 0 && json .0.pid "$holder" && json .0.name kvm_hold && json .0.memtype off || return 1
	ctl vm set "$holder" memtype off
	want 0 || return 1
	ctl -j vm
	want 0 && [ "$out" = "[]" ] || fail "VMs with nothing on are listed: $out" || return 1
	let_go "$holder"
}

t_by_name()
{
	hold 1 -name "guest=vm,,a,debug-threads=on" || return 1
	first=$holder
	ctl vm show "vm,a"
	want 0 && out_has "^$first (vm,a) memtype off$" || return 1
	hold 1 -name "vm,,a" || return 1
	ctl vm show "vm,a"
	want 1 "vm,a: 2 virtual machines of this name, give a PID" || return 1
	let_go "$first"
	let_go "$holder"
	ctl vm show "vm,a"
	want 1 "vm,a: no virtual machine of this name"
}

t_refused()
{
	ctl vm show 4194303; want 1 "4194303: no such process" || return 1
	ctl vm show $$; want 1 "has no virtual machine of KVM" || return 1
	ctl vm show $$:0; want 1 "not a VM of KVM" || return 1
	ctl vm show $$:999; want 1 "$$:999: no such descriptor" || return 1
	hold 2 || return 1
	ctl vm show "$holder"
	want 1 "process $holder has 2 virtual machines, name one by $holder:FD" || return 1
	ctl vm show "$holder:$fd"
	want 0 || return 1
	let_go "$holder"
	ctl_as nobody vm
	want 1 "not permitted: CAP_NET_ADMIN is needed"
}

t_monitor_unload()
{
	diokctl -j monitor vm > "$T/events" 2> "$T/monitor.err" &
	monitor=$!
	until_true 100 listening || fail "monitor does not listen" || return 1
	rmmod dio_kvm || return 1
	wait "$monitor"
	rc=$?
	judge "diokctl -j monitor vm" "$T/events" "$T/monitor.err"
	want 1 "monitor: module dio_kvm was unloaded"
}

# The monitor has joined the group: its socket is in the list with one. The lower
# 22 bits of a port are libnl's process.
listening()
{
	awk -v pid="$monitor" '$2 == 16 && $3 % 4194304 == pid && $4 != "00000000" { found = 1 }
		END { exit !found }' /proc/net/netlink
}

if ! modprobe kvm_amd 2> /dev/null; then
	ktap_print_header
	ktap_skip_all "no KVM on this machine"
	exit "$KSFT_SKIP"
fi
rmmod dio_kvm 2> /dev/null

TESTS="without_module usage version show by_name refused monitor_unload"

ktap_print_header
# shellcheck disable=SC2086 # a list
ktap_set_plan "$(set -- $TESTS; echo $#)"
for t in $TESTS; do
	if "t_$t"; then
		ktap_test_pass "$t"
	else
		ktap_test_fail "$t"
	fi
done
rmmod dio_kvm 2> /dev/null
ktap_finished
