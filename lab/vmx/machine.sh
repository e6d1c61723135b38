# SPDX-License-Identifier: MIT
# The Intel virtual host: a PC that bochs emulates, with VMX, without IOMMU and PCI Express.
# shellcheck shell=bash disable=SC2034,SC2154

iommu=no
: "${devices=}"
[ -e /usr/bin/bochs ] || die "--vmx requires bochs (Debian packages bochs," \
	"grub-pc-bin, grub-common, xorriso)"

# Before Linux finds one processor, bochs's CPUID announces all of the model's.
log_ok+=${log_ok:+|}'WARNING: .* at arch/x86/kernel/cpu/topology_common\.c'

# bochs has no 9p: what L1 would mount is in its initramfs, and of --share only
# small files, since bochs takes seconds to load a program with its libraries.
unmounted_files()
{
	local file
	for file in command commands guest/vmlinuz guest/initrd; do
		[ ! -e "$run/$file" ] || echo "$run/$file=/lab/$file"
	done
	[ -n "$share" ] || return 0
	find "$share" -maxdepth 1 -type f -size -64k -printf '%p=/share/%f\n'
}

# bochs loads no kernel by itself, so GRUB does from a CD. The triple fault by which
# L1 ends after a panic ends bochs, whose only other reset would boot L1 again.
make_image()
{
	local words='console=ttyS0 lend.tty=ttyS1 lend.status=dev/ttyS2'
	words+=' loglevel=5 mitigations=off no_timer_check reboot=triple panic=-1'
	mkdir -p "$tmp/image/boot/grub"
	cp "$kernel_dir/vmlinuz" "$tmp/image/vmlinuz"
	gzip -1 <"$run/initrd" >"$tmp/image/initrd"
	cat >"$tmp/image/boot/grub/grub.cfg" <<-END
	linux /vmlinuz $words $append
	initrd /initrd
	boot
	END
	grub-mkrescue -d /usr/lib/grub/i386-pc --locales= --fonts= --themes= \
		--install-modules='linux normal iso9660 biosdisk' \
		-o "$tmp/cd" "$tmp/image" >"$tmp/grub" 2>&1 ||
		die "$(cat "$tmp/grub")"
}

# L1's clock counts instructions, so that no load of this machine changes what L1
# sees. Its ports are files and a pipe, which are written byte by byte.
write_settings()
{
	local megs device network=''
	megs=$(($(numfmt --from=iec "$mem") >> 20))
	for device in ${devices//,/ }; do
		case $device in
		ports) network='ne2k: mac=52:54:00:12:34:56, ethmod=slirp' ;;
		*) die "unknown device $device" ;;
		esac
	done
	cat <<-END
	config_interface: textconfig
	display_library: rfb, options="timeout=0"
	cpu: model=$vmx, ips=50000000, reset_on_triple_fault=0
	memory: guest=$megs, host=$megs
	romimage: file=/usr/share/bochs/BIOS-bochs-latest
	vgaromimage: file=/usr/share/vgabios/vgabios.bin
	ata0-master: type=cdrom, path="$tmp/cd", status=inserted
	boot: cdrom
	com1: enabled=1, mode=file, dev="$run/console"
	com2: enabled=1, mode=file, dev=/dev/fd/5
	com3: enabled=1, mode=file, dev="$run/status"
	pci: enabled=1, chipset=i440fx${network:+, slot1=ne2k}
	$network
	clock: sync=none
	vga: update_freq=1
	speaker: enabled=0
	panic: action=fatal
	error: action=ignore
	info: action=ignore
	log: "$run/bochs"
	END
}

prepare_machine()
{
	[ ! -e "$run/interactive" ] || die "--vmx has no shell"
	make_image
	write_settings >"$tmp/settings"
	# Debian's bochs has a debugger that awaits a command.
	echo continue >"$tmp/debugger"
	# Its display is a network port, which nobody should reach.
	isolate=()
	! unshare --net --map-root-user true 2>/dev/null ||
		isolate=(unshare --net --map-root-user)
}

# When L1 switches itself off, bochs ends with 1, or crashes, which the shell reports.
run_machine()
{
	local status=0
	{
		timeout --foreground -k 5 "$bound" "${isolate[@]}" \
			bochs -q -f "$tmp/settings" -rc "$tmp/debugger" \
			</dev/null 5>&1 >"$run/messages" 2>&1 ||
			status=$?
		echo $status >"$tmp/ended"
	} 2>/dev/null | cat
	return "$(cat "$tmp/ended")"
}
