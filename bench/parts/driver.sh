# SPDX-License-Identifier: MIT
# Throughput of a disk with the host's driver, and with examples/nvme-read, which is built on liblend.
# shellcheck shell=dash source=../contestants.sh disable=SC2154

# 64 MiB from the start of the disk; and a page, which is one command.
part_driver()
{
	local round
	for round in $(seq 0 "$rounds"); do
		# The first warms up.
		: >/tmp/err
		host_reads_disk >/tmp/out 2>/tmp/err
		[ "$round" -eq 0 ] || record_reads host
		{
			echo "disk-sequential $(reads_per_second 131072)"
			echo "disk-random $(reads_per_second 8)"
		} >/tmp/out 2>/tmp/err
		[ "$round" -eq 0 ] || record_reads lend
	done
}

# reads_per_second BLOCKS
reads_per_second()
{
	within 10 /tmp/nvme-read -t 3 "$disk" 0 "$1"
}

host_reads_disk()
{
	lend restore "$disk" >/dev/null
	if await 50 'the disk' [ -b /dev/nvme0n1 ]; then
		/tmp/traffic disk-sequential
		/tmp/traffic disk-random
	fi
	lend bind "$disk" >/dev/null
}

# record_reads CONTESTANT: both figures from /tmp/out. The host's driver counts
# pages in the second one.
record_reads()
{
	local rate
	rate=$(sed -n 's/.*disk-sequential \([0-9]*\) .*/\1/p' /tmp/out)
	record_rate 'reads of a disk' "$1" sequential "$rate"
	rate=$(sed -n 's/.*disk-random \([0-9]*\) .*/\1/p' /tmp/out)
	[ "$1" = host ] || rate=${rate:+$((rate / 4096))}
	record_rate 'reads of a disk' "$1" 'one page at a time' "$rate"
}
