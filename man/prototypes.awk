# SPDX-License-Identifier: MIT
# Lists the functions that public headers declare, one a line: file, name, "void" or "value", names of arguments.

# Takes comments out of a line; they may go on over several.
function code(line,    before, at)
{
	before = ""
	while (line != "") {
		if (commented) {
			at = index(line, "*/")
			if (!at)
				return before
			line = substr(line, at + 2)
			commented = 0
			continue
		}
		at = index(line, "/*")
		if (!at)
			return before line
		before = before substr(line, 1, at - 1) " "
		line = substr(line, at + 2)
		commented = 1
	}
	return before
}

# The last identifier of a text: what a declaration declares.
function declared(text)
{
	sub(/\[.*/, "", text)
	sub(/[^A-Za-z0-9_]*$/, "", text)
	sub(/^.*[^A-Za-z0-9_]/, "", text)
	return text
}

# Prints a declaration when it is a function's.
function declaration(text,    head, result, names, rest, depth, i, c,
	argument)
{
	gsub(/[ \t]+/, " ", text)
	sub(/^ /, "", text)
	if (text !~ /\(/ || text ~ /^typedef /)
		return
	head = substr(text, 1, index(text, "(") - 1)
	rest = substr(text, index(text, "(") + 1)
	depth = 1
	argument = names = ""
	for (i = 1; i <= length(rest) && depth; i++) {
		c = substr(rest, i, 1)
		if (c == "(") {
			depth++
		} else if (c == ")") {
			depth--
		}
		if (!depth || (c == "," && depth == 1)) {
			# A function's own name stands before its arguments'.
			sub(/\) ?\(.*/, "", argument)
			if (argument !~ /^ ?(void|\.\.\.)? ?$/)
				names = names " " declared(argument)
			argument = ""
		} else {
			argument = argument c
		}
	}
	result = head ~ /^(extern )?void [A-Za-z0-9_]+ ?$/ ? "void" : "value"
	print FILENAME, declared(head), result names
}

FNR == 1 {
	commented = depth = directive = 0
	statement = ""
}

{
	line = code($0)
	if (directive || line ~ /^[ \t]*#/) {
		directive = line ~ /\\$/
		next
	}
	sub(/^[ \t]*extern "C" \{/, "", line)
	opened = gsub(/\{/, "{", line)
	closed = gsub(/\}/, "}", line)
	if (!depth && !opened && !closed) {
		statement = statement " " line
		if (line ~ /;[ \t]*$/) {
			declaration(statement)
			statement = ""
		}
		next
	}
	# The brace that closes extern "C" has none to open it here.
	depth += opened - closed
	if (depth <= 0) {
		depth = 0
		statement = ""
	}
}
