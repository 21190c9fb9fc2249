# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# What every check in scripts/lint/checks has in common. A check reports each
# violation with `problem` and ends with `verdict`, which prints its one TAP
# line. A check whose tool is missing has not passed: it uses `need`.
#
#   LINT_TOP    tree to judge (default: this repository)
#   LINT_MEMORY where checks keep what they have found clean (default: build/lint
#               here, nowhere for another tree)
#   LINT_CACHE  downloads of the set-up (default: build/cache here)
#   LINT_N      number of the TAP line

LC_ALL=C
export LC_ALL
lint_dir=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
repo=$(CDPATH='' cd -- "$lint_dir/../.." && pwd)
cache=${LINT_CACHE:-$repo/build/cache}
name=$(basename -- "$0")
found=$(mktemp -d)
trap 'rm -rf "$found"' EXIT
: > "$found/problems"
: > "$found/notes"
memory=${LINT_MEMORY:-}
[ -n "$memory${LINT_TOP:-}" ] || memory=$repo/build/lint
memory=${memory:+$memory/$name}
cd "${LINT_TOP:-$repo}" || exit 2

problem()
{
	printf '%s\n' "$*" >> "$found/problems"
}

# note TEXT: said behind a verdict, of which it changes nothing
note()
{
	printf '# %s\n' "$*" >> "$found/notes"
}

# Lines of standard input are problems.
problems()
{
	cat >> "$found/problems"
}

verdict()
{
	if [ -s "$found/problems" ]; then
		echo "not ok ${LINT_N:-1} - lint: $name"
		sed 's/^/# /' "$found/problems"
		exit 1
	fi
	[ -z "$memory" ] || [ ! -e "$found/judged" ] ||
		{ mkdir -p "${memory%/*}" && mv "$found/judged" "$memory"; }
	echo "ok ${LINT_N:-1} - lint: $name"
	cat "$found/notes"
	exit 0
}

# unjudged FACTS FILE...: of the files those that are not as they were, or that other
# facts were true of, when this check last passed. All of them before `verdict`.
unjudged()
{
	facts=$(echo "$1" | cat - "$0" "$lint_dir/lib.sh" | sha256sum | cut -c 1-16)
	shift
	[ $# != 0 ] || return 0
	sha256sum -- "$@" | sed "s/^/$facts /" > "$found/these"
	cat "$found/these" >> "$found/judged"
	last=/dev/null
	[ ! -e "$memory" ] || last=$memory
	grep -Fxv -f "$last" "$found/these" | sed 's/^[^ ]* [^ ]*  //'
}

# skip WHY: there is nothing to judge
skip()
{
	echo "ok ${LINT_N:-1} - lint: $name # SKIP $1"
	exit 0
}

# need PROGRAM PACKAGE
need()
{
	command -v "$1" > /dev/null && return
	problem "$1 is not installed: apt-get install $2"
	verdict
}

# need_file PATH: something that set-up provides
need_file()
{
	[ -e "$1" ] && return
	problem "$1 is missing: run the set-up (make check does)"
	verdict
}

# Tracked files that match the git patterns given, and exist.
tracked()
{
	git ls-files -- "$@" | while read -r f; do
		[ -f "$f" ] && printf '%s\n' "$f"
	done
}

generated()
{
	head -n 4 "$1" | grep -q 'Do not edit directly, auto-generated'
}

# Text files: what grep does not take for binary. An empty file is text.
is_text()
{
	[ ! -s "$1" ] || grep -Iq . "$1"
}

# Folders with modules that `make` does not build: those that only tests load.
test_module_folders()
{
	tracked '*/Makefile' | while read -r f; do
		grep -q '^obj-m' "$f" && dirname "$f"
	done
}

# A Kbuild file at its top makes a folder a room.
rooms()
{
	tracked '*/Kbuild' | sed -n 's,^\([^/]*\)/Kbuild$,\1,p'
}

# C of the kernel rooms and of the test modules, or
# of all the others.
c_files()
{
	rooms=$(rooms | tr '\n' ' ')
	folders=$(test_module_folders | tr '\n' ' ')
	tracked '*.c' '*.h' | while read -r f; do
		generated "$f" && continue
		where=user
		case " $rooms compat uapi " in *" ${f%%/*} "*) where=kernel ;; esac
		case " $folders" in *" ${f%/*} "*) where=kernel ;; esac
		[ "$where" = "$1" ] && printf '%s\n' "$f"
	done
}

# checkpatch IGNORED FILES...: without a kernel tree, one line per report. It
# writes a cache into the git tree it is run in: it is run outside, and given an
# empty folder of headers to learn CamelCase names from.
checkpatch()
{
	ignored=$1 tree=$PWD
	shift
	need perl perl
	need_file "$cache/source/6.12/scripts/checkpatch.pl"
	mkdir -p "$found/include"
	unjudged "$ignored $(sha256sum < "$cache/source/6.12/scripts/checkpatch.pl")" "$@" |
		sed "s,^,$tree/," | (
		cd "$found" && xargs -r perl "$cache/source/6.12/scripts/checkpatch.pl" \
			--no-tree --root="$found" --strict --terse --show-types --no-summary \
			${ignored:+--ignore "$ignored"} -f
	) 2>&1 | sed "s,^$tree/,," | problems
}
