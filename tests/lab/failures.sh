# SPDX-License-Identifier: MIT
# Fails system calls of a machine's life, one in each run, for checks of how it ends.
# shellcheck shell=dash source=../../lab/inside.sh disable=SC2034,SC2154,SC2317
# shellcheck source=held.sh
. /share/held.sh

# The guest restarts at once, which ends the run; without that option it restarts
# six times, and reports that. strace has its own libraries.
strace='/share/strace/loader --library-path /share/strace /share/strace/strace'
strace="$strace -f -qq -o /tmp/calls"
life=-no-reboot

# traced OPTION...: a machine's life, with these options of strace.
traced()
{
	# shellcheck disable=SC2086 # commands with their options
	within 40 $strace "$@" lend run -cpu "$cpu" -m 64 -smp 2 $life \
		-kernel /share/modes -device vfio-pci,host="$nic" $backend \
		-append console=ttyS0 </dev/null >"$report" 2>"$report.err"
}

# Prints CALL NUMBER KIND for the first, a middle and the last call of each kind
# that a life makes. KIND is the system call, with the request of an ioctl();
# NUMBER is its place among the calls of its thread. Those left out cannot fail, or
# libc takes their failure for its own fault.
learn_calls()
{
	traced || return 1
	awk '/^[0-9]+ +[a-z0-9_]+\(/ {
		call = kind = $2
		sub(/\(.*/, "", call)
		kind = call
		if (call == "ioctl") {
			match($0, /, (_IOC\([^)]*\)|[A-Za-z0-9_]+)/)
			kind = call ":" substr($0, RSTART + 2, RLENGTH - 2)
			gsub(/ /, "", kind)
		}
		place = ++places[$1, call]
		if (!started++ ||
			call ~ /^(brk|exit|exit_group|futex|getpid|rt_sigreturn)$/)
			next
		if (!(kind in count))
			order[++kinds] = kind
		calls[kind] = call
		at[kind, ++count[kind]] = place
	}
	END {
		for (i = 1; i <= kinds; i++) {
			kind = order[i]
			n = count[kind]
			print calls[kind], at[kind, 1], kind
			if (n > 2)
				print calls[kind], at[kind, int((n + 1) / 2)], kind
			if (n > 1)
				print calls[kind], at[kind, n], kind
		}
	}' /tmp/calls >"$1"
	[ -s "$1" ]
}

# life_fails CALL NUMBER ERROR: that call of a life fails. lend run goes on, or
# ends by itself and reports why, and leaves nothing. For a denied call the kernel
# runs another one: the sandbox sees the calls that strace lets pass.
life_fails()
{
	traced -e inject="$1":error="$3":when="$2":syscall=getpid
	status=$?
	echo "status $status: $(cat "$report.err")"
	if [ -n "$(lend_pid)" ]; then
		echo 'it is left'
		lend_pid | xargs kill -KILL
		return 1
	fi
	as_before "$before" "$nic" || return 1
	case $status in
	0) [ -n "$life" ] || [ -s "$report.err" ] || reported 'modes ok.*' ;;
	12[0-689] | 1[3-9]? | 2??) return 1 ;;
	*) [ -s "$report.err" ] ;; # 127 is that of the dynamic linker
	esac
}

# all_fail FILE ERROR EACH: each EACH-th of the calls in FILE.
all_fail()
{
	awk -v each="$3" 'NR % each == 0' "$1" >/tmp/chosen
	while read -r call number kind <&5; do
		claim "failures: $kind, number $number of $call: $2" \
			life_fails "$call" "$number" "$2"
		sed 's/^/   > /' /tmp/why
	done 5</tmp/chosen
}
