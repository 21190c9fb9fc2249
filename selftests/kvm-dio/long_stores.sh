#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The long form of store_diff: 10^5 sequences in all.
DIO_SEQUENCES=${DIO_SEQUENCES:-12500} exec "$(dirname "$0")/store_diff"
