# SPDX-License-Identifier: MIT
# Tells what a manual page does not say of a function.
#
# usage: awk -v name=FUNCTION -v arguments="NAME..." -f described.awk PAGE

function lacks(what)
{
	print FILENAME ": " name "(): " what
	failed = 1
}

/^\.S[SH]/ {
	within = $0 == ".SS " name "()"
	found = found || within
	next
}

!within {
	next
}

/^\.nf/ {
	code = 1
}

/^\.fi/ {
	code = 0
}

/^\.TP/ {
	tag = 1
	next
}

tag {
	argument = $0
	gsub(/^\\fI|\\fP$/, "", argument)
	tag = 0
	next
}

/^\\fBReturns:/ {
	returns = 1
}

/^\\fBSince:\\fP [0-9]+\.[0-9]+/ {
	since = 1
}

!code && /^[A-Z]/ {
	description = 1
}

!/^\./ && argument != "" {
	described[argument] = 1
	argument = ""
}

END {
	if (!found)
		lacks("has no section")
	if (!description)
		lacks("is not described")
	if (!returns)
		lacks("what it returns is not said")
	if (!since)
		lacks("since when it is there is not said")
	count = split(arguments, wanted, " ")
	for (i = 1; i <= count; i++)
		if (!described[wanted[i]])
			lacks("argument " wanted[i] " is not described")
	exit failed
}
