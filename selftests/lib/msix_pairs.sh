# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# What it costs that a guest masks and unmasks an MSI-X vector: a bare guest does
# so in one way after the other, as it is asked, and is weighed (in instructions,
# on a machine whose time is that) and counted (by kprobes) in passes of their own.
# An interrupt whose handler does not mask (plain) is beside them.
# To be sourced after guest.sh and count.sh.

PAIRS=${PAIRS:-100}
! grep -qw dio.bench /proc/cmdline || PAIRS=500
PAIRS_WORK=/tmp/pairs
# Ways and the letters that the guest knows them by.
PAIRS_WAYS="none:n write:w linux:l affinity:a changed:c interrupt:i plain:p"
# KVM_EXIT_MMIO
PAIRS_MMIO="uexit 6"
# shellcheck disable=SC2034 # for count.sh
COUNT_PROBES="config_reads:pci_conf1_read config_reads:pci_mmcfg_read
	config_writes:pci_conf1_write config_writes:pci_mmcfg_write
	set_irqs:vfio_device_fops_unl_ioctl
	free_irq:free_irq request_irq:request_threaded_irq
	messages:__pci_write_msi_msg invalidations:qi_submit_sync
	routings:kvm_set_irq_routing grace_periods:synchronize_srcu_expedited"

# __pairs_ask DRIVER LETTER: prints the ticks of one pair, by the guest's median, how
# many pairs there were, and the most frequent ticks
__pairs_ask()
{
	pairs_seq=$((pairs_seq + 1))
	printf '%s' "$2" 1<> "$GUESTS/$1/in"
	guest_wait "$1" "@@ did $pairs_seq " 120 || return 1
	guest_line "$1" "^@@ did $pairs_seq " | cut -d ' ' -f 5-7
}

# __pairs_way DRIVER WAY LETTER PASS
__pairs_way()
{
	local out=$PAIRS_WORK/$1.$2 made

	if [ "$4" = weigh ]; then
		__pairs_ask "$1" "$3" > "$out.ticks"
		return
	fi
	count_show > "$out.before"
	__pairs_ask "$1" "$3" > "$out.made" || return 1
	count_show > "$out.after"
	made=$(pairs_made "$1" "$2")
	count_between "$out.before" "$out.after" "$made" > "$out.counts"
}

__pairs_passes()
{
	local way pass

	for pass in weigh count; do
		[ $pass = weigh ] || count_begin || return 1
		for way in $PAIRS_WAYS; do
			__pairs_way "$1" "${way%:*}" "${way#*:}" $pass || return 1
		done
	done
}

# pairs_measure NAME BDF [DRIVER [COMMAND...]]: all ways, both passes; the name is the
# driver's unless that is given. COMMAND gets the name as well, once the guest runs
pairs_measure()
{
	local name=$1 bdf=$2 driver=${3:-$1} rc

	shift 2
	[ $# = 0 ] || shift
	mkdir -p $PAIRS_WORK
	pairs_seq=0
	guest_start "$name" "bare msix-pairs count=$PAIRS" "$driver" "$bdf" &&
		guest_wait "$name" "@@ ready" 30 && { [ $# = 0 ] || "$@" "$name"; } &&
		__pairs_passes "$name"
	rc=$?
	count_end
	if [ $rc != 0 ]; then
		guests_end
		return 1
	fi
	printf q 1<> "$GUESTS/$name/in"
	guest_end "$name" 30
}

# pairs_count DRIVER WAY COUNTER: calls for each pair, "0.000" when it had none
pairs_count()
{
	local value

	value=$(sed -n "s/^$3 //p" "$PAIRS_WORK/$1.$2.counts")
	echo "${value:-0.000}"
}

# pairs_is DRIVER WAY COUNTER N: N calls for each pair. Another device may have
# had an interrupt or a flush of its own meanwhile: one for each 20 pairs at most.
pairs_is()
{
	local value

	value=$(pairs_count "$1" "$2" "$3")
	awk -v value="$value" -v n="$4" 'BEGIN { exit !(value >= n && value <= n + 0.05) }' &&
		return 0
	guest_say "$1, $2: $value $3 for each pair, expected $4"
	return 1
}

# pairs_exits DRIVER WAY: of the guest to the kernel, for any reason but SVM's port I/O
# (0x7b), by which the guest waits for the next letter
pairs_exits()
{
	awk '$1 == "exit" && $2 != 123 { sum += $NF } END { printf "%.3f", sum }' "$PAIRS_WORK/$1.$2.counts"
}

# pairs_ticks DRIVER WAY
pairs_ticks()
{
	cut -d ' ' -f 1 "$PAIRS_WORK/$1.$2.ticks"
}

# pairs_made DRIVER WAY: PAIRS, unless the handler made them and had more interrupts
pairs_made()
{
	cut -d ' ' -f 2 "$PAIRS_WORK/$1.$2.made"
}

__pairs_figure()
{
	guest_say "figure msix|$1|$2|$3|$4|per pair|$PAIRS"
}

# pairs_figures DRIVER VARIANT: all that was measured, for make bench
pairs_figures()
{
	local way

	for way in $PAIRS_WAYS; do
		way=${way%:*}
		[ "$way" = none ] && continue
		__pairs_figure "$way" "$2" exits "$(pairs_exits "$1" "$way")"
		__pairs_figure "$way" "$2" "exits to user space" "$(pairs_count "$1" "$way" "$PAIRS_MMIO")"
		while IFS=: read -r counter metric; do
			__pairs_figure "$way" "$2" "$metric" "$(pairs_count "$1" "$way" "$counter")"
		done <<-EOF
			set_irqs:SET_IRQS calls
			free_irq:free_irq
			request_irq:request_irq
			config_reads:configuration reads
			config_writes:configuration writes
			messages:messages written
			invalidations:IOMMU invalidations
			routings:routing updates
			grace_periods:expedited grace periods
		EOF
		__pairs_figure "$way" "$2" instructions "$(pairs_ticks "$1" "$way")"
		__pairs_figure "$way" "$2" "instructions, mode" \
			"$(cut -d ' ' -f 3 "$PAIRS_WORK/$1.$way.ticks")"
	done
}
