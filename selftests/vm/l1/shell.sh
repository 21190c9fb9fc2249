# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Sourced by init when the VM runs one script given by the user.
cd /root || exit
echo "@@begin shell"
sh /etc/dio/script
echo "@@exit $?"
echo "<6>dio-rig: end shell" > /dev/kmsg
echo "@@end shell"
