# SPDX-License-Identifier: MIT
# Completion of lend for bash: commands, their options and values, this machine's devices.
# shellcheck shell=bash

# A test puts another tree here.
_lend_sys=/sys

# The commands, or the options of a command as its help spells them.
_lend_words()
{
	if [ $# -eq 0 ]; then
		lend help 2>/dev/null | sed -n 's/^  \([a-z][a-z]*\) .*/\1/p'
	else
		lend "$1" -h 2>/dev/null |
			sed -n 's/^  \(--*[a-z][-a-z0-9]*\).*/\1/p'
	fi
}

# The options of a command, with as many dashes as CURRENT begins with; a lone
# dash gets what the help has.
_lend_options()
{
	case $2 in
	-) _lend_words "$1" ;;
	--*) _lend_words "$1" | sed 's/^--*/--/; s/^--\(.\)$/-\1/' ;;
	*) _lend_words "$1" | sed 's/^--*/-/' ;;
	esac
}

# _lend_names BUS...: the devices of each bus; those of the platform that have
# an IOMMU group.
_lend_names()
{
	local bus device
	for bus in "$@"; do
		for device in "$_lend_sys/bus/$bus/devices"/*; do
			case $device in
			*/'*') continue ;;
			*/platform/*)
				[ -e "$device/iommu_group" ] || continue
				;;
			esac
			printf '%s\n' "${device##*/}"
		done
	done
}

# PCI devices: without the domain if CURRENT begins none of the whole names.
_lend_pci()
{
	local names short
	names=$(_lend_names pci)
	case $'\n'$names in
	*$'\n'"$1"*) printf '%s\n' "$names" ;;
	*)
		for short in $names; do
			printf '%s\n' "${short#0000:}"
		done
		;;
	esac
}

# Interfaces and disks of devices.
_lend_parts()
{
	local part
	for part in "$_lend_sys"/class/{net,block}/*/device; do
		[ -e "$part" ] || continue
		part=${part%/device}
		printf '%s\n' "${part##*/}"
	done
}

_lend_files()
{
	local file
	compgen -f -- "$1" | while read -r file; do
		[ ! -d "$file" ] || file+=/
		printf '%s\n' "$file"
	done
}

# What can stand for DEVICE.
_lend_devices()
{
	case $1 in
	*,*) _lend_device_string "$1" ;;
	/* | ./* | ../*) _lend_files "$1" ;;
	*)
		_lend_pci "$1"
		_lend_names mdev platform
		[ -z "$1" ] || _lend_parts
		;;
	esac
}

# What lend bind bound, by its records and by the drivers that devices have.
_lend_bound()
{
	local path
	case $1 in */*) _lend_devices "$1" && return ;; esac
	for path in "$_lend_sys"/bus/{pci,mdev,platform}/drivers/*vfio*/*; do
		# Only devices are links to directories with a driver.
		[ -e "$path/driver" ] || continue
		path=${path##*/}
		printf '%s\n' "$path"
		case $path in "$1"*) ;; *) printf '%s\n' "${path#0000:}" ;; esac
	done
}

# The words "id=..." of the options so far whose value begins with $1.
_lend_ids()
{
	local word
	for word in "${words[@]}"; do
		case $word in
		"$1",*id=*) word=${word##*id=} && printf '%s\n' "${word%%,*}" ;;
		esac
	done
}

# Values of a property: FRONT-END NAME CURRENT.
_lend_values()
{
	case $1:$2 in
	vfio-pci:host) _lend_pci "$3" ;;
	*:host) _lend_names platform ;;
	*:mdev) _lend_names mdev ;;
	*:sysfsdev | *:romfile | *:dt-overlay) _lend_files "$3" ;;
	*:iommufd) _lend_ids iommufd ;;
	*:bus) _lend_ids pcie-root-port ;;
	*:rombar) printf '%s\n' 0 1 ;;
	*:multifunction | *:x-* | *:dt-keep-address) printf '%s\n' on off ;;
	esac
}

# The value of -device: front ends, then properties and their values.
_lend_device_string()
{
	local last=${1##*,} front=${1%%,*} item
	local before=${1%"$last"}
	case $1 in
	*,*) ;;
	*)
		lend run -device help 2>/dev/null | sed 's/$/,/'
		_lend_names pci | sed 's/^/vfio-pci,host=/'
		_lend_names mdev | sed 's/^/vfio-pci,mdev=/'
		_lend_names platform | sed 's/^/vfio-platform,host=/'
		return
		;;
	esac
	case $last in
	*=*)
		_lend_values "$front" "${last%%=*}" "${last#*=}" |
			while read -r item; do
				printf '%s%s=%s\n' "$before" "${last%%=*}" \
					"$item"
			done
		;;
	*)
		lend run -device "$front,help" 2>/dev/null |
			while read -r item; do
				printf '%s%s=\n' "$before" "$item"
			done
		;;
	esac
}

# VFIO drivers that are loaded.
_lend_drivers()
{
	local driver
	printf '%s\n' auto
	for driver in "$_lend_sys"/bus/{pci,platform}/drivers/*vfio*; do
		[ -e "$driver" ] && printf '%s\n' "${driver##*/}"
	done
}

_lend_platform_devices()
{
	local device
	for device in "$_lend_sys"/bus/platform/devices/*; do
		[ -e "$device/of_node" ] && printf '%s\n' "${device##*/}"
	done
}

_lend_parents()
{
	local parent
	for parent in "$_lend_sys"/class/mdev_bus/*; do
		[ -e "$parent" ] && printf '%s\n' "${parent##*/}"
	done
}

_lend_types()
{
	local type
	for type in "$_lend_sys/class/mdev_bus/$1/mdev_supported_types"/*; do
		[ -e "$type" ] && printf '%s\n' "${type##*/}"
	done
}

# _lend_operands COMMAND PREVIOUS CURRENT: candidates after PREVIOUS.
_lend_operands()
{
	local command=$1 previous=$2
	case $command:$previous in
	*:-owner | *:--owner | exec:-user | exec:--user) compgen -u ;;
	exec:--) compgen -c -- "$3" ;;
	show:-as | show:--as)
		printf '%s\n' qemu libvirt cloud-hypervisor crosvm podman lend
		;;
	bind:-driver | bind:--driver) _lend_drivers ;;
	udev:-group | udev:--group) compgen -g ;;
	*:-m | *:--m) ;;
	run:-device | run:--device) _lend_device_string "$3" ;;
	run:-object | run:--object) printf '%s\n' iommufd,id= ;;
	run:-x-iommu | run:--x-iommu) printf '%s\n' auto container iommufd ;;
	run:-cpu | run:--cpu) printf '%s\n' host max ;;
	run:-kernel | run:--kernel | run:-initrd | run:--initrd)
		_lend_files "$3"
		;;
	run:-mem-path | run:--mem-path) _lend_files "$3" | grep '/$' ;;
	run:*) ;;
	dt:-dt-drop | dt:--dt-drop | dt:-dt-number | dt:--dt-number) ;;
	dt:-dt-overlay | dt:--dt-overlay) _lend_files "$3" ;;
	dt:*)
		case $3 in
		*/* | *,*) _lend_devices "$3" ;;
		*) _lend_platform_devices ;;
		esac
		;;
	help:*) _lend_words ;;
	mdev:mdev) printf '%s\n' types create remove ;;
	mdev:types | mdev:create) _lend_parents ;;
	mdev:remove) _lend_names mdev ;;
	mdev:*) _lend_types "$previous" ;;
	ctl:-device | ctl:--device) _lend_device_string "$3" ;;
	ctl:unplug) _lend_plugged ;;
	ctl:plug) printf '%s\n' --device ;;
	ctl:*) _lend_control ;;
	cdi:-output | cdi:--output) _lend_files "$3" ;;
	stat:-count | stat:--count) ;;
	stat:* | cdi:* | restore:* | *:-forget | *:--forget) _lend_bound "$3" ;;
	list:* | report:* | udev:*) ;;
	disk:*-serial) ;;
	disk:*) _lend_files "$3" ;;
	exec:*)
		case " ${words[*]} " in
		*' -- '*) _lend_files "$3" ;;
		*) _lend_bound "$3" ;;
		esac
		;;
	*) _lend_devices "$3" ;;
	esac
}

# Runs that have a name, and what they can be asked.
_lend_control()
{
	lend ctl --list 2>/dev/null | cut -f1
	lend ctl -h 2>/dev/null |
		sed -n 's/^\(ACTION\|      \)  \([a-z]*\) .*/\2/p'
}

# The IDs of the devices below root ports, which can be unplugged, of the run before
# the action, or of the only one.
_lend_plugged()
{
	local run=${words[${#words[@]} - 3]}
	[ "$run" != ctl ] || run=
	lend ctl ${run:+"$run"} pci 2>/dev/null | awk 'NF == 3 && !/^00:/ { print $3 }'
}

# Candidates for the last of the words.
_lend_offer()
{
	local current=${words[${#words[@]} - 1]} command='' word
	for word in "${words[@]:1:${#words[@]} - 2}"; do
		case $word in -*) ;; *) command=$word && break ;; esac
	done
	if [ -z "$command" ]; then
		_lend_words
		printf '%s\n' --json --version -v -h
		return
	fi
	case $current in
	--*=*)
		_lend_operands "$command" "${current%%=*}" "${current#*=}" |
			while read -r word; do
				printf '%s=%s\n' "${current%%=*}" "$word"
			done
		;;
	-*) _lend_options "$command" "$current" ;;
	*)
		_lend_operands "$command" "${words[${#words[@]} - 2]}" \
			"$current"
		;;
	esac
}

_lend()
{
	local line=${COMP_LINE:0:COMP_POINT} words offered breaks='' kept=''
	# Not COMP_WORDS: bash splits words at the colons of addresses. Without
	# -r, what is quoted by a backslash is taken as the shell takes it.
	# shellcheck disable=SC2162
	read -a words <<<"$line"
	[ "${line%[[:space:]]}" = "$line" ] || words+=('')
	local current=${words[${#words[@]} - 1]}
	# Bash replaces only the part after the last of these that break words.
	[[ ${COMP_WORDBREAKS-} != *:* ]] || breaks+=':'
	[[ ${COMP_WORDBREAKS-} != *=* ]] || breaks+='='
	[ -z "$breaks" ] || kept=${current%"${current##*["$breaks"]}"}
	COMPREPLY=()
	while IFS= read -r offered; do
		[[ $offered != "$current"* || -z $offered ]] ||
			COMPREPLY+=("${offered#"$kept"}")
	done < <(_lend_offer)
	[ ${#COMPREPLY[@]} -ne 0 ] || return 0
	# Outside a completion there is no compopt. Bash itself quotes a path, and
	# ends a directory, where it is the whole word.
	case $kept:${COMPREPLY[0]} in
	:*/*)
		COMPREPLY=("${COMPREPLY[@]%/}")
		compopt -o filenames 2>/dev/null || true
		;;
	*[/=,]) compopt -o nospace 2>/dev/null || true ;;
	esac
}

complete -o bashdefault -F _lend lend
