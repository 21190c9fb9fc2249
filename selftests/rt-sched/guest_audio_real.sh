#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The long form of guest_audio in real time. What else the rig's host does is in it, so
# it is to be run alone: JOBS=1, and first in line (nice).
DIO_REAL=1 DIO_LONG=1 CASE=guest-real-time exec "$(dirname "$0")/guest_audio.sh"
