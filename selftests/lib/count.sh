# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# Counters around a phase of a shell test: VM exits and exits to user space by
# tracefs histograms, configuration accesses by kprobe events. To be sourced.
# The trace buffer stays off: only counts are kept.

TRACING=/sys/kernel/tracing
# x86 reaches configuration space by ports (mechanism 1) or by memory.
COUNT_PROBES="conf1_read:pci_conf1_read conf1_write:pci_conf1_write
	mmcfg_read:pci_mmcfg_read mmcfg_write:pci_mmcfg_write"

# count_begin: start all counters from zero
count_begin()
{
	local probe

	echo 0 > $TRACING/tracing_on
	count_end
	echo 'hist:keys=exit_reason' > $TRACING/events/kvm/kvm_exit/trigger
	echo 'hist:keys=reason' > $TRACING/events/kvm/kvm_userspace_exit/trigger
	for probe in $COUNT_PROBES; do
		echo "p:dio_count/${probe%%:*} ${probe#*:}" >> $TRACING/kprobe_events
	done
	echo 1 > $TRACING/events/dio_count/enable
}

__count_hist()
{
	sed -n 's/^{ *[a-z_]*: *\([0-9-]*\) *} hitcount: *\([0-9]*\).*/\1 \2/p' \
		"$TRACING/events/kvm/$1/hist" | sed "s/^/$2 /"
}

# count_show: "exit REASON N", "uexit REASON N" (reason by number), "config N"
count_show()
{
	__count_hist kvm_exit exit
	__count_hist kvm_userspace_exit uexit
	awk '{ sum += $2; miss += $3 } END { print "config", sum + miss }' \
		$TRACING/kprobe_profile
}

# count_of KIND: the sum of its counts (exit, uexit, config)
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
