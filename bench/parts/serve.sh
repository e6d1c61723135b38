# SPDX-License-Identifier: MIT
# What a device that lend serve lends by a socket costs: system calls of both processes, start and memory of the server.
# shellcheck shell=dash source=../contestants.sh disable=SC2034,SC2154

socket=/tmp/nic.sock

part_serve()
{
	local first=''
	serve_times
	# shellcheck disable=SC2046,SC2086 # a list
	serve_costs '' '' $(echo $kinds | sed 's/ interrupt//')
	serve_costs ' with -map' -map register-read register-write
	# The handler reads registers, which would be messages without it.
	first=up
	serve_costs ' with -map' -map interrupt
}

# The server says in its log when it is ready.
serve_times()
{
	local round time
	for round in $(seq 0 "$rounds"); do
		settle
		rm -f $socket
		if ! time=$(/tmp/stopwatch / 'served by' /bin/sh -c \
			"exec lend serve -v -socket $socket $nic 2>&1" \
			2>/tmp/err); then
			lost 'exec to a server that is ready' lend lend\ serve
		elif [ "$round" -gt 0 ]; then
			record 'exec to a server that is ready' lend \
				'lend serve' "$time"
		fi
	done
}

# serve_costs CASE OPTION KIND...: what each KIND costs both processes.
serve_costs()
{
	local case=$1 option=$2
	shift 2
	rm -f $socket "$server_calls"
	# shellcheck disable=SC2086 # an option
	/share/count-calls $server_calls lend serve -socket $socket $option \
		"$nic" 2>/tmp/err &
	server=$!
	await 100 'the socket' [ -S $socket ] >/tmp/out
	serve_start "$(plan_of nothing "$@")"
	if ! operate nothing "$@" >/tmp/out; then
		cp "$report.err" /tmp/err
		kill "$guest_pid"
		guest_end
	fi
	[ -n "$case" ] || [ -n "$first" ] || record 'memory of lend serve' lend \
		'after a boot' "$(memory_alone "$(traced)")"
	serve_record "$@"
	kill "$(traced)"
	wait "$server" || true
	rm -f "$server_calls"
}

# The server, which its counter traces.
traced()
{
	cut -d' ' -f1 "/proc/$server/task/$server/children"
}

serve_start()
{
	rm -f /tmp/stdin "$report"
	mkfifo /tmp/stdin
	# shellcheck disable=SC2046,SC2086 # options
	timeout 1000 $counter $(command_of lend) -m "$ram" \
		-device vfio-user-pci,socket=$socket -kernel "$vmlinuz" \
		-initrd "$initrd" -append "console=ttyS0 quiet $1" \
		</tmp/stdin >"$report" 2>"$report.err" &
	guest_pid=$!
	exec 3>/tmp/stdin
}

serve_record()
{
	local kind exits calls moves served calls0=0 served0=0
	while read -r kind exits calls moves served; do
		[ "$kind" != nothing ] || calls0=$calls served0=$served
		[ "$kind" != nothing ] || continue
		record 'system calls of lend serve each time' lend "$kind$case" \
			"$(quotient $((served - served0)))"
		record 'system calls of lend run each time' lend "$kind$case" \
			"$(quotient $((calls - calls0)))"
	done </tmp/costs
	for kind; do
		grep -q "^$kind " /tmp/costs ||
			lost 'system calls of lend serve each time' lend "$kind$case"
	done
}
