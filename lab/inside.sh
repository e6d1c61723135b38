# SPDX-License-Identifier: MIT
# What scripts inside L1 share: judging a claim, using the host's devices, running a guest and reading its report.
# shellcheck shell=dash disable=SC2034,SC3040
set -o pipefail

nic=0000:00:05.0
disk=0000:00:06.0
vmlinuz=/lab/guest/vmlinuz
initrd=/lab/guest/initrd
report=/tmp/guest	# the last guest's console, its lines ended as here

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

# claim NAME COMMAND...: the claim holds when COMMAND succeeds; what COMMAND
# prints is the reason when it does not.
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

# The last line of a check file: its status says whether all claims held.
finish()
{
	[ ! -e /tmp/failed ]
	exit
}

# await TENTHS WHAT COMMAND...: waits for COMMAND to succeed, for at most
# TENTHS of a second. sysfs tells nobody when a link or a carrier appears.
await()
{
	tries=$1 what=$2
	shift 2
	until "$@"; do
		tries=$((tries - 1))
		if [ "$tries" -le 0 ]; then
			echo "waited in vain for $what"
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
	ping -c 2 -W 5 10.0.2.2
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

# Opens the monitor of the QEMU that L1 runs in, which speaks QMP, as 4 (arm64
# alone).
qemu_open()
{
	[ ! -e /tmp/monitor.out ] || return 0
	name=$(grep -lx monitor /sys/class/virtio-ports/*/name) || return 1
	name=${name%/name}
	exec 4<>"/dev/${name##*/}"
	# Its answers are read, or it would wait for that.
	cat <&4 >/tmp/monitor.out &
	echo "{'execute':'qmp_capabilities'}" >&4
}

# qemu_link NIC true|false: whether the NIC has a link, which it tells its driver
# by an interrupt.
qemu_link()
{
	qemu_open || return 1
	echo "{'execute':'set_link','arguments':{'name':'$1','up':$2}}" >&4
}

# machine SECONDS OPTION...: lend run with OPTIONs, for at most SECONDS.
#
# The TSC-deadline timer is taken from the guest's processor: emulated nested
# virtualisation loses its interrupts on a busy machine, and the guest stalls
# early in its boot. No real host needs this.
case $(uname -m) in
x86_64) cpu=host,-tsc-deadline ;;
*) cpu=host ;;
esac

machine()
{
	bound=$1
	shift
	timeout "$bound" lend run -cpu $cpu \
		-kernel "$vmlinuz" ${initrd:+-initrd "$initrd"} "$@"
}

# guest SECONDS OPTION...: a machine, whose console goes to $report, messages
# to $report.err. The status is lend's.
guest()
{
	machine "$@" </dev/null 2>"$report.err" | tr -d '\r' | tee "$report"
}

# ended_well STATUS: of lend run, whose messages tell why it is not 0.
ended_well()
{
	[ "$1" -eq 0 ] && return
	[ "$1" -ne 143 ] || echo "the bound struck;"
	echo "status $1; stderr: $(cat "$report.err")" \
		"console: $(tail -n 2 "$report")"
	return 1
}

# What the guest printed after "guest: " that matches REGEX.
reported()
{
	sed -n "s/^guest: \($1\)/\1/p" "$report" | grep . || {
		echo "the guest reported no \"$1\";" \
			"its last line: $(tail -n 1 "$report")"
		return 1
	}
}

# irq_came DRIVER KIND: a device of the guest's DRIVER had interrupts of KIND.
irq_came()
{
	reported "irq $1 $2 .* count=[1-9].*" >/dev/null && return
	echo "wanted $2 with a count that is not 0: $(reported "irq $1 .*")"
	return 1
}

# refuses NAME WORDS COMMAND...: COMMAND (with a timeout of its own) fails by
# itself, and says why on stderr with each of the WORDS (regexes, one a line).
refuses()
{
	name=$1 words=$2
	shift 2
	before=$(pidof lend)
	"$@" >/tmp/why.out 2>/tmp/why </dev/null
	status=$?
	case $status in
	0) fault='it succeeded' ;;
	143) fault='its time was up' ;;
	12[67] | 13? | 14?) fault="it ended with status $status" ;;
	*)
		fault=''
		echo "$words" >/tmp/words
		while read -r word; do
			grep -qiE -- "$word" /tmp/why ||
				fault="$fault no \"$word\" in the message;"
		done </tmp/words
		[ "$(pidof lend)" = "$before" ] ||
			fault="$fault process $(pidof lend) is left"
		;;
	esac
	if [ -z "$fault" ]; then
		ok "$name"
	else
		not_ok "$name" "$fault: $(tr -s '\n' ' ' </tmp/why)"
	fi
	sed 's/^/   > /' /tmp/why
}

# A guest in the background, whose console takes lines from guest_say.
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

# The status of lend run in the background.
guest_end()
{
	exec 3>&-
	wait "$guest_pid"
}

guest_waits()
{
	await 400 "the guest's wait step" grep -qs 'guest: wait' "$report"
}

# Times that a vCPU of the one guest came back to lend run so far.
user_exits()
{
	cat /sys/kernel/debug/kvm/*-*/mmio_exits \
		/sys/kernel/debug/kvm/*-*/io_exits \
		/sys/kernel/debug/kvm/*-*/signal_exits |
		awk '{ n += $1 } END { print n }'
}

# Times that the main loop of the one lend run woke up so far.
main_wakes()
{
	awk '/^voluntary/ { print $2 }' "/proc/$(pidof lend)/status"
}
