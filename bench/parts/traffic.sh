# SPDX-License-Identifier: MIT
# Throughput of a disk and a NIC, with the host's drivers and with a guest's.
# shellcheck shell=dash source=../contestants.sh disable=SC2154

traffic='disk-sequential disk-random net-pingpong net-bulk'
steps=net
for kind in $traffic; do
	steps=$steps,run:traffic:$kind
done

# Half as many rounds: each takes long, and its figures are means over seconds.
part_traffic()
{
	local round
	for round in $(seq 0 $(((rounds + 1) / 2 > 3 ? (rounds + 1) / 2 : 3))); do
		# The first warms up.
		for who in host $(order "$round"); do
			: >/tmp/err
			: >/tmp/out
			if [ "$who" = host ]; then
				host_moves
			else
				boot "$who" 2 "lend.plan=$steps"
			fi
			[ "$round" -eq 0 ] || record_rates
		done
	done
}

record_rates()
{
	local kind
	for kind in $traffic; do
		record_rate "$kind" "$who" 'per second' "$(rate_of "$kind")"
	done
}

# The host uses NIC and disk itself meanwhile.
host_moves()
{
	local pair link
	pair=$(head -n 2 /tmp/lent)
	# shellcheck disable=SC2086 # a list
	lend restore $pair >/dev/null
	if await 50 "the NIC's interface" \
		[ -d "/sys/bus/pci/devices/$nic/net" ] &&
		await 50 'the disk' [ -b /dev/nvme0n1 ]; then
		link=$(ls "/sys/bus/pci/devices/$nic/net")
		ip link set "$link" up
		ip addr add 10.0.2.15/24 dev "$link"
		await 100 "the NIC's carrier" carrier_up "$link"
		for kind in $traffic; do
			/tmp/traffic "$kind"
		done
		ip addr flush dev "$link"
		ip link set "$link" down
	fi >/tmp/out
	# shellcheck disable=SC2086
	lend bind $pair >/dev/null
}
