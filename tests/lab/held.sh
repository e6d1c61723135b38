# SPDX-License-Identifier: MIT
# What runs of lend could leave behind on the host, for checks that end them in every way.
# shellcheck shell=dash source=../../lab/inside.sh disable=SC2154,SC2317

# Pages that are pinned now, of all processes.
pinned()
{
	awk '$1 == "nr_foll_pin_acquired" { n += $2 }
		$1 == "nr_foll_pin_released" { n -= $2 }
		END { print n + 0 }' /proc/vmstat
}

# held DEVICE...: all that a run of them could leave. To be compared with what it is
# after a first run, which leaves what the kernel keeps for the next one.
held()
{
	echo "$(cut -f1 /proc/sys/fs/file-nr) open files"
	echo "$(pinned) pinned pages"
	echo "$(cat /proc/[0-9]*/comm 2>/dev/null | grep -c '^lend') processes of lend"
	for device; do
		echo "$device: $(driver_of "$device")"
	done
	ls /dev/vfio /dev/vfio/devices /run/lend
	[ ! -e /tmp/soak ] || ls /tmp/soak
}

# The kernel counts open files in steps of 32: a few more may be none.
held_is()
{
	local what=$1 now
	shift
	now=$(held "$@")
	[ "${now#*files}" = "${what#*files}" ] &&
		[ "${now%% *}" -lt $((${what%% *} + 64)) ]
}

# as_before BEFORE DEVICE...: nothing is left. The kernel frees files and pages a
# moment after a process has ended.
as_before()
{
	await 30 'what runs held' held_is "$@" && return
	echo "was: $1"
	shift
	echo "is: $(held "$@")"
	return 1
}
