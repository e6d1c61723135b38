# SPDX-License-Identifier: MIT
# Unpacks Debian's arm64 packages into a directory of the cache, once; this machine's dpkg hears nothing of them.
# shellcheck shell=bash disable=SC2154
# shellcheck source=../../scripts/archive.sh
. "$top/scripts/archive.sh"

# unpack FETCH DIR: what the function FETCH, which has private_apt's options,
# leaves in its current directory.
unpack()
{
	local package
	private_apt arm64 || die "no archive is configured to ask for arm64"
	rm -rf "$2"
	mkdir -p "$tmp/deb" "$2"
	cd "$tmp/deb" || return
	"$1"
	for package in *.deb; do
		dpkg-deb -x "$package" "$2"
	done
}

# in_cache FETCH FINISH DIR: makes DIR, unless it is there: by unpack, and by
# the function FINISH, which gets the directory.
in_cache()
{
	mkdir -p "${3%/*}"
	# Whoever else wants the same meanwhile waits for this one.
	exec 9>"${3%/*}/.lock"
	[ -d "$3" ] || flock 9
	[ ! -d "$3" ] || return 0
	need_tmp
	unpack "$1" "$3.new"
	"$2" "$3.new"
	mv "$3.new" "$3"
}
