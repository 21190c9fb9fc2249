#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# usage: faults.sh DECODER FAULTS FOLDER
# Make a copy of the decoder with each fault, and the table of all decoders. A
# fault that changes nothing, because the decoder's text has changed, ends it.
set -eu
decoder=$1 faults=$2 out=$3
n=0
rm -rf "$out"
mkdir -p "$out"
{
	echo '#include "store_oracle.h"'
	echo 'const struct decoder decoders[] = {'
	echo '	{ "ours", dio_store_decode, dio_store_value, dio_store_linear },'
} > "$out/table"
while IFS='|' read -r name expression; do
	case $name in '#'* | '') continue ;; esac
	n=$((n + 1))
	{
		for f in decode value linear; do
			echo "#define dio_store_$f fault_${n}_$f"
			sed -n "/dio_store_$f(/,/;/p" "${decoder%.c}.h" |
				sed "s/dio_store_$f/fault_${n}_$f/" >> "$out/externs"
		done
		sed "$expression" "$decoder"
	} > "$out/fault_$n.c"
	if [ "$(sed "$expression" "$decoder" | cksum)" = "$(cksum < "$decoder")" ]; then
		echo "$faults: '$name' changes nothing" >&2
		exit 1
	fi
	echo "	{ \"$name\", fault_${n}_decode, fault_${n}_value, fault_${n}_linear }," \
		>> "$out/table"
done < "$faults"
{
	echo '#include "store_oracle.h"'
	cat "$out/externs"
	sed 1d "$out/table"
	echo '	{}'
	echo '};'
} > "$out/decoders.c"
rm "$out/externs" "$out/table"
