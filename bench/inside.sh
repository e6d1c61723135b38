#!/bin/busybox sh
# SPDX-License-Identifier: MIT
# Measures lend run and its peers inside the virtual host; a line for each figure goes to /share/results.
#
# usage: inside.sh RUNS PART...
#
# A line: FIGURE, CONTESTANT, CASE and VALUE, separated by tabs. The parts are the
# files of parts/; time measurements are done RUNS times. Parts that are done are
# listed in /share/done, and reasons for missing values in /share/notes.
# shellcheck shell=dash source=../lab/inside.sh
. /usr/lib/lab.sh
# shellcheck source=../tests/lab/counts.sh
. /share/counts.sh
rounds=$1
shift
# shellcheck source=contestants.sh
. /share/contestants.sh

echo 1 >/proc/sys/kernel/printk
make_root
# In memory: pages of a network file system would have to be read again.
cp /share/stopwatch /share/open-all /share/traffic /share/nvme-read /tmp
sed 's/^/0000:/' /share/devices >/tmp/lent
# shellcheck disable=SC2046 # a list
lend bind $(cat /tmp/lent) >/dev/null || exit
for part; do
	# shellcheck source=/dev/null
	. "/share/parts/$part.sh"
	"part_$part"
	echo "$part" >>/share/done
	echo "bench: $part is done"
done
