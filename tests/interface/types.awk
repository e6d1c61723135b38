# SPDX-License-Identifier: MIT
# Lists the types that public headers define or declare, one a line: header, name, names of members or enumerators.
#
# usage: awk -f types.awk HEADER...

# The name that a member's declaration declares: in parentheses with a star for
# a pointer to a function, else the last word.
function declared(text)
{
	if (match(text, /\(\*[a-z_0-9]+\)/))
		return substr(text, RSTART + 2, RLENGTH - 3)
	sub(/(\[.*)?;.*/, "", text)
	sub(/.*[ *]/, "", text)
	return text
}

/^(struct|enum|union) lend_[a-z0-9_]+;$/ {
	sub(/;/, "")
	print FILENAME, $2
	next
}

/^(struct|enum|union) lend_[a-z0-9_]+ \{$/ {
	type = FILENAME " " $2
	within = 1
	next
}

within && /^};$/ {
	print type
	within = 0
	next
}

within && /^\t(LEND_[A-Z0-9_]+)/ {
	match($0, /LEND_[A-Z0-9_]+/)
	type = type " " substr($0, RSTART, RLENGTH)
	next
}

within && /^\t[a-z]/ {
	type = type " " declared($0)
}
