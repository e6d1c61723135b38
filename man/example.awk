# SPDX-License-Identifier: MIT
# Puts the second file, its heading comments aside, where the first says @EXAMPLE@.

FNR == NR {
	line[++lines] = $0
	next
}

/^\/\// || (!begun && /^$/) {
	next
}

{
	gsub(/\t/, "        ")
	gsub(/\\/, "\\\\\\\\")
	example = example (begun++ ? "\n" : "") $0
}

END {
	for (i = 1; i <= lines; i++)
		print line[i] == "@EXAMPLE@" ? example : line[i]
}
