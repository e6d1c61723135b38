#!/bin/busybox sh
# SPDX-License-Identifier: MIT
# Measures lend run beside QEMU with platform devices, inside an arm64 virtual host.
#
# usage: inside-platform.sh DIRECTORY
#
# DIRECTORY has QEMU and its libraries, below /host. The guests' nodes go to
# /share/nodes.CONTESTANT, the rest to the files of inside.sh.
# shellcheck shell=dash source=../lab/inside.sh disable=SC2034,SC2154,SC2317
. /usr/lib/lab.sh
# shellcheck source=../tests/lab/counts.sh
. /share/counts.sh
# shellcheck source=contestants.sh
. /share/contestants.sh
# shellcheck source=parts/ioctls.sh
. /share/parts/ioctls.sh
# shellcheck source=parts/operations.sh
. /share/parts/operations.sh
contestants='lend virt'
counter='/share/arm64/count-calls /tmp/calls'
times=250
# Devices of lab/arm64/host.dts, and those of platform.dts.
xgmac=4f000000.ethernet xgbe=4f080000.xgmac
edge=a003e00.virtio_mmio level=a003c00.virtio_mmio
mailbox=0x4f010800
# Without the drivers of the names that edge and level have.
without_drivers=initcall_blacklist=xgmac_driver_init,xgbe_mod_init

make_root()
{
	cp -a "/host$1" $root
	cp -n /lib/aarch64-linux-gnu/* $root/lib/aarch64-linux-gnu 2>/dev/null
	mkdir -p $root/dev $root/proc $root/sys $root/tmp $root/guest
	furnish_root
	chroot $root /sbin/ldconfig
	chroot $root /usr/bin/qemu-system-aarch64 --version | head -n 1 \
		>/share/peer
}

command_of()
{
	case $1 in
	lend)
		echo /usr/bin/lend run -cpu host -no-reboot \
			-shutdown-timeout 0
		;;
	virt)
		echo /usr/bin/qemu-system-aarch64 \
			-M virt,accel=kvm,gic-version=3 -cpu host -nodefaults \
			-no-user-config -display none -serial stdio -no-reboot
		;;
	esac
}

console_of()
{
	case $1 in
	lend) echo ttyS0 ;;
	virt) echo ttyAMA0 ;;
	esac
}

# devices NAME: the -device options of a set of devices.
devices()
{
	local more=''
	case $1 in
	xgmac) echo -device vfio-calxeda-xgmac,host=$xgmac ;;
	xgbe) echo -device vfio-amd-xgbe,host=$xgbe ;;
	both) devices xgmac && devices xgbe ;;
	lines*)
		[ "$1" = lines ] || more=,x-irqfd=off
		echo -device vfio-amd-xgbe,host=$edge$more \
			-device vfio-calxeda-xgmac,host=$level$more
		;;
	esac
}

# record_start WHO DEVICES CASE
record_start()
{
	local calls='system calls before the first KVM_RUN'
	# shellcheck disable=SC2086 # words
	boot "$1" "$2" lend.plan= $counter || {
		lost "$calls" "$1" "$3"
		return
	}
	take_counts
	record "$calls" "$1" "$3" "$before"
	[ "$2" != none ] || return 0
	record 'DMA maps over a boot' "$1" "$3" "$maps"
	record 'memory slots set over a boot' "$1" "$3" "$slots"
}

# record_ioctls WHO DEVICES CASE: ioctls for regions and interrupts, and all others.
record_ioctls()
{
	trace_ioctls "$1" "$2" -kernel /guest/vmlinuz -initrd /guest/initrd \
		-append "console=$(console_of "$1") quiet lend.plan=" || {
		lost 'ioctls' "$1" "$3"
		return
	}
	name_ioctls /tmp/trace | awk '
		BEGIN {
			asked = split("VFIO_DEVICE_GET_REGION_INFO VFIO_DEVICE_GET_IRQ_INFO VFIO_DEVICE_SET_IRQS others", name, " ")
			for (i = 1; i <= asked; i++)
				count[name[i]] = 0
		}
		{ count[$2 in count ? $2 : "others"] += $3 }
		END {
			for (i = 1; i <= asked; i++)
				print name[i], count[name[i]]
		}' >/tmp/named
	while read -r name count; do
		record "ioctls: $name" "$1" "$3" "$count"
	done </tmp/named
}

# Stores the nodes of a guest, for bench/nodes.
show_nodes()
{
	boot "$1" both \
		lend.plan=run:shape:hb-xgmac,run:shape:xgbe-seattle-v1a ||
		lost 'nodes' "$1" 'both devices'
	tr -d '\r' </tmp/out | sed -n 's/^guest: run //p' >"/share/nodes.$1"
}

start_up()
{
	local who
	for who in $contestants; do
		record_start "$who" none 'no platform device'
		record_start "$who" xgmac 'a calxeda-xgmac'
		record_start "$who" xgbe 'an amd-xgbe'
		record_ioctls "$who" xgmac 'a calxeda-xgmac'
		record_ioctls "$who" xgbe 'an amd-xgbe'
		show_nodes "$who"
	done
}

# A number that a guest writes to the mailbox requests another size of a disk, which
# the next word selects; the change interrupts the guest's driver.
follow_mailbox()
{
	local last number disk
	last=$(devmem $mailbox 32)
	while number=$(devmem $mailbox 32); do
		if [ "$number" = "$last" ]; then
			usleep 2000
			continue
		fi
		last=$number disk=edge
		[ $(($(devmem $((mailbox + 4)) 32))) -eq 0 ] || disk=level
		echo "{'execute':'block_resize','arguments':{'device':'$disk'," \
			"'size':$((number % 2 * 1048576))}}" >&4
	done
}

# name_operation KIND: its case in the table.
name_operation()
{
	kind=$1$suffix
}

# interrupts SUFFIX DEVICES KIND...: the cost of each kind, without the cost of a
# guest that does nothing for the second time.
interrupts()
{
	local suffix=$1 devices=$2 who kind came
	shift 2
	for who in $contestants; do
		# shellcheck disable=SC2086 # words
		start "$who" "$devices" \
			"$without_drivers $(plan_of nothing nothing "$@")" \
			$counter
		operate nothing nothing "$@" >/tmp/out || {
			cp "$report.err" /tmp/err
			kill "$guest_pid"
			guest_end
			lost 'exits to user space each time' "$who" "$*$suffix"
		}
		record_costs
		for kind; do
			came=$(sed -n "s/.* run $kind .*ok, \([1-9][0-9]*\) .*/\1/p" \
				"$report")
			[ -z "$came" ] || record 'interrupts taken each time' \
				"$who" "$kind$suffix" "$(quotient "$came")"
		done
	done
}

echo 1 >/proc/sys/kernel/printk
for module in vfio_iommu_type1 iommufd; do
	echo 1 >/sys/module/$module/parameters/allow_unsafe_interrupts
done
make_root "$1"
lend bind $xgmac $xgbe $edge $level >/dev/null || exit
start_up
qemu_open
follow_mailbox &
follower=$!
interrupts '' lines access edge level
interrupts ', x-irqfd=off' lines-slow edge level
kill $follower
echo platform >>/share/done
