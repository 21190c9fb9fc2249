#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# The audio experiment on one CPU, in device time (the machine's clock is its
# instructions): a player with periods of 5 ms beside competitors. `make bench
# B=sched` runs it whole; `make check` plays 5 seconds at 1:16 each.
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=/dev/null
. "$here/../kselftest/ktap_helpers.sh"
# shellcheck source=/dev/null
. "$here/guest.sh"
# shellcheck source=/dev/null
. "$here/audio.sh"

WARM=4
SECONDS_EACH=5
RUNS=1
if grep -qw dio.bench /proc/cmdline; then
	SECONDS_EACH=$(bench_seconds)
	RUNS=3
fi
NEED=0.12	# of the CPU: 0.6 ms of 5 ms

ktap_print_header
need hda
audio_first
audio_card || ktap_exit_fail_msg "no sound card"
IRQ=$(audio_irq)
modprobe dio_sched
trap 'hogs_end; rmmod dio_sched' EXIT

# Everybody else keeps 95 % of what an ideal reservation leaves them; a debug kernel's
# detectors have some of that.
others_keep()
{
	[ "$GUEST_SCALE" = 1 ] || return 0
	calc "$(audio_of "$1" others) >= 0.95 * (1 - $NEED)" && return 0
	guest_say "$1: competitors had $(audio_of "$1" others) of the CPU"
	return 1
}

no_underrun()
{
	[ "$(audio_of "$1" underruns)" = 0 ] && others_keep "$1"
}

underruns_above()
{
	calc "$(audio_of "$1" underruns) > $2 * $(audio_of "$1" seconds)"
}

# each NAME CASE VARIANT ROUND-ARGUMENTS...
each()
{
	local name=$1 case=$2 variant=$3

	shift 3
	audio_round "$name" "$@" || return 1
	audio_figures "$name" "$case" "$variant"
}

# guarded VARIANT HOGS RUN rt-words...
guarded()
{
	local variant=$1 hogs=$2 run=$3

	shift 3
	each "$variant-$hogs-$run" "1:$hogs run $run" "$variant" "$hogs" $WARM "$SECONDS_EACH" -- "$@" &&
		no_underrun "$variant-$hogs-$run"
}

run_16()
{
	ktap_test_result "1:16, run $1: reserve 1 ms of 5 ms: no underrun" \
		guarded reserve 16 "$1" reserve runtime 1ms period 5ms irq "$IRQ"
	ktap_test_result "1:16, run $1: boost 1 ms of 5 ms: no underrun" \
		guarded boost 16 "$1" boost budget 1ms period 5ms irq "$IRQ"
	ktap_test_result "1:16, run $1: auto: no underrun" \
		guarded auto 16 "$1" auto irq "$IRQ"
}

stock_16()
{
	each stock-16 "1:16 run 1" stock 16 $WARM "$SECONDS_EACH" -- observe irq "$IRQ" &&
		underruns_above stock-16 5
}

wrong_runtime()
{
	each wrong-16 "1:16 run 1" wrong-runtime 16 $WARM "$SECONDS_EACH" -- \
		reserve runtime 300us period 5ms irq "$IRQ" && underruns_above wrong-16 5
}

# The harness splits what it calls into words: names with blanks are said in here.
stock_1()
{
	each stock-1 "1:1 run 1" stock 1 $WARM "$SECONDS_EACH" -- observe irq "$IRQ"
}

tuned_16()
{
	local rc

	slice_tune
	each tuned-16 "1:16 run 1" tuned 16 $WARM "$SECONDS_EACH"
	rc=$?
	slice_restore
	return $rc
}

chrt_16()
{
	each chrt-16 "1:16 run 1" chrt-d 16 $WARM "$SECONDS_EACH" -d 1000:5000 &&
		no_underrun chrt-16
}

small_16()
{
	each small-16 "1:16 run 1" wrong-budget 16 $WARM "$SECONDS_EACH" -- \
		boost budget 100us period 5ms irq "$IRQ" && underruns_above small-16 5
}

bench_only()
{
	ktap_test_result "1:1: stock" stock_1
	ktap_test_result "1:1: reserve" guarded reserve 1 1 reserve runtime 1ms period 5ms irq "$IRQ"
	ktap_test_result "1:1: boost" guarded boost 1 1 boost budget 1ms period 5ms irq "$IRQ"
	ktap_test_result "1:1: auto" guarded auto 1 1 auto irq "$IRQ"
	ktap_test_result "1:16: slices tuned" tuned_16
	ktap_test_result "1:16: SCHED_DEADLINE by user space: no underrun" chrt_16
	ktap_test_result "1:16: a boost that is too small helps nobody" small_16
}

if [ $RUNS = 3 ]; then
	ktap_set_plan 18
else
	ktap_set_plan 5
fi
ktap_test_result "1:16: the fair scheduler: more than 5 underruns a second" stock_16
run=1
while [ $run -le $RUNS ]; do
	run_16 $run
	run=$((run + 1))
done
ktap_test_result "1:16: a reservation that is too small is worse than none" wrong_runtime
[ $RUNS = 1 ] || bench_only

ktap_finished
