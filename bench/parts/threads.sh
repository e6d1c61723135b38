# SPDX-License-Identifier: MIT
# The gain of faulting in RAM with a thread per processor, on a host with two.
# shellcheck shell=dash source=../contestants.sh disable=SC2154

part_threads()
{
	local round cpus
	echo madvise >/sys/kernel/mm/transparent_hugepage/enabled
	# Half as many runs: the emulated host with two processors crashes at times.
	for round in $(seq 0 $(((rounds + 1) / 2 > 3 ? (rounds + 1) / 2 : 3))); do
		for cpus in 1 2; do
			start_on $cpus "2048 MiB on $cpus processors"
		done
	done
}

# start_on CPUS CASE: lend run starts as many threads as it may use processors.
start_on()
{
	local figure='exec to a device that may do DMA' time
	settle
	: >/tmp/out
	# shellcheck disable=SC2046 # options
	if ! time=$(taskset $((2 * $1 - 1)) /tmp/stopwatch "$root" D \
		$(line_of lend 1 2048) -kernel /guest/first-byte \
		</dev/null 2>/tmp/err); then
		lost "$figure" lend "$2"
	elif [ "$round" -gt 0 ]; then
		record "$figure" lend "$2" "$time"
	fi
}
