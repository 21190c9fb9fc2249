#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# diokctl on the memory types of a running guest, as an administrator has it: what
# the guest has set, what is in the page tables, and why; switched on meanwhile.
HERE=$(dirname "$0")
T=$(mktemp -d)
# shellcheck source=/dev/null
. "$HERE/../kselftest/ktap_helpers.sh"

# run CODE WORDS...: diokctl has to end with CODE; its words are in $T/out
run()
{
	code=$1
	shift
	diokctl "$@" > "$T/out" 2>&1
	rc=$?
	[ $rc = "$code" ] && return
	echo "# diokctl $*: exit $rc, not $code"
	sed 's/^/# /' "$T/out"
	return 1
}

# says PATTERN: the last command did
says()
{
	grep -q -- "$1" "$T/out" && return
	echo "# no \"$1\" in:"
	sed 's/^/# /' "$T/out"
	return 1
}

# comes PATTERN WORDS...: the command says it before long
comes()
{
	pattern=$1
	shift
	n=0
	while [ $n -lt 300 ]; do
		diokctl "$@" > "$T/out" 2>&1
		grep -q -- "$pattern" "$T/out" && return
		sleep 0.1
		n=$((n + 1))
	done
	says "$pattern"
}

t_registers()
{
	run 0 vm show "$vm" || return 1
	says "memtype off" && says "MTRRs on, fixed off, default WB" &&
		says "of vCPU 0; 1 of 2 vCPUs have others" &&
		says "variable 0 0x600000-0x60ffff WC" && says "variable 1 0x1000000-0x11fffff UC" &&
		says "PAT WB WT UC- UC WB WT UC- UC"
}

t_range_off()
{
	run 0 vm show "$vm" range 0x600000 0x20000 || return 1
	says "0x600000-0x600fff MTRR WC by variable 0 entry WB 4K gives WB WT CD CD WB WT CD CD: memtype is off: MTRRs are ignored" &&
		says "0x601000-0x60ffff MTRR WC by variable 0: not in the page tables yet"
}

t_refused()
{
	run 1 vm set "$vm" memtype full && says "self-snoop" || return 1
	run 2 vm show "$vm" range 0x600000 && run 2 vm show "$vm" range x 1 &&
		run 2 vm show "$vm" range 0 0 && run 1 vm show "$vm" range 0x10000000000000 4096
}

t_on()
{
	run 0 vm set "$vm" memtype full force || return 1
	comes "0x600000-0x600fff MTRR WC by variable 0 entry WC 4K gives WC .*: as the guest's MTRRs say" \
		vm show "$vm" range 0x600000 0x1000 || return 1
	comes "0x1000000-0x11fffff MTRR UC by variable 1 entry UC 2M gives CD CD CD CD" \
		vm show "$vm" range 0x1000000 0x200000 || return 1
	comes "entry WB 4K gives UC UC UC UC.*MMIO of the host" vm show "$vm" range 0x8000000 4096 ||
		return 1
	run 0 vm show "$vm" && says "memtype full" && says "updates 0, ranges dropped 1" || return 1
	run 0 -j vm show "$vm" range 0x600000 0x1000 &&
		says '"mtrr":"WC","source":"variable"' && says '"entry-type":"WC"'
}

t_off_again()
{
	run 0 vm set "$vm" memtype off || return 1
	comes "0x600000-0x600fff MTRR WC by variable 0 entry WB 4K" vm show "$vm" range 0x600000 0x1000
}

if ! modprobe kvm_amd 2> /dev/null; then
	ktap_print_header
	ktap_skip_all "no KVM on this machine"
	exit "$KSFT_SKIP"
fi
modprobe dio_kvm
"$HERE/memvm_hold" > "$T/hold" 2>&1 &
vm=$!
n=0
while ! grep -q ready "$T/hold" && [ $n -lt 300 ]; do
	sleep 0.1
	n=$((n + 1))
done

TESTS="registers range_off refused on off_again"
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
kill "$vm"
wait "$vm" 2> /dev/null
rm -rf "$T"
ktap_finished
