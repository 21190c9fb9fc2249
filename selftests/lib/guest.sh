# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# Nested guests for kselftest shell tests (busybox sh), to be sourced after
# ktap_helpers.sh. A guest NAME lives in $GUESTS/NAME: command (QEMU's command
# line), serial (its console), in (a FIFO to it), pid, rc (QEMU's exit status,
# there once QEMU and all of its files are gone).
#
# The command line depends on the guest and on the devices, never on the VFIO
# driver they are bound to. Every wait is for a condition and has a bound.

GUESTS=/tmp/guests
GUEST_L2=/l2
# Detectors of a debug kernel make everything slower.
GUEST_SCALE=1
[ -e /sys/kernel/debug/kmemleak ] && GUEST_SCALE=4
# A bound of a wait finds what never comes: it is far from what a slow machine, or one
# with others on it, needs. Where time is instructions no machine is slow.
GUEST_PATIENCE=$((3 * GUEST_SCALE))
grep -qw dio.icount /proc/cmdline && GUEST_PATIENCE=$GUEST_SCALE

# Many equal rounds: a tenth of them in a run of all tests, and on all kernels but one;
# all on that one when a test is asked for by name.
GUEST_PART=10
[ -e /etc/dio/volume ] && case $GUEST_SCALE:$(uname -r) in 1:6.12.*) GUEST_PART=1 ;; esac

# volume N: of N rounds those that this run does
volume()
{
	echo $((($1 + GUEST_PART - 1) / GUEST_PART))
}

guest_say()
{
	echo "# $*"
}

# A wait must not slow down what it waits for: the host has one emulated CPU
# on which a fork costs milliseconds, so these loops use builtins only.
mkdir -p "$GUESTS"
[ -p "$GUESTS/.never" ] || mkfifo "$GUESTS/.never"
exec 9<> "$GUESTS/.never"

__pause()
{
	# shellcheck disable=SC3045 # busybox's read has -t
	read -r -t 0.03 _ <&9
}

# until_true SECONDS COMMAND...: poll COMMAND until it succeeds, GUEST_PATIENCE times as long
until_true()
{
	local now end

	read -r now _ < /proc/uptime
	end=$((${now%.*} + 1 + $1 * GUEST_PATIENCE))
	shift
	until "$@"; do
		read -r now _ < /proc/uptime
		[ "${now%.*}" -lt "$end" ] || return 1
		__pause
	done
	return 0
}

# need NAME...: skip the test on a machine without these devices
need()
{
	local name

	for name; do
		if [ ! -s "/run/dio/$name" ]; then
			ktap_skip_all "this machine has no device $name"
			exit "$KSFT_SKIP"
		fi
	done
}

# device NAME: its PCI address by the machine's table
device()
{
	cat "/run/dio/$1"
}

driver_of()
{
	local link

	link=$(readlink "/sys/bus/pci/devices/$1/driver") && echo "${link##*/}"
}

# bind BDF DRIVER: as an administrator does it; DRIVER none leaves it unbound
bind()
{
	local dir

	dir=/sys/bus/pci/devices/$1
	[ "$(driver_of "$1")" = "$2" ] && return 0
	[ "$2" = none ] || modprobe "$2" || return 1
	[ -e "$dir/driver" ] && echo "$1" > "$dir/driver/unbind"
	if [ "$2" = none ]; then
		echo > "$dir/driver_override"
		return 0
	fi
	echo "$2" > "$dir/driver_override"
	echo "$1" > /sys/bus/pci/drivers_probe
	if [ "$(driver_of "$1")" != "$2" ]; then
		guest_say "$1: bound to '$(driver_of "$1")', not to $2"
		return 1
	fi
}

# vfs_make PF N: N virtual functions, bound to no driver, of the igb at PF
vfs_make()
{
	local had

	modprobe igb && until_true 10 test -d "/sys/bus/pci/devices/$1/net" || return 1
	echo 0 > "/sys/bus/pci/devices/$1/sriov_drivers_autoprobe"
	read -r had < "/sys/bus/pci/devices/$1/sriov_numvfs"
	[ "$had" = "$2" ] && return 0
	echo "$2" > "/sys/bus/pci/devices/$1/sriov_numvfs"
	test -e "/sys/bus/pci/devices/$1/virtfn$(($2 - 1))"
}

# vf_of PF N: address of virtual function N
vf_of()
{
	local link

	link=$(readlink "/sys/bus/pci/devices/$1/virtfn$2") && echo "${link##*/}"
}

# net_of BDF: name of its network interface
net_of()
{
	local net

	for net in "/sys/bus/pci/devices/$1/net"/*; do
		echo "${net##*/}"
	done
}

# net_stats NAME: "rx TX" packets so far
net_stats()
{
	cat "/sys/class/net/$1/statistics/rx_packets" "/sys/class/net/$1/statistics/tx_packets" |
		tr '\n' ' '
}

# irq_sum PATTERN: interrupts so far of all lines of /proc/interrupts like it
irq_sum()
{
	grep -e "$1" /proc/interrupts | awk '
		{ for (i = 2; i <= NF && $i ~ /^[0-9]+$/; i++) sum += $i }
		END { print sum + 0 }'
}

# __guest_qemu KIND-WORDS... -- BDF...: the command line, one word a line. A test may
# add GUEST_MACHINE, GUEST_FEATURES and GUEST_VFIO, each ",property=value...", and GUEST_CPUS
__guest_qemu()
{
	local kind words bdf

	kind=$1
	shift
	words=
	while [ "$1" != -- ]; do
		words="$words $1"
		shift
	done
	shift
	printf '%s\n' qemu-system-x86_64 -nodefaults -no-user-config -display none \
		-M "pc,usb=off,vmport=off,smbus=off$GUEST_MACHINE" -bios qboot.rom \
		-accel kvm -cpu "host,-svm$GUEST_FEATURES" \
		-device isa-debug-exit,iobase=0xf4,iosize=4 -serial stdio
	[ -z "$GUEST_CPUS" ] || printf '%s\n' -smp "$GUEST_CPUS"
	if [ "$kind" = linux ]; then
		# Emulated host: the clock it was told is better than a calibration.
		words="$words $(grep -o 'tsc_early_khz=[0-9]*' /proc/cmdline)"
		printf '%s\n' -m 96 -kernel $GUEST_L2/vmlinux -initrd $GUEST_L2/linux.cpio \
			-append "$(tr '\n' ' ' < $GUEST_L2/cmdline)$words"
	else
		printf '%s\n' -m 32 -kernel $GUEST_L2/bare.elf -append "run=${words# }"
	fi
	for bdf; do
		printf '%s\n' -device "vfio-pci,host=$bdf,rombar=0$GUEST_VFIO"
	done
}

# guest_start NAME KIND DRIVER BDF...: run a guest in the background with the
# devices bound to DRIVER. KIND: "linux [ARGUMENT...]" or "bare BEHAVIOUR [x=y...]"
guest_start()
{
	local dir kind driver bdf

	dir=$GUESTS/$1 kind=$2 driver=$3
	shift 3
	modprobe -a kvm-amd vfio_iommu_type1 || return 1
	for bdf; do
		bind "$bdf" "$driver" || return 1
	done
	rm -rf "$dir"
	mkdir -p "$dir"
	mkfifo "$dir/in"
	: > "$dir/serial"
	# shellcheck disable=SC2086 # the kind's words
	__guest_qemu $kind -- "$@" > "$dir/command"
	__guest_run "$dir" &
	until_true 10 test -s "$dir/pid"
}

__guest_run()
{
	local words word rc

	words=$1/command
	set -- "$1"
	while IFS= read -r word; do
		set -- "$@" "$word"
	done < "$words"
	# Opened for both, a FIFO neither ends for QEMU nor blocks a writer later.
	{
		sh -c 'echo $$ > "$1/pid"
			cd "$1"; shift
			exec "$@" <> in >> serial 2>&1' sh "$@"
	} 2>/dev/null	# the shell's own word on a killed guest
	rc=$?
	echo $rc > "$1/rc.new"
	mv "$1/rc.new" "$1/rc"
}

__guest_tail()
{
	guest_say "guest $1: end of its console:"
	tr -d '\r' < "$GUESTS/$1/serial" | tail -n 15 | sed 's/^/# | /'
}

# __guest_scan MARK: read on in the console (descriptor 8); true at MARK
__guest_scan()
{
	local line

	while IFS= read -r line <&8; do
		line=$guest_part$line
		guest_part=
		# shellcheck disable=SC2254 # MARK is a pattern
		case $line in $1*) return 0 ;; esac
	done
	guest_part=$guest_part$line
	return 1
}

__guest_said_or_ended()
{
	__guest_scan "$2" || { [ -e "$GUESTS/$1/rc" ] && __guest_scan "$2"; } ||
		[ -e "$GUESTS/$1/rc" ]
}

# guest_wait NAME MARK SECONDS: until a line of the console begins with MARK
# (a shell pattern)
guest_wait()
{
	guest_part=
	exec 8< "$GUESTS/$1/serial"
	until_true "$3" __guest_said_or_ended "$1" "$2"
	exec 8< "$GUESTS/$1/serial"
	guest_part=
	__guest_scan "$2" && return 0
	if [ -e "$GUESTS/$1/rc" ]; then
		guest_say "guest $1: ended with status $(cat "$GUESTS/$1/rc") before it said '$2'"
	else
		guest_say "guest $1: did not say '$2' within $(($3 * GUEST_PATIENCE)) s"
	fi
	__guest_tail "$1"
	return 1
}

# guest_line NAME MARK: the first line of the console like MARK
guest_line()
{
	tr -d '\r' < "$GUESTS/$1/serial" | grep -m 1 -e "$2"
}

# guest_cmd NAME SECONDS COMMAND...: run COMMAND in a Linux guest; prints what
# it prints, returns its status, 255 when there is no answer
guest_cmd()
{
	local name seconds seq from

	name=$1 seconds=$2
	shift 2
	seq=$(($(cat "$GUESTS/$name/seq" 2>/dev/null || echo 0) + 1))
	echo $seq > "$GUESTS/$name/seq"
	from=$(($(stat -c %s "$GUESTS/$name/serial") + 1))
	echo "do: $seq $*" 1<> "$GUESTS/$name/in"
	guest_wait "$name" "done: $seq " "$seconds" >&2 || return 255
	tail -c "+$from" "$GUESTS/$name/serial" | tr -d '\r' | sed "/^done: $seq /,\$d"
	return "$(guest_line "$name" "^done: $seq " | cut -d ' ' -f 3)"
}

# guest_end NAME SECONDS: wait for the guest's own end; QEMU's exit status,
# 255 when it does not end
guest_end()
{
	local rc

	if ! until_true "$2" test -e "$GUESTS/$1/rc"; then
		guest_say "guest $1: still there after $(($2 * GUEST_PATIENCE)) s"
		__guest_tail "$1"
		return 255
	fi
	rc=$(cat "$GUESTS/$1/rc")
	[ "$rc" = 0 ] || __guest_tail "$1"
	return "$rc"
}

# guest_stop NAME SECONDS: ask a Linux guest to power off, and wait
guest_stop()
{
	local seq

	seq=$(($(cat "$GUESTS/$1/seq" 2>/dev/null || echo 0) + 1))
	echo "do: $seq poweroff" 1<> "$GUESTS/$1/in"
	guest_end "$1" "$2"
}

# guest_kill NAME [MARK SECONDS]: kill -9, once the console shows MARK
guest_kill()
{
	if [ $# = 3 ]; then
		guest_wait "$1" "$2" "$3" || return 1
	fi
	kill -9 "$(cat "$GUESTS/$1/pid")"
	until_true 20 test -e "$GUESTS/$1/rc"
}

# guest_run NAME KIND DRIVER SECONDS BDF...: a guest that ends by itself; its
# marks on stdout, QEMU's exit status
guest_run()
{
	local run limit how by rc

	run=$1 limit=$4 how=$2 by=$3
	shift 4
	guest_start "$run" "$how" "$by" "$@" || return 1
	guest_end "$run" "$limit" >&2
	rc=$?
	tr -d '\r' < "$GUESTS/$run/serial" | sed -n 's/^@@ //p'
	return $rc
}

# guests_end: no guest of this test stays behind
guests_end()
{
	local dir

	for dir in "$GUESTS"/*; do
		[ -s "$dir/pid" ] && [ ! -e "$dir/rc" ] && guest_kill "${dir##*/}"
	done
	rm -rf "${GUESTS:?}"/*
}

# resets BDF: the records that the kernel keeps, one a line, oldest first
resets()
{
	diokctl -j -s dev show "$1" | sed 's/.*"ring":\[//; s/{"addr":[^,]*,"dry_run"/\n&/g' |
		grep '"dry_run"'
}

# record_field NAME: NAME's value in the record on stdin (its own, no step's)
record_field()
{
	sed 's/"steps":.*//' | tr ',{' '\n' | sed -n "s/^\"$1\":\"\{0,1\}\([^\"}]*\).*/\1/p"
}

# check_reset BDF TRIGGER: the newest record with this trigger is verified at
# the level of the function's own registers
check_reset()
{
	local record text field

	record=$(resets "$1" | grep "\"trigger\":\"$2\"" | tail -n 1)
	if [ -z "$record" ]; then
		guest_say "$1: no record of a reset by $2"
		return 1
	fi
	text=
	for field in result level; do
		text="$text $(echo "$record" | record_field $field)"
	done
	[ "$text" = " verified function" ] && return 0
	guest_say "$1: reset by $2 is$text, expected verified function; record: $record"
	return 1
}
