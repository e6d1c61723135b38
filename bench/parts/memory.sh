# SPDX-License-Identifier: MIT
# Memory, threads, descriptors and libraries of a contestant while its guest waits.
# shellcheck shell=dash source=../contestants.sh disable=SC2154

part_memory()
{
	record 'size of the program' lend stripped "$(wc -c </share/lend)"
	for who in q35 microvm; do
		record 'size of the program' "$who" stripped \
			"$(wc -c <"$root/usr/bin/qemu-system-x86_64")"
	done
	for who in $contestants; do
		for count in 0 1 8; do
			look_at "$who" $count
		done
	done
}

# look_at WHO COUNT: while its guest waits. The shell's child is the program: timeout
# and chroot execute it.
look_at()
{
	start "$1" "$2" lend.plan=wait
	if guest_waits >/tmp/out; then
		record_process "$1" "$2 devices" "$guest_pid"
	else
		cp "$report.err" /tmp/err
		lost 'memory besides RAM' "$1" "$2 devices"
	fi
	guest_say go
	guest_end
}

record_process()
{
	record 'memory besides RAM' "$1" "$2" "$(memory_of "$3")"
	record 'threads' "$1" "$2" "$(count_of /proc/"$3"/task/*)"
	record 'descriptors' "$1" "$2" "$(count_of /proc/"$3"/fd/*)"
	libraries_of "$3" >/tmp/libraries
	record 'shared libraries' "$1" "$2" "$(wc -l </tmp/libraries)"
	[ "$1 $2" != 'lend 1 devices' ] || record \
		'shared libraries by name' "$1" "$2" \
		"$(tr '\n' ' ' </tmp/libraries | sed 's/ $//')"
}

# Memory of process PID, in KiB, without the guest's RAM, the only mapping of that
# size, and without device mappings, which have no Rss.
memory_of()
{
	awk -v ram=$((ram * 1024)) '/^Size:/ { size = $2 }
		/^Rss:/ && size < ram { sum += $2 } END { print sum }' \
		"/proc/$1/smaps"
}

libraries_of()
{
	sed -n 's/.*\/\([^/]*\.so[^ ]*\).*/\1/p' "/proc/$1/maps" | sort -u
}

count_of()
{
	echo $#
}
