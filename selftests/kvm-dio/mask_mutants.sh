#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The negative control of mask_unit: it has to fail on every mask.c of which
# mask_wrong_rules made one rule wrong.
HERE=$(dirname "$0")
# shellcheck source=/dev/null
. "$HERE/../kselftest/ktap_helpers.sh"

# shellcheck disable=SC2046 # names have no blanks
set -- $(sed -n 's/^\([a-z][a-z-]*\)\t.*/\1/p' "$HERE/mask_wrong_rules")
ktap_print_header
ktap_set_plan $#
for name; do
	if MASK_ROUNDS=20000 "$HERE/mask_wrong_$name" 2>&1 | grep -q '^not ok'; then
		ktap_test_pass "$name is noticed"
	else
		ktap_test_fail "$name is not noticed"
	fi
done
ktap_finished
