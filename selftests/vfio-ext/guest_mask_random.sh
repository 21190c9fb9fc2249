#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# A guest drives the MSI-X table of its igb VF at random, through an unmodified QEMU,
# beside the standard's rules: each event once, by the message of that moment, and each
# load what was stored. With stock vfio-pci, which must stand the same, with masks in
# the kernel, by the emulator and by the store fast path, and while an administrator
# takes the masks back and gives them again. Afterwards QEMU's table is the guest's. A
# module that does not tell QEMU of a mask before what depends on it is found out.
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=/dev/null
. "$here/../kselftest/ktap_helpers.sh"
for library in guest mask doubled; do
	# shellcheck source=/dev/null
	. "$here/$library.sh"
done

# Of STEPS each, which are one to twelve accesses. SEQUENCES=1000000 in the environment
# is the long form.
STEPS=${STEPS:-8}
if ! [ "$STEPS" -ge 1 ]; then
	echo "Bail out! STEPS=$STEPS: 1 at least"
	exit 1
fi
SEQUENCES=${SEQUENCES:-$(volume 1500)}
SEED=${SEED:-1}
FEW=${FEW:-$(((SEQUENCES + 9) / 10))}
# Enough for a loss
NAIVE=$((1600 / STEPS))
SECONDS_MAX=$((60 + SEQUENCES / 20))
TAKEN_BACK=20

ktap_print_header
need igb_host
ktap_set_plan 21
if ! modprobe kvm_amd || ! doubled_watch; then
	ktap_exit_fail_msg "no tracepoint of exits"
fi
trap 'guests_end; mask_refused_unwatch; doubled_unwatch' EXIT

# begin NAME DRIVER COUNT [WORD...]
begin()
{
	local name=$1 driver=$2 count=$3

	shift 3
	doubled_forget
	guest_start "$name" "bare msix-random seed=$SEED count=$count steps=$STEPS $*" \
		"$driver" "$VF" &&
		guest_wait "$name" "@@ begun" 30
}

# counted NAME WHAT FIELD: of the last line that says WHAT
counted()
{
	tr -d '\r' < "$GUESTS/$1/serial" | grep "^@@ $2 " | tail -n 1 | tr ' ' '\n' |
		sed -n "/^$3\$/{n;p;}"
}

# right NAME WHAT: none of the errors, and something was done. The emulator may have
# given an interrupt twice.
right()
{
	local field wrong=0 more doubled

	guest_say "$1:$(tr -d '\r' < "$GUESTS/$1/serial" | grep "^@@ $2 " | tail -n 1 |
		sed 's/^@@//')"
	more=$(counted "$1" "$2" more)
	doubled=$(doubled_count)
	[ "$more" = 0 ] || guest_say "$more more, $doubled of the emulator's"
	[ "$more" -le "$doubled" ] || wrong=1
	for field in early stale lost wrong; do
		[ "$(counted "$1" "$2" $field)" = 0 ] || wrong=1
	done
	[ $wrong = 0 ] && [ "$(counted "$1" "$2" delivered)" -gt 0 ] &&
		[ "$(counted "$1" "$2" changed)" -gt 0 ]
}

rounds()
{
	guest_wait "$1" "@@ random" $SECONDS_MAX && right "$1" random
}

# obey NAME LETTER: and then all is right
obey()
{
	local from

	from=$(grep -c "^@@ obeyed" "$GUESTS/$1/serial")
	printf '%s' "$2" 1<> "$GUESTS/$1/in"
	until_true 20 obeyed "$1" $((from + 1)) && right "$1" obeyed
}

obeyed()
{
	[ "$(grep -c "^@@ obeyed.*wrong" "$GUESTS/$1/serial")" -ge "$2" ]
}

# All are masked and pending, by the kernel; then nothing is the kernel's any more.
table_is_qemus()
{
	local before

	obey "$1" m || return 1
	before=$(mask_kept)
	diokctl irq set "$VF" mask user && obey "$1" r && obey "$1" u || return 1
	[ "$(mask_kept)" = "$before" ] && return 0
	guest_say "$(mask_kept) masks kept after they were taken back, $before before"
	return 1
}

# The other way round: they are QEMU's, and go to the kernel again.
and_back()
{
	local before

	obey "$1" m && diokctl irq set "$VF" mask kernel && obey "$1" u || return 1
	before=$(mask_kept)
	obey "$1" m && obey "$1" u && obey "$1" m && [ "$(mask_kept)" -gt "$before" ] && obey "$1" u
}

the_end()
{
	printf q 1<> "$GUESTS/$1/in"
	guest_end "$1" 30
}

taken_back_and_given()
{
	local n=0

	while [ $n -lt $TAKEN_BACK ] && [ ! -e "$GUESTS/$1/rc" ]; do
		diokctl irq set "$VF" mask user && __pause
		diokctl irq set "$VF" mask kernel && __pause
		n=$((n + 1))
	done
	rounds "$1"
}

# By dio_vec_toggle(), as it must while the masks are taken back; the test before says
# that nothing was lost of it.
some_refused()
{
	guest_say "$(mask_refused) not kept at once"
	[ "$(mask_refused)" -gt 0 ]
}

# Stores to devices that the fast path did; masks are among them.
fast_was_used()
{
	diokctl -s vm show "$(cat "$GUESTS/$1/pid")" > /tmp/fast
	guest_say "$(tr '\n' ' ' < /tmp/fast)"
	diokctl -j -s vm show "$(cat "$GUESTS/$1/pid")" | tr '{' ',' | tr ',' '\n' |
		awk -F: '/"device"/ { n += $2 } END { exit !(n > 0) }'
}

# Interrupts where the guest has moved them away from, and none where they should be.
found_out()
{
	guest_wait "$1" "@@ random" $SECONDS_MAX || return 1
	right "$1" random
	[ "$(counted "$1" random stale)" -gt 0 ] && [ "$(counted "$1" random lost)" -gt 0 ]
}

PF=$(device igb_host)
vfs_make "$PF" 1 || ktap_exit_fail_msg "$PF: no VF"
VF=$(vf_of "$PF" 0)
ip link set "$(net_of "$PF")" up

ktap_test_result "vfio-pci: begun" begin stock vfio-pci "$FEW" resets=1
ktap_test_result "vfio-pci: each event once, where it should be" rounds stock
guest_kill stock
bind "$VF" none
ktap_test_result "diokctl dev bind" diokctl dev bind "$VF"
ktap_test_result "dio-vfio-pci: begun" begin ours dio-vfio-pci "$FEW" resets=1
ktap_test_result "dio-vfio-pci: each event once, where it should be" rounds ours
guest_kill ours
ktap_test_result "masks in the kernel" mask_kernel
ktap_test_result "kernel: begun" begin kernel dio-vfio-pci "$SEQUENCES" resets=2
ktap_test_result "kernel: each event once, where it should be" rounds kernel
ktap_test_result "kernel: masks were kept" mask_has_kept "$SEQUENCES"
ktap_test_result "kernel: taken back, QEMU's table is the guest's" table_is_qemus kernel
ktap_test_result "kernel: given again" and_back kernel
ktap_test_result "kernel: the end" the_end kernel
ktap_test_result "fast: begun" begin fast dio-vfio-pci "$SEQUENCES"
ktap_test_result "fast: stores by the fast path" mask_fast fast
ktap_test_result "fast: each event once, where it should be" rounds fast
ktap_test_result "fast: it was used" fast_was_used fast
guest_kill fast
mask_refused_watch
begin switched dio-vfio-pci "$SEQUENCES"
ktap_test_result "switched: taken back and given, each event once" taken_back_and_given switched
ktap_test_result "switched: some were refused by the driver" some_refused
guest_kill switched
mask_refused_unwatch
ktap_test_result "naive: its module" mask_naive
begin naive dio-vfio-pci $NAIVE wait=200
ktap_test_result "naive: found out" found_out naive
guest_kill naive
mask_off
ktap_test_result "the VF back" diokctl dev unbind "$VF"
ktap_finished
