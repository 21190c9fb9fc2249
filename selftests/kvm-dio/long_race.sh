#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The long form of memtype_race.
CHANGES=10000 exec "$(dirname "$0")/memtype_race"
