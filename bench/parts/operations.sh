# SPDX-License-Identifier: MIT
# Costs of a guest's accesses and interrupts: exits to user space, system calls and mappings.
# shellcheck shell=dash source=../contestants.sh disable=SC2034,SC2154

part_operations()
{
	local first='' lent=/tmp/lent-operations
	sed -n '1p;2p;9p' /tmp/lent >$lent
	# shellcheck disable=SC2046,SC2086 # a list
	operations 'ahci msi' '' $(echo $kinds | sed 's/ interrupt//') \
		disk-read sata-read
	# The NIC's driver prefers MSI-X.
	first=up
	operations 'e1000e msix' '' interrupt
	operations 'e1000e intx' pci=nomsi interrupt
}

# operations LABEL WORDS KIND...: the cost of each kind, without the cost of an idle
# guest. LABEL: a driver, and the kind of its interrupts.
operations()
{
	local label=$1 words=$2 who
	shift 2
	for who in $contestants; do
		# shellcheck disable=SC2086 # words
		start "$who" 3 "$words $(plan_of nothing "$@"),irq" $counter
		if operate nothing "$@" >/tmp/out; then
			kind_was_used || lost 'interrupts' "$who" "$label"
		else
			cp "$report.err" /tmp/err
			kill "$guest_pid"
			guest_end
		fi
		record_costs
		for kind; do
			grep -q "^$kind " /tmp/costs && continue
			name_operation "$kind"
			lost 'exits to user space each time' "$who" "$kind"
		done
	done
}

name_operation()
{
	kind=$1
	[ "$kind" != interrupt ] || kind="interrupt, ${label#* }"
}

record_costs()
{
	while read -r kind exits calls moves; do
		[ "$kind" = nothing ] && {
			exits0=$exits calls0=$calls moves0=$moves
			continue
		}
		name_operation "$kind"
		record 'exits to user space each time' "$who" "$kind" \
			"$(quotient $((exits - exits0)))"
		record 'system calls each time' "$who" "$kind" \
			"$(quotient $((calls - calls0)))"
		record 'slots and DMA mappings each time' "$who" "$kind" \
			"$(quotient $((moves - moves0)))"
	done </tmp/costs
}

# The guest reports their kind; its program checks that they arrive.
kind_was_used()
{
	grep -q "guest: irq $label vectors=[0-9]* count=[1-9]" "$report" || {
		grep 'guest: irq' "$report" >/tmp/err
		return 1
	}
}
