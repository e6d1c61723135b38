# SPDX-License-Identifier: MIT
# Steps of the guest's init that end, restart or suspend the guest.
# shellcheck shell=dash disable=SC2154 # variables of guest-init

# acpid reads the power key from the kernel and runs its script, as many distributions
# have it.
handle_button()
{
	modprobe -q evdev 2>/dev/null
	mkdir -p /etc/acpi/PWRF
	cat >/etc/acpi/PWRF/00000080 <<-'END'
	#!/bin/sh
	echo guest: button ok: acpid received the power key
	poweroff -f
	END
	chmod +x /etc/acpi/PWRF/00000080
}

step_button()
{
	handle_button
	report wait: for the power button
	acpid -d
}

# The same in suspend-to-idle, of which the kernel prints that it has begun.
step_sleep()
{
	handle_button
	acpid -d &
	echo 1 >/sys/power/pm_debug_messages
	echo 8 >/proc/sys/kernel/printk
	report sleep
	echo freeze >/sys/power/state || report sleep FAILED
	wait
}

# Reads or writes the block that survives a reboot. It is cleared in the end, for the
# next guest with this disk.
read_marker()
{
	dd if="$disk" bs=4096 skip="$marker" count=1 iflag=direct 2>/dev/null |
		head -c 8 | tr -d ' \0'
}

write_marker()
{
	printf '%-4096s' "$1" | dd of="$disk" bs=4096 seek="$marker" oflag=direct \
		conv=notrunc,fsync 2>/dev/null
}

# Restarts once; a marker on the disk distinguishes the second boot.
step_restart()
{
	has_disk restart || return
	if [ "$(read_marker)" = marked ]; then
		write_marker ''
		report restart second boot
		return
	fi
	write_marker marked
	report restart first boot
	reboot -f
}

# Whether NIC and disk have done some work each since the last call of note_work().
note_work()
{
	rx=$(cat /sys/class/net/eth0/statistics/rx_packets)
	read -r reads _ <"/sys/block/${disk##*/}/stat"
}

has_worked()
{
	old_rx=$rx old_reads=$reads
	note_work
	work_rx=$((work_rx + rx - old_rx))
	work_reads=$((work_reads + reads - old_reads))
	[ $work_rx -gt 5 ] && [ $work_reads -gt 20 ]
}

# After step net: restarts in the midst of work by NIC and disk, until it has booted
# N times; the disk has the count ("cycle:N"). By SysRq: no driver stops its device.
step_cycle()
{
	has_disk cycle || return
	boots=$(read_marker)
	boots=$((${boots:-0} + 1))
	report cycle boot $boots
	if [ $boots -ge "$1" ]; then
		write_marker ''
		return
	fi
	write_marker $boots
	note_work
	work_rx=0 work_reads=0
	ping -i 0.01 10.0.2.2 >/dev/null &
	while :; do
		dd if="$disk" of=/dev/null bs=4096 count=100 iflag=direct
	done 2>/dev/null &
	await has_worked || report cycle "FAILED: NIC and disk do not work"
	echo b >/proc/sysrq-trigger
}

# A lent i6300esb: armed with a deadline of seconds, which nobody extends. The lock
# register, 0x68, has the bit that enables it.
step_watchdog()
{
	modprobe i6300esb heartbeat=4
	if ! await [ -e /dev/watchdog0 ]; then
		report watchdog FAILED: no /dev/watchdog0 appeared
		return
	fi
	# Its driver's complaint would get into a report's line.
	echo 1 >/proc/sys/kernel/printk
	echo >/dev/watchdog0
	for dev in /sys/bus/pci/devices/*; do
		[ "$(cat "$dev/vendor" "$dev/device" | tr '\n' ' ')" != \
			'0x8086 0x25ab ' ] || report watchdog lock \
			"$(dd if="$dev/config" bs=1 skip=104 count=1 \
				2>/dev/null | hexdump -e '1/1 "%d"')"
	done
}

step_reboot()
{
	report reboot
	reboot -f
}
