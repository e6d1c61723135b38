# SPDX-License-Identifier: MIT
# Steps of the guest's init for devices that come and go.
# shellcheck shell=dash disable=SC2154 # variables of guest-init

# await_driver BUS: the device of BUS has appeared, and a driver has it. Nothing here
# loads modules for devices that appear.
await_driver()
{
	await [ -e "/sys/bus/pci/devices/0000:$1:00.0" ] || return
	load_drivers
	await [ -e "/sys/bus/pci/devices/0000:$1:00.0/driver" ]
}

# no_driver STEP BUS: the device of BUS has not appeared, or has no driver.
no_driver()
{
	dmesg | tail -n 20
	report "$1" FAILED: no device with a driver on bus "$2"
}

# Waits for a device ("comes:BUS").
step_comes()
{
	report comes waits "$1"
	if await_driver "$1"; then
		report comes ok "$1"
	else
		no_driver comes "$1"
	fi
}

# Gives the device of a bus to a program by vfio-pci, until a line comes
# ("hold:BUS").
step_hold()
{
	modprobe vfio-pci
	echo 1 >/sys/module/vfio/parameters/enable_unsafe_noiommu_mode
	cd "/sys/bus/pci/devices/0000:$1:00.0" || return
	echo vfio-pci >driver_override
	[ ! -e driver ] || echo "${PWD##*/}" >driver/unbind
	echo "${PWD##*/}" >/sys/bus/pci/drivers_probe
	cd /
	step_run "hold:$1"
}

# release_slot SLOT: releases the device there. The slot's driver refuses that until it
# has finished with the device that came.
release_slot()
{
	echo 0 >"/sys/bus/pci/slots/$1/power"
} 2>/dev/null

# Disk: writes without a pause until the disk has gone.
step_busy()
{
	has_disk busy || return
	report busy waits
	while dd if=/dev/zero of="$disk" bs=1M seek=33 count=4 oflag=direct \
		conv=notrunc; do
		:
	done 2>/tmp/dd
	report busy ok: "$(tail -n 1 /tmp/dd)"
}

# Waits for a device below slot 1, and releases it, N times ("plugs:N").
step_plugs()
{
	i=0
	while [ $i -lt "$1" ]; do
		i=$((i + 1))
		report plugs waits $i
		await_driver 01 || {
			no_driver plugs 01
			return
		}
		report plugs has $i
		await release_slot 1 || {
			report plugs FAILED: it is not released
			return
		}
	done
	report plugs ok "$1"
}
