# SPDX-License-Identifier: MIT
# Opens and closes virtual functions, each with a reset of 100 ms, by threads of one process; no contestant does that.
# shellcheck shell=dash source=../contestants.sh disable=SC2154

part_devices()
{
	local vfs='' dev round
	for dev in /sys/bus/pci/devices/*; do
		[ -e "$dev/sriov_numvfs" ] || continue
		echo 0 >"$dev/sriov_drivers_autoprobe"
		echo 7 >"$dev/sriov_numvfs"
	done
	for dev in /sys/bus/pci/devices/*; do
		[ ! -e "$dev/physfn" ] || vfs="$vfs ${dev##*/}"
	done
	# shellcheck disable=SC2086 # a list
	lend bind $vfs >/dev/null
	# The first function stays open all the time.
	for round in $(seq 0 "$rounds"); do
		for count in 1 8 32; do
			# shellcheck disable=SC2046
			open_all $(echo "$vfs" | cut -d' ' -f2-$((count + 2)))
		done
	done
}

# The program prints: HOW COUNT: open MICROSECONDS close MICROSECONDS
open_all()
{
	/tmp/open-all "$@" >/tmp/out 2>/tmp/err ||
		lost 'open of devices' lend "$count side by side"
	[ "$round" -gt 0 ] || return 0
	sed -n 's/^\(.*\) \([0-9]*\): open \(.*\) close \(.*\)/\2 \3 \4 \1/p' \
		/tmp/out | while read -r count opened closed how; do
		record 'open of devices' lend "$count $how" "$opened"
		record 'close of devices' lend "$count $how" "$closed"
	done
}
