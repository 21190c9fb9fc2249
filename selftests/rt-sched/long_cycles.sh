#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The long form of cycles.
CYCLES=500 exec "$(dirname "$0")/cycles" -t five_hundred
