#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# The running kernel's own kvm selftests for MSRs, memory slots, dirty logs, stress
# of the MMU and the local APIC: without the module, and with every VM of theirs
# opted in to memory types and the store fast path. The verdicts must be the same,
# and be that all pass. kvm_programs says which; LONG=-long in the environment: all.
SKIP=4
work=$(mktemp -d)
n=0
bad=0

# The kernel whose selftests are for this one
kernel()
{
	uname -r | sed -E 's/^([0-9]+\.[0-9]+)\..*/\1/'
}

# has LIST WORD: is it in the list, which has commas?
has()
{
	case ",$1," in
	*",$2,"*) return 0 ;;
	esac
	return 1
}

programs()
{
	while read -r kernels where program; do
		has "$kernels" "$(kernel)" || continue
		if has "$where" $cpu || { [ -n "$LONG" ] && has "$where" "$cpu$LONG"; }; then
			echo "$program"
		fi
	done < kvm_programs
}

result()
{
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n $2"
	else
		bad=1
		echo "not ok $n $2"
	fi
}

# Exit status, and the cases of those that have any.
verdict()
{
	timeout 240 sh -c "$work/bin/$1" > "$2.output" 2>&1
	echo "exit $?" > "$2"
	sed -nE 's/^(ok|not ok) [0-9]+ (- )?/\1 /p' "$2.output" >> "$2"
}

# no_vm PROGRAM VERDICT: it may have made no VM
no_vm()
{
	[ "$1" = get_msr_index_features ] || grep -q "^exit $SKIP\$" "$2"
}

stock()
{
	i=0
	while read -r program; do
		i=$((i + 1))
		verdict "$program" "$work/stock.$i"
	done < "$work/programs"
}

opted_in()
{
	i=0
	while read -r program; do
		i=$((i + 1))
		: > "$work/vms"
		DIO_OPTIN=$work/vms verdict "$program" "$work/ours.$i"
		vms=$(wc -l < "$work/vms")
		cmp -s "$work/stock.$i" "$work/ours.$i" &&
			{ [ "$vms" -gt 0 ] || no_vm "$program" "$work/stock.$i"; }
		status=$?
		result $status "${program%% *}: as on stock ($(head -1 "$work/stock.$i")), $vms VMs"
		[ $status = 0 ] && continue
		sed 's/^/# stock: /' "$work/stock.$i"
		sed 's/^/# ours:  /' "$work/ours.$i" "$work/ours.$i.output"
	done < "$work/programs"
}

# How many have to pass on stock: all, but on the debug kernel, which is configured
# with less than Debian's and is slow.
least()
{
	all=$(wc -l < "$work/programs")
	case $(uname -r) in
	*-amd64) echo "$all" ;;
	*) echo $((all * 3 / 4)) ;;
	esac
}

# calls SYMBOL: entries into a hook
calls()
{
	diokctl version | sed -nE "s/.*:$1 armed, ([0-9]+) calls.*/\1/p"
}

if grep -q '^flags.* vmx' /proc/cpuinfo; then
	cpu=vmx vendor=kvm_intel type=vmx_get_mt_mask
else
	cpu=svm vendor=kvm_amd type=make_spte
fi
if ! modprobe $vendor; then
	echo "1..0 # SKIP no KVM on this machine"
	exit $SKIP
fi
rmmod dio_kvm 2> /dev/null
mkdir "$work/bin"
export LD_LIBRARY_PATH="$work/bin"
unxz -c "kvm-$(kernel).tar.xz" | tar -C "$work/bin" -xf - || exit 1
programs > "$work/programs"
echo "TAP version 13"
echo "1..$(($(wc -l < "$work/programs") + 2))"
stock
passed=$(cat "$work"/stock.*[0-9] | grep -c '^exit 0')
[ "$passed" -ge "$(least)" ]
result $? "stock passes $passed of $(wc -l < "$work/programs"), $(least) at least"

if ! modprobe dio_kvm; then
	echo "Bail out! dio_kvm does not load"
	exit 1
fi
mkfifo "$work/held"
DIO_OPTIN=$work/hold "$work/bin/hold" > "$work/held" &
hold=$!
read -r word < "$work/held"
[ "$word" = held ] || echo "# no VM is held: $word"
opted_in
diokctl version | sed 's/^/# /'
entries=$(calls $type)
fault=$(calls kvm_mmu_page_fault)
[ "${entries:-0}" -gt 0 ] && [ "${fault:-0}" -gt 0 ]
result $? "the hooks ran: $entries entries made, $fault stores looked at"
kill $hold
wait $hold
rm -rf "$work"
rmmod dio_kvm || bad=1
exit $bad
