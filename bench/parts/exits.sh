# SPDX-License-Identifier: MIT
# What the sandbox costs at each exit of the guest to user space, in time.
# shellcheck shell=dash source=../contestants.sh disable=SC2034,SC2154

part_exits()
{
	local round sandbox
	for round in $(seq 0 "$rounds"); do
		for sandbox in on off; do
			time_exits
		done
	done
}

# A field that lend run has itself is an exit and no system call of its own; one that
# is read from the device is one call more.
time_exits()
{
	local kind times=10000 time
	start lend 3 "$(plan_of config-read-emulated config-read-device)"
	guest_say go
	guest_say go
	guest_say go
	guest_end || true
	for kind in config-read-emulated config-read-device; do
		time=$(sed -n "s/^guest: run $kind $times ok: \([0-9]*\) ns.*/\1/p" \
			"$report")
		if [ -z "$time" ]; then
			cp "$report" /tmp/out
			lost 'time of 1000' lend "$kind with -sandbox $sandbox"
		elif [ "$round" -gt 0 ]; then
			record 'time of 1000' lend \
				"$kind with -sandbox $sandbox" \
				$((time / times))
		fi
	done
}
