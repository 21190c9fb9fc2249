# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# Guests that count the interrupts of an INTx device (run=intx of the bare guest,
# guests/bare/do_intx.c), and what the host says of the same interrupts. To be
# sourced after guest.sh.

# intx_modes MODE:COUNT,...: as the guest wants them, see volume()
intx_modes()
{
	local mode text

	for mode in $(echo "$1" | tr , ' '); do
		text=$text,${mode%:*}:$(volume "${mode#*:}")
	done
	echo "modes=${text#,}"
}

# intx_bind BDF DRIVER [SETTING...]
intx_bind()
{
	local bdf=$1 driver=$2

	shift 2
	bind "$bdf" "$driver" || return 1
	[ $# = 0 ] || diokctl dev set "$bdf" "$@"
}

# intx_guest NAME BDF SECONDS MODE:COUNT,... [WORD...]: run it until it has told
# its counts; it still owns the device
intx_guest()
{
	local name=$1 bdf=$2 seconds=$3 modes

	modes=$(intx_modes "$4")
	shift 4
	guest_start "$name" "bare intx $modes hold=1 $*" "$(driver_of "$bdf")" "$bdf" &&
		guest_wait "$name" '@@ held' "$seconds"
}

# intx_say NAME: what the guest counted
intx_say()
{
	sed -n 's/^@@ intx /# &/p' "$GUESTS/$1/serial" | sed 's/@@ intx //'
}

# intx_count NAME MODE FIELD: a number that the guest counted; of all boots
intx_count()
{
	tr -d '\r' < "$GUESTS/$1/serial" | awk -v mode="$2" -v field="$3" '
		$1 == "@@" && $2 == "intx" && $4 == mode {
			for (i = 5; i < NF; i += 2)
				if ($i == field)
					sum = mode == "total" ? $(i + 1) : sum + $(i + 1)
		}
		END { print sum + 0 }'
}

# intx_is NAME MODE FIELD=NUMBER...: what the guest counted; says what differs
intx_is()
{
	local name=$1 mode=$2 pair found wrong=0

	shift 2
	for pair; do
		found=$(intx_count "$name" "$mode" "${pair%=*}")
		[ "$found" = "${pair#*=}" ] && continue
		guest_say "$name, $mode: ${pair%=*} is $found, not ${pair#*=}"
		wrong=1
	done
	return $wrong
}

# intx_complete NAME MODE: every cause that was raised was seen, and once
intx_complete()
{
	local raised

	raised=$(intx_count "$1" "$2" raised)
	[ "$raised" -gt 0 ] &&
		intx_is "$1" "$2" seen="$raised" lost=0 twice=0 early=0
}

# intx_exact NAME MODE: and no interrupt came without a cause. Not for mask: until
# 6.2 KVM delivers what was cleared while the pin was masked.
intx_exact()
{
	intx_complete "$1" "$2" && intx_is "$1" "$2" spurious=0 wrong=0
}

# intx_own NAME: the device itself counted as many events as were raised
intx_own()
{
	local first

	first=$(intx_count "$1" total first)
	[ "$first" -gt 0 ] && intx_is "$1" total own="$first"
}

# irq_runs NAME: runs of the handlers that /proc/interrupts shows by that name;
# empty: there is none
irq_runs()
{
	grep -F -e "$1" /proc/interrupts | awk '
		{ for (i = 2; i <= NF && $i ~ /^[0-9]+$/; i++) sum += $i }
		END { if (NR) print sum + 0 }'
}

# irq_told BDF FIELD: a counter of the owner's INTx, by diokctl
irq_told()
{
	diokctl -j irq show "$1" | tr ',{}' '\n' | sed -n "s/^\"$2\":\"\{0,1\}\([^\"]*\).*/\1/p"
}

# intx_on_msi BDF: the INTx has an MSI to itself, and no handler is on the line
intx_on_msi()
{
	[ -n "$(irq_runs "dio-intx-msi($1)")" ] && [ "$(irq_told "$1" via)" = msi ] &&
		[ -z "$(irq_runs "dio-intx($1)")" ] && [ -z "$(irq_runs "vfio-intx($1)")" ] &&
		return 0
	guest_say "$1: handlers are:"
	grep -F -e "($1)" /proc/interrupts | sed 's/^/# | /'
	return 1
}

# intx_on_line BDF: the driver stock has it
intx_on_line()
{
	[ -n "$(irq_runs "vfio-intx($1)")" ] && [ -z "$(irq_runs "dio-intx-msi($1)")" ]
}
