# SPDX-License-Identifier: MIT
# What every script of the tree shares: where things are kept, and how a script speaks and gives up.
# shellcheck shell=bash disable=SC2034

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/lend

# Options of the build trees with sanitizers, and of the fuzz targets'. With checks
# everywhere, more than -O1 costs more to compile than it saves.
sanitized=(-Db_sanitize=address,undefined -Doptimization=1)
fuzzed=("${sanitized[@]}" -Db_lundef=false -Dfuzz=true -Dtests=false
	-Dexamples=false)

# Progress goes to stderr: stdout is for a script's result.
say()
{
	printf '%s\n' "$*" >&2
}

die()
{
	say "${0##*/}: $*"
	exit 1
}

# A temporary directory that goes when the script does, in $tmp.
need_tmp()
{
	tmp=$(mktemp -d "${TMPDIR:-/tmp}/lend.XXXXXX")
	trap 'rm -rf "$tmp"' EXIT
}

# The files that git knows of or would add, and that match the patterns.
files()
{
	git ls-files --cached --others --exclude-standard -- "$@" |
		while read -r file; do
			[ ! -f "$file" ] || echo "$file"
		done
}
