#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# kvm.sh with those programs, too, that take too long for each run.
export LONG=-long
exec ./kvm.sh
