# SPDX-License-Identifier: MIT
# The contestants in the virtual host: starts each with the same devices and guest, and records figures.
# shellcheck shell=dash source=../lab/inside.sh disable=SC2034,SC2154,SC2317

root=/tmp/peers		# root directory of the contestants
contestants='lend q35 microvm'
ram=256
lent=/tmp/lent		# addresses of devices, in order
sandbox=''		# of lend run, if not the default

# record FIGURE CONTESTANT CASE VALUE
record()
{
	printf '%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$4" >>/share/results
	echo "$1, $2, $3: $4"
}

# lost FIGURE CONTESTANT CASE: notes a missing value, with the end of /tmp/err and
# /tmp/out.
lost()
{
	printf '%s, %s, %s: %s\n' "$1" "$2" "$3" "$(tail -qn 2 /tmp/err \
		/tmp/out 2>/dev/null | tr -s '\r\n\t' '   ' |
		cut -c1-300)" | tee -a /share/notes
}

# All in memory, so that no slow disk is measured.
make_root()
{
	for dir in dev proc sys tmp guest; do
		mkdir -p "$root/$dir"
	done
	tar -xf /share/root.tar -C "$root"
	chroot "$root" /bin/ldconfig
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

# The command of a contestant, without devices.
command_of()
{
	local qemu='-accel kvm -cpu host,-tsc-deadline -nodefaults
		-no-user-config -display none -serial stdio -no-reboot'
	# shellcheck disable=SC2086 # options
	case $1 in
	lend)
		echo /usr/bin/lend run -cpu host,-tsc-deadline -no-reboot \
			-shutdown-timeout 0 ${sandbox:+-sandbox "$sandbox"}
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

# order ROUND: the contestants, in a different order each round, so that none always
# follows the same one.
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

# Caches and fragmentation from the last run must not affect the next.
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

# start WHO COUNT WORDS [WRAPPER...]: a boot in the background; guest_say writes to its
# console.
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

# time_to FIGURE WORD CASE COUNT MEGABYTES OPTION...: the time until each contestant
# prints WORD, in turn, after a warm-up round.
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

# rate_of KIND: what the guest's program printed for KIND to /tmp/out.
rate_of()
{
	tr -d '\r' </tmp/out | sed -n "s/.*$1 \([0-9]*\) per second.*/\1/p"
}

# record_rate FIGURE CONTESTANT CASE RATE: a rate that is empty is missing.
record_rate()
{
	if [ -n "$4" ]; then
		record "$@"
	else
		lost "$1" "$2" "$3"
	fi
}

# Memory of process PID in KiB, without what it shares.
memory_alone()
{
	awk '/^(RssAnon|RssFile):/ { sum += $2 } END { print sum }' \
		"/proc/$1/status"
}

# quotient SUM: the mean of $times operations.
quotient()
{
	awk -v a="$1" -v b="$times" 'BEGIN { printf "%.2f\n", a / b }'
}
