# SPDX-License-Identifier: MIT
# The constants of an enumeration, each with the comment beside it.

# roff for those in a definition that the comment above it has not described.
function enumerators_of(text,    result, entry, about)
{
	result = ""
	if (text !~ /^enum [a-z_0-9]+ \{/)
		return ""
	while (match(text, /LEND_[A-Z0-9_]+/)) {
		entry = substr(text, RSTART, RLENGTH)
		text = substr(text, RSTART + RLENGTH)
		about = ""
		if (match(text, /^[^,\n]*,?[ \t]*\/\*([^*]|\*+[^*\/])*\*+\//)) {
			about = substr(text, RSTART, RLENGTH)
			text = substr(text, RSTART + RLENGTH)
			sub(/^[^*]*\*[ \t]*/, "", about)
			sub(/[ \t]*\*+\/$/, "", about)
			gsub(/[ \t]*\n[ \t]*(\*[ \t]*)?/, " ", about)
		}
		if (!(entry in documented))
			result = result ".TP\n" font(entry, "B") "\n" \
				(about == "" ? "" : markup(sentence(about)) "\n")
	}
	return result
}
