# SPDX-License-Identifier: MIT
# Reports sections of manual pages that are empty, and references to pages that are not there.
#
# usage: awk -v pages="NAME.SECTION..." -f pages.awk PAGE...
#
# A PAGE is roff or an scdoc source.

function fails(what)
{
	print FILENAME ": " what
	failed = 1
}

function end_section()
{
	if (title != "" && !filled)
		fails(title " is empty")
	title = ""
}

BEGIN {
	count = split(pages, names, " ")
	for (i = 1; i <= count; i++)
		there[names[i]] = 1
}

FNR == 1 {
	end_section()
	code = 0
}

# In code, a number sign begins no section.
/^```/ {
	code = !code
	filled = 1
}

code {
	next
}

/^(\.S[SH]|#+) / {
	# What has a subsection is not empty.
	if (/^(\.SS|##) /)
		filled = 1
	end_section()
	title = $0
	sub(/^[.#A-Z]+ /, "", title)
	filled = 0
	next
}

!/^(\.|$)/ || /^\.(BR|RI|B|I) / {
	filled = 1
}

/lend/ {
	line = $0
	gsub(/\\f[A-Z]|[*\\]|^\.[A-Z]+ /, "", line)
	while (match(line, /lend[-_a-z0-9]* ?\([1-9][a-z]*\)/)) {
		page = substr(line, RSTART, RLENGTH - 1)
		line = substr(line, RSTART + RLENGTH)
		sub(/ ?\(/, ".", page)
		if (!(page in there))
			fails("there is no page " page)
	}
}

END {
	end_section()
	exit failed
}
