# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# Rounds of the audio experiment: a player, competitors, a way to schedule. To be
# sourced. What a round gave is in $AUDIO/NAME: the player's line and, where
# dio_sched watched, `diokctl -j rt show`.

AUDIO=/tmp/audio
FRAMES=240		# 5 ms at 48 kHz
WORK_US=600
HERE=$(dirname "$(readlink -f "$0")")
mkdir -p $AUDIO

# The competitors are the experiment's. A kernel that samples its own memory (DAMON, in
# Debian's 7.2) has one more: 3 per cent of a CPU, in the first minutes.
DAMON=/sys/module/damon_stat/parameters/enabled
[ ! -e $DAMON ] || echo N > $DAMON

# The script comes first on its loaded CPU; what it starts for a round does not.
audio_first()
{
	renice -n -15 -p $$ > /dev/null
}

audio_last()
{
	renice -n 15 -p $$ > /dev/null
}

# bench_seconds: of a round that a bench plays
bench_seconds()
{
	local n

	n=$(sed -n 's/.*dio\.seconds=\([0-9]*\).*/\1/p' /proc/cmdline)
	echo "${n:-60}"
}

audio_card()
{
	modprobe -a snd-hda-codec-generic snd-hda-intel || return 1
	until_true 20 test -e /dev/snd/pcmC0D0p
}

audio_irq()
{
	sed -n 's/^ *\([0-9]*\):.*snd_hda_intel.*/\1/p' /proc/interrupts
}

hogs_start()
{
	local n=0

	HOGS=
	while [ $n -lt "$1" ]; do
		"$HERE/hog" &
		HOGS="$HOGS $!"
		n=$((n + 1))
	done
}

hogs_end()
{
	# shellcheck disable=SC2086 # a list
	[ -z "$HOGS" ] || kill $HOGS
	# shellcheck disable=SC2086
	wait $HOGS 2> /dev/null
	HOGS=
}

# hogs_ns: CPU time of all of them; no fork
hogs_ns()
{
	local pid ns sum=0

	for pid in $HOGS; do
		read -r ns _ < "/proc/$pid/schedstat"
		sum=$((sum + ns))
	done
	# shellcheck disable=SC2034 # for who sources this
	HOGS_NS=$sum
}

# slice_tune: what an administrator can: short slices, and a timer that ends them
slice_tune()
{
	local debug=/sys/kernel/debug/sched

	SLICE_FILES=
	for file in base_slice_ns min_granularity_ns wakeup_granularity_ns latency_ns; do
		[ -e $debug/$file ] || continue
		SLICE_FILES="$SLICE_FILES $debug/$file=$(cat $debug/$file)"
		echo 200000 > $debug/$file
	done
	echo HRTICK > $debug/features
}

slice_restore()
{
	local file

	for file in $SLICE_FILES; do
		echo "${file#*=}" > "${file%%=*}"
	done
	echo NO_HRTICK > /sys/kernel/debug/sched/features
}

# audio_round NAME HOGS WARM SECONDS [-d R:P] [-- rt set words]: the player's status
audio_round()
{
	local name=$1 hogs=$2 warm=$3 seconds=$4 deadline="" pid rc

	shift 4
	if [ "$1" = -d ]; then
		deadline="-d $2"
		shift 2
	fi
	hogs_start "$hogs"
	# shellcheck disable=SC2086 # words
	"$HERE/player" -s $deadline "$FRAMES" "$warm" "$seconds" "$WORK_US" $HOGS \
		> "$AUDIO/$name" 2>&1 &
	pid=$!
	until_true 30 grep -q plays "$AUDIO/$name"
	rc=0
	if [ "$1" = -- ]; then
		shift
		diokctl rt set $pid "$@" || rc=$?
	fi
	# nothing of this script runs while it is measured
	sleep $((warm + seconds))
	until_true 60 grep -q 'player [uf]' "$AUDIO/$name" || rc=1
	[ ! -e /sys/module/dio_sched ] || diokctl -j -s rt show $pid > "$AUDIO/$name.rt" 2> /dev/null ||
		rm "$AUDIO/$name.rt"
	kill $pid
	wait $pid 2> /dev/null
	hogs_end
	sed 's/^/# /; s/^# player plays$/# '"$name"'/' "$AUDIO/$name"
	[ ! -e "$AUDIO/$name.rt" ] || sed 's/^/# /' "$AUDIO/$name.rt"
	return $rc
}

# audio_of NAME FIELD: of the player's line
audio_of()
{
	sed -n "s/^player .*\\b$2=\\([0-9.-]*\\).*/\\1/p" "$AUDIO/$1"
}

# calc EXPRESSION: is it true?
calc()
{
	awk "BEGIN { exit !($1) }"
}

# audio_figures NAME CASE VARIANT
audio_figures()
{
	local per n

	n=$(audio_of "$1" written)
	[ -n "$n" ] || return 0
	per=$(awk "BEGIN { print $(audio_of "$1" underruns) / $(audio_of "$1" seconds) }")
	echo "# figure sched|$2|$3|underruns|$per|per second|$n"
	echo "# figure sched|$2 missed|$3|missed periods|$(awk "BEGIN {
		m = $(audio_of "$1" nominal) - $n; print (m > 0 ? m : 0) }")|periods|$n"
	echo "# figure sched|$2 competitors|$3|CPU|$(awk "BEGIN {
		print 100 * $(audio_of "$1" others) }")|per cent|$n"
	echo "# figure sched|$2 delay|$3|delay|$(audio_of "$1" late_max_ms)|ms of device time|$n"
}
