# SPDX-License-Identifier: MIT
# Counts the system calls and exits of a traced machine while its guest does operations, for a check and the benchmark.
# shellcheck shell=dash source=../../lab/inside.sh disable=SC2034,SC2154,SC2317

times=1000	# of each operation
kinds='config-read-emulated config-read-device config-write bar-sizing
	msix-mask-unmask register-read register-write interrupt'

# Prefix of a command, whose counts are in /tmp/calls.
counter='/share/count-calls /tmp/calls'

# Calls of a traced server, if there is one.
server_calls=/tmp/server-calls

# Sets before, since, runs, maps, unmaps, slots and starts to the current counts, and
# served to those of a server.
take_counts()
{
	[ ! -e $server_calls ] || read -r served _ <$server_calls
	read -r before since runs maps unmaps slots starts </tmp/calls
	since=$((since - runs))
	moves=$((maps + unmaps + slots))
}

# plan_of KIND...: a guest's plan, which waits before each kind and after the last;
# $first, if set, comes before all.
plan_of()
{
	printf 'lend.plan=%swait' "${first:+run:operations:$first.1,}"
	for kind; do
		printf ',run:operations:%s.%d,wait' "$kind" "$times"
	done
}

# waited N: the guest is in its N-th wait.
waited()
{
	[ "$(grep -cs 'guest: wait: send' "$report")" -ge "$1" ]
}

# operate KIND...: has the background guest of $counter do each kind, and writes a
# line for each to /tmp/costs: its name, exits, other system calls, slots and DMA
# mappings, and system calls of a server.
operate()
{
	local waits=1 kind runs0 since0 moves0 served0 served=''
	rm -f /tmp/costs
	await 1200 'the guest' waited $waits || return
	for kind; do
		take_counts
		runs0=$runs since0=$since moves0=$moves served0=$served
		guest_say go
		waits=$((waits + 1))
		await 2400 "$kind" waited $waits || return
		grep -q "guest: run $kind $times ok" "$report" || {
			echo "$kind failed: $(tail -n 3 "$report")"
			return 1
		}
		take_counts
		echo "$kind $((runs - runs0)) $((since - since0))" \
			"$((moves - moves0))" \
			${served:+$((served - served0))} >>/tmp/costs
	done
	guest_say go
	guest_end
}
