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
	local name
	[ -x "$lend" ] || return 0
	echo "$lend=/usr/bin/lend"
	echo "$sysroot/lib/ld-linux-aarch64.so.1=/lib/ld-linux-aarch64.so.1"
	{
		needed "$lend"
		# It loads these for a compressed kernel.
		for name in libz.so.1 libzstd.so.1 liblzma.so.5; do
			library_files "$name"
		done
	} | sort -u
}

# library_files NAME: the file of a library, and those of the libraries that it needs.
library_files()
{
	local file
	file=$(find "$sysroot/lib" "$sysroot/usr/lib" -name "$1" | head -n 1)
	[ -n "$file" ] || die "$sysroot has no $1"
	echo "$file=/lib/aarch64-linux-gnu/$1"
	needed "$file"
}

# needed FILE: the libraries of an arm64 program or library, and theirs.
needed()
{
	local name
	aarch64-linux-gnu-readelf -d "$1" |
		sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' |
		while read -r name; do
			case $name in ld-linux*) continue ;; esac
			library_files "$name"
		done
}

# The guest's kernel as distributions other than Debian ship it.
pack_kernel()
{
	local guest=$run/guest
	gzip -1 -n -c "$guest/vmlinuz" >"$guest/Image.gz"
	zstd -q -1 -c "$guest/vmlinuz" >"$tmp/packed"
	make_zboot zstd22 "$tmp/packed" >"$guest/zboot.zstd"
	xz -0 -T0 --check=crc32 -c "$guest/vmlinuz" >"$tmp/packed"
	make_zboot xzkern "$tmp/packed" >"$guest/zboot.xz"
}

# make_zboot COMPRESSION FILE: FILE as an EFI zboot image. What only firmware reads of the
# header is left out.
make_zboot()
{
	local size
	size=$(printf %08x "$(wc -c <"$2")")
	printf 'MZ\0\0zimg\100\0\0\0'
	printf %b "\\x${size:6:2}\\x${size:4:2}\\x${size:2:2}\\x${size:0:2}"
	head -c 8 /dev/zero
	printf %s "$1"
	head -c $((40 - ${#1})) /dev/zero
	cat "$2"
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
		# Without an IOMMU, QEMU reads a guest's queues from L1's RAM at the
		# same addresses, and gives a device up for what L1 has there. Zeros
		# are an empty queue: with --mem 6G L1 has its own above 4 GiB.
		append+=' init_on_free=1'
		for nic in edge level other; do
			args+=(-netdev "hubport,id=$nic,hubid=${#args[@]}"
				-device "virtio-net-device,id=$nic,netdev=$nic")
		done
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
