# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# What every check in scripts/lint/checks has in common. A check reports each
# violation with `problem` and ends with `verdict`, which prints its one TAP
# line. A check whose tool is missing has not passed: it uses `need`.
#
#   LINT_TOP    tree to judge (default: this repository)
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
	echo "ok ${LINT_N:-1} - lint: $name"
	cat "$found/notes"
	exit 0
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
	[ $# = 0 ] || printf "$tree/%s\n" "$@" | (
		cd "$found" && xargs perl "$cache/source/6.12/scripts/checkpatch.pl" \
			--no-tree --root="$found" --strict --terse --show-types --no-summary \
			${ignored:+--ignore "$ignored"} -f
	) 2>&1 | sed "s,^$tree/,," | problems
}

# module_build KEY LOG [make arguments]: the modules of the tree and those of the
# tests, in a copy, with the compiler and headers of kernel KEY; what the builds
# say goes to LOG.
module_build()
{
	key=$1 log=$2
	shift 2
	need_file "$cache/kernels/$key.abi"
	abi=$(cat "$cache/kernels/$key.abi")
	rm -rf "$found/src"
	mkdir -p "$found/src"
	folders=$(test_module_folders)
	# shellcheck disable=SC2086 # names of folders have no blanks
	{
		tracked '*.c' '*.h' '*.S' '*Kbuild*'
		[ -z "$folders" ] || printf '%s/Makefile\n' $folders
	} | tar -cf - -T - | tar -xf - -C "$found/src"
	# as the rig does: a test module may be built of the rooms' files
	for folder in $folders; do
		for room in compat uapi $(rooms); do
			[ ! -d "$found/src/$room" ] || cp -r "$found/src/$room" "$found/src/$folder/"
		done
	done
	if [ -d "$found/sparse" ]; then
		cp -r "$found/sparse" "$found/src/sparse"
	fi
	: > "$log"
	for folder in '' $folders; do
		"$repo/scripts/kbuild" "$cache/kernels/$abi/root" "/usr/src/linux-headers-$abi" \
			"$found/src" "$@" M="/src${folder:+/$folder}" modules >> "$log" 2>&1 || {
			problem "make $* failed on $abi${folder:+ in $folder}:"
			tail -n 20 "$log" | problems
		}
	done
}

# Warnings and errors of a build log that are ours: those about a file of the
# kernel's headers are not. Paths become those of the repository.
our_warnings()
{
	grep -E '([Ww]arning|WARNING|[Ee]rror|ERROR):' "$1" |
		grep -vE '^(\./|/usr/src/|arch/|include/)' |
		sed 's,^/src/,,' | sort -u
}
