# SPDX-License-Identifier: MIT
# Start times with a lent device by size of RAM, all pinned, with pages of each size.
# shellcheck shell=dash source=../contestants.sh disable=SC2034,SC2154

ram_time='exec to a device that may do DMA'
ram_maps='DMA maps before a device may do DMA'
thp=/sys/kernel/mm/transparent_hugepage/enabled

# All contestants use madvise() for transparent huge pages.
part_ram()
{
	echo madvise >$thp
	sizes='256 1024 4096'
	with_pages THP
	sizes='256 512 1024'
	echo never >$thp
	with_pages '4 KiB pages'
	mkdir -p "$root/huge"
	mount -t hugetlbfs huge "$root/huge" || return
	with_pages hugetlb -mem-path /huge
	umount "$root/huge"
	echo 0 >/proc/sys/vm/nr_hugepages
	echo madvise >$thp
}

# with_pages NAME OPTION...
with_pages()
{
	local pages=$1 size
	shift
	for size in $sizes; do
		[ "$pages" != hugetlb ] ||
			echo $((size / 2 + 4)) >/proc/sys/vm/nr_hugepages
		time_to "$ram_time" D "$size MiB, $pages" 1 "$size" "$@" \
			-kernel /guest/first-byte
	done
	for who in $contestants; do
		count_maps "$who" "$size MiB, $pages" "$size" "$@"
	done
}

# count_maps WHO CASE MEGABYTES OPTION...: with an idle guest.
count_maps()
{
	local who=$1 case=$2 size=$3
	shift 3
	# shellcheck disable=SC2046,SC2086 # options
	if timeout 100 $counter chroot "$root" $(line_of "$who" 1 "$size") "$@" \
		-kernel /guest/first-byte </dev/null >/tmp/out 2>/tmp/err &&
		grep -q L /tmp/out; then
		take_counts
		record "$ram_maps" "$who" "$case" "$maps"
	else
		lost "$ram_maps" "$who" "$case"
	fi
}
