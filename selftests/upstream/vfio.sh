#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The kernel's vfio selftests on three devices, once on stock vfio-pci and
# once on dio-vfio-pci. The lists of verdicts must be equal and not empty: a
# case that this kernel fails (overflow before 7.2) must fail on both.
SKIP=4
OURS=dio-vfio-pci
mode=vfio_type1v2_iommu
export VFIO_SELFTESTS_IOMMU_MODE=$mode VFIO_SELFTESTS_DRIVER=$OURS
work=$(mktemp -d)
n=0
bad=0

device()
{
	cat "/run/dio/$1" 2>/dev/null || { echo "1..0 # SKIP no device $1"; exit $SKIP; }
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

compare()
{
	n=$((n + 1))
	passed=$(grep -c '^ok' "$work/stock")
	if [ "$passed" -gt 0 ] && cmp -s "$work/stock" "$work/ours"; then
		echo "ok $n $1: as on stock, $passed cases pass"
		return
	fi
	bad=1
	echo "not ok $n $1: stock and $OURS differ, or no case passes ($passed on stock)"
	sed 's/^/# stock: /' "$work/stock"
	sed 's/^/# ours:  /' "$work/ours"
	sed 's/^/# ours:  /' "$work/output"
}

# conform LABEL BDF
conform()
{
	programs "$1" > "$work/programs"
	while read -r program; do
		for driver in vfio-pci $OURS; do
			if ! bind "$2" "$driver"; then
				echo "Bail out! $2 does not bind to $driver"
				exit 1
			fi
			out=$work/stock
			[ "$driver" = vfio-pci ] || out=$work/ours
			cases "$out" "./$program $2"
		done
		compare "$1: $program"
	done < "$work/programs"
	unbind "$2"
}

pf=$(device igb_pf)
host=$(device igb_host)
e1000e=$(device e1000e_rp25)
modprobe vfio_iommu_type1
modprobe vfio-pci
if ! modprobe dio_vfio_pci; then
	echo "Bail out! dio_vfio_pci does not load"
	exit 1
fi
echo 8 > /proc/sys/vm/nr_hugepages
for module in vfio_pci dio_vfio_pci; do
	file=/sys/module/$module/parameters/enable_sriov
	[ ! -e "$file" ] || echo 1 > "$file"
done
echo "TAP version 13"
echo "1..16"

conform e1000e "$e1000e"
conform pf "$pf"

# igb is for the host's own PF alone.
for name in igb_pf igb_noflr; do
	echo none > "/sys/bus/pci/devices/$(device $name)/driver_override"
done
modprobe igb
echo 1 > "/sys/bus/pci/devices/$host/sriov_numvfs"
conform vf "$(basename "$(readlink "/sys/bus/pci/devices/$host/virtfn0")")"
echo 0 > "/sys/bus/pci/devices/$host/sriov_numvfs"
rm -rf "$work"
rmmod igb
for file in /run/dio/*; do
	echo > "/sys/bus/pci/devices/$(cat "$file")/driver_override"
done
rmmod dio_vfio_pci || bad=1
exit $bad
