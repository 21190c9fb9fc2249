#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# The kernel's kvm selftests for MSRs, memory slots, dirty logs, stress of the MMU
# and the local APIC: without the module, and with every VM of theirs opted in to
# memory types and the store fast path. The verdicts must be the same, and not all
# failures. Most programs skip on 6.1, which they are too young for.
SKIP=4
work=$(mktemp -d)
n=0
bad=0

# On 6.12, whose they are, all of them; elsewhere those that take no seconds.
programs()
{
	cat <<-END
	userspace_msr_exit_test
	hwcr_msr_test
	tsc_msrs_test
	get_msr_index_features
	platform_info_test
	kvm_pv_test
	set_sregs_test
	state_test
	sync_regs_test
	cpuid_test
	exit_on_emulation_failure_test
	triple_fault_event_test
	userspace_io_test
	xapic_state_test
	memslot_modification_stress_test -i 200 -v 1 -b 4M
	dirty_log_perf_test -i 2 -b 8M
	demand_paging_test -b 8M
	kvm_page_table_test -b 16M -v 1
	END
	case $(uname -r) in
	6.12.*-amd64) ;;
	*) return ;;
	esac
	cat <<-END
	xapic_ipi_test
	set_memory_region_test
	END
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
	timeout 90 sh -c "$work/bin/$1" > "$2.output" 2>&1
	echo "exit $?" > "$2"
	sed -nE 's/^(ok|not ok) [0-9]+ (- )?/\1 /p' "$2.output" >> "$2"
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
			{ [ "$vms" -gt 0 ] || [ "$program" = get_msr_index_features ]; }
		status=$?
		result $status "${program%% *}: as on stock ($(head -1 "$work/stock.$i")), $vms VMs"
		[ $status = 0 ] && continue
		sed 's/^/# stock: /' "$work/stock.$i"
		sed 's/^/# ours:  /' "$work/ours.$i" "$work/ours.$i.output"
	done < "$work/programs"
}

# calls SYMBOL: entries into a hook
calls()
{
	diokctl version | sed -nE "s/.*:$1 armed, ([0-9]+) calls.*/\1/p"
}

if ! modprobe kvm_amd; then
	echo "1..0 # SKIP no KVM on this machine"
	exit $SKIP
fi
rmmod dio_kvm 2> /dev/null
mkdir "$work/bin"
unxz -c kvm.tar.xz | tar -C "$work/bin" -xf - || exit 1
programs > "$work/programs"
echo "TAP version 13"
echo "1..$(($(wc -l < "$work/programs") + 2))"
stock
passed=$(cat "$work"/stock.*[0-9] | grep -c '^exit 0')
[ $((passed * 4)) -ge $(($(wc -l < "$work/programs") * 3)) ]
result $? "stock passes most of them ($passed)"

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
spte=$(calls make_spte)
fault=$(calls kvm_mmu_page_fault)
[ "${spte:-0}" -gt 0 ] && [ "${fault:-0}" -gt 0 ]
result $? "the hooks ran: $spte entries made, $fault stores looked at"
kill $hold
wait $hold
rm -rf "$work"
rmmod dio_kvm || bad=1
exit $bad
