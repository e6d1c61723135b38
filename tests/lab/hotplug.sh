# SPDX-License-Identifier: MIT
# A guest into which devices are plugged by the control socket of its run.
# shellcheck shell=dash source=../../lab/inside.sh disable=SC2154

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

hotplug_lacks()
{
	! lend ctl web pci | grep -q " $1\$"
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
	find "/proc/$pid/fd" -type l | wc -l
	find "/proc/$pid/task" -mindepth 1 -maxdepth 1 | wc -l
	grep -E '^Vm(Lck|Pin)' "/proc/$pid/status"
	grep -c vfio "/proc/$pid/maps"
}

hotplug_cycle()
{
	hotplug_waits "plugs waits $1" && hotplug_plug "$disk" disk &&
		hotplug_waits "plugs has $1" && hotplug_leaves disk
}

# hotplug_cycles N: the guest, in its steps plugs:N and wait, gets the disk and releases it, N
# times; the run has what it had.
hotplug_cycles()
{
	hotplug_waits 'plugs waits 1' || return 1
	hotplug_has >/tmp/before
	count=0
	while [ "$count" -lt "$1" ]; do
		count=$((count + 1))
		hotplug_cycle "$count" || {
			echo "cycle $count:"
			tail -n 5 "$report" "$report.err"
			return 1
		}
	done
	hotplug_waits wait || return 1
	hotplug_has >/tmp/after
	diff /tmp/before /tmp/after
}
