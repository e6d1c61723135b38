# SPDX-License-Identifier: MIT
# The contestants inside the virtual host: how each is started with the same devices and guest, and how figures are kept.
# shellcheck shell=dash source=../lab/inside.sh disable=SC2034,SC2154,SC2317

root=/tmp/peers		# where the contestants and their libraries are
contestants='lend q35 microvm'
ram=256
lent=/tmp/lent		# addresses of devices, the first ones first

# record FIGURE CONTESTANT CASE VALUE
record()
{
	printf '%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$4" >>/share/results
	echo "$1, $2, $3: $4"
}

# lost FIGURE CONTESTANT CASE: why there is no value is in /tmp/err and /tmp/out.
lost()
{
	printf '%s, %s, %s: %s\n' "$1" "$2" "$3" "$(tail -qn 2 /tmp/err \
		/tmp/out 2>/dev/null | tr -s '\r\n\t' '   ' |
		cut -c1-300)" | tee -a /share/notes
}

# All on files of RAM: what they cost is theirs, not a slow disk's.
make_root()
{
	for dir in dev proc sys tmp guest usr/bin usr/lib usr/lib64 etc; do
		mkdir -p "$root/$dir"
	done
	for link in bin lib lib64; do
		ln -s usr/$link "$root/$link"
	done
	while read -r file; do
		mkdir -p "$root/$(dirname "$file")"
		chroot /host cp -rL "$file" "$root/$file"
	done </share/files
	# As a host has it, or the search for libraries would be counted.
	chroot /host cp /etc/ld.so.cache "$root/etc"
	cp /share/first-byte "$root/guest"
	furnish_root
}

furnish_root()
{
	cp /usr/bin/lend "$root/usr/bin/lend"
	cp "$vmlinuz" "$initrd" "$root/guest"
	for dir in dev proc sys tmp; do
		mount --bind /$dir "$root/$dir"
	done
}

# What a contestant is started with, but for devices.
command_of()
{
	local qemu='-accel kvm -cpu host,-tsc-deadline -nodefaults
		-no-user-config -display none -serial stdio -no-reboot'
	# shellcheck disable=SC2086 # options
	case $1 in
	lend)
		echo /usr/bin/lend run -cpu host,-tsc-deadline -no-reboot
		;;
	q35)
		echo /usr/bin/qemu-system-x86_64 -M q35 $qemu
		;;
	microvm)
		echo /usr/bin/qemu-system-x86_64 \
			-M microvm,pcie=on,rtc=off,pit=off,pic=off $qemu
		;;
	esac
}

# The guest's console.
console_of()
{
	echo ttyS0
}

# The -device options of COUNT devices.
devices()
{
	for device in $(head -n "$1" $lent); do
		printf -- '-device vfio-pci,host=%s ' "$device"
	done
}

# The whole command of WHO with COUNT devices and SIZE MiB, below $root.
line_of()
{
	echo "$(command_of "$1")" -m "$3" "$(devices "$2")"
}

# order ROUND: the contestants in each order in turn, so that none always comes
# after the same other.
order()
{
	case $(($1 % 6)) in
	0) echo lend q35 microvm ;;
	1) echo microvm lend q35 ;;
	2) echo q35 microvm lend ;;
	3) echo microvm q35 lend ;;
	4) echo lend microvm q35 ;;
	5) echo q35 lend microvm ;;
	esac
}

# What the last run left behind in memory is no burden for the next.
settle()
{
	echo 3 >/proc/sys/vm/drop_caches
	echo 1 >/proc/sys/vm/compact_memory
}

# boot WHO COUNT WORDS [WRAPPER...]: a whole boot with WORDS on the kernel's
# command line.
boot()
{
	local who=$1 count=$2 words=$3
	shift 3
	# shellcheck disable=SC2046,SC2086 # options
	timeout 200 "$@" chroot "$root" $(line_of "$who" "$count" "$ram") \
		-kernel /guest/vmlinuz -initrd /guest/initrd \
		-append "console=$(console_of "$who") quiet $words" \
		</dev/null >/tmp/out 2>/tmp/err
}

# start WHO COUNT WORDS [WRAPPER...]: a boot in the background, which takes
# lines from guest_say.
start()
{
	local who=$1 count=$2 words=$3
	shift 3
	rm -f /tmp/stdin "$report"
	mkfifo /tmp/stdin
	# shellcheck disable=SC2046,SC2086 # options
	timeout 1000 "$@" chroot "$root" $(line_of "$who" "$count" "$ram") \
		-kernel /guest/vmlinuz -initrd /guest/initrd \
		-append "console=$(console_of "$who") quiet $words" \
		</tmp/stdin >"$report" 2>"$report.err" &
	guest_pid=$!
	exec 3>/tmp/stdin
}

# time_to FIGURE WORD CASE COUNT MEGABYTES OPTION...: how long each contestant
# takes to print WORD, in turn, after a round that does not count.
time_to()
{
	local figure=$1 word=$2 case=$3 count=$4 size=$5 round who time
	shift 5
	for round in $(seq 0 "$rounds"); do
		for who in $(order "$round"); do
			settle
			: >/tmp/out
			# shellcheck disable=SC2046,SC2086 # options
			if ! time=$(/tmp/stopwatch "$root" "$word" \
				$(line_of "$who" "$count" "$size") "$@" \
				</dev/null 2>/tmp/err); then
				lost "$figure" "$who" "$case"
			elif [ "$round" -gt 0 ]; then
				record "$figure" "$who" "$case" "$time"
			fi
		done
	done
}
