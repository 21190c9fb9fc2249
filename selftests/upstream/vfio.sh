#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# The kernel's vfio selftests on three devices: on stock vfio-pci, on dio-vfio-pci
# with its defaults, and with everything of ours that an owner can meet switched
# on. The lists of verdicts must be equal, line by line, and not empty; what fails
# on stock must be what this kernel is known to fail.
SKIP=4
OURS=dio-vfio-pci
mode=vfio_type1v2_iommu
export VFIO_SELFTESTS_IOMMU_MODE=$mode VFIO_SELFTESTS_DRIVER=$OURS
work=$(mktemp -d)
n=0
bad=0
TRACING=/sys/kernel/tracing

device()
{
	cat "/run/dio/$1"
}

unbind()
{
	dir=/sys/bus/pci/devices/$1
	[ ! -e "$dir/driver" ] || echo "$1" > "$dir/driver/unbind"
}

bind()
{
	unbind "$1"
	echo "$2" > "/sys/bus/pci/devices/$1/driver_override"
	echo "$1" > /sys/bus/pci/drivers_probe
	[ "$(basename "$(readlink "/sys/bus/pci/devices/$1/driver")")" = "$2" ]
}

# A program's cases, one "verdict name" a line, without their numbers.
cases()
{
	timeout 60 sh -c "$2" > "$work/output" 2>&1
	echo "exit $?" >> "$work/output"
	sed -nE 's/^(ok|not ok) [0-9]+ (- )?/\1 /p; s/^exit /exit /p' "$work/output" > "$1"
	mv "$work/output" "$1.output"
}

programs()
{
	echo "vfio_pci_device_test"
	echo "vfio_dma_mapping_test -v ${mode}_anonymous -v ${mode}_anonymous_hugetlb_2mb"
	echo "vfio_dma_mapping_test -v $mode"
	echo "vfio_dma_mapping_mmio_test -v $mode"
	echo "vfio_pci_device_init_perf_test -v $mode"
	[ "$1" != pf ] || echo "vfio_pci_sriov_uapi_test -v ${mode}_same_uuid" \
		"-v ${mode}_diff_uuid -v ${mode}_null_uuid"
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

# compare WHAT CASES: a list of ours beside the one of stock
compare()
{
	stock=$work/stock.${2##*.}
	passed=$(grep -c '^ok' "$stock")
	[ "$passed" -gt 0 ] && cmp -s "$stock" "$2"
	status=$?
	result $status "$1: as on stock, $passed cases pass"
	[ $status != 0 ] || return
	sed 's/^/# stock: /' "$stock"
	sed 's/^/# ours:  /' "$2" "$2.output"
}

# Cases that stock fails on this kernel: the test is younger than the kernel.
known()
{
	case $(uname -r) in
	6.*) echo "not ok vfio_dma_map_limit_test.$mode.overflow" ;;
	esac
}

failing()
{
	known > "$work/known"
	cat "$work"/stock.? | grep '^not ok' > "$work/failing"
	cmp -s "$work/known" "$work/failing"
	status=$?
	result $status "$1: stock fails what is known, and nothing else"
	[ $status = 0 ] || sed 's/^/# stock: /' "$work/failing"
}

# Calls of our own MSI and MSI-X path so far
served()
{
	awk '{ sum += $2 + $3 } END { print sum + 0 }' $TRACING/kprobe_profile
}

watch()
{
	echo 0 > $TRACING/tracing_on
	echo "p:dio_upstream/vectors dio_vectors_set" > $TRACING/kprobe_events &&
		echo 1 > $TRACING/events/dio_upstream/enable
}

unwatch()
{
	[ -d $TRACING/events/dio_upstream ] || return 0
	echo 0 > $TRACING/events/dio_upstream/enable
	echo > $TRACING/kprobe_events
}

# round NAME LABEL BDF DRIVER [SETTING...]: every program, cases to $work/NAME.N
round()
{
	to=$1 label=$2 bdf=$3 driver=$4
	shift 4
	if ! bind "$bdf" "$driver" || { [ $# != 0 ] && ! diokctl dev set "$bdf" "$@"; }; then
		echo "Bail out! $bdf: $driver $*"
		unwatch
		exit 1
	fi
	i=0
	programs "$label" > "$work/programs"
	while read -r program; do
		i=$((i + 1))
		cases "$work/$to.$i" "./$program $bdf"
	done < "$work/programs"
}

# conform LABEL BDF SETTING...
conform()
{
	label=$1 bdf=$2
	shift 2
	round stock "$label" "$bdf" vfio-pci
	before=$(served)
	round defaults "$label" "$bdf" $OURS
	defaults=$(($(served) - before))
	round settings "$label" "$bdf" $OURS "$@"
	settings=$(($(served) - before - defaults))
	failing "$label"
	for kind in defaults settings; do
		i=0
		while read -r program; do
			i=$((i + 1))
			compare "$label, $kind: ${program%% -v*} $i" "$work/$kind.$i"
		done < "$work/programs"
	done
	[ "$defaults" = 0 ] && [ "$settings" -gt 0 ]
	result $? "$label: our own vectors serve with $* alone ($defaults, $settings calls)"
	unbind "$bdf"
}

for name in igb_pf igb_host e1000e_rp25; do
	[ -s "/run/dio/$name" ] || { echo "1..0 # SKIP no device $name"; exit $SKIP; }
done
pf=$(device igb_pf)
host=$(device igb_host)
e1000e=$(device e1000e_rp25)
modprobe vfio_iommu_type1
modprobe vfio-pci
if ! modprobe dio_vfio_pci || ! watch; then
	echo "Bail out! dio_vfio_pci does not load, or has no path of its own for vectors"
	exit 1
fi
echo 8 > /proc/sys/vm/nr_hugepages
for module in vfio_pci dio_vfio_pci; do
	file=/sys/module/$module/parameters/enable_sriov
	[ ! -e "$file" ] || echo 1 > "$file"
done
echo "TAP version 13"
echo "1..38"

conform e1000e "$e1000e" policy permissive intx msi vectors own
conform pf "$pf" policy permissive intx msi vectors own

# igb is for the host's own PF alone.
for name in igb_pf igb_noflr; do
	echo none > "/sys/bus/pci/devices/$(device $name)/driver_override"
done
modprobe igb
echo 1 > "/sys/bus/pci/devices/$host/sriov_numvfs"
vf=$(basename "$(readlink "/sys/bus/pci/devices/$host/virtfn0")")
conform vf "$vf" policy permissive intx auto vectors own
echo 0 > "/sys/bus/pci/devices/$host/sriov_numvfs"
unwatch
rm -rf "$work"
rmmod igb
for file in /run/dio/*; do
	echo > "/sys/bus/pci/devices/$(cat "$file")/driver_override"
done
rmmod dio_vfio_pci || bad=1
exit $bad
