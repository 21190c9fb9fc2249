#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What every machine promises to the tests that run in it.
n=0
bad=0

result()
{
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n $2"
	else
		echo "not ok $n $2"
		bad=1
	fi
}

echo "TAP version 13"
echo "1..6"

lost=
while read -r name _ _ _; do
	[ -e "/sys/bus/pci/devices/$(cat "/run/dio/$name")/vendor" ] || lost="$lost $name"
done < /etc/dio/devices
[ -z "$lost" ]
result $? "every device of the table is named in /run/dio${lost:+: not$lost}"

bound=
for file in /run/dio/*; do
	dir=/sys/bus/pci/devices/$(cat "$file")
	[ ! -e "$dir/driver" ] || bound="$bound ${file##*/}"
done
[ -z "$bound" ]
result $? "no driver has touched a device${bound:+: but$bound}"

groupless=
for file in /run/dio/*; do
	dir=/sys/bus/pci/devices/$(cat "$file")
	[ -e "$dir/iommu_group" ] || groupless="$groupless ${file##*/}"
done
[ -z "$groupless" ]
result $? "VT-d translates every device${groupless:+: not$groupless}"

dmesg | grep -q 'DMAR-IR: Enabled IRQ remapping'
result $? "interrupt remapping is on"

[ -w /sys/kernel/tracing/kprobe_events ]
result $? "kprobe events can be set"

modprobe vfio-pci && [ -d /sys/bus/pci/drivers/vfio-pci ]
result $? "vfio-pci loads"


exit $bad
