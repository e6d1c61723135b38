# SPDX-License-Identifier: MIT
# Counts each ioctl of VFIO and iommufd from open to close of one device, by name.
# shellcheck shell=dash source=../contestants.sh disable=SC2154

part_ioctls()
{
	for who in $contestants; do
		if trace_ioctls "$who" 1 -kernel /guest/first-byte; then
			name_ioctls /tmp/trace >/tmp/named
			while read -r when name count; do
				record "ioctls to $when" "$who" "$name" "$count"
			done </tmp/named
		else
			lost 'ioctls to open' "$who" 'one device'
		fi
	done
}

# trace_ioctls WHO DEVICES OPTION...: with an idle guest, whose drivers cause none.
trace_ioctls()
{
	local who=$1 devices=$2
	shift 2
	# shellcheck disable=SC2046,SC2086 # options
	timeout 200 chroot "$root" /usr/bin/strace -f -qq -s 0 -y -X raw \
		-e trace=ioctl -o /tmp/trace $(line_of "$who" "$devices" "$ram") \
		"$@" </dev/null >/tmp/out 2>/tmp/err
	grep -q 0xae80 /tmp/trace
}

# All are of type ';'. strace mistakes some for ioctls of other IOMMUs with the same
# number; two share a number and differ by their file. The guest runs from the first
# KVM_RUN (0xae80) to the last.
name_ioctls()
{
	awk '
	FILENAME != trace {
		if ($1 !~ /^#/)
			name[$1, $2] = $3
		next
	}
	{ line[++lines] = $0 }
	/ioctl\([0-9]+<.*>, 0xae80/ {
		first = first ? first : lines
		last = lines
	}
	END {
		for (i = 1; i <= lines; i++) {
			if (!match(line[i], /, 0x3b[0-9a-f][0-9a-f]/))
				continue
			number = substr(line[i], RSTART + 2, 6)
			on = line[i] ~ /<\/dev\/(vfio\/vfio|iommu)>,/ ? "iommu" : "device"
			if ((number, on) in name)
				known = name[number, on]
			else if ((number, "any") in name)
				known = name[number, "any"]
			else
				known = number
			when = i < first ? "open" : i < last ? "run" : "close"
			count[when " " known]++
		}
		for (key in count)
			print key, count[key]
	}' trace="$1" /share/ioctls "$1" | sort
}
