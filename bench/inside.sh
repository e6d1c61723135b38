#!/bin/busybox sh
# SPDX-License-Identifier: MIT
# Measures lend run and its peers inside the virtual host; a line for each figure goes to /share/results.
#
# usage: inside.sh RUNS PART...
#
# A line: FIGURE, CONTESTANT, CASE and VALUE, apart by tabs. The parts are the
# functions named part_*; what takes time is done RUNS times.
# shellcheck shell=dash source=../lab/inside.sh
. /usr/lib/lab.sh
# shellcheck source=../tests/lab/counts.sh
. /share/counts.sh
rounds=$1
shift
root=/tmp/peers		# where the contestants and their libraries are
contestants='lend q35 microvm'
ram=256

record()
{
	printf '%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$4" >>/share/results
	echo "$1, $2, $3: $4"
}

# All on files of RAM: what they cost is theirs, not a slow disk's.
make_root()
{
	mkdir -p $root/dev $root/proc $root/sys $root/tmp $root/guest \
		$root/usr/bin $root/usr/lib $root/usr/lib64
	for link in bin lib lib64; do
		ln -s usr/$link $root/$link
	done
	while read -r file; do
		mkdir -p "$root/$(dirname "$file")"
		chroot /host cp -rL "$file" "$root/$file"
	done </share/files
	# As a host has it, or the search for libraries would be counted.
	mkdir $root/etc
	chroot /host cp /etc/ld.so.cache $root/etc
	cp /usr/bin/lend $root/usr/bin/lend
	cp $vmlinuz $initrd /share/first-byte $root/guest
	for dir in dev proc sys tmp; do
		mount --bind /$dir /host$root/$dir
	done
}

# What a contestant is started with, but for devices: one word a line.
command_of()
{
	case $1 in
	lend)
		echo /usr/bin/lend run -cpu host,-tsc-deadline -no-reboot
		;;
	q35)
		echo /usr/bin/qemu-system-x86_64 -M q35,accel=kvm \
			-cpu host,-tsc-deadline -nodefaults \
			-no-user-config -display none -serial stdio -no-reboot
		;;
	microvm)
		echo /usr/bin/qemu-system-x86_64 \
			-M microvm,accel=kvm,pcie=on,rtc=off,pit=off,pic=off \
			-cpu host,-tsc-deadline -nodefaults \
			-no-user-config -display none -serial stdio -no-reboot
		;;
	esac
}

# The -device options of COUNT devices.
devices()
{
	for device in $(head -n "$1" /tmp/lent); do
		printf -- '-device vfio-pci,host=%s ' "$device"
	done
}

# The whole command of WHO with COUNT devices and SIZE MiB, for $(...).
line_of()
{
	echo chroot /host chroot $root "$(command_of "$1")" -m "$3" \
		"$(devices "$2")"
}

# boot WHO COUNT WORDS [WRAPPER...]: a whole boot with WORDS on the kernel's
# command line.
boot()
{
	local who=$1 count=$2 words=$3
	shift 3
	# shellcheck disable=SC2046 # options
	timeout 200 "$@" $(line_of "$who" "$count" $ram) \
		-kernel /guest/vmlinuz -initrd /guest/initrd \
		-append "console=ttyS0 quiet $words" \
		</dev/null >/tmp/out 2>/tmp/err || {
		echo "$who: status $?: $(tail -n 3 /tmp/err) $(tail -n 2 /tmp/out)"
		return 1
	}
}

# start WHO COUNT WORDS [WRAPPER...]: a boot in the background, which takes
# lines from guest_say.
start()
{
	local who=$1 count=$2 words=$3
	shift 3
	rm -f /tmp/stdin "$report"
	mkfifo /tmp/stdin
	# shellcheck disable=SC2046 # options
	"$@" $(line_of "$who" "$count" $ram) -kernel /guest/vmlinuz \
		-initrd /guest/initrd -append "console=ttyS0 quiet $words" \
		</tmp/stdin >"$report" 2>"$report.err" &
	guest_pid=$!
	exec 3>/tmp/stdin
}

# Before the guest runs, and over a whole boot.
part_calls()
{
	for who in $contestants; do
		for count in 0 1 8; do
			# shellcheck disable=SC2086 # words
			boot "$who" $count lend.plan= $counter || continue
			take_counts
			record 'system calls before the first KVM_RUN' "$who" \
				"$count devices" "$before"
			[ $count -gt 0 ] || continue
			record 'DMA maps over a boot' "$who" \
				"$count devices" "$maps"
			record 'DMA unmaps over a boot' "$who" \
				"$count devices" "$unmaps"
			record 'memory slots set over a boot' "$who" \
				"$count devices" "$slots"
		done
		name_ioctls "$who"
	done
}

# VFIO's and iommufd's are all of type ';'; strace has them by number, since it
# takes some for those of other IOMMUs that have the same.
name_ioctls()
{
	enter_traced "$1" || return
	sed -n 's/^.*ioctl(0x[0-9a-f]*, \(0x3b[0-9a-f]*\).*/\1/p' /tmp/trace |
		sort | uniq -c | while read -r n number; do
		record 'VFIO and iommufd ioctls, open to close of one device' \
			"$1" "$(name_of "$number")" "$n"
	done
}

enter_traced()
{
	# shellcheck disable=SC2046 # options
	timeout 200 chroot /host strace -f -qq -s 0 -e trace=ioctl \
		-e raw=ioctl -o /tmp/trace chroot $root $(command_of "$1") \
		-m $ram -kernel /guest/vmlinuz -initrd /guest/initrd \
		$(devices 1) -append 'console=ttyS0 quiet lend.plan=' \
		</dev/null >/tmp/out 2>/tmp/err
}

name_of()
{
	sed -n "s/^$1 //p" /share/ioctls | grep . || echo "$1"
}

# operations WORDS KIND...: what one of each kind costs, beside what a guest
# costs that does nothing.
operations()
{
	local words=$1 who
	shift
	for who in $contestants; do
		# shellcheck disable=SC2086 # words
		start "$who" 1 "$words $(plan_of nothing "$@")" $counter
		operate nothing "$@" || {
			echo "$who: $(tail -n 2 "$report.err")"
			exec 3>&-
			wait
			continue
		}
		while read -r kind exits calls moves; do
			[ "$kind" = nothing ] && {
				exits0=$exits calls0=$calls moves0=$moves
				continue
			}
			kind="$kind${words:+, $words}"
			record 'exits to user space each time' "$who" "$kind" \
				"$(quotient $((exits - exits0)))"
			record 'system calls each time' "$who" "$kind" \
				"$(quotient $((calls - calls0)))"
			record 'slots and DMA mappings each time' "$who" \
				"$kind" "$(quotient $((moves - moves0)))"
		done </tmp/costs
	done
}

quotient()
{
	awk -v a="$1" -v b="$times" 'BEGIN { printf "%.2f\n", a / b }'
}

part_operations()
{
	# shellcheck disable=SC2086 # a list
	operations '' $kinds
	operations pci=nomsi interrupt
}

# time_to FIGURE WORD CASE COUNT MEGABYTES OPTION...: how long each contestant
# takes to print WORD, in turn.
time_to()
{
	local figure=$1 word=$2 case=$3 count=$4 size=$5 who time
	shift 5
	for _ in $(seq "$rounds"); do
		for who in $contestants; do
			# shellcheck disable=SC2046 # options
			time=$(/share/stopwatch "$word" \
				$(line_of "$who" "$count" "$size") "$@" \
				</dev/null 2>/tmp/err) || {
				echo "$who: $(tail -n 2 /tmp/err)"
				continue
			}
			record "$figure" "$who" "$case" "$time"
		done
	done
}

part_times()
{
	for count in 0 1; do
		time_to 'microseconds to the first instruction' L \
			"$count devices" $count $ram -kernel /guest/first-byte
	done
	time_to 'microseconds to /init' 'guest: up' '1 devices' 1 $ram \
		-kernel /guest/vmlinuz -initrd /guest/initrd \
		-append 'console=ttyS0 quiet lend.plan='
	for size in 256 512 1024 1536; do
		time_to 'microseconds to the first instruction, RAM pinned' L \
			"$size MiB" 1 $size -kernel /guest/first-byte
	done
	huge_pages
}

# The same RAM on pages of other sizes: those above are transparent huge pages,
# which all contestants ask for.
huge_pages()
{
	local figure='microseconds to the first instruction, RAM pinned'
	local thp=/sys/kernel/mm/transparent_hugepage/enabled
	echo never >$thp
	time_to "$figure" L '1024 MiB, 4 KiB pages' 1 1024 \
		-kernel /guest/first-byte
	echo madvise >$thp
	mkdir -p $root/huge
	echo 520 >/proc/sys/vm/nr_hugepages
	mount -t hugetlbfs huge /host$root/huge || return
	time_to "$figure" L '1024 MiB, hugetlb' 1 1024 -mem-path /huge \
		-kernel /guest/first-byte
	umount /host$root/huge
	echo 0 >/proc/sys/vm/nr_hugepages
}

# Memory of process PID, in KiB, but for the guest's RAM, which is the one
# mapping that is as large, and what is mapped of devices, which is not memory.
memory_of()
{
	awk -v ram=$((ram * 1024)) '/^Size:/ { size = $2 }
		/^Rss:/ && size < ram { sum += $2 } END { print sum }' \
		"/proc/$1/smaps"
}

count_of()
{
	echo $#
}

# look_at WHO COUNT: a guest that waits, seen from the host.
look_at()
{
	start "$1" "$2" lend.plan=wait
	if guest_waits; then
		# The shells that chroot() was called from are this program now.
		record 'KiB of memory besides RAM' "$1" "$2 devices" \
			"$(memory_of "$guest_pid")"
		record 'threads' "$1" "$2 devices" \
			"$(count_of /proc/"$guest_pid"/task/*)"
		record 'descriptors' "$1" "$2 devices" \
			"$(count_of /proc/"$guest_pid"/fd/*)"
		record 'shared libraries' "$1" "$2 devices" "$(sed -n \
			's/.* \(\/.*\.so[^ ]*\).*/\1/p' \
			"/proc/$guest_pid/maps" | sort -u | wc -l)"
	fi
	guest_say go
	guest_end
}

record_sizes()
{
	record 'bytes of the program' lend stripped "$(wc -c </share/lend)"
	for who in q35 microvm; do
		record 'bytes of the program' "$who" stripped \
			"$(wc -c <$root/usr/bin/qemu-system-x86_64)"
	done
}

part_sizes()
{
	record_sizes
	for who in $contestants; do
		for count in 0 1 8; do
			look_at "$who" $count
		done
	done
}

# What the host's own drivers make of disk and NIC, and a guest's of the same.
traffic='disk-sequential disk-random net-pingpong net-bulk'

rate_of()
{
	tr -d '\r' </tmp/out |
		sed -n "s/.*$1 \([0-9]*\) per second.*/\1/p"
}

part_traffic()
{
	# shellcheck disable=SC2046 # a list
	lend restore $(head -n 2 /tmp/lent) >/dev/null
	await 50 "the NIC's interface" [ -d /sys/bus/pci/devices/$nic/net ]
	link=$(ls /sys/bus/pci/devices/$nic/net)
	ip link set "$link" up
	ip addr add 10.0.2.15/24 dev "$link"
	await 100 "the NIC's carrier" carrier_up "$link"
	await 50 'the disk' [ -b /dev/nvme0n1 ]
	for _ in $(seq $(((rounds + 2) / 3))); do
		for kind in $traffic; do
			/share/traffic "$kind" >/tmp/out
			record "$kind per second" host '' "$(rate_of "$kind")"
		done
	done
	ip addr flush dev "$link"
	ip link set "$link" down
	# shellcheck disable=SC2046
	lend bind $(head -n 2 /tmp/lent) >/dev/null
	for _ in $(seq $(((rounds + 2) / 3))); do
		for who in $contestants; do
			boot "$who" 2 lend.plan=net,run:traffic:disk-sequential,run:traffic:disk-random,run:traffic:net-pingpong,run:traffic:net-bulk ||
				continue
			for kind in $traffic; do
				record "$kind per second" "$who" '' \
					"$(rate_of "$kind")"
			done
		done
	done
}

# Virtual functions, each with a function level reset of 100 ms, opened and closed
# by threads of one process; no contestant has this to compare.
part_devices()
{
	local pf vfs='' dev
	for pf in 07 09 0b 0d; do
		dev=/sys/bus/pci/devices/0000:00:$pf.0
		[ -e "$dev" ] || return
		echo 0 >"$dev/sriov_drivers_autoprobe"
		echo 7 >"$dev/sriov_numvfs"
	done
	for dev in /sys/bus/pci/devices/*; do
		[ ! -e "$dev/physfn" ] || vfs="$vfs ${dev##*/}"
	done
	# shellcheck disable=SC2086 # a list
	lend bind $vfs >/dev/null
	for _ in $(seq "$rounds"); do
		# shellcheck disable=SC2046
		open_all $(echo "$vfs" | cut -d' ' -f1-10)
		# shellcheck disable=SC2086
		open_all $vfs
	done
}

# What the program says: HOW COUNT: open MICROSECONDS close MICROSECONDS
open_all()
{
	/share/open-all "$@" >/tmp/out || cat /tmp/out
	sed -n 's/^\(.*\) \([0-9]*\): open \(.*\) close \(.*\)/\2 \3 \4 \1/p' \
		/tmp/out | while read -r count opened closed how; do
		record 'microseconds to open devices' lend "$count $how" \
			"$opened"
		record 'microseconds to close devices' lend "$count $how" \
			"$closed"
	done
}

echo 1 >/proc/sys/kernel/printk
make_root
sed 's/^/0000:/' /share/devices >/tmp/lent
# shellcheck disable=SC2046 # a list
lend bind $(cat /tmp/lent) >/dev/null || exit
for part; do
	"part_$part"
done
