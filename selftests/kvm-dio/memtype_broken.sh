#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The negative controls of memtype_change: a module that keeps huge pages across a
# change of type, and one that does not zap, have wrong types in the page tables,
# and the test sees it. The same build with both left on passes.
HERE=$(dirname "$0")
# shellcheck source=/dev/null
. "$HERE/../kselftest/ktap_helpers.sh"

MODULE=dio_kvm_memtype_broken
export MODULE

# verdict TEST BREAK: how the test ends on a module with that broken. It has to fail
# for an entry of a wrong type, not because it came nowhere.
verdict()
{
	out=$(BREAK=$2 "$HERE/memtype_change" -t "$1" 2>&1)
	case $out in
	*": entry 0x"*", want "*"not ok 1 change.$1"*) echo fails ;;
	*"ok 1 change.$1"*"SKIP"*) echo skips ;;
	*"not ok 1 change.$1"*) echo "fails for another reason: $out" ;;
	*"ok 1 change.$1"*) echo passes ;;
	*) echo "does not end: $out" ;;
	esac
}

# expect VERDICT TEST BREAK
expect()
{
	is=$(verdict "$2" "$3")
	if [ "$is" = skips ]; then
		ktap_test_skip "$2 with ${3:-nothing} broken"
	elif [ "$is" = "$1" ]; then
		ktap_test_pass "$2 with ${3:-nothing} broken $1"
	else
		ktap_test_fail "$2 with ${3:-nothing} broken: $is"
	fi
}

# What the race is about: without zaps a stale entry is seen.
racing()
{
	out=$(CHANGES=50 BREAK=zap "$HERE/memtype_race" 2>&1)
	if echo "$out" | grep -q 'change .* has 0x' && echo "$out" | grep -q '^not ok'; then
		ktap_test_pass "memtype_race with zap broken fails"
	else
		ktap_test_fail "memtype_race with zap broken does not fail"
	fi
}

ktap_print_header
ktap_set_plan 8
expect fails by_the_manual zap
expect fails while_enabled zap
expect fails off_and_on zap
expect fails across_huge_pages clamp
expect fails dirty_log clamp
racing
expect passes across_huge_pages ""
expect passes while_enabled ""
rmmod "$MODULE" 2>/dev/null
ktap_finished
