# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Sourced by ctl.sh: run diokctl, and judge what it said. A check that fails
# prints the command, what came and what was wanted, and returns 1.

# need_devices VARIABLE=NAME...: addresses of the machine's devices
need_devices()
{
	for pair in "$@"; do
		if [ ! -e "/run/dio/${pair#*=}" ]; then
			ktap_skip_all "the machine has no device ${pair#*=}"
			exit "$KSFT_SKIP"
		fi
		read -r bdf < "/run/dio/${pair#*=}"
		eval "${pair%%=*}=$bdf"
	done
}

# judge WHAT OUT ERR: the next checks are of this command; its code is in rc
judge()
{
	ran=$1
	out=$(cat "$2")
	err=$(cat "$3")
}

ctl()
{
	diokctl "$@" > "$T/out" 2> "$T/err"
	rc=$?
	judge "diokctl $*" "$T/out" "$T/err"
}

ctl_as()
{
	user=$1
	shift
	su "$user" -s /bin/sh -c "diokctl $*" > "$T/out" 2> "$T/err"
	rc=$?
	judge "diokctl $* (as $user)" "$T/out" "$T/err"
}

fail()
{
	echo "# $*"
	return 1
}

# want CODE [TEXT-ON-STDERR]
want()
{
	[ "$rc" = "$1" ] || fail "$ran: exit code $rc, not $1: $err" || return 1
	case $err in
	*"$2"*) ;;
	*) fail "$ran: said \"$err\", not \"$2\"" || return 1 ;;
	esac
	# A command that succeeds has nothing to complain about.
	[ "$rc" != 0 ] || [ -z "$err" ] || fail "$ran: complained: $err"
}

out_has()
{
	grep -q -e "$1" "$T/out" || fail "$ran: no line \"$1\" in: $out"
}

count()
{
	grep -o -e "$1" "$T/out" | wc -l
}

json_valid()
{
	"$HERE/jsonck" < "$T/out" || fail "$ran: not JSON: $out"
}

# json PATH VALUE
json()
{
	got=$("$HERE/jsonck" "$1" < "$T/out") || fail "$ran: no $1 in: $out" || return 1
	[ "$got" = "$2" ] || fail "$ran: $1 is \"$got\", not \"$2\""
}

driver()
{
	path=$(readlink "/sys/bus/pci/devices/$1/driver") && basename "$path"
}

override()
{
	cat "/sys/bus/pci/devices/$1/driver_override"
}

# until_true TENTHS COMMAND...: wait for it, 0.1 s between looks
until_true()
{
	left=$1
	shift
	until "$@"; do
		[ "$left" -gt 0 ] || return 1
		left=$((left - 1))
		usleep 100000
	done
}

give_back()
{
	for dev in /sys/bus/pci/drivers/dio-vfio-pci/0*; do
		[ -e "$dev" ] && diokctl dev unbind "${dev##*/}" > /dev/null
	done
	rm -r "$T"
}

unload()
{
	[ ! -d /sys/module/dio_vfio_pci ] || rmmod dio_vfio_pci ||
		fail "rmmod dio_vfio_pci failed"
}
