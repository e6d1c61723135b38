# SPDX-License-Identifier: MIT
# Follows the recipes of lend-run(1) word by word, with the addresses of the virtual host.
# shellcheck shell=dash source=../../lab/inside.sh disable=SC2317
. /usr/lib/lab.sh

# recipe HEADING N: prints the Nth block of commands below "## HEADING".
recipe()
{
	awk -v heading="## $1" -v block="$2" '
		/^```/ { fences++; next }
		/^#/ && fences % 2 == 0 { found = $0 == heading; fences = 0 }
		found && fences == 2 * block - 1 { gsub(/\\\\/, "\\"); print }
	' /share/lend-run.1.scd |
		sed -e 's/\<02:00\.0/00:05.0/' -e 's/\<03:00\.0/00:06.0/' \
			-e 's/\<192\.0\.2\.1\>/10.0.2.1/' | grep .
}

# follow HEADING N: its commands, of which each has to succeed.
follow()
{
	{
		echo '. /share/recipe.sh'
		recipe "$@"
	} >/tmp/recipe || return 1
	sh -e /tmp/recipe </dev/null
}

# L1's only user is root.
sudo()
{
	"$@"
}

# The guest's console is $report, as with guest(); its input is $typed, if set.
lend()
{
	[ "$1" = run ] || {
		command lend "$@"
		return
	}
	shift
	status=0
	within 300 lend run -cpu "$cpu" "$@" <>"${typed:-/dev/null}" \
		>"$report" 2>"$report.err" || status=$?
	tr -d '\r' <"$report" >"$report.2" && mv "$report.2" "$report"
	ended_well $status
}

# L1 has no NFS server of its own: that of the disk's Debian.
exportfs()
{
	chroot /srv exportfs "$@"
}
