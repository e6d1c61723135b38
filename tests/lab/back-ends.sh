# SPDX-License-Identifier: MIT
# What checks of the back ends share: one body of tests for any device, by every back end that the kernel has.
# shellcheck shell=dash disable=SC2034,SC2154

said=/tmp/said

# says LINES: the program's output has each of the LINES (regexes).
says()
{
	echo "$1" >/tmp/words
	while read -r word; do
		grep -qx -- "$word" "$said" || {
			echo "it does not say \"$word\", but:"
			cat "$said"
			return 1
		}
	done </tmp/words
}

# uses LINES [-t UUID] BACKEND DEVICE: the program says each of the LINES.
uses()
{
	words=$1
	shift
	timeout 30 /share/use-device "$@" >"$said" || return 1
	says "$words"
}

node_of()
{
	echo "/dev/vfio/devices/$(ls "$1/vfio-dev")"
}

group_node()
{
	echo "/dev/vfio/$(basename "$(readlink "$1/iommu_group")")"
}

# every_back_end LABEL DEVICE [LINES]: DEVICE, a path in sysfs, is used by each
# in turn, and the program says LINES.
every_back_end()
{
	best=container by='container auto'
	[ ! -e /dev/iommu ] || best=iommufd by='container iommufd auto passed'
	for back_end in $by; do
		what=$2 lines="done
${3:-done}"
		case $back_end in
		auto) taken=$best ;;
		passed)
			taken=iommufd what=$(node_of "$2")
			lines="$lines
may open nothing"
			;;
		*) taken=$back_end ;;
		esac
		claim "$1 by $back_end" uses "$lines
opened by $taken" "$back_end" "$what"
	done
}
