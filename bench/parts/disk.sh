# SPDX-License-Identifier: MIT
# Throughput of emulated disks on one file, which is in memory: lend disk, and QEMU's own.
# shellcheck shell=dash source=../contestants.sh disable=SC2154

reads='disk-sequential disk-random disk-deep'
file=/tmp/disk.img
socket=/tmp/disk.sock

# Once: this host's clock counts instructions, and a boot takes minutes of the real
# machine.
part_disk()
{
	dd if=/dev/urandom of=$file bs=1M count=256 2>/dev/null
	disk_turn lend lend 'lend disk'
	disk_turn q35 q35 'lend disk'
	disk_turn q35 nvme 'NVMe of QEMU'
	disk_turn q35 virtio 'virtio-blk of QEMU'
	rm $file
}

# disk_turn CONTESTANT VARIANT CASE: a boot, and its rates.
disk_turn()
{
	local kind steps='' server=''
	for kind in $reads; do
		steps=$steps,run:traffic:$kind.1
	done
	: >/tmp/out
	: >/tmp/err
	settle
	[ "$3" != 'lend disk' ] || disk_serve "$1"
	# shellcheck disable=SC2046 # options
	timeout 200 chroot "$root" $(disk_machine "$2") -m "$ram" \
		-kernel /guest/vmlinuz -initrd /guest/initrd \
		-append "console=ttyS0 quiet lend.plan=${steps#,}" \
		</dev/null >/tmp/out 2>/tmp/err
	[ -z "$server" ] || disk_end "$1"
	for kind in $reads; do
		record_rate "emulated disk, $kind" "$1" "$3" "$(rate_of "$kind")"
	done
}

# Sets server to a new lend disk.
disk_serve()
{
	rm -f $socket
	chroot "$root" /usr/bin/lend disk -socket $socket $file 2>/tmp/err &
	server=$!
	await 100 'the socket' [ -S $socket ] >>/tmp/err
}

disk_end()
{
	[ "$1" != lend ] || record 'memory of lend disk' \
		lend 'after a boot' "$(memory_alone "$server")"
	kill "$server"
	wait "$server" || true
}

# The command of VARIANT.
disk_machine()
{
	local drive="-drive if=none,id=disk,format=raw,file=$file"
	case $1 in
	lend)
		echo "$(command_of lend) -device vfio-user-pci,socket=$socket"
		;;
	q35)
		echo "$(command_of q35)" -machine memory-backend=ram \
			-object "memory-backend-memfd,id=ram,size=${ram}M,share=on" \
			-device "{\"driver\":\"vfio-user-pci\",\"socket\":{\"type\":\"unix\",\"path\":\"$socket\"}}"
		;;
	nvme)
		echo "$(command_of q35)" "$drive" \
			-device nvme,serial=1,drive=disk,ioeventfd=on
		;;
	virtio)
		echo "$(command_of q35)" "$drive" -object iothread,id=thread \
			-device virtio-blk-pci,drive=disk,iothread=thread
		;;
	esac
}
