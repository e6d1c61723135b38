# SPDX-License-Identifier: MIT
# A guest into which devices are plugged by the control socket of its run.
# shellcheck shell=dash source=../../lab/inside.sh disable=SC2154
# shellcheck source=held.sh
. /share/held.sh

# hotplug_start PLAN OPTION...: a confined guest with two empty slots and no device,
# which waits. Below slot 1 is its bus 01.
hotplug_start()
{
	plan=$1
	shift
	guest_start "${hotplug_bound:-400}" -m 512 -name web -qmp auto \
		-sandbox on,report=on -plug-slots 2 \
		-unplug-timeout $((60 * slack)) \
		-append "console=ttyS0 quiet lend.plan=$plan" "$@"
}

hotplug_pid()
{
	grep -lsx web /proc/[0-9]*/comm | cut -d/ -f3
}

# hotplug_waits WORDS: the guest has printed WORDS on a line of its own, and no
# failure.
hotplug_waits()
{
	{
		await 200 "guest: $1" grep -qsE "^guest: ($1|.*FAILED)" \
			"$report" && ! grep FAILED "$report"
	} || {
		tail -n 3 "$report" "$report.err"
		return 1
	}
}

hotplug_plug()
{
	device=$1 id=$2
	shift 2
	lend ctl web plug -device "vfio-pci,host=$device,id=$id" "$@"
}

# The run may refuse to list, while RAM is mapped.
hotplug_lacks()
{
	lend ctl web pci >/tmp/pci 2>&1 && ! grep -q " $1\$" /tmp/pci
}

# hotplug_leaves ID: the device has left, and is closed.
hotplug_leaves()
{
	await 200 "$1 to leave" hotplug_lacks "$1"
}

# What a run has open, mapped, pinned and running.
hotplug_has()
{
	pid=$(hotplug_pid)
	echo "$(find "/proc/$pid/fd" -type l | wc -l) open files"
	echo "$(find "/proc/$pid/task" -mindepth 1 -maxdepth 1 | wc -l) threads"
	echo "$(pinned) pinned pages"
	grep -E '^Vm(Lck|Pin)' "/proc/$pid/status"
	echo "$(grep -c vfio "/proc/$pid/maps") mapped parts of devices"
}

# The disk comes and goes, for the count-th time.
hotplug_cycle()
{
	hotplug_waits "plugs waits $count" &&
		hotplug_plug "$disk,bus=plug1" disk &&
		hotplug_waits "plugs has $count" && hotplug_leaves disk
}

hotplug_is_traced()
{
	! grep -q '^TracerPid:[[:space:]]*0$' "/proc/$1/task/"*/status
}

# hotplug_slots FILE: a cycle; the numbers of the memory slots that it sets go to FILE.
# KVM does not count its slots.
hotplug_slots()
{
	pid=$(hotplug_pid)
	/share/strace/loader --library-path /share/strace /share/strace/strace \
		-f -qq -e trace=ioctl -o /tmp/calls -p "$pid" &
	tracer=$!
	await 100 'the tracer' hotplug_is_traced "$pid" && hotplug_cycle
	failed=$?
	kill $tracer
	wait $tracer
	grep -o 'REGION, {slot=[0-9]*' /tmp/calls | sort -u >"$1"
	[ $failed -eq 0 ] && [ -s "$1" ]
}

# hotplug_cycles FIRST LAST: the guest, in its step plugs, gets the disk and releases
# it, for the FIRST to the LAST time; the run has what it had before the first time,
# and uses the memory slots of the second.
hotplug_cycles()
{
	count=$1
	hotplug_waits "plugs waits $count" || return 1
	[ "$count" -gt 1 ] || hotplug_has >/tmp/before
	while [ "$count" -le "$2" ]; do
		case $count in
		2) hotplug_slots /tmp/slots ;;
		"$2") hotplug_slots /tmp/slots.last ;;
		*) hotplug_cycle ;;
		esac || {
			echo "cycle $count:"
			tail -n 25 "$report" "$report.err"
			return 1
		}
		count=$((count + 1))
	done
	hotplug_waits "plugs (waits $count|ok)" || return 1
	hotplug_has >/tmp/after
	diff /tmp/before /tmp/after && diff /tmp/slots /tmp/slots.last
}
