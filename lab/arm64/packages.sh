# SPDX-License-Identifier: MIT
# Unpacks Debian's arm64 packages into a directory of the cache, once; they are not installed on this machine.
# shellcheck shell=bash disable=SC2154
# shellcheck source=../../scripts/archive.sh
. "$top/scripts/archive.sh"

# unpack FETCH DIR: unpacks the packages that the function FETCH downloads to its
# current directory with private_apt's options.
unpack()
{
	local package
	private_apt arm64 || die "no configured archive has arm64"
	rm -rf "$2"
	mkdir -p "$tmp/deb" "$2"
	cd "$tmp/deb" || return
	"$1"
	for package in *.deb; do
		dpkg-deb -x "$package" "$2"
	done
}

# in_cache FETCH FINISH DIR: creates DIR, unless it exists, with unpack and the
# function FINISH, whose argument is the directory.
in_cache()
{
	mkdir -p "${3%/*}"
	# Another process that needs the same directory waits for this one.
	exec 9>"${3%/*}/.lock"
	[ -d "$3" ] || flock 9
	[ ! -d "$3" ] || return 0
	need_tmp
	unpack "$1" "$3.new"
	"$2" "$3.new"
	mv "$3.new" "$3"
}
