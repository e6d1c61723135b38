# SPDX-License-Identifier: MIT
# Reports what a manual page lacks about a function or a type.
#
# usage: awk -v kind=KIND -v name=NAME -v members="NAME..." -f described.awk PAGE
#
# KIND is value or void, by what a function returns, or type; members are the
# function's arguments, or what the structure or enumeration has.

function lacks(what)
{
	print FILENAME ": " what
	failed = 1
}

/^\.S[SH]/ {
	part = $0
	gsub(/^\.S[SH] |"/, "", part)
	if (/^\.SH/)
		title = part
	tag = member = ""
	next
}

/^\.TP/ {
	tag = 1
	next
}

tag {
	member = $0
	gsub(/\\f[A-Z]|\\&/, "", member)
	tag = ""
	next
}

/^\./ {
	next
}

{
	has[title] = 1
	if (member != "")
		described[member] = 1
	member = ""
}

title == "NAME" && index($0, name " \\- ") == 1 {
	named = 1
}

title == "SYNOPSIS" && index($0, name) {
	declared = 1
}

title == "HISTORY" && /^liblend [0-9]+\.[0-9]+\.$/ {
	since = 1
}

END {
	if (!named)
		lacks("NAME does not say what " name " is")
	if (!declared)
		lacks("SYNOPSIS does not declare " name)
	if (!has["DESCRIPTION"])
		lacks("no description")
	if (kind == "value" && !has["RETURN VALUE"])
		lacks("no RETURN VALUE")
	if (!since)
		lacks("HISTORY names no release")
	count = split(members, wanted, " ")
	for (i = 1; i <= count; i++)
		if (!(wanted[i] in described))
			lacks(wanted[i] " is not described")
	exit failed
}
