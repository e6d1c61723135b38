# SPDX-License-Identifier: MIT
# The arm64 virtual host: a board with a GICv3, an SMMUv3, PCI, and platform devices in IOMMU groups of their own.
# shellcheck shell=bash disable=SC2034,SC2154

qemu_program=qemu-system-aarch64
console=ttyAMA0
tty=hvc0

# Emulated pointer authentication takes most of a boot's time.
board=virt,virtualization=on
cpu=max,pauth=off

sysroot=$("$top/lab/arm64/sysroot")
base=("$sysroot/bin/busybox=/bin/busybox")

# Prints FILE=TARGET for lend and every library it needs.
lend_closure()
{
	[ -x "$lend" ] || return 0
	echo "$lend=/usr/bin/lend"
	echo "$sysroot/lib/ld-linux-aarch64.so.1=/lib/ld-linux-aarch64.so.1"
	needed "$lend" | sort -u
}

# needed FILE: the libraries of an arm64 program or library, and theirs.
needed()
{
	local name file
	aarch64-linux-gnu-readelf -d "$1" |
		sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' |
		while read -r name; do
			case $name in ld-linux*) continue ;; esac
			file=$(find "$sysroot/lib" "$sysroot/usr/lib" \
				-name "$name" | head -n 1)
			[ -n "$file" ] || die "$1 needs $name"
			echo "$file=/lib/aarch64-linux-gnu/$name"
			needed "$file"
		done
}

add_device()
{
	case $1 in
	e1000e)
		args+=(-netdev "user,id=net,$gateway"
			-device e1000e,netdev=net,addr=5)
		;;
	nvme)
		args+=(-drive "if=none,id=disk,format=raw,file=$disk"
			-device nvme,drive=disk,serial=lend,addr=6)
		;;
	igb)
		args+=(-netdev "user,id=igb,$gateway"
			-device igb,netdev=igb,addr=b)
		;;
	mmio)
		args+=(-netdev hubport,id=edge,hubid=1
			-device virtio-net-device,id=edge,netdev=edge
			-netdev hubport,id=level,hubid=2
			-device virtio-net-device,id=level,netdev=level
			-netdev hubport,id=other,hubid=3
			-device virtio-net-device,id=other,netdev=other)
		;;
	*) die "unknown device $1" ;;
	esac
}

# QEMU's own device tree, with lab/arm64/host.dts and $tree.
make_tree()
{
	[ "$iommu" = smmu ] || return 0
	"$qemu_program" "${args[@]}" -M "$board,dumpdtb=$tmp/board.dtb" \
		>/dev/null 2>&1 || true
	dtc -q -I dtb -O dts "$tmp/board.dtb" >"$tmp/board.dts"
	cat "$tmp/board.dts" "$top/lab/arm64/host.dts" ${tree:+"$tree"} |
		sed '2,$s,^/dts-v1/;,,' >"$tmp/host.dts"
	dtc -q -I dts -O dtb -o "$run/host.dtb" "$tmp/host.dts" ||
		die "${tree:-lab/arm64/host.dts} does not fit QEMU's device tree"
	args+=(-dtb "$run/host.dtb")
}

machine_arguments()
{
	board+=,gic-version=$gic
	case $iommu in
	smmu) board+=,iommu=smmuv3 ;;
	no) ;;
	*) die "unknown IOMMU $iommu" ;;
	esac
	args=(-M "$board" -accel tcg -cpu "$cpu" -smp "$smp" -m "$mem"
		-nodefaults -display none -no-reboot
		-serial "file:$run/console"
		-chardev stdio,id=out,signal=off
		-device virtio-serial-pci -device virtconsole,chardev=out
		-chardev "socket,id=port,path=$tmp/monitor,server=on,wait=off"
		-device virtserialport,chardev=port,name=monitor
		-chardev "socket,id=mon,path=$tmp/monitor"
		-mon chardev=mon,mode=control
		-fw_cfg name=opt/org.lend/word,string=lent-by-lend)
	append="vfio_platform.reset_required=0 $append"
}
