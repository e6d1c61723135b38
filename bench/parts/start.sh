# SPDX-License-Identifier: MIT
# Times from exec to the guest's first instruction and to its /init.
# shellcheck shell=dash source=../contestants.sh disable=SC2154

part_start()
{
	for count in 0 1; do
		time_to 'exec to the first instruction' L \
			"$count devices" "$count" "$ram" -kernel /guest/first-byte
	done
	time_to 'exec to /init' 'guest: init' '1 devices' 1 "$ram" \
		-kernel /guest/vmlinuz -initrd /guest/initrd \
		-append 'console=ttyS0 quiet lend.plan='
}
