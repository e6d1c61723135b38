# SPDX-License-Identifier: MIT
# The time from lend ctl plug to the end of the driver's probe in a guest that runs, and what the guest lost meanwhile.
# shellcheck shell=dash source=../contestants.sh disable=SC2013,SC2034,SC2154

plug_time="lend ctl plug to the end of the driver's probe"
plug_pause='longest pause of a program in the guest meanwhile'
plug_socket=/tmp/plug

# With the first device RAM is pinned.
part_plug()
{
	local size
	for size in 256 1024; do
		plug_times 0 "$size MiB, first device"
		plug_times 1 "$size MiB, RAM is pinned already"
	done
}

plug_lacks()
{
	lend ctl $plug_socket pci >/tmp/pci 2>&1 && ! grep -q ' plugged$' /tmp/pci
}

# plug_once: prints the time. The guest's program releases the device.
plug_once()
{
	/tmp/stopwatch / 'probes bound' /bin/sh -c "lend ctl $plug_socket plug \
		-device vfio-pci,host=$nic,id=plugged,bus=plug1 >&2 &&
		exec cat /tmp/console" 2>/tmp/err || return
	await 200 'the device to leave' plug_lacks >>/tmp/err
}

# plug_start COUNT: a guest of $size MiB with COUNT devices, which waits for one more.
plug_start()
{
	rm -f /tmp/console /tmp/stdin
	mkfifo /tmp/console /tmp/stdin
	# Output that nobody reads would be lost.
	exec 5<>/tmp/console
	# shellcheck disable=SC2046 # options
	timeout 1000 chroot "$root" $(command_of lend) -m "$size" \
		-qmp unix:$plug_socket -plug-slots 1 \
		$([ "$1" -eq 0 ] || echo "-device vfio-pci,host=$disk") \
		-kernel /guest/vmlinuz -initrd /guest/initrd \
		-append "console=ttyS0 quiet lend.modules=e1000e \
lend.plan=run:probes:$((rounds + 1)),wait,show:/tmp/pauses" \
		</tmp/stdin >/tmp/console 2>/tmp/err &
	guest_pid=$!
	exec 3>/tmp/stdin
	timeout 200 grep -m 1 'probes waits' /tmp/console >/tmp/out
}

# plug_end CASE: records the pauses but the first, which warmed up.
plug_end()
{
	local pause count=0
	guest_say on
	timeout 200 grep -m 1 'guest: show' /tmp/console | tr -d '\r' >/tmp/out
	guest_end || true
	exec 5<&-
	for pause in $(sed 's/.*show [0-9]* //' /tmp/out); do
		record "$plug_pause" lend "$1" "$pause"
		count=$((count + 1))
	done
	[ "$count" -eq "$rounds" ] || lost "$plug_pause" lend "$1"
}

# plug_times COUNT CASE
plug_times()
{
	local round time
	plug_start "$1"
	for round in $(seq 0 "$rounds"); do
		time=$(plug_once) || {
			lost "$plug_time" lend "$2"
			break
		}
		[ "$round" -eq 0 ] || record "$plug_time" lend "$2" "$time"
	done
	plug_end "$2"
}
