# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# Counters around a phase of a shell test: VM exits and exits to user space by
# tracefs histograms, calls of kernel functions by kprobe events. To be sourced.
# The trace buffer stays off: only counts are kept.

TRACING=/sys/kernel/tracing
# COUNTER:FUNCTION words; a counter is the sum of those of its functions that the
# kernel has. A test may set its own before count_begin. x86 reaches
# configuration space by ports (mechanism 1) or by memory.
COUNT_PROBES="config:pci_conf1_read config:pci_conf1_write
	config:pci_mmcfg_read config:pci_mmcfg_write"

# count_begin: start all counters from zero
count_begin()
{
	local probe

	echo 0 > $TRACING/tracing_on
	count_end
	echo 'hist:keys=exit_reason' > $TRACING/events/kvm/kvm_exit/trigger
	echo 'hist:keys=reason' > $TRACING/events/kvm/kvm_userspace_exit/trigger
	for probe in $COUNT_PROBES; do
		echo "p:dio_count/${probe%%:*}__${probe#*:} ${probe#*:}" \
			>> $TRACING/kprobe_events
	done 2>/dev/null
	for probe in $COUNT_PROBES; do
		grep -q "^ *${probe%%:*}__" $TRACING/kprobe_profile && continue
		echo "# no function of this kernel for the counter ${probe%%:*}"
		return 1
	done
	echo 1 > $TRACING/events/dio_count/enable
}

__count_hist()
{
	sed -n 's/^{ *[a-z_]*: *\([0-9-]*\) *} hitcount: *\([0-9]*\).*/\1 \2/p' \
		"$TRACING/events/kvm/$1/hist" | sed "s/^/$2 /"
}

# count_show: "exit REASON N", "uexit REASON N" (reason by number), "COUNTER N"
count_show()
{
	__count_hist kvm_exit exit
	__count_hist kvm_userspace_exit uexit
	sed 's/__/ /' $TRACING/kprobe_profile |
		awk '{ sum[$1] += $3 + $4 } END { for (c in sum) print c, sum[c] }'
}

# count_of KIND: the sum of its counts (exit, uexit, a counter)
count_of()
{
	count_show | awk -v kind="$1" '$1 == kind { sum += $NF } END { print sum + 0 }'
}

# count_end: remove all counters
count_end()
{
	local event

	for event in kvm_exit:exit_reason kvm_userspace_exit:reason; do
		echo "!hist:keys=${event#*:}" > "$TRACING/events/kvm/${event%%:*}/trigger"
	done 2>/dev/null
	[ -e $TRACING/events/dio_count ] || return 0
	echo 0 > $TRACING/events/dio_count/enable
	echo '-:dio_count/' >> $TRACING/kprobe_events
}

# count_between BEFORE AFTER N: what two files of count_show differ by, divided
# by N: "KIND VALUE" or "KIND REASON VALUE"
count_between()
{
	awk -v n="$3" '
		{ key = NF == 3 ? $1 " " $2 : $1 }
		FILENAME == ARGV[1] { before[key] = $NF; next }
		{ printf "%s %.3f\n", key, ($NF - before[key]) / n }' "$1" "$2"
}
