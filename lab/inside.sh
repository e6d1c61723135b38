# SPDX-License-Identifier: MIT
# Shared by scripts in L1: check a claim, use the host's devices, run a guest and read its report.
# shellcheck shell=dash disable=SC2034,SC3040
set -o pipefail

nic=0000:00:05.0
disk=0000:00:06.0
vmlinuz=/lab/guest/vmlinuz
initrd=/lab/guest/initrd
report=/tmp/guest	# the last guest's console, with lines that end in LF alone

# Bounds are for what hangs. Each is some times what it takes on a quiet machine,
# and so many times that again, so that no load reaches it.
slack=10

# more: the longer form of the checks is wanted.
more()
{
	grep -q 'lend\.more' /proc/cmdline
}

ok()
{
	echo "ok - $1"
}

not_ok()
{
	echo "not ok - $1: $2"
	touch /tmp/failed
}

skip()
{
	echo "skip - $1: $2"
}

# claim NAME COMMAND...: the claim holds when COMMAND succeeds; otherwise the
# output of COMMAND is printed as the reason.
claim()
{
	name=$1
	shift
	if "$@" >/tmp/why 2>&1; then
		ok "$name"
	else
		not_ok "$name" "$(tr -s '\r\n' '  ' </tmp/why)"
	fi
}

# The last line of a check file: its status is 0 when all claims held.
finish()
{
	[ ! -e /tmp/failed ]
	exit
}

# within SECONDS COMMAND...: COMMAND, ended with status 143 after $slack * SECONDS.
within()
{
	bound=$(($1 * slack))
	shift
	timeout "$bound" "$@"
}

# await TENTHS WHAT COMMAND...: waits for COMMAND to succeed, for at most
# $slack * TENTHS of a second. sysfs has no event for a link or a carrier.
await()
{
	tries=$(($1 * slack)) what=$2
	shift 2
	until "$@"; do
		tries=$((tries - 1))
		if [ "$tries" -le 0 ]; then
			echo "gave up waiting for $what"
			return 1
		fi
		usleep 100000
	done
}

# The driver that DEVICE ($1) is bound to, or "no driver".
driver_of()
{
	if [ -e "/sys/bus/pci/devices/$1/driver" ]; then
		basename "$(readlink "/sys/bus/pci/devices/$1/driver")"
	else
		echo no driver
	fi
}

has_driver()
{
	[ "$(driver_of "$1")" = "$2" ] || {
		echo "$1 is bound to $(driver_of "$1"), not $2"
		return 1
	}
}

exited()
{
	! [ -e "/proc/$1" ]
}

carrier_up()
{
	grep -qs 1 "/sys/class/net/$1/carrier"
}

# The host itself pings the gateway over its NIC.
host_pings()
{
	await 50 "the NIC's network interface" [ -d /sys/class/net/eth0 ] ||
		return 1
	ip addr flush dev eth0
	ip link set eth0 up
	ip addr add 10.0.2.15/24 dev eth0
	await 100 "the NIC's carrier" carrier_up eth0 || return 1
	ping -c 2 -W 60 10.0.2.2
}

# host_reads SIZE SUM [BLOCK]: SIZE bytes of the disk from the 4 KiB block
# BLOCK on have the checksum SUM.
host_reads()
{
	await 50 /dev/nvme0n1 [ -b /dev/nvme0n1 ] || return 1
	got=$(dd if=/dev/nvme0n1 bs=4096 skip="${3:-0}" 2>/dev/null |
		head -c "$1" | sha256sum | cut -d' ' -f1)
	[ "$got" = "$2" ] || {
		echo "the host reads sha256 $got, not $2"
		return 1
	}
}

# Opens the QMP monitor of L1's own QEMU as descriptor 4 (arm64 only).
qemu_open()
{
	[ ! -e /tmp/monitor.out ] || return 0
	name=$(grep -lx monitor /sys/class/virtio-ports/*/name) || return 1
	name=${name%/name}
	exec 4<>"/dev/${name##*/}"
	# QMP blocks when nobody reads its answers.
	cat <&4 >/tmp/monitor.out &
	echo "{'execute':'qmp_capabilities'}" >&4
}

# qemu_link NIC true|false: sets the NIC's link up or down, which raises an
# interrupt.
qemu_link()
{
	qemu_open || return 1
	echo "{'execute':'set_link','arguments':{'name':'$1','up':$2}}" >&4
}

# machine SECONDS OPTION...: lend run with OPTIONs, within SECONDS.
#
# The guest's processor has no TSC-deadline timer: emulated nested virtualisation
# loses its interrupts on a busy machine, and the guest stalls early in its boot.
# No real host needs this. SIGTERM ends a machine at once, as a time that is over
# must not pass for a guest that shut down.
case $(uname -m) in
x86_64) cpu=host,-tsc-deadline ;;
*) cpu=host ;;
esac

machine()
{
	seconds=$1
	shift
	within "$seconds" lend run -cpu $cpu -shutdown-timeout 0 \
		-kernel "$vmlinuz" ${initrd:+-initrd "$initrd"} "$@"
}

# guest SECONDS OPTION...: a machine, whose console goes to $report, and whose
# messages go to $report.err. The status is that of lend run.
guest()
{
	machine "$@" </dev/null 2>"$report.err" | tr -d '\r' | tee "$report"
}

# Prints why the guest's kernel died, if it did.
kernel_died()
{
	grep -qF 'Kernel panic' "$report" || return 0
	sed -nE '/BUG: |Oops|general protection|divide error|invalid opcode|stack guard|Internal error|PANIC/,$p' \
		"$report" | head -n 60
}

# ended_well STATUS: the STATUS of lend run is 0; otherwise prints its messages.
ended_well()
{
	[ "$1" -eq 0 ] && return
	[ "$1" -ne 143 ] || echo "timed out;"
	echo "status $1; stderr: $(cat "$report.err")" \
		"console: $(tail -n 2 "$report")"
	kernel_died
	return 1
}

# reported REGEX: prints what matches REGEX after "guest: " on the console.
reported()
{
	sed -n "s/^guest: \($1\)/\1/p" "$report" | grep . || {
		echo "the guest reported no \"$1\";" \
			"its last line: $(tail -n 1 "$report")"
		return 1
	}
}

# irq_came DRIVER KIND: the guest's DRIVER received interrupts of KIND.
irq_came()
{
	reported "irq $1 $2 .* count=[1-9].*" >/dev/null && return
	echo "no $2 interrupts: $(reported "irq $1 .*")"
	return 1
}

# The processes named lend. One that lend made to read a file names itself
# otherwise and may outlive it for a moment; pidof would list it, by its argv.
lend_pid()
{
	grep -lsx lend /proc/[0-9]*/comm | cut -d/ -f3
}

# refuses NAME WORDS COMMAND...: COMMAND, with a bound of its own, fails by itself
# and prints each of the WORDS on stderr (regexes, one per line).
refuses()
{
	name=$1 words=$2
	shift 2
	before=$(lend_pid)
	"$@" >/tmp/why.out 2>/tmp/why </dev/null
	status=$?
	case $status in
	0) fault='it succeeded' ;;
	143) fault='it timed out' ;;
	12[67] | 13? | 14?) fault="it ended with status $status" ;;
	*)
		fault=''
		echo "$words" >/tmp/words
		while read -r word; do
			grep -qiE -- "$word" /tmp/why ||
				fault="$fault no \"$word\" in the message;"
		done </tmp/words
		[ "$(lend_pid)" = "$before" ] ||
			fault="$fault process $(lend_pid) is left"
		;;
	esac
	if [ -z "$fault" ]; then
		ok "$name"
	else
		not_ok "$name" "$fault: $(tr -s '\n' ' ' </tmp/why)"
	fi
	sed 's/^/   > /' /tmp/why
}

# guest_start SECONDS OPTION...: a guest in the background; guest_say writes a line
# to its console.
guest_start()
{
	rm -f /tmp/stdin "$report"
	mkfifo /tmp/stdin
	machine "$@" </tmp/stdin >"$report" 2>"$report.err" &
	guest_pid=$!
	exec 3>/tmp/stdin
}

guest_say()
{
	echo "$1" >&3
}

# Waits for the guest's end. The status is that of lend run.
guest_end()
{
	exec 3>&-
	wait "$guest_pid"
}

guest_waits()
{
	await 400 "the guest's wait step" grep -qs 'guest: wait' "$report"
}

# Exits to user space of the only guest's vCPUs so far.
user_exits()
{
	cat /sys/kernel/debug/kvm/*-*/mmio_exits \
		/sys/kernel/debug/kvm/*-*/io_exits \
		/sys/kernel/debug/kvm/*-*/signal_exits |
		awk '{ n += $1 } END { print n }'
}

# Times that the main loop of the only lend run went to sleep so far.
main_wakes()
{
	awk '/^voluntary/ { print $2 }' "/proc/$(lend_pid)/status"
}

# Times that it was switched away from, asleep or not. On L1's one processor the
# guest has run between two of them: so what it does one by one, and the main loop
# passes on, takes as many.
main_turns()
{
	awk '/voluntary_ctxt/ { n += $2 } END { print n }' \
		"/proc/$(lend_pid)/status"
}
