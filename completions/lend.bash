# SPDX-License-Identifier: MIT
# Completion of lend for bash: commands, their options, this machine's devices.
# shellcheck shell=bash

# The commands, or the options of a command, from lend's help.
_lend_words()
{
	if [ $# -eq 0 ]; then
		lend help 2>/dev/null | sed -n 's/^  \([a-z][a-z]*\) .*/\1/p'
	else
		lend "$1" -h 2>/dev/null |
			sed -n 's/^  --*\([a-z][-a-z0-9]*\).*/--\1/p' |
			sed 's/^--\(.\)$/-\1/'
	fi
}

# Names of devices.
_lend_devices()
{
	local device
	for device in /sys/bus/pci/devices/* /sys/bus/mdev/devices/* \
		/sys/bus/platform/devices/*; do
		case $device in
		*/'*') continue ;;
		*/platform/*) [ -e "$device/iommu_group" ] || continue ;;
		esac
		printf '%s\n' "${device##*/}"
	done
}

# Operands of -device of lend run.
_lend_device_strings()
{
	local device
	for device in /sys/bus/pci/devices/* /sys/bus/mdev/devices/* \
		/sys/bus/platform/devices/*; do
		case $device in
		*/'*') ;;
		*/pci/*) printf 'vfio-pci,host=%s\n' "${device##*/}" ;;
		*/mdev/*) printf 'vfio-pci,mdev=%s\n' "${device##*/}" ;;
		*)
			[ ! -e "$device/iommu_group" ] ||
				printf 'vfio-platform,host=%s\n' \
					"${device##*/}"
			;;
		esac
	done
}

_lend_platform_devices()
{
	local device
	for device in /sys/bus/platform/devices/*; do
		[ -e "$device/of_node" ] && printf '%s\n' "${device##*/}"
	done
}

_lend_parents()
{
	local parent
	for parent in /sys/class/mdev_bus/*; do
		[ -e "$parent" ] && printf '%s\n' "${parent##*/}"
	done
}

_lend_types()
{
	local type
	for type in "/sys/class/mdev_bus/$1/mdev_supported_types"/*; do
		[ -e "$type" ] && printf '%s\n' "${type##*/}"
	done
}

# _lend_operands COMMAND PREVIOUS CURRENT: candidates after PREVIOUS.
_lend_operands()
{
	local command=$1 previous=$2
	case $command:$previous in
	*:-owner | *:--owner) compgen -u ;;
	udev:-group | udev:--group) compgen -g ;;
	run:-device | run:--device) _lend_device_strings ;;
	run:-object | run:--object) compgen -W iommufd,id= -- "$3" ;;
	run:-x-iommu | run:--x-iommu)
		compgen -W 'auto container iommufd' -- "$3"
		;;
	dt:-dt-drop | dt:--dt-drop | dt:-dt-number | dt:--dt-number) ;;
	dt:-dt-overlay | dt:--dt-overlay) compgen -f -- "$3" ;;
	dt:*) _lend_platform_devices ;;
	run:-mem-path | run:--mem-path) compgen -d -- "$3" ;;
	run:*) compgen -f -- "$3" ;;
	help:*) _lend_words ;;
	mdev:mdev) printf '%s\n' types create remove ;;
	mdev:types | mdev:create) _lend_parents ;;
	mdev:remove) _lend_devices ;;
	mdev:*) _lend_types "$previous" ;;
	list:* | udev:*) ;;
	*) _lend_devices ;;
	esac
}

_lend()
{
	local line=${COMP_LINE:0:COMP_POINT} words current command='' word
	# Not COMP_WORDS: bash splits words at the colons of addresses.
	read -ra words <<<"$line"
	[ "${line%[[:space:]]}" = "$line" ] || words+=('')
	current=${words[${#words[@]} - 1]}
	for word in "${words[@]:1:${#words[@]} - 2}"; do
		case $word in -*) ;; *) command=$word && break ;; esac
	done
	local offered
	if [ -z "$command" ]; then
		offered=$(_lend_words && printf '%s\n' --json --version -v -h)
	elif [ "${current:0:1}" = - ]; then
		offered=$(_lend_words "$command")
	else
		offered=$(_lend_operands "$command" \
			"${words[${#words[@]} - 2]}" "$current")
	fi
	mapfile -t COMPREPLY < <(compgen -W "$offered" -- "$current")
	# Bash replaces only the part after the last colon.
	local kept=${current%"${current##*[:=]}"} i
	for i in "${!COMPREPLY[@]}"; do
		COMPREPLY[i]=${COMPREPLY[i]#"$kept"}
	done
}

complete -o bashdefault -F _lend lend
