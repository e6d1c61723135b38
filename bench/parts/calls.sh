# SPDX-License-Identifier: MIT
# System calls before the guest runs, and mappings over a whole boot.
# shellcheck shell=dash source=../contestants.sh disable=SC2154

part_calls()
{
	local calls='system calls before the first KVM_RUN' who count
	for who in $contestants; do
		for count in 0 1 8; do
			# shellcheck disable=SC2086 # words
			boot "$who" $count lend.plan= $counter || {
				lost "$calls" "$who" "$count devices"
				continue
			}
			take_counts
			record "$calls" "$who" "$count devices" "$before"
			[ $count -gt 0 ] || continue
			record 'DMA maps over a boot' "$who" \
				"$count devices" "$maps"
			record 'DMA unmaps over a boot' "$who" \
				"$count devices" "$unmaps"
			record 'memory slots set over a boot' "$who" \
				"$count devices" "$slots"
		done
	done
}
