# SPDX-License-Identifier: MIT
# Shared by the back-end checks: one set of tests for any device, with each back end of the kernel.
# shellcheck shell=dash disable=SC2034,SC2154

said=/tmp/said

# says LINES: the program's output has each of the LINES (regexes).
says()
{
	echo "$1" >/tmp/words
	while read -r word; do
		grep -qx -- "$word" "$said" || {
			echo "no line \"$word\" in:"
			cat "$said"
			return 1
		}
	done </tmp/words
}

# uses LINES [-t UUID] BACKEND DEVICE: use-device prints each of the LINES.
uses()
{
	words=$1
	shift
	within 30 /share/use-device "$@" >"$said" || return 1
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

# every_back_end LABEL DEVICE [LINES]: use-device uses DEVICE, a path in sysfs,
# with each back end in turn, and prints LINES.
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
