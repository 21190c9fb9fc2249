# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Sourced by init when the VM runs tests: each line of /etc/dio/tests is
# "collection test timeout", run one by one by the real kselftest runner.
boot_messages()
{
	dmesg | grep -E "$(cat /etc/dio/suspicious)" | sed 's/^/@@boot /'
}

leak_scan()
{
	leaks=/sys/kernel/debug/kmemleak
	[ -w "$leaks" ] || return 0
	# An object is reported by the second scan at the earliest, and only
	# when it is older than 5 s: the last test's garbage needs that long.
	read -r up _ < /proc/uptime
	until=$((${up%.*} + 6))
	echo scan > "$leaks"
	while [ "${up%.*}" -lt "$until" ]; do
		sleep 1
		read -r up _ < /proc/uptime
	done
	echo scan > "$leaks"
	echo scan > "$leaks"
	sed 's/^/@@leak /' "$leaks"
}

boot_messages
while read -r collection test timeout; do
	# The end mark must reach the kernel's console after all of the test's
	# messages and before its verdict is given.
	echo "<6>dio-rig: begin $collection:$test" > /dev/kmsg
	echo "@@begin $collection:$test"
	(cd /ksft && ./run_kselftest.sh -o "$timeout" -t "$collection:$test")
	rm -rf /tmp/* /dev/shm/*
	echo "<6>dio-rig: end $collection:$test" > /dev/kmsg
	echo "@@end $collection:$test"
done < /etc/dio/tests
leak_scan
# The last end mark may still be on its way to the console when the power goes:
# taking the console away waits until all of it is printed.
echo N > /sys/class/tty/ttyS0/console
