# SPDX-License-Identifier: MIT
# The newest QEMU as the monitor of a guest in L1, beside its own C library.
# shellcheck shell=dash source=../../lab/inside.sh disable=SC2034,SC2154

qemu_tree=/qemu

# Into memory once a boot: its pages would come one by one from /share.
qemu_unpack()
{
	[ -d "$qemu_tree" ] || cp -r /share/qemu "$qemu_tree"
}

# qemu_command OPTION...: prints the words that run it, for any user. The guest has
# $vmlinuz and $initrd, and its console at stdio.
qemu_command()
{
	libraries=$qemu_tree/usr/lib/x86_64-linux-gnu
	echo "$qemu_tree"/usr/lib64/ld-linux-* --library-path "$libraries" \
		"$qemu_tree/usr/bin/qemu-system-x86_64" \
		-L "$qemu_tree/usr/share/qemu" -cpu "$cpu" -m 512M \
		-nodefaults -no-user-config -display none -no-reboot \
		-serial stdio -kernel "$vmlinuz" -initrd "$initrd" "$@"
}

# ended_quietly STATUS: the STATUS of QEMU is 0, and it has printed no complaint.
ended_quietly()
{
	ended_well "$1" || return 1
	[ ! -s "$report.err" ] || {
		cat "$report.err"
		return 1
	}
}
